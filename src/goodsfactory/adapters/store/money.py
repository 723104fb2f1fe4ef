"""Money: intents that may or may not have happened, and the ledger of every credit that did."""

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, literal, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import FACTORY_BOOKS, INTENT_IS_OPEN, INTENTS, LEDGER, LEGS
from goodsfactory.adapters.store.upsert import DialectInsert, counting, insert_into
from goodsfactory.domain.books import Posting
from goodsfactory.domain.errors import Bug, Conflict
from goodsfactory.domain.goods import Good
from goodsfactory.domain.money import Intent, IntentState, LedgerEntry, MoneyKind
from goodsfactory.ports.store import Money

_ANY_ROW = 2**62
"""Above the number of every row."""

_INTENT = [column for column in INTENTS.columns if column.name not in ("universe", "subject")]
_OPEN = (
    select(*_INTENT)
    .where(INTENTS.c.player_id == bindparam("player"), INTENT_IS_OPEN)
    .order_by(INTENTS.c.created_at, code_points(INTENTS.c.id))
)
_OPEN_OF_SUBJECT = select(*_INTENT).where(
    INTENTS.c.universe == bindparam("universe"), INTENTS.c.subject == bindparam("bound"), INTENT_IS_OPEN
)
_CLOSE = (
    INTENTS.update()
    .where(INTENTS.c.id == bindparam("intent"), INTENT_IS_OPEN)
    .values(state=bindparam("outcome"), settled_at=bindparam("settled"))
)
_RESERVED = select(func.coalesce(func.sum(INTENTS.c.reserved), 0)).where(
    INTENTS.c.player_id == bindparam("player"), INTENT_IS_OPEN
)

_ENTRY = [column for column in LEDGER.columns if column.name not in ("number", "player_sum")]
_OF_PLAYER = LEDGER.c.player_id == bindparam("player")
_OF_FACTORY = LEDGER.c.factory_id == bindparam("factory")
_NEWEST = select(*_ENTRY).where(_OF_PLAYER).order_by(LEDGER.c.number.desc())
_NEWEST_ROW = select(func.coalesce(func.max(LEDGER.c.number), 0)).where(_OF_PLAYER)
_PAGE = (
    select(LEDGER.c.number, *_ENTRY)
    .where(_OF_PLAYER, LEDGER.c.number < bindparam("before"))
    .order_by(LEDGER.c.number.desc())
    .limit(bindparam("most"))
)
_SUM = select(LEDGER.c.player_sum).where(_OF_PLAYER).order_by(LEDGER.c.number.desc()).limit(1)
_SUM_BELOW = (
    select(LEDGER.c.player_sum)
    .where(_OF_PLAYER, LEDGER.c.number < bindparam("before"))
    .order_by(LEDGER.c.number.desc())
    .limit(1)
)
_AT_OR_AFTER = (
    select(LEDGER.c.number, LEDGER.c.at)
    .where(_OF_PLAYER, LEDGER.c.number >= bindparam("first"))
    .order_by(LEDGER.c.number)
    .limit(1)
)
_RECORD = LEDGER.insert().values(
    player_sum=func.coalesce(_SUM.scalar_subquery(), 0) + bindparam("moved", type_=LEDGER.c.amount.type)
)
# Whole units times a price in credits: 64 bits hold it, and the result is rounded once, at the end.
# What a sale had cost is unknown where its leg bought nothing, or is removed with age: it counts neither way.
_BASIS = case(
    (
        (LEDGER.c.kind == MoneyKind.SALE.value)
        & LEDGER.c.leg_id.is_not(None)
        & (func.coalesce(LEGS.c.bought, 0) == 0),
        LEDGER.c.amount * 1.0,
    ),
    (
        LEDGER.c.kind == MoneyKind.SALE.value,
        LEDGER.c.units * LEGS.c.cost * 1.0 / LEGS.c.bought,
    ),
    (LEDGER.c.kind == MoneyKind.WRITE_OFF.value, LEDGER.c.units * LEDGER.c.unit_price * 1.0),
    else_=literal(0.0),
)
_BEFORE = LEDGER.alias("before")
# Rows are in the order of time: the search for the first of them begins at the newest.
_SINCE = LEDGER.c.number > func.coalesce(
    select(_BEFORE.c.number)
    .where(_BEFORE.c.player_id == bindparam("player"), _BEFORE.c.at < bindparam("since"))
    .order_by(_BEFORE.c.number.desc())
    .limit(1)
    .scalar_subquery(),
    0,
)
_TRADES = (
    select(*_ENTRY)
    .where(
        _OF_PLAYER,
        LEDGER.c.good == bindparam("traded"),
        LEDGER.c.kind.in_([MoneyKind.PURCHASE.value, MoneyKind.SALE.value]),
        LEDGER.c.at >= bindparam("since"),
        _SINCE,
    )
    .order_by(LEDGER.c.number.desc())
    .limit(bindparam("most"))
)
_REALISED = (
    select(func.coalesce(func.sum(LEDGER.c.amount - func.coalesce(_BASIS, 0.0)), 0.0))
    .select_from(LEDGER.outerjoin(LEGS, LEGS.c.id == LEDGER.c.leg_id))
    .where(
        _OF_PLAYER,
        _OF_FACTORY,
        LEDGER.c.kind.in_([MoneyKind.SALE.value, MoneyKind.REFUEL.value, MoneyKind.WRITE_OFF.value]),
        LEDGER.c.at >= bindparam("since"),
        _SINCE,
    )
)
_BOOKS = (
    select(FACTORY_BOOKS)
    .where(
        FACTORY_BOOKS.c.factory_id == bindparam("factory"), FACTORY_BOOKS.c.player_id == bindparam("player")
    )
    .order_by(code_points(FACTORY_BOOKS.c.kind), code_points(FACTORY_BOOKS.c.good))
)


