"""Legs that are over leave what a pass reads: they are folded into totals of their edge.

Revision 0009, after 0008.
"""

import json
from datetime import UTC, datetime
from typing import Any

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    bindparam,
    select,
    text,
    true,
)

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")
_COUNTS = ("legs", "bought", "cost", "delivered", "revenue", "arrived", "troubled", "failures", "seconds")
_STAY = 20
"""Failures since an edge went well that stay as they are."""

_LEGS = Table(
    "legs",
    MetaData(),
    Column("number", _NUMBER, primary_key=True),
    *(Column(name, Text) for name in ("id", "factory_id", "kind", "good", "output", "state", "ship")),
    *(Column(name, BigInteger) for name in ("player_id", "bought", "cost", "delivered", "revenue")),
    Column("destination", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("updated_at", DateTime(timezone=True)),
    Column("at_hand", Boolean),
)


def upgrade() -> None:
    totals = op.create_table(
        "leg_totals",
        Column("factory_id", String(36), nullable=False),
        Column("kind", String(16), nullable=False),
        Column("good", String(64), nullable=False),
        Column("output", String(64), nullable=False),
        Column("player_id", _NUMBER, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in _COUNTS),
        Column("moved_at", DateTime(timezone=True)),
        Column("delivered_at", DateTime(timezone=True)),
        Column("ships", Text, nullable=False),
        Column("taken", Text, nullable=False),
        ForeignKeyConstraint(
            ["factory_id", "player_id"],
            ["goods_factories.id", "goods_factories.player_id"],
            ondelete="CASCADE",
        ),
        PrimaryKeyConstraint("factory_id", "kind", "good", "output"),
    )
    op.add_column("legs", Column("at_hand", Boolean, nullable=False, server_default=true()))
    _fold(totals)
    op.drop_index("ix_legs_ship_good", "legs")
    op.create_index(
        "ix_legs_at_hand",
        "legs",
        ["factory_id", "number"],
        sqlite_where=text("at_hand"),
        postgresql_where=text("at_hand"),
    )
    op.create_index(
        "ix_legs_loads",
        "legs",
        ["ship", "good", "updated_at", "number"],
        sqlite_where=text("bought > 0"),
        postgresql_where=text("bought > 0"),
    )


def downgrade() -> None:
    op.drop_index("ix_legs_loads", "legs")
    op.drop_index("ix_legs_at_hand", "legs")
    op.create_index("ix_legs_ship_good", "legs", ["ship", "good"])
    op.drop_column("legs", "at_hand")
    op.drop_table("leg_totals")


def _fold(totals: Table) -> None:
    """Add up the legs that are over already; the newest failures of each edge stay at hand."""
    connection = op.get_bind()
    over = _LEGS.c.state.in_(("DONE", "FAILED", "CANCELLED"))
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    pending: dict[tuple[Any, ...], list[Any]] = {}
    for leg in connection.execute(select(_LEGS).where(over).order_by(_LEGS.c.number)):
        key = (leg.factory_id, leg.player_id, leg.kind, leg.good, leg.output)
        failed = pending.setdefault(key, [])
        if leg.state == "FAILED":
            failed.append(leg)
            if len(failed) > _STAY:
                _add(found, key, failed.pop(0))
            continue
        if leg.state == "DONE":
            for one in failed:
                _add(found, key, one)
            failed.clear()
        _add(found, key, leg)
    connection.execute(_LEGS.update().where(over).values(at_hand=False))
    if stay := [leg.id for failed in pending.values() for leg in failed]:
        here = _LEGS.update().where(_LEGS.c.id == bindparam("leg")).values(at_hand=True)
        connection.execute(here, [{"leg": leg} for leg in stay])
    rows = []
    for (factory, player, kind, good, output), total in found.items():
        edge = {"factory_id": factory, "player_id": player, "kind": kind, "good": good, "output": output}
        words = {"ships": json.dumps(total["ships"]), "taken": json.dumps(total["taken"])}
        rows.append({**total, **edge, **words})
    if rows:
        connection.execute(totals.insert(), rows)


def _add(found: dict[tuple[Any, ...], dict[str, Any]], key: tuple[Any, ...], leg: Any) -> None:
    empty: dict[str, Any] = {
        **dict.fromkeys(_COUNTS, 0),
        "moved_at": None,
        "delivered_at": None,
        "ships": {},
        "taken": {},
    }
    total = found.setdefault(key, empty)
    at = leg.updated_at or leg.created_at
    total["legs"] += 1
    for name in ("bought", "cost", "delivered", "revenue"):
        total[name] += getattr(leg, name)
    total["arrived"] += leg.delivered > 0
    total["troubled"] += leg.state != "DONE" and leg.ship is not None
    if leg.ship is not None:
        total["seconds"] += round((at - leg.created_at).total_seconds())
        total["ships"].setdefault(leg.ship, _aware(leg.created_at).isoformat())
    if leg.bought:
        total["moved_at"] = max(at, total["moved_at"] or at)
    if leg.delivered:
        total["delivered_at"] = max(at, total["delivered_at"] or at)
    if leg.state == "DONE":
        total["failures"] = 0
        total["taken"][leg.destination or ""] = _aware(leg.created_at).isoformat()
    elif leg.state == "FAILED":
        total["failures"] += 1


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
