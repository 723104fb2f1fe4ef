"""The cashier: every credit in or out goes through here, and is written down before and after.

Intent first, then the call, then the settlement. A call whose answer was lost leaves its intent open, and an
open intent means: look at the ship and the balance before anything else (law L1).
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.domain.errors import Bug, Refused, SpendRefused, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.goods import FUEL, Good
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.money import Intent, IntentState, LedgerEntry, MoneyKind
from goodsfactory.domain.player import Balance
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, Trade
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.spend_gate import Approval, SpendOrder, check_claim, check_spend

SHIP_FUEL_PER_UNIT = 100
"""Ship units that one market unit of FUEL fills (api-facts §9)."""

_EVENT_OF = {
    MoneyKind.PURCHASE: EventKind.PURCHASED,
    MoneyKind.SALE: EventKind.SOLD,
    MoneyKind.REFUEL: EventKind.REFUELLED,
}


@dataclass(frozen=True)
class Settlement:
    """How an open intent ended: ``trade`` is None where it turned out not to have happened."""

    intent: Intent
    trade: Trade | None


class Cashier:
    """Buys, sells and refuels for one player. ``new_id`` names intents."""

    def __init__(
        self, api: GameApi, store: Store, clock: Clock, policy: Policy, new_id: Callable[[], str]
    ) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._policy = policy
        self._new_id = new_id

    async def buy(self, order: SpendOrder) -> Trade:
        """Buy one tranche. Raises SpendRefused (nothing happened), Refused, Fenced or Unavailable."""
        intent = await self._open(order, check_spend)
        return await self._make(intent, lambda: self._api.purchase(order.ship, order.good, order.units))

    async def refuel(self, order: SpendOrder, ship_units: int | None = None) -> Trade:
        """Fill the tank, or by ``ship_units``; ``order.units`` are the market units of FUEL it takes."""
        intent = await self._open(order, check_spend)
        return await self._make(intent, lambda: self._api.refuel(order.ship, ship_units))

    async def sell(self, order: SpendOrder) -> Trade:
        """Sell one tranche. A sale reserves nothing but is written down all the same."""

        def approve(tx: Transaction, asked: SpendOrder, now: datetime, policy: Policy) -> Approval:
            check_claim(tx.claims.of_ship(asked.ship), asked)
            balance = tx.players.balance(asked.player_id)
            market = tx.markets.get(asked.waypoint)
            listing = market.listing(asked.good) if market else None
            return Approval(listing.bid if listing else 0, 0, balance.credits if balance else 0)

        intent = await self._open(order, approve)
        return await self._make(intent, lambda: self._api.sell(order.ship, order.good, order.units))

    async def _open(
        self,
        order: SpendOrder,
        approve: Callable[[Transaction, SpendOrder, datetime, Policy], Approval],
    ) -> Intent:
        now = self._clock.now()
        intent_id = self._new_id()

        def work(tx: Transaction) -> Intent:
            approval = approve(tx, order, now, self._policy)
            known = tx.ships.get(order.ship)
            if known is None:
                raise Bug(f"{order.ship} spends but is not in the store")
            ship = known[1]
            intent = Intent(
                id=intent_id,
                player_id=order.player_id,
                ship=order.ship,
                container_id=order.container_id,
                kind=order.kind,
                good=order.good,
                units=order.units,
                unit_price=approval.unit_price,
                waypoint=order.waypoint,
                reserved=approval.reserved,
                units_before=_counted(ship, order.kind, order.good),
                credits_before=approval.balance,
                created_at=now,
                factory_id=order.factory_id,
                leg_id=order.leg_id,
            )
            tx.money.open_intent(intent)
            return intent

        try:
            return await self._store.transact(work)
        except SpendRefused as refusal:
            sentence = str(refusal)
            event = Event(
                order.player_id,
                EventKind.SPEND_REFUSED,
                now,
                sentence,
                factory_id=order.factory_id,
                good=order.good,
                ship=order.ship,
                container_id=order.container_id,
                data={"rule": refusal.rule},
            )
            await self._store.transact(lambda tx: tx.events.append(event))
            raise

    async def _make(self, intent: Intent, call: Callable[[], Awaitable[Trade]]) -> Trade:
        try:
            trade = await call()
        except Refused:
            await self._void(intent)
            raise
        except Unavailable as lost:
            if not lost.maybe_done:
                await self._void(intent)
            raise
        await self._settle(intent, trade)
        return trade

    async def _void(self, intent: Intent) -> None:
        closed = replace(intent, state=IntentState.VOID, settled_at=self._clock.now())
        await self._store.transact(lambda tx: tx.money.close_intent(closed))

    async def _settle(self, intent: Intent, trade: Trade) -> None:
        """Close the intent, write the ledger, update ship, balance and leg: all or nothing."""
        now = self._clock.now()
        sale = intent.kind is MoneyKind.SALE
        amount = trade.total if sale else -trade.total

        def work(tx: Transaction) -> None:
            tx.money.close_intent(replace(intent, state=IntentState.DONE, settled_at=now))
            tx.money.record(
                LedgerEntry(
                    player_id=intent.player_id,
                    kind=intent.kind,
                    amount=amount,
                    at=trade.at,
                    ship=intent.ship,
                    good=intent.good,
                    units=trade.units,
                    unit_price=trade.unit_price,
                    waypoint=intent.waypoint,
                    factory_id=intent.factory_id,
                    leg_id=intent.leg_id,
                    intent_id=intent.id,
                    balance_after=trade.balance,
                )
            )
            tx.players.set_balance(intent.player_id, Balance(trade.balance, trade.at))
            known = tx.ships.get(intent.ship)
            if known is not None:
                owner, ship = known
                tx.ships.save(owner, [_after(ship, trade, now)])
            leg = tx.legs.get(intent.leg_id) if intent.leg_id else None
            if leg is not None and intent.kind is not MoneyKind.REFUEL:
                tx.legs.update(_counted_leg(leg, intent.kind, trade, now))
            tx.events.append(_told(intent, trade, amount, now))

        await self._store.transact(work)

    async def settle_open(self, ship: Ship) -> Settlement | None:
        """Look first: decide from the ship just read whether its open intent happened.

        Returns None where the ship has none. Raises Unavailable while the balance cannot be read.
        """
        intent = await self._store.transact(lambda tx: tx.money.open_intent_of(ship.symbol))
        if intent is None:
            return None
        moved = _counted(ship, intent.kind, intent.good) - intent.units_before
        if intent.kind is MoneyKind.SALE:
            moved = -moved
        if moved <= 0:
            await self._void(intent)
            return Settlement(intent, None)
        trade = await self._reconstruct(intent, moved, ship)
        await self._settle(intent, trade)
        return Settlement(intent, trade)

    async def settle_without_ship(self, intent: Intent) -> None:
        """Settle the open intent of a ship that is gone: the balance tells whether it happened.

        Settle those of ships that are still there first. Raises Unavailable while it cannot be read.
        """
        agent = await self._api.agent()
        known = await self._store.transact(lambda tx: tx.money.ledger_sum(intent.player_id))
        moved = agent.credits - known if intent.kind is MoneyKind.SALE else known - agent.credits
        if moved <= 0:
            await self._void(intent)
            return
        now = self._clock.now()
        trade = Trade(intent.good, intent.units, moved // intent.units, moved, agent.credits, now)
        await self._settle(intent, trade)

    async def _reconstruct(self, intent: Intent, moved: int, ship: Ship) -> Trade:
        """What the lost answer would have said: from the market's own list, else from the quoted price."""
        units = intent.units if intent.kind is MoneyKind.REFUEL else moved
        agent = await self._api.agent()
        view = await self._api.market(intent.waypoint)
        wanted = FUEL if intent.kind is MoneyKind.REFUEL else intent.good
        for line in sorted(view.recent, key=lambda line: line.at, reverse=True):
            ours = line.ship == intent.ship and line.good == wanted and line.units == units
            if ours and line.purchase is (intent.kind is not MoneyKind.SALE) and line.at >= intent.created_at:
                return Trade(
                    wanted, units, line.unit_price, line.total, agent.credits, line.at, ship.hold, ship.tank
                )
        total = intent.unit_price * units
        return Trade(
            wanted, units, intent.unit_price, total, agent.credits, self._clock.now(), ship.hold, ship.tank
        )