@cache
def _write_down(dialect: str) -> DialectInsert:
    insert = insert_into(dialect, INTENTS)
    return counting(
        insert.on_conflict_do_nothing(index_elements=["universe", "subject"], index_where=INTENT_IS_OPEN)
    )


@cache
def _add_up(dialect: str) -> DialectInsert:
    added = insert_into(dialect, FACTORY_BOOKS)
    return added.on_conflict_do_update(
        index_elements=[column.name for column in FACTORY_BOOKS.primary_key],
        set_={name: FACTORY_BOOKS.c[name] + added.excluded[name] for name in ("units", "amount")},
    )


def _intent(row: Row[Any]) -> Intent:
    fields = dict(row._mapping)
    fields["kind"] = MoneyKind(row.kind)
    fields["state"] = IntentState(row.state)
    return Intent(**fields)


def _entry(row: Row[Any]) -> LedgerEntry:
    fields = {name: value for name, value in row._mapping.items() if name != "number"}
    fields["kind"] = MoneyKind(row.kind)
    return LedgerEntry(**fields)


class SqlMoney(Money):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._universe = universe
        self.written = False
        """whether the transaction under way wrote intents or ledger rows: they must outlive a power cut"""
        self._write_down = _write_down(connection.dialect.name)
        self._add_up = _add_up(connection.dialect.name)

    def open_intent(self, intent: Intent) -> None:
        if intent.state is not IntentState.OPEN:
            raise Bug(f"Intent {intent.id} is {intent.state}: only an OPEN one can be written down.")
        row = {
            **vars(intent),
            "kind": intent.kind.value,
            "state": intent.state.value,
            "universe": self._universe,
            "subject": intent.subject,
        }
        self.written = True
        self._kept.drop(("reserved", intent.player_id))
        if self._connection.execute(self._write_down, row).rowcount != 1:
            raise Conflict(
                f"{intent.subject} has an open intent already: settle it before the next money step."
            )

    def open_intents(self, player_id: int) -> list[Intent]:
        return [_intent(row) for row in self._connection.execute(_OPEN, {"player": player_id})]

    def open_intent_of(self, subject: str) -> Intent | None:
        bound = {"universe": self._universe, "bound": subject}
        row = self._connection.execute(_OPEN_OF_SUBJECT, bound).first()
        return None if row is None else _intent(row)

    def close_intent(self, intent: Intent) -> None:
        if intent.state is IntentState.OPEN:
            raise Bug(f"Intent {intent.id} is still OPEN: say DONE or VOID to close it.")
        self.written = True
        self._kept.drop(("reserved", intent.player_id))
        closed = self._connection.execute(
            _CLOSE, {"intent": intent.id, "outcome": intent.state.value, "settled": intent.settled_at}
        ).rowcount
        if closed != 1:
            raise Conflict(f"Intent {intent.id} is not open: somebody settled it, or it was never written.")

    def reserved(self, player_id: int) -> int:
        def read() -> int:
            return int(self._connection.execute(_RESERVED, {"player": player_id}).scalar_one())

        return self._kept.read(("reserved", player_id), read)

    def record(self, entry: LedgerEntry, *, lost: int = 0) -> None:
        self.written = True
        sums = {"moved": entry.amount, "player": entry.player_id}
        self._connection.execute(_RECORD, {**vars(entry), "kind": entry.kind.value, **sums})
        if entry.factory_id is None:
            return
        amount = lost if entry.kind is MoneyKind.WRITE_OFF else entry.amount
        posting = Posting(entry.kind, entry.good or "", entry.units, amount)
        owner = {"factory_id": entry.factory_id, "player_id": entry.player_id}
        self._connection.execute(self._add_up, {**vars(posting), "kind": entry.kind.value, **owner})
        books = self._kept.kept(("books", entry.player_id, entry.factory_id))
        if isinstance(books, dict):
            key = posting.kind, posting.good
            before = books.get(key, Posting(*key, 0, 0))
            books[key] = replace(
                before, units=before.units + posting.units, amount=before.amount + posting.amount
            )

    def books(self, player_id: int, factory_id: str) -> list[Posting]:
        def read() -> dict[tuple[MoneyKind, str], Posting]:
            rows = self._connection.execute(_BOOKS, _key(player_id, factory_id))
            found = [Posting(MoneyKind(row.kind), row.good, row.units, row.amount) for row in rows]
            return {(one.kind, one.good): one for one in found}

        kept = self._kept.read(("books", player_id, factory_id), read)
        return [kept[key] for key in sorted(kept)]

    def ledger(self, player_id: int, *, limit: int | None = None) -> list[LedgerEntry]:
        """The newest ``limit`` entries (all of them without one), in the order they were recorded."""
        query = _NEWEST if limit is None else _NEWEST.limit(limit)
        rows = self._connection.execute(query, {"player": player_id}).all()
        return [_entry(row) for row in reversed(rows)]

    def ledger_sum(self, player_id: int, before: int | None = None) -> int:
        if before is None:
            return int(self._connection.execute(_SUM, {"player": player_id}).scalar() or 0)
        values = {"player": player_id, "before": before}
        return int(self._connection.execute(_SUM_BELOW, values).scalar() or 0)

    def first_row_since(self, player_id: int, moment: datetime) -> int:
        # Rows are numbered in the order of time: halving finds the place without an index on it.
        low, high = 0, self.newest_row(player_id) + 1
        while low < high:
            middle = (low + high) // 2
            row = self._connection.execute(_AT_OR_AFTER, {"player": player_id, "first": middle}).first()
            if row is not None and row.at < moment:
                low = row.number + 1
            else:
                high = middle
        return low

    def trades(self, player_id: int, good: Good, since: datetime, limit: int) -> list[LedgerEntry]:
        values = {"player": player_id, "traded": good, "since": since, "most": limit}
        rows = self._connection.execute(_TRADES, values).all()
        return [_entry(row) for row in reversed(rows)]

    def page(self, player_id: int, limit: int, before: int | None = None) -> list[tuple[int, LedgerEntry]]:
        earlier = _ANY_ROW if before is None else before
        rows = self._connection.execute(_PAGE, {"player": player_id, "before": earlier, "most": limit}).all()
        return [(row.number, _entry(row)) for row in reversed(rows)]

    def newest_row(self, player_id: int) -> int:
        return int(self._connection.execute(_NEWEST_ROW, {"player": player_id}).scalar_one())

    def realised(self, player_id: int, factory_id: str, since: datetime) -> int:
        values = {**_key(player_id, factory_id), "since": since}
        return round(float(self._connection.execute(_REALISED, values).scalar_one()))


def _key(player_id: int, factory_id: str | None) -> dict[str, Any]:
    return {"player": player_id} if factory_id is None else {"player": player_id, "factory": factory_id}
