"""The one gate every purchase passes, inside the transaction that writes its intent."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.domain.errors import Fenced, SpendRefused, SpendRule
from goodsfactory.domain.goods import Good
from goodsfactory.domain.money import MoneyKind, subject_of
from goodsfactory.planning.decision import duration
from goodsfactory.planning.market.tranches import PRICE_SLACK
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.store import Transaction


@dataclass(frozen=True)
class SpendOrder:
    """A money step somebody wants to make. ``ceiling`` is the highest price of one unit allowed, in credits.

    ``ship`` acts, where one does; ``reference`` is the contract it is about, and ``pays`` the credits that
    its terms promise for the step. ``container_id`` must hold the subject in ``epoch``.
    """

    player_id: int
    ship: str | None
    container_id: str
    epoch: int
    kind: MoneyKind
    good: Good
    units: int
    waypoint: str
    ceiling: int | None = None
    factory_id: str | None = None
    leg_id: str | None = None
    reference: str | None = None
    pays: int = 0

    @property
    def subject(self) -> str:
        """What must be held to make it: the ship, or what else the step binds."""
        return subject_of(self.kind, self.player_id, self.ship, self.reference)


@dataclass(frozen=True)
class Approval:
    """What the gate read: the price it allowed, the balance it saw, what it holds back."""

    unit_price: int
    reserved: int
    balance: int


SHIP_SLACK = 0.05
"""How far the price of a ship may rise meanwhile: two sales to others, 2.5 % each (api-facts §13)."""


@dataclass(frozen=True)
class _Quote:
    """A price that was seen: ``most`` units can be had in one call, for ``worst`` credits each at worst."""

    price: int
    worst: int
    most: int


def check_spend(tx: Transaction, order: SpendOrder, now: datetime, policy: Policy) -> Approval:
    """Approve ``order`` or raise SpendRefused with the rule that said no; whatever cannot be read is a no.

    Raises Fenced where the container no longer holds the subject.
    """
    check_claim(tx, order)
    if (held := why_held(tx, order.player_id)) is not None:
        raise SpendRefused(held, rule=SpendRule.LEDGER)
    quote = _fresh_quote(tx, order, now, policy)
    if order.units < 1:
        raise SpendRefused(f"a purchase of {order.units} {order.good} makes no sense", rule=SpendRule.UNITS)
    if order.units > quote.most:
        raise SpendRefused(
            f"tranche: {order.units} {order.good} is more than the trade volume {quote.most}"
            f" of {order.waypoint}",
            rule=SpendRule.TRANCHE,
        )
    if order.ceiling is not None and quote.price > order.ceiling:
        raise SpendRefused(
            f"ceiling: {order.good} asks {quote.price:,} at {order.waypoint}, more than {order.ceiling:,}",
            rule=SpendRule.CEILING,
        )
    balance = tx.players.balance(order.player_id)
    if balance is None:
        raise SpendRefused("balance: the agent's credits are not known", rule=SpendRule.BALANCE)
    worst_case = quote.worst * order.units
    # Fuel may use what nothing else may: a ship that cannot leave costs more than the floor protects.
    floor = 0 if order.kind is MoneyKind.REFUEL else policy.credit_floor
    # A balance that one answer alone has told may be too large; it is compared with the ledger later.
    sure = min(balance.credits, tx.money.ledger_sum(order.player_id))
    available = sure - tx.money.reserved(order.player_id) - floor
    if worst_case > available:
        raise SpendRefused(
            f"floor: {order.units} {order.good} may cost {worst_case:,}, {max(0, available):,} of"
            f" {sure:,} credits are free above the floor of {floor:,}",
            rule=SpendRule.FLOOR,
        )
    return Approval(quote.price, worst_case, balance.credits)


def why_held(tx: Transaction, player_id: int) -> str | None:
    """Why a player may buy nothing: money that nobody can explain left the purse (law L3)."""
    hold = tx.spending_holds.of_player(player_id)
    return None if hold is None else f"ledger: {hold.reason}"


def check_step(tx: Transaction, order: SpendOrder, now: datetime, policy: Policy) -> Approval:
    """Approve a step that spends nothing: a sale, a contract's payment, cargo handed over.

    It reserves nothing and no hold stops it: income makes nothing worse. Raises Fenced as ``check_spend``.
    """
    check_claim(tx, order)
    balance = tx.players.balance(order.player_id)
    market = tx.markets.get(order.waypoint) if order.kind is MoneyKind.SALE else None
    listing = market.listing(order.good) if market else None
    return Approval(listing.bid if listing else order.pays, 0, balance.credits if balance else 0)


def check_claim(tx: Transaction, order: SpendOrder) -> None:
    """Only who holds the subject, in its present epoch, may act with it (law L5)."""
    claim = tx.claims.of_ship(order.subject)
    if claim is None or claim.container_id != order.container_id or claim.epoch != order.epoch:
        raise Fenced(f"{order.container_id} no longer holds {order.subject}.")


def _fresh_quote(tx: Transaction, order: SpendOrder, now: datetime, policy: Policy) -> _Quote:
    window = timedelta(seconds=policy.price_window)
    quote, fresh = None, False
    if order.kind is MoneyKind.SHIP:
        yard = tx.shipyards.get(order.waypoint)
        offer = yard.offer(order.good) if yard else None
        if yard is not None and offer is not None:
            quote, fresh = _quote(offer.price, 1, SHIP_SLACK), yard.is_fresh(now, window)
    else:
        market = tx.markets.get(order.waypoint)
        listing = market.listing(order.good) if market else None
        if market is not None and listing is not None:
            quote, fresh = (
                _quote(listing.ask, listing.trade_volume, PRICE_SLACK),
                market.is_fresh(now, window),
            )
    if quote is None:
        raise SpendRefused(
            f"price: no ask of {order.good} at {order.waypoint} is known", rule=SpendRule.PRICE_UNKNOWN
        )
    if not fresh:
        raise SpendRefused(
            f"price: the ask of {order.good} at {order.waypoint} is older than"
            f" {duration(policy.price_window)}",
            rule=SpendRule.PRICE_AGE,
        )
    return quote


def _quote(price: int, most: int, slack: float) -> _Quote:
    return _Quote(price, math.ceil(price * (1 + slack)), most)
