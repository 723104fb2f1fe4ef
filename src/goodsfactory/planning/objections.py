"""What speaks against a factory before it is started: a wish that would wait for ever, or spend in vain."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from goodsfactory.domain.factory import FactoryRequest, Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.stock import StockKind
from goodsfactory.domain.supply_chain import SupplyChainNode
from goodsfactory.planning.decision import in_words
from goodsfactory.planning.dispatch.eligibility import how_to_free
from goodsfactory.planning.snapshot import FleetView


class ObjectionKind(StrEnum):
    """The machine code of a refusal."""

    CANNOT_BE_SOLD = "cannot-be-sold"
    CANNOT_BE_KEPT = "cannot-be-kept"
    NO_CARGO_SHIP = "no-cargo-ship"
    NO_SHIP_THERE = "no-ship-there"
    NO_SHIP_FREE = "no-ship-free"


@dataclass(frozen=True)
class Objection:
    """``reason`` is a sentence that says what to do instead. ``refuses`` where it stands against
    any start: no ship and no time helps, or nobody wants to wait for one."""

    kind: ObjectionKind
    reason: str
    refuses: bool = False


def objections(
    request: FactoryRequest,
    tree: SupplyChainNode,
    system: str,
    fleet: FleetView,
    markets: Sequence[MarketSnapshot],
) -> list[Objection]:
    """What speaks against the factory, as the player's ``fleet`` and the system's ``markets`` are now."""
    found, ships = [], fleet.ships
    if request.terminal is Terminal.SELL and (unsold := _unsold(tree, system, markets)):
        found.append(unsold)
    usable = [
        ship
        for ship in ships
        if ship.symbol not in request.exclude and (not request.ships or ship.symbol in request.ships)
    ]
    cargo = [ship for ship in usable if ship.hold.capacity > 0]
    there = [ship for ship in cargo if ship.nav.system == system]
    if not cargo:
        found.append(_no_cargo_ship(request, ships))
    elif not there:
        where = in_words(sorted({ship.nav.system for ship in cargo}))
        found.append(
            Objection(
                ObjectionKind.NO_SHIP_THERE,
                f"No cargo ship of this factory is in {system}, and none flies there by itself: make it "
                f"where they are, in {where}, or send one to {system} first.",
            )
        )
    elif kept := _no_room(request, tree.good, there):
        found.append(kept)
    if not found and request.fail_if_no_ship and not fleet.free(tree.good, room=True):
        sentence = f"No ship can work for this factory: {fleet.why_none(tree.good)}."
        found.append(Objection(ObjectionKind.NO_SHIP_FREE, sentence, refuses=True))
    return found


def warnings(fleet: FleetView, tree: SupplyChainNode) -> list[str]:
    """What a factory that is started all the same waits for until the user does something about it.

    Stock that was made for later factories stays aboard, too, where this one has no use for it.
    """
    used = {node.good for node in tree.flatten()}
    idle = {row.ship for row in fleet.stock if row.kind is StockKind.OUTPUT and row.good not in used}
    stuck = [ship for ship in fleet.usable if ship.symbol in idle or fleet.holds_back(ship)]
    return [f"No ship is free: {how_to_free(stuck)}."] if stuck and len(stuck) == len(fleet.usable) else []


def _unsold(tree: SupplyChainNode, system: str, markets: Sequence[MarketSnapshot]) -> Objection | None:
    """What a market trades is public before anybody was there."""
    if any(market.type_of(tree.good) and market.waypoint != tree.source for market in markets):
        return None
    return Objection(
        ObjectionKind.CANNOT_BE_SOLD,
        f"No market of {system} buys {tree.good} but the one that makes it: keep it with --terminal hold, or "
        "make something else.",
        refuses=True,
    )


def _no_cargo_ship(request: FactoryRequest, ships: Sequence[Ship]) -> Objection:
    others = [ship.symbol for ship in ships if ship.hold.capacity > 0]
    left_out = others and set(others) <= set(request.exclude)
    instead = f"use {in_words(others)}" if others else "buy one with `spacetraders ships buy`"
    instead = f"take one of {in_words(others)} off --exclude" if left_out else instead
    whose = "None of the ships of this factory" if request.ships or request.exclude else "No ship"
    return Objection(
        ObjectionKind.NO_CARGO_SHIP,
        f"{whose} carries cargo: {instead}.",
        refuses=bool(request.ships),
    )


def _no_room(request: FactoryRequest, good: Good, ships: Sequence[Ship]) -> Objection | None:
    room, wanted = sum(ship.hold.capacity for ship in ships), request.total
    if request.terminal is Terminal.SELL or wanted is None or wanted <= room:
        return None
    return Objection(
        ObjectionKind.CANNOT_BE_KEPT,
        f"{wanted:,} {good} do not fit into the holds of this factory's ships, which take {room:,}: make "
        f"{room:,} at most, sell it with --terminal sell, or take the output off the ships meanwhile.",
    )
