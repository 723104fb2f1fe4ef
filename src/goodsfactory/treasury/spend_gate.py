"""The one gate every purchase passes, inside the transaction that writes its intent."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.container import Claim
from goodsfactory.domain.errors import Fenced, SpendRefused
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Listing
from goodsfactory.domain.money import MoneyKind
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.tranches import PRICE_SLACK
from goodsfactory.ports.store import Transaction


@dataclass(frozen=True)
class SpendOrder:
    """A purchase somebody wants to make. ``ceiling`` is the highest ask allowed, in credits."""

    player_id: int
    ship: str
    container_id: str
    epoch: int
    kind: MoneyKind
    good: Good
    units: int
    waypoint: str
    ceiling: int | None = None
    factory_id: str | None = None
    leg_id: str | None = None


@dataclass(frozen=True)
class Approval:
    """What the gate read: the price it allowed, the balance it saw, what it holds back."""

    unit_price: int
    reserved: int
    balance: int


def check_spend(tx: Transaction, order: SpendOrder, now: datetime, policy: Policy) -> Approval:
    """Approve ``order`` or raise SpendRefused with the rule that said no; whatever cannot be read is a no.

    Raises Fenced where the container no longer holds the ship.
    """
    check_claim(tx.claims.of_ship(order.ship), order)
    listing = _fresh_listing(tx, order, now, policy)
    if order.units < 1:
        raise SpendRefused(f"a purchase of {order.units} {order.good} makes no sense", rule="units")
    if order.units > listing.trade_volume:
        raise SpendRefused(
            f"tranche: {order.units} {order.good} is more than the trade volume {listing.trade_volume}"
            f" of {order.waypoint}",
            rule="tranche",
        )
    if order.ceiling is not None and listing.ask > order.ceiling:
        raise SpendRefused(
            f"ceiling: {order.good} asks {listing.ask:,} at {order.waypoint}, more than {order.ceiling:,}",
            rule="ceiling",
        )
    balance = tx.players.balance(order.player_id)
    if balance is None:
        raise SpendRefused("balance: the agent's credits are not known", rule="balance")
    worst_case = math.ceil(listing.ask * (1 + PRICE_SLACK)) * order.units
    # Fuel may use what cargo may not: a ship that cannot leave costs more than the floor protects.
    floor = policy.credit_floor if order.kind is MoneyKind.PURCHASE else 0
    available = balance.credits - tx.money.reserved(order.player_id) - floor
    if worst_case > available:
        raise SpendRefused(
            f"floor: {order.units} {order.good} may cost {worst_case:,}, {max(0, available):,} of"
            f" {balance.credits:,} credits are free above the floor of {floor:,}",
            rule="floor",
        )
    return Approval(listing.ask, worst_case, balance.credits)


def check_claim(claim: Claim | None, order: SpendOrder) -> None:
    """Only the container that holds the ship, in its present epoch, may act with it (law L5)."""
    if claim is None or claim.container_id != order.container_id or claim.epoch != order.epoch:
        raise Fenced(f"{order.container_id} no longer holds {order.ship}.")


def _fresh_listing(tx: Transaction, order: SpendOrder, now: datetime, policy: Policy) -> Listing:
    market = tx.markets.get(order.waypoint)
    listing = market.listing(order.good) if market else None
    if market is None or listing is None:
        raise SpendRefused(
            f"price: no ask of {order.good} at {order.waypoint} was ever seen", rule="price-unknown"
        )
    if not market.is_fresh(now, timedelta(seconds=policy.price_window)):
        raise SpendRefused(
            f"price: the ask of {order.good} at {order.waypoint} is older than {policy.price_window:.0f} s",
            rule="price-age",
        )
    return listing
