"""The settler: closes intents. What an answer did not tell is found out by looking, never by asking again."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from goodsfactory.domain.errors import NotFound, Unavailable
from goodsfactory.domain.goods import Good
from goodsfactory.domain.money import STEPS, Counted, Intent, LedgerEntry, MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.market.tranches import PRICE_SLACK
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, Trade
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.auditor import Auditor
from goodsfactory.treasury.bookkeeping import book, void
from goodsfactory.treasury.ledger import unexplained, was_alone

LANDING_SECONDS = 5.0
"""Game seconds a lost request may still take to have its effect: a younger step is never called undone."""

LOOK_BACK = timedelta(seconds=60)
"""How far the server's clock may be behind ours where its own list of trades is read."""

_MOST_LOOKS = 5
"""Looks at a step of which each tells something else, before it stays open until later."""

_REMEMBERED_ROWS = 200

_CARGO_TRADES = (MoneyKind.PURCHASE, MoneyKind.SALE)

_BY_TERMS = (MoneyKind.ACCEPTANCE, MoneyKind.FULFILMENT)


@dataclass(frozen=True)
class Settlement:
    """How an open intent ended: ``trade`` is None where it turned out not to have happened.

    ``ship`` is the acting ship as it was read last; None where none acts or it is gone.
    """

    intent: Intent
    trade: Trade | None
    ship: Ship | None = None


