"""Which ship flies which lot: the matching that is worth most, in credits.

A lot is worth what it brings, and what is lost while it is late (requirements/value.py), times the priority
of its order, less its fuel. What loses credits is not flown, unless somebody asked for it: else no lot waits
while a ship is free that could fly it (law L16).
"""

import zlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

import rustworkx

from goodsfactory.domain.base_prices import BASE_PRICES
from goodsfactory.domain.container import Claim
from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.leg import HandOver
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.chart import FUEL_CREDITS, SECONDS_PER_DISTANCE, Chart
from goodsfactory.planning.decision import counted, duration
from goodsfactory.planning.dispatch.eligibility import Kept, explain_ship
from goodsfactory.planning.dispatch.resting import Rest
from goodsfactory.planning.requirements.lot import Lot

FUEL = FUEL_CREDITS / SECONDS_PER_DISTANCE
"""Credits of fuel that a second of flight takes an ordinary hauler."""

BESIDE = 30_000
"""Credits that it saves to keep a load where some of it is kept already: another ship stays free, for as long
as planning looks ahead (economy.md §9.7: about 15,000 an hour)."""

PATIENT = 8 * 3600.0
"""Seconds of waiting after which a lot counts once more: nobody stands behind others for ever."""

MOST_PAIRS = 2_500
"""Pairs of a lot and a ship up to which the best matching of all is found, in two or three milliseconds.
Beyond, the heaviest pairs are taken and exchanged once, which comes within a percent of it."""

SHORT_WAIT = 30
"""Game seconds within which a look ends, and the flight before it; what takes longer may take for ever."""

_ANYTHING_GOES = FactoryRequest()


@dataclass(frozen=True)
class Match:
    """``ship`` is to fly ``lot`` in about ``seconds``; ``weight`` in credits, ``reason`` for people."""

    lot: Lot
    ship: Ship
    weight: int
    reason: str
    seconds: int = 0


def match_lots(
    lots: Sequence[Lot],
    ships: Sequence[Ship],
    requests: Mapping[str, FactoryRequest],
    chart: Chart,
    now: datetime,
    *,
    claims: Mapping[str, Claim],
    kept: Mapping[str, Kept] = MappingProxyType({}),
    resting: Mapping[str, Rest] = MappingProxyType({}),
) -> list[Match]:
    """Give lots whose ``not_before`` has passed to eligible ships, at most one each way.

    ``requests`` are by factory id (a missing one means: any ship, priority 1), ``claims`` by ship symbol, and
    so is ``kept``: whose cargo a ship keeps, which only lifts of that good that stay aboard may add to.
    Ships that are ``resting`` after failures fly nothing, and a ship is given only what its tank reaches. The
    order of the arguments does not matter: lots are served oldest first where all else is equal. The result
    is in the order of the lots.
    """
    ready = sorted((lot for lot in lots if not lot.waits(now)), key=lambda lot: (lot.since, lot.key))
    # Whoever may fly nothing at all is not asked lot by lot: most ships are busy most of the time.
    fleet = sorted(ships, key=lambda ship: ship.symbol)
    free = [ship for ship in fleet if not ship.is_probe and ship.symbol not in claims]
    cells = _cells(ready, free, requests, chart, now, kept, resting)
    paying = {(cell.lot, cell.alike): cell for cell in cells if cell.weight > 0}
    exact = sum(len(cell.ships) for cell in paying.values()) <= MOST_PAIRS
    chosen = _best_of_all(list(paying.values()), ready, fleet) if exact else _nearly_best(paying)
    return [_match(ready[cell.lot], ship, cell.weight, cell.seconds) for ship, cell in chosen]


class _Cell(NamedTuple):
    """What lot ``lot``, by its place in the list, is worth to each of ``ships``, which are as ``alike`` is:
    ``weight`` credits, flown in so many ``seconds``."""

    lot: int
    alike: str
    ships: Sequence[Ship]
    weight: int
    seconds: int


