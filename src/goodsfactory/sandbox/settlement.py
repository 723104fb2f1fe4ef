"""What one system consists of, as drawn: its places, what is traded where, its yards and its gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from goodsfactory.domain.goods import FUEL
from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox import blueprint
from goodsfactory.sandbox.blueprint import WORKSHOP
from goodsfactory.sandbox.universe import ShipOffer, Waypoint

Listing = tuple[str, TradeType]


@dataclass(frozen=True, slots=True)
class Place:
    """A waypoint and what is built there (a role of the blueprint; empty for nothing)."""

    waypoint: Waypoint
    role: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """A system before its markets begin to live.

    ``trades`` lists the goods of every market. ``capital`` is the headquarters of a home system. ``gate`` is
    the waypoint of the jump gate.
    """

    waypoints: Mapping[str, Waypoint]
    trades: Mapping[str, tuple[Listing, ...]]
    yards: Mapping[str, list[ShipOffer]]
    gate: str | None
    capital: str | None = None


def listings(
    role: str, exports: tuple[str, ...], recipes: Mapping[str, tuple[str, ...]]
) -> tuple[Listing, ...]:
    """What a market of this role trades; it imports the recipes of all it exports, and lists FUEL."""
    inputs = [good for export in exports for good in recipes.get(export, ())]
    sinks = blueprint.SINKS.get(exports[0] if role == WORKSHOP else role, ())
    exchange = (*blueprint.EXCHANGES.get(role, ()), FUEL)
    listed: dict[str, TradeType] = dict.fromkeys(exports, TradeType.EXPORT)
    for good in (*inputs, *sinks):
        listed.setdefault(good, TradeType.IMPORT)
    for good in exchange:
        listed.setdefault(good, TradeType.EXCHANGE)
    return tuple(listed.items())
