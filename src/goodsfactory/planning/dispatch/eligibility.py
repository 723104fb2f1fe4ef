"""Why a ship may or may not be given a leg."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.goods import Good
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import duration, in_words
from goodsfactory.planning.dispatch.resting import Rest


@dataclass(frozen=True)
class Eligibility:
    """Whether a ship may be given a leg. ``reasons`` holds every sentence why not; empty when eligible.

    ``notes`` are worth knowing and stand in nobody's way.
    """

    eligible: bool
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept:
    """``whose`` cargo stays aboard, such as ``made by factory F``: it is nobody's input.

    With ``lent`` an order that names the ship in --ships may use it: that is the user's consent to spend what
    he loaded himself. What was made to be held stays aboard, whoever names the ship.
    """

    whose: str
    lent: bool = False


class _Obstacle(StrEnum):
    """What keeps a ship, in the order that a summary counts it under: what lasts longest first."""

    PROBE = "probe"
    EXCLUDED = "excluded"
    ELSEWHERE = "in another system"
    BUSY = "busy"
    RESTING = "resting after failures"
    KEEPING = "keeping what is aboard"
    LADEN = "laden with other goods"


def explain_ship(
    ship: Ship,
    *,
    claim: Claim | None,
    request: FactoryRequest | None,
    system: str,
    now: datetime,
    good: Good | None = None,
    stays: bool = False,
    keeps: Kept | None = None,
    rest: Rest | None = None,
) -> Eligibility:
    """Say whether ``ship`` may be given a leg of ``good`` in ``system``, with every reason why not.

    A ship laden with exactly one good may be given legs of that good only (its cargo is never dropped);
    ``good`` None asks about an empty hold. A load that ``stays`` aboard needs room, and may lie beside what
    the ship keeps of the good. ``keeps`` says whose cargo stays aboard. ``rest`` is what the ship takes after
    failures.
    """
    beside = stays and set(cargo_aboard(ship)) == {good}
    obstacles = _obstacles(ship, claim, request, system, good, None if beside else keeps, rest)
    if beside and ship.hold.free < 1:
        obstacles.append(
            (_Obstacle.LADEN, f"{ship.symbol} can load no more {good}: it has {_load(ship)} aboard")
        )
    notes = []
    if set(cargo_aboard(ship)) == {good}:
        notes.append(f"{ship.symbol} has {_load(ship)} aboard: it is given legs of {good} only")
    if waiting := ship.seconds_to_arrival(now):
        notes.append(f"{ship.symbol} is under way and arrives at {ship.nav.waypoint} in {duration(waiting)}")
    return Eligibility(not obstacles, tuple(sentence for _, sentence in obstacles), tuple(notes))


def unmatched_reason(
    ships: Sequence[Ship],
    *,
    claims: Mapping[str, Claim],
    request: FactoryRequest | None,
    system: str,
    good: Good | None = None,
    kept: Mapping[str, Kept] = MappingProxyType({}),
    resting: Mapping[str, Rest] = MappingProxyType({}),
) -> str:
    """Say in one sentence why no ship took a leg, such as ``3 of 5 ships busy, 2 excluded: no ship is free``.

    Probes are left out of the count. ``claims``, ``kept`` (whose cargo stays aboard) and ``resting`` are by
    ship symbol.
    """
    if not ships:
        return "the player has no ship"
    counts: Counter[_Obstacle] = Counter()
    keeping = []
    free = 0
    for ship in ships:
        name = ship.symbol
        obstacles = _obstacles(
            ship, claims.get(name), request, system, good, kept.get(name), resting.get(name)
        )
        found = [kind for kind, _ in obstacles]
        if found:
            first_found = min(found, key=list(_Obstacle).index)
            counts[first_found] += 1
            if first_found in (_Obstacle.KEEPING, _Obstacle.LADEN):
                keeping.append(ship)
        else:
            free += 1
    total = len(ships) - counts.pop(_Obstacle.PROBE, 0)
    if total == 0:
        return "no ship carries cargo: all are probes"
    parts = [f"{counts[kind]} {kind.value}" for kind in reversed(_Obstacle) if counts[kind]]
    if parts:
        first, _, rest = parts[0].partition(" ")
        parts[0] = f"{first} of {total} ships {rest}"
    if free:
        parts.append(f"{free} free" if parts else f"{free} of {total} ships free")
        return f"{', '.join(parts)}: other legs go first"
    return "; ".join([f"{', '.join(parts)}: no ship is free", *([how_to_free(keeping)] if keeping else [])])


def keeps_cargo(ship: Ship, request: FactoryRequest | None, keeps: Kept | None) -> bool:
    """True where ``keeps`` holds for the order: no leg takes the cargo until somebody has it off the ship."""
    if keeps is None or not cargo_aboard(ship):
        return False
    return not (keeps.lent and request is not None and ship.symbol in request.ships)


def how_to_free(keeping: Sequence[Ship]) -> str:
    """Which ship keeps what, and what empties it: the first of ``keeping``, and how many more there are."""
    first = keeping[0]
    more = f" (and {len(keeping) - 1} more)" if len(keeping) > 1 else ""
    return f"{first.symbol} keeps {_load(first)}{more}: `spacetraders ships sell {first.symbol}` frees it"


def cargo_aboard(ship: Ship) -> Mapping[Good, int]:
    """Goods really in the hold, by units."""
    return ship.hold.cargo


def may_try_again(ship: Ship, rest: Rest, good: Good | None) -> bool:
    """True where one failure left ``good`` aboard: its leg's own back-off is pause enough.

    While the ship rested longer than the leg, another one would buy the same load once more.
    """
    return rest.failures == 1 and set(cargo_aboard(ship)) == {good}


def _obstacles(
    ship: Ship,
    claim: Claim | None,
    request: FactoryRequest | None,
    system: str,
    good: Good | None,
    keeps: Kept | None,
    rest: Rest | None,
) -> list[tuple[_Obstacle, str]]:
    name = ship.symbol
    found: list[tuple[_Obstacle, str]] = []
    if ship.is_probe:
        found.append((_Obstacle.PROBE, f"{name} is a probe and carries nothing"))
    if claim is not None:
        found.append((_Obstacle.BUSY, f"{name} is claimed by {claim.container_id} for {claim.operation}"))
    if rest is not None and not may_try_again(ship, rest, good):
        found.append((_Obstacle.RESTING, f"{name} {rest}"))
    if request is not None and name in request.exclude:
        found.append((_Obstacle.EXCLUDED, f"{name} is excluded by --exclude"))
    if request is not None and request.ships and name not in request.ships:
        found.append((_Obstacle.EXCLUDED, f"{name} is not among --ships {', '.join(request.ships)}"))
    if ship.nav.system != system:
        found.append((_Obstacle.ELSEWHERE, f"{name} is in {ship.nav.system}, the work is in {system}"))
    cargo = cargo_aboard(ship)
    load = _load(ship)
    if keeps is not None and keeps_cargo(ship, request, keeps):
        kind = _Obstacle.KEEPING if set(cargo) == {good} else _Obstacle.LADEN
        found.append((kind, f"{name} keeps {load}, {keeps.whose}: `spacetraders ships sell {name}` frees it"))
    elif cargo and set(cargo) != {good}:
        limit = f": free for legs of {next(iter(cargo))} only" if len(cargo) == 1 else ""
        found.append((_Obstacle.LADEN, f"{name} is laden with {load}{limit}"))
    return found


def _load(ship: Ship) -> str:
    return in_words(f"{units} {held}" for held, units in cargo_aboard(ship).items())