def held_back(matches: Sequence[Match], hoped: Sequence[Match], soon_free: Collection[str]) -> list[Match]:
    """Those of the matches whose lot, and ship, are to wait for one of the ``soon_free``, by ship symbol.

    Such a ship has work that is all but over. ``hoped`` is what would be matched if it were: it gets the lot
    then, and has flown it sooner by more than the wait.
    """
    better = {match.lot.key: match.seconds for match in hoped if match.ship.symbol in soon_free}
    return [
        match
        for match in matches
        if match.lot.key in better and better[match.lot.key] + SHORT_WAIT < match.seconds
    ]


def _cells(
    ready: Sequence[Lot],
    free: Sequence[Ship],
    requests: Mapping[str, FactoryRequest],
    chart: Chart,
    now: datetime,
    kept: Mapping[str, Kept],
    resting: Mapping[str, Rest],
) -> list[_Cell]:
    """Weights of what may be flown. Legs of one route and ships of one class are asked about once."""
    wishes = [_wish(requests.get(lot.order_id, _ANYTHING_GOES), lot) for lot in ready]
    crews = list(dict.fromkeys((wish.ships, wish.exclude) for wish in wishes))
    classes: dict[object, list[Ship]] = defaultdict(list)
    for ship in free:
        name, hold = ship.symbol, ship.hold
        named = tuple((name in chosen, name in excluded) for chosen, excluded in crews)
        like = (ship.nav, ship.speed, ship.tank, hold.capacity, tuple(sorted(hold.inventory.items())), named)
        classes[like, kept.get(name), name if name in resting else None].append(ship)
    # By what a ship may carry for whom, and by way: lots that differ in neither are alike to it.
    routes: dict[tuple[object, ...], dict[tuple[str, str | None], list[int]]] = defaultdict(dict)
    for i, (lot, wish) in enumerate(zip(ready, wishes, strict=True)):
        work = (lot.good, lot.hand_over, lot.aboard, system_of(lot.source), wish.ships, wish.exclude)
        routes[work].setdefault((lot.source, lot.destination), []).append(i)
    cells = []
    for alike in classes.values():
        ship, name = alike[0], alike[0].symbol
        for ways in routes.values():
            first = next(iter(ways.values()))[0]
            if not _may_fly(ready[first], ship, wishes[first], now, kept.get(name), resting.get(name)):
                continue
            for numbers in ways.values():
                seconds = _flight(ready[numbers[0]], ship, chart, now)
                if seconds is not None:
                    cells += [_cell(i, ready[i], name, alike, wishes[i], seconds, now) for i in numbers]
    return cells


def _wish(request: FactoryRequest, lot: Lot) -> FactoryRequest:
    return replace(request, exclude=(*request.exclude, *sorted(lot.dear))) if lot.dear else request


def _best_of_all(
    cells: Sequence[_Cell], ready: Sequence[Lot], fleet: Sequence[Ship]
) -> list[tuple[Ship, _Cell]]:
    """The matching of the greatest total weight."""
    place = {ship.symbol: j for j, ship in enumerate(fleet)}
    graph: rustworkx.PyGraph[int, int] = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(len(ready) + len(fleet)))
    pairs: dict[tuple[int, int], _Cell] = {}
    for cell in cells:
        i = cell.lot
        for ship in cell.ships:
            j = place[ship.symbol]
            pairs[i, j] = cell
            order = (len(ready) - i) * (len(fleet) - j)
            graph.add_edge(i, len(ready) + j, _unique(cell.weight, ready[i], ship, order))
    found = rustworkx.max_weight_matching(graph, weight_fn=lambda weight: weight)
    chosen = sorted((min(pair), max(pair) - len(ready)) for pair in found)
    return [(fleet[j], pairs[i, j]) for i, j in chosen]


def _nearly_best(cells: Mapping[tuple[int, str], _Cell]) -> list[tuple[Ship, _Cell]]:
    """The heaviest cell first, the lowest symbol of its class; then each two lots may change ships once."""
    weights = {key: cell.weight for key, cell in cells.items()}
    left = {cell.alike: list(reversed(cell.ships)) for cell in cells.values()}
    taken: dict[int, tuple[Ship, str]] = {}
    for lot, alike in sorted(weights, key=lambda key: (-weights[key], *key)):
        if lot not in taken and left[alike]:
            taken[lot] = left[alike].pop(), alike
    lots = sorted(taken)
    for k, one in enumerate(lots):
        for two in lots[k + 1 :]:
            (ship, mine), (ship_two, yours) = taken[one], taken[two]
            if mine == yours or (one, yours) not in weights or (two, mine) not in weights:
                continue
            if weights[one, yours] + weights[two, mine] > weights[one, mine] + weights[two, yours]:
                taken[one], taken[two] = (ship_two, yours), (ship, mine)
    return [(taken[lot][0], cells[lot, taken[lot][1]]) for lot in lots]