class Settler:
    """Settles the intents of one player, from answers or by looking first (law L1)."""

    def __init__(self, api: GameApi, store: Store, clock: Clock, auditor: Auditor) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._auditor = auditor

    async def settle(self, intent: Intent, trade: Trade) -> bool:
        """Close the intent and book ``trade``: all or nothing. True where the balance told is not ours."""
        now = self._clock.now()

        def work(tx: Transaction) -> bool:
            alone = was_alone(tx, intent)
            book(tx, intent, trade, now)
            return alone and self._auditor.hear(tx, intent, trade, now)

        return await self._store.transact(work)

    async def void(self, intent: Intent) -> None:
        """Close the intent as not happened."""
        now = self._clock.now()
        await self._store.transact(lambda tx: void(tx, intent, now))

    async def look(self, intent: Intent, ship: Ship | None = None) -> Settlement:
        """Decide from what the world shows whether the intent happened, and settle it.

        One reading of a hold decides nothing by itself: the market's list or the balance must say the same,
        or a second reading. It may land still, too, what was not seen at first. ``ship`` is the acting one
        where it has just been read. Raises Unavailable while nothing can be read, or each look tells
        something else, NotFound where the ship is gone: the intent then stays open.
        """
        before: int | None = None
        for _ in range(_MOST_LOOKS):
            found, ship = await self._find(intent, ship)
            units = found.trade.units if found is not None else -1
            if units == before or (found is not None and found.witnessed):
                break
            before = units
            age = (self._clock.now() - intent.created_at).total_seconds()
            await self._clock.sleep(max(0.0, LANDING_SECONDS - max(0.0, age)))
            ship = None
        else:
            raise Unavailable(f"{intent.subject} tells something else at each look")
        trade = found.trade if found is not None else None
        if trade is None:
            await self.void(intent)
        else:
            await self.settle(intent, trade)
        return Settlement(intent, trade, ship)

    async def _find(self, intent: Intent, ship: Ship | None) -> tuple["_Found | None", Ship | None]:
        """What the world shows of the step now, None for nothing, and the ship it was read from."""
        count, ship = await self._count(intent, ship)
        moved = intent.step.moved(intent.units_before, count)
        if intent.step.counts is Counted.CARGO:
            moved = min(moved, intent.units)  # the rest is not of this step
        if moved > 0:
            return await self._reconstruct(intent, moved, ship), ship
        return (await self._listed(intent, ship) if intent.kind in _CARGO_TRADES else None), ship

    async def look_without_ship(self, gone: Sequence[Intent]) -> Sequence[Intent]:
        """Settle the open intents of ships and contracts that are gone: the balance tells what happened.

        Only the balance at rest does, and of one step only. Where more than one can have moved it, or it
        moved by more than the step could earn, they are closed as not happened: the difference that stays is
        for the auditor. So are those that move no credits, at once. Returns what is settled: those alone
        while steps do not end that may have moved the balance. Raises Unavailable while that cannot be read.
        """
        player_id = gone[0].player_id
        cargo_only = [one for one in gone if not one.step.money]
        aside = {one.id for one in gone}

        def still_open(tx: Transaction, these: Sequence[Intent]) -> list[Intent]:
            still = {one.id for one in tx.money.open_intents(player_id)}
            return [one for one in these if one.id in still]

        def close(tx: Transaction) -> None:
            for intent in still_open(tx, cargo_only):
                void(tx, intent, self._clock.now())

        def decide(tx: Transaction, credits: int, now: datetime) -> bool:
            left = still_open(tx, gone)
            alone = len(left) == 1 and tx.money.newest_row(player_id) > 0
            difference = unexplained(tx, player_id, credits) if alone else 0
            for intent in left:
                total = _part(intent, difference * intent.step.money)
                if total <= 0:
                    void(tx, intent, now)
                    continue
                trade = Trade(intent.good, intent.units, total // intent.units, total, credits, now)
                book(tx, intent, trade, now)
                self._auditor.hear(tx, intent, trade, now)
            return True

        await self._store.transact(close)
        if len(cargo_only) == len(gone) or await self._auditor.meet_at_rest(decide, aside):
            return gone
        return cargo_only

    async def count_without_ship(self, kind: MoneyKind, reference: str | None) -> int:
        """What a step counts that no ship makes, as the server shows it now: the fleet, or a contract."""
        counts = STEPS[kind].counts
        if counts is Counted.FLEET:
            return (await self._api.agent()).ship_count
        contract = await self._api.contract(str(reference))
        return int(contract.accepted if counts is Counted.ACCEPTED else contract.fulfilled)

    async def _count(self, intent: Intent, ship: Ship | None) -> tuple[int, Ship | None]:
        """What the intent's kind counts, as the server shows it now, and the ship it was read from."""
        if intent.ship is None:
            return await self.count_without_ship(intent.kind, intent.reference), None
        ship = ship or await self._api.ship(intent.ship)
        return counted_aboard(ship, intent.kind, intent.good), ship

    async def _reconstruct(self, intent: Intent, moved: int, ship: Ship | None) -> "_Found | None":
        """What the lost answer would have said; None where the purse tells that there was none."""
        now = self._clock.now()
        match intent.kind:
            case MoneyKind.DELIVERY | MoneyKind.SUPPLY | MoneyKind.JETTISON:
                hold = ship.hold if ship else None
                return _Found(Trade(intent.good, moved, 0, 0, None, now, hold=hold))
            case MoneyKind.ACCEPTANCE | MoneyKind.FULFILMENT:
                contract = await self._api.contract(str(intent.reference))
                advance = intent.kind is MoneyKind.ACCEPTANCE
                paid = contract.on_accepted if advance else contract.on_fulfilled
                return _Found(Trade(intent.good, 0, 0, paid, (await self._api.agent()).credits, now))
            case MoneyKind.SHIP:
                return await self._ship_bought(intent)
        return await self._traded(intent, ship)

    async def _traded(self, intent: Intent, ship: Ship | None) -> "_Found | None":
        """From the market's own list, else from the balance, else at the price quoted before.

        A trade is made whole or not at all. None where neither list nor balance shows any: what was counted
        before was wrong.
        """
        line = await self._line(intent)
        agent = await self._api.agent()
        if line is not None:
            return _Found(_trade(intent, line, agent.credits, ship), witnessed=True)
        told = await self._by_balance(intent, agent.credits)
        if told == 0:
            return None
        units = intent.units
        if intent.kind is MoneyKind.REFUEL and told is not None and intent.unit_price:
            units = max(1, round(told / intent.unit_price))  # how much a tank takes was a guess
        total = intent.unit_price * units if told is None else told
        guess = _Line(self._clock.now(), units, total // units)
        return _Found(_trade(intent, guess, agent.credits, ship, total), witnessed=told is not None)

    async def _listed(self, intent: Intent, ship: Ship | None) -> "_Found | None":
        """A trade of which nothing is to be seen aboard, where the market's list and the balance tell of it.

        What was counted before it may have been wrong. A market that cannot be read tells nothing.
        """
        try:
            line = await self._line(intent)
        except (Unavailable, NotFound):
            return None
        if line is None:
            return None
        agent = await self._api.agent()
        told = await self._by_balance(intent, agent.credits)
        if told == 0 or (told is None and line.at < intent.created_at):
            return None
        return _Found(_trade(intent, line, agent.credits, ship), witnessed=True)

    async def _line(self, intent: Intent) -> "_Line | None":
        """The line of the market's own list that tells of the step and that no row of ours has booked."""
        view = await self._api.market(intent.waypoint)
        ours = [
            _Line(line.at, line.units, line.unit_price)
            for line in view.recent
            if (line.ship, line.good) == (intent.ship, intent.good)
            and (intent.kind is MoneyKind.REFUEL or line.units == intent.units)
            and line.purchase is (intent.step.money < 0)
        ]
        return await self._unbooked(intent, ours) if ours else None

    async def _ship_bought(self, intent: Intent) -> "_Found":
        """Price from the yard's own list, the ship from the fleet: the one nobody knew."""
        agent = await self._api.agent()
        view = await self._api.shipyard(intent.waypoint)
        bought = await self._strange_ship(intent)
        ours = [
            _Line(line.at, 1, line.price)
            for line in view.recent
            if (line.agent, line.type) == (agent.symbol, intent.good)
        ]
        line, told = await self._unbooked(intent, ours), None
        if line is not None:
            price, at = line.unit_price, line.at
        else:
            told = await self._by_balance(intent, agent.credits)
            price, at = told or intent.unit_price, self._clock.now()
        trade = Trade(intent.good, 1, price, price, agent.credits, at, bought=bought)
        return _Found(trade, witnessed=line is not None or bool(told))

    async def _strange_ship(self, intent: Intent) -> Ship | None:
        fleet = await self._api.ships()
        known, player = await self._store.transact(
            lambda tx: (
                {ship.symbol for ship in tx.ships.of_player(intent.player_id)},
                tx.players.get(intent.player_id),
            )
        )
        agent = player.agent_symbol if player else ""
        strange = [ship for ship in fleet if ship.symbol not in known and ship.belongs_to(agent)]
        here = [ship for ship in strange if ship.nav.waypoint == intent.waypoint]
        return max(here or strange, key=lambda ship: (len(ship.symbol), ship.symbol), default=None)

    async def _unbooked(self, intent: Intent, lines: Sequence["_Line"]) -> "_Line | None":
        """The newest line of the server's list that our ledger does not have yet.

        Both carry the server's instants; the intent's own is by our clock, which may be wrong by a little.
        """
        since = intent.created_at - 2 * LOOK_BACK

        def read(tx: Transaction) -> list[LedgerEntry]:
            newest = tx.money.ledger(intent.player_id, limit=_REMEMBERED_ROWS)
            trades = tx.money.trades(intent.player_id, intent.good, since, _REMEMBERED_ROWS)
            return [*trades, *(row for row in newest if row.kind not in _CARGO_TRADES)]

        rows = await self._store.transact(read)
        booked = Counter(_Line(row.at, row.units, row.unit_price) for row in rows if _alike(row, intent))
        for line in sorted(lines, reverse=True):
            if booked[line]:
                booked[line] -= 1
            elif line.at >= intent.created_at - LOOK_BACK:
                return line
        return None

    async def _by_balance(self, intent: Intent, credits: int) -> int | None:
        """What the step cost or brought, or 0; None where something else can have moved the balance."""

        def work(tx: Transaction) -> int | None:
            if not was_alone(tx, intent):
                return None
            moved = unexplained(tx, intent.player_id, credits) * intent.step.money
            return moved if 0 <= moved <= _most(intent, moved) else None

        return await self._store.transact(work)


class _Found(NamedTuple):
    """What a lost answer would have said; ``witnessed`` where a market's list or the balance says so too."""

    trade: Trade
    witnessed: bool = False


class _Line(NamedTuple):
    """One trade as both the server's list and the ledger know it."""

    at: datetime
    units: int
    unit_price: int


def _trade(intent: Intent, line: _Line, credits: int, ship: Ship | None, total: int | None = None) -> Trade:
    """What the lost answer of a trade would have said."""
    hold, tank = (ship.hold, ship.tank) if ship else (None, None)
    total = line.unit_price * line.units if total is None else total
    return Trade(intent.good, line.units, line.unit_price, total, credits, line.at, hold, tank)


def _most(intent: Intent, moved: int) -> int:
    """The most credits the step can have cost or brought; ``moved`` where nobody knew a price before."""
    return intent.reserved or math.ceil(intent.unit_price * intent.units * (1 + PRICE_SLACK)) or moved


def _part(intent: Intent, moved: int) -> int:
    """Credits that the step accounts for where the balance moved by ``moved``; 0 or less: it did not happen.

    A contract pays to the credit what its terms say. Beside that, as beside what was held back for a step
    that costs, somebody else can have moved the balance, too: that rest is for the auditor.
    """
    if intent.reserved:
        return min(moved, intent.reserved)
    least = intent.unit_price if intent.kind in _BY_TERMS else 0
    if not least <= moved <= _most(intent, moved):
        return 0
    return least if intent.kind in _BY_TERMS else moved


def _alike(row: LedgerEntry, intent: Intent) -> bool:
    """Whether a row and the step may be one line of the server's list: fuel for a tank or a hold is."""
    if row.good != intent.good or row.kind not in STEPS:
        return False
    if intent.kind is MoneyKind.SHIP:
        return row.kind is intent.kind
    return row.ship == intent.ship and STEPS[row.kind].money == intent.step.money


def counted_aboard(ship: Ship, kind: MoneyKind, good: Good) -> int:
    """What a step of this ship counts: its tank, or the units of the good in its hold."""
    return ship.tank.current if STEPS[kind].counts is Counted.TANK else ship.hold.of(good)
