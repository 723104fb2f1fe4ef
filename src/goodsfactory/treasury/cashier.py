"""The cashier: every credit in or out, and the cargo it paid for, goes through here, written down first.

Intent first, then the call, then the settlement. Where the answer of a call is lost the cashier looks at the
world before it says anything, and never asks twice (law L1).
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from goodsfactory.domain.errors import (
    Bug,
    Conflict,
    ContractGone,
    NotFound,
    Refused,
    SpendRefused,
    SpendRule,
    StaleToken,
    Unavailable,
)
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.money import Intent, MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, Trade
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for
from goodsfactory.treasury.auditor import Auditor
from goodsfactory.treasury.denials import insist
from goodsfactory.treasury.settler import Settlement, Settler, counted_aboard
from goodsfactory.treasury.spend_gate import Approval, SpendOrder, check_spend, check_step

_LOOKS = 4
"""How often it is looked what became of a call, before that is left to whoever reads the ship next."""

_Check = Callable[[Transaction, SpendOrder, datetime, Policy], Approval]


class Cashier:
    """The money steps of one player. ``new_id`` names intents, ``refused`` hears of refused purchases.

    Each step returns what happened, also where its answer was lost and it was found out by looking. Each
    raises Refused, Fenced, Conflict while another step of the same subject is open, and Unavailable: nothing
    happened, unless ``maybe_done`` is set, where the step stays open until somebody can look. What spends
    raises SpendRefused as well: nothing happened then.
    """

    def __init__(
        self,
        api: GameApi,
        store: Store,
        clock: Clock,
        policy: Policy,
        auditor: Auditor,
        settler: Settler,
        new_id: Callable[[], str],
        refused: Callable[[SpendRule], None],
    ) -> None:
        self._refused = refused
        self._api = api
        self._store = store
        self._clock = clock
        self._policy = policy
        self._auditor = auditor
        self._settler = settler
        self._new_id = new_id

    async def buy(self, order: SpendOrder) -> Trade:
        """Buy one tranche."""
        intent = await self._open(order, check_spend)
        return await self._make(intent, lambda: self._api.purchase(_ship(order), order.good, order.units))

    async def refuel(self, order: SpendOrder, ship_units: int | None = None) -> Trade:
        """Fill the tank, or by ``ship_units``; ``order.units`` are the market units of FUEL it takes."""
        intent = await self._open(order, check_spend)
        return await self._make(intent, lambda: self._api.refuel(_ship(order), ship_units))

    async def buy_ship(self, order: SpendOrder) -> Trade:
        """Buy a ship of the type ``order.good`` where an own one is; the trade has it as ``bought``."""
        intent = await self._open(order, check_spend)
        return await self._make(intent, lambda: self._api.buy_ship(order.good, order.waypoint))

    async def sell(self, order: SpendOrder) -> Trade:
        """Sell one tranche."""
        intent = await self._open(order, check_step)
        return await self._make(intent, lambda: self._api.sell(_ship(order), order.good, order.units))

    async def accept(self, order: SpendOrder) -> Trade:
        """Accept the contract ``order.reference``; its advance comes in."""
        intent = await self._open(order, check_step)
        return await self._make(intent, lambda: self._api.accept_contract(_contract(order)))

    async def deliver(self, order: SpendOrder) -> Trade:
        """Give cargo to the contract ``order.reference``; no credits move."""
        intent = await self._open(order, check_step)
        return await self._make(
            intent,
            lambda: self._api.deliver_cargo(_contract(order), _ship(order), order.good, order.units),
        )

    async def fulfil(self, order: SpendOrder) -> Trade:
        """End the contract ``order.reference``; its payment comes in."""
        intent = await self._open(order, check_step)
        return await self._make(intent, lambda: self._api.fulfil_contract(_contract(order)))

    async def supply(self, order: SpendOrder) -> Trade:
        """Give cargo to the building site at ``order.waypoint``; no credits move."""
        intent = await self._open(order, check_step)
        return await self._make(
            intent, lambda: self._api.supply_site(order.waypoint, _ship(order), order.good, order.units)
        )

    async def jettison(self, order: SpendOrder) -> Trade:
        """Throw cargo away; no credits move, and what it cost is written off."""
        intent = await self._open(order, check_step)
        return await self._make(intent, lambda: self._api.jettison(_ship(order), order.good, order.units))

    async def settle_open(self, intent: Intent, ship: Ship) -> Settlement | None:
        """Look first: decide from the ship whether an intent happened that was open before it was read.

        Returns None where somebody else has settled it meanwhile. Raises Unavailable while the rest cannot be
        read.
        """
        try:
            return await self._settler.look(intent, ship)
        except Conflict:
            return None

    async def settle(self, intent: Intent) -> None:
        """Look first, for a step that no ship makes.

        Raises ContractGone where the game denies its contract, Unavailable while nothing can be read.
        """
        try:
            if intent.reference is None:
                await self._settler.look(intent)
            else:
                await insist(lambda: self._settler.look(intent), self._clock)
        except Conflict:
            return  # somebody else settled it meanwhile
        except NotFound as gone:
            if intent.reference is None:
                raise
            raise ContractGone(gone.message, code=gone.code, status=gone.status, data=gone.data) from gone

    async def settle_without_ship(self, gone: Sequence[Intent]) -> Sequence[Intent]:
        """Settle the open intents of ships and contracts that are gone (``Settler.look_without_ship``)."""
        return await self._settler.look_without_ship(gone)

    async def _open(self, order: SpendOrder, approve: _Check) -> Intent:
        await self._auditor.admit()
        before = None
        if order.ship is None:
            await self._look_behind(order)
            before = await self._settler.count_without_ship(order.kind, order.reference)
        now = self._clock.now()
        intent_id = self._new_id()

        def work(tx: Transaction) -> Intent:
            approval = approve(tx, order, now, self._policy)
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
                units_before=_aboard(tx, order) if before is None else before,
                credits_before=approval.balance,
                created_at=now,
                factory_id=order.factory_id,
                leg_id=order.leg_id,
                reference=order.reference,
                ledger_row=tx.money.newest_row(order.player_id),
            )
            tx.money.open_intent(intent)
            return intent

        try:
            return await self._store.transact(work)
        except SpendRefused as refusal:
            self._refused(refusal.rule)
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

    async def _look_behind(self, order: SpendOrder) -> None:
        """Settle what an order that was given up left open; of a ship the pilot has done that already."""
        intent = await self._store.transact(lambda tx: tx.money.open_intent_of(order.subject))
        if intent is None:
            return
        found = await self._settler.look(intent)
        if found.trade is not None:
            raise Conflict(
                f"The {intent.kind.value.lower()} ordered before has happened after all; order again if you"
                " want another."
            )

    async def _make(self, intent: Intent, call: Callable[[], Awaitable[Trade]]) -> Trade:
        try:
            trade = await call()
        except Refused:
            await self._settler.void(intent)
            raise
        except Unavailable as lost:
            if not lost.maybe_done:
                await self._settler.void(intent)
                raise
            return await self._find_out(intent, lost)
        if intent.kind is MoneyKind.REFUEL and trade.units < 1:
            # An answer without a receipt: a tank that was full would not have been filled.
            unclear = Unavailable(f"{intent.subject}: the refuel has no receipt.", maybe_done=True)
            return await self._find_out(intent, unclear)
        if await self._settler.settle(intent, trade):
            await self._count_purse()
        return trade

    async def _find_out(self, intent: Intent, lost: Unavailable) -> Trade:
        """What became of a call whose answer was lost; that takes as long as it takes."""
        with waited_for(False):
            return await self._look_again(intent, lost)

    async def _look_again(self, intent: Intent, lost: Unavailable) -> Trade:
        pause = self._policy.retry_initial
        for look in range(_LOOKS):
            if look:
                await self._clock.sleep(pause * 2 ** (look - 1))
            try:
                found = await self._settler.look(intent)
            except (StaleToken, NotFound):
                raise
            except (Unavailable, Refused):
                continue  # a no to a look is no answer about the step, and must not be taken for one
            if found.trade is None:
                raise Unavailable(
                    f"{intent.subject}: a {intent.kind.value.lower()} did not happen, the game server failed;"
                    " it may be tried again.",
                    retry_after=lost.retry_after,
                ) from lost
            await self._count_purse()
            return found.trade
        raise lost

    async def _count_purse(self) -> None:
        """Another reading, to be sure; where there can be none now, the next roll call counts again."""
        try:
            await self._auditor.count()
        except StaleToken:
            raise
        except (Unavailable, Refused):
            return


def _aboard(tx: Transaction, order: SpendOrder) -> int:
    known = tx.ships.get(order.subject)
    if known is None:
        raise Bug(f"{order.ship} makes a money step but is not in the store")
    return counted_aboard(known[1], order.kind, order.good)


def _ship(order: SpendOrder) -> str:
    if order.ship is None:
        raise Bug(f"a {order.kind} without a ship")
    return order.ship


def _contract(order: SpendOrder) -> str:
    if order.reference is None:
        raise Bug(f"a {order.kind} without a contract")
    return order.reference