def _unique(weight: int, lot: Lot, ship: Ship, order: int) -> int:
    """The weight, refined so that one matching alone is the best and every run finds it.

    Equal weights are told apart by ``order`` (old lots and low ship numbers pair up), and what is equal even
    then by a checksum of the names.
    """
    checksum = zlib.crc32(f"{lot.key} {ship.symbol}".encode())
    return (weight << 64) + (order << 40) + checksum


def _may_fly(
    lot: Lot, ship: Ship, request: FactoryRequest, now: datetime, keeps: Kept | None, rest: Rest | None
) -> bool:
    if lot.aboard and not _brought(lot, ship):
        return False
    return explain_ship(
        ship,
        claim=None,
        request=request,
        system=system_of(lot.source),
        now=now,
        good=lot.good,
        stays=_stays_aboard(lot),
        keeps=keeps,
        rest=rest,
    ).eligible


def _stays_aboard(lot: Lot) -> bool:
    return lot.hand_over is HandOver.KEEP


def _flight(lot: Lot, ship: Ship, chart: Chart, now: datetime) -> int | None:
    """About how many seconds until the lot is flown; None where the ship cannot fly it."""
    stops = () if _brought(lot, ship) else (lot.source,)
    stops = stops if lot.destination is None else (*stops, lot.destination)
    seconds = chart.seconds(ship, stops, now)
    return seconds if seconds is not None and chart.reaches(ship, stops) else None


def _cell(
    number: int,
    lot: Lot,
    alike: str,
    ships: Sequence[Ship],
    request: FactoryRequest,
    seconds: int,
    now: datetime,
) -> _Cell:
    ship, room, brought = ships[0], _room(lot, ships[0]), _brought(lot, ships[0])
    carried = min(room, lot.units)
    worth = lot.worth.at(seconds / 3600) * carried / max(1, lot.units)
    saved = round(BASE_PRICES.get(lot.good, 0) * brought)  # what is aboard is not bought again
    if _stays_aboard(lot) and ship.hold.of(lot.good) > 0 and ship.hold.free >= lot.units:
        saved = BESIDE
    weight = round(request.priority * worth * (1 + waited(lot, now) / PATIENT) - FUEL * seconds) + saved
    asked = lot.worth.loss > 0  # then it is flown in the end, whatever its fuel costs
    return _Cell(number, alike, ships, max(1, weight) if asked else weight, seconds)


def _match(lot: Lot, ship: Ship, weight: int, seconds: int) -> Match:
    return Match(
        lot, ship, weight, _reason(lot, ship, _brought(lot, ship), _room(lot, ship), seconds), seconds
    )


def _brought(lot: Lot, ship: Ship) -> int:
    """Units the ship has aboard already of what the lot takes somewhere."""
    return 0 if _stays_aboard(lot) else max(0, ship.hold.of(lot.good))


def _room(lot: Lot, ship: Ship) -> int:
    return ship.hold.free + _brought(lot, ship)


def waited(lot: Lot, now: datetime) -> float:
    """Seconds since a lot was wanted, or may be tried again."""
    return max(0.0, (now - max(lot.since, lot.not_before or lot.since)).total_seconds())


def _reason(lot: Lot, ship: Ship, aboard: int, room: int, seconds: int) -> str:
    if aboard:
        return (
            f"{ship.symbol} has {aboard} {lot.good} aboard already and takes it to {lot.destination}: "
            f"about {duration(seconds)}"
        )
    goal = f"{lot.source} to {lot.destination}" if lot.destination else f"{lot.source}, to stay aboard"
    return (
        f"{ship.symbol} carries {lot.good} from {goal}: about {duration(seconds)}, "
        f"room for {room} of the {counted(lot.units, 'unit')} wanted"
    )