def refuel_units(ship: Ship, ship_units: int | None = None) -> int:
    """Market units of FUEL that fill the tank, or that ``ship_units`` of it take."""
    missing = ship.tank.capacity - ship.tank.current
    wanted = missing if ship_units is None else min(missing, ship_units)
    return -(-wanted // SHIP_FUEL_PER_UNIT)


def _counted(ship: Ship, kind: MoneyKind, good: Good) -> int:
    return ship.tank.current if kind is MoneyKind.REFUEL else ship.hold.of(good)


def _after(ship: Ship, trade: Trade, now: datetime) -> Ship:
    return replace(ship, hold=trade.hold or ship.hold, tank=trade.tank or ship.tank, observed_at=now)


def _counted_leg(leg: Leg, kind: MoneyKind, trade: Trade, now: datetime) -> Leg:
    if kind is MoneyKind.PURCHASE:
        return replace(leg, bought=leg.bought + trade.units, cost=leg.cost + trade.total, updated_at=now)
    return replace(
        leg, delivered=leg.delivered + trade.units, revenue=leg.revenue + trade.total, updated_at=now
    )


def _told(intent: Intent, trade: Trade, amount: int, now: datetime) -> Event:
    verb = {MoneyKind.PURCHASE: "bought", MoneyKind.SALE: "sold"}.get(intent.kind, "refuelled with")
    sentence = (
        f"{intent.ship} {verb} {trade.units} {intent.good} at {intent.waypoint} for {trade.unit_price:,} each"
        f" ({trade.total:,} credits)"
    )
    return Event(
        intent.player_id,
        _EVENT_OF[intent.kind],
        now,
        sentence,
        factory_id=intent.factory_id,
        good=intent.good,
        ship=intent.ship,
        container_id=intent.container_id,
        data={
            "units": trade.units,
            "unit_price": trade.unit_price,
            "amount": amount,
            "waypoint": intent.waypoint,
            "leg_id": intent.leg_id,
        },
    )
