"""The books of a daemon beside those of the server: what was bought twice, lost or left claimed."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, create_engine, select
from sqlalchemy.pool import NullPool

from goodsfactory.adapters.store.tables import (
    CONTAINERS,
    GOODS_FACTORIES,
    INTENTS,
    LEDGER,
    LEGS,
    SHIP_CLAIMS,
    SHIPS,
)
from goodsfactory.domain.container import ContainerStatus
from goodsfactory.domain.money import IntentState, MoneyKind

UNFINISHED = (ContainerStatus.PENDING.value, ContainerStatus.RUNNING.value)
FUEL = "FUEL"

Trade = tuple[str, str, str, str, int, int, str]
"""(ship, waypoint, PURCHASE or SELL, good, units, credits, instant in milliseconds)"""


class Database:
    """Reads the daemon's database from outside, whichever it is."""

    def __init__(self, url_or_path: str) -> None:
        url = url_or_path if "://" in url_or_path else f"sqlite:///{url_or_path}"
        self._engine: Engine = create_engine(url, poolclass=NullPool)

    def rows(self, table: Any, *conditions: Any) -> list[Row[Any]]:
        with self._engine.connect() as connection:
            return list(connection.execute(select(table).where(*conditions)))

    def change(self, statement: Any) -> int:
        """Change it behind the daemon's back; returns how many rows that met."""
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount

    def copy_to(self, file: Path) -> None:
        """A copy of a SQLite database, whoever has it open."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(file),))

    def unfinished(self) -> dict[str, int]:
        """Containers that a start has to resume, each with its epoch."""
        rows = self.rows(CONTAINERS, CONTAINERS.c.status.in_(UNFINISHED))
        return {row.id: row.epoch for row in rows}

    def at_work(self) -> list[str]:
        """Containers that have an end and did not reach it: all but planners."""
        return [name for name in self.unfinished() if not name.startswith("planner-")]


@dataclass(frozen=True)
class Findings:
    """What the comparison found; everything but ``purchases`` is 0 or empty when all is well.

    ``purchases`` and ``doubles`` are transactions (cargo and fuel), ``lost_units`` units of cargo,
    ``difference`` credits. ``complaints`` says in words what is amiss, that and everything else.
    """

    purchases: int
    doubles: int
    lost_units: int
    leaked_claims: int
    difference: int
    complaints: list[str] = field(default_factory=list)


def compare(
    database: Database, server: dict[str, Any], *, at_rest: bool = True, keeps_cargo: bool = False
) -> Findings:
    """Compare the daemon's books with the ``server``'s own record of its only agent.

    ``at_rest`` says that all work has ended: then no intent is open and no ship claimed, or laden unless it
    ``keeps_cargo``.
    """
    ledger = database.rows(LEDGER)
    unknown, invented = _differences(ledger, server)
    complaints = [f"the ledger does not know {trade}" for trade in unknown.elements()]
    complaints += [f"the server does not know {trade}" for trade in invented.elements()]
    excess = _bought_beyond_need(database, ledger)
    complaints += excess
    doubles = len(excess) + sum(count for trade, count in unknown.items() if trade[2] == "PURCHASE")
    lost = _lost(database, server, at_rest, keeps_cargo)
    complaints += [f"{units} {good} {where}" for (good, where), units in lost.items()]
    leaked = _leaked_claims(database, at_rest)
    complaints += [f"{claim} is left claimed" for claim in leaked]
    if at_rest:
        open_ = database.rows(INTENTS, INTENTS.c.state == IntentState.OPEN.value)
        complaints += [f"intent {row.id} of {row.ship} is still open" for row in open_]
    corrections = [row.amount for row in ledger if row.kind == MoneyKind.CORRECTION.value]
    complaints += [f"the balance was corrected by {amount}" for amount in corrections]
    # A correction makes the sum right by force: it counts as difference.
    difference = server["credits"] - sum(row.amount for row in ledger)
    difference = difference or sum(corrections)
    if difference:
        complaints.append(f"ledger and balance differ by {difference} credits")
    return Findings(
        purchases=sum(trade["type"] == "PURCHASE" for trade in server["transactions"]),
        doubles=doubles,
        lost_units=sum(abs(units) for units in lost.values()),
        leaked_claims=len(leaked),
        difference=difference,
        complaints=complaints,
    )


def unbooked(database: Database, server: dict[str, Any]) -> list[Trade]:
    """Trades that the server made and the ledger does not know yet, or ever."""
    return list(_differences(database.rows(LEDGER), server)[0].elements())


def _differences(ledger: list[Row[Any]], server: dict[str, Any]) -> tuple[Counter[Trade], Counter[Trade]]:
    """What only the server knows, and what only the ledger does."""
    told = Counter(_told(trade) for trade in server["transactions"])
    booked = Counter(_booked(row) for row in ledger if row.kind in _TYPE)
    return told - booked, booked - told


_TYPE = {
    MoneyKind.PURCHASE.value: "PURCHASE",
    MoneyKind.REFUEL.value: "PURCHASE",
    MoneyKind.SALE.value: "SELL",
}


def _told(trade: dict[str, Any]) -> Trade:
    return (
        trade["shipSymbol"],
        trade["waypointSymbol"],
        trade["type"],
        trade["tradeSymbol"],
        trade["units"],
        trade["totalPrice"],
        trade["timestamp"],
    )


def _booked(row: Row[Any]) -> Trade:
    instant = row.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    kind = _TYPE[row.kind]
    return (row.ship, row.waypoint, kind, row.good, row.units, abs(row.amount), instant)


def _bought_beyond_need(database: Database, ledger: list[Row[Any]]) -> list[str]:
    """Purchases of a leg that its need does not explain: more units than it was to carry."""
    bought = Counter[str]()
    for row in ledger:
        if row.kind == MoneyKind.PURCHASE.value:
            bought[row.leg_id] += row.units
    legs = {row.id: row for row in database.rows(LEGS)}
    return [
        f"leg {leg} of {legs[leg].units} {legs[leg].good} bought {units}"
        for leg, units in bought.items()
        if units > legs[leg].units
    ]


def _lost(
    database: Database, server: dict[str, Any], at_rest: bool, keeps_cargo: bool
) -> dict[tuple[str, str], int]:
    """Units by (good, what is wrong) that server, ships and legs do not agree on."""
    left, sold = Counter[str](), Counter[str]()
    for trade in server["transactions"]:
        if trade["tradeSymbol"] == FUEL:
            continue
        if trade["type"] == "PURCHASE":
            left[trade["tradeSymbol"]] += trade["units"]
        else:
            left[trade["tradeSymbol"]] -= trade["units"]
            sold[trade["tradeSymbol"]] += trade["units"]
    aboard = Counter[str]()
    for hold in server["holds"].values():
        aboard.update(hold)
    amiss = {(good, "bought, neither sold nor aboard"): left[good] - aboard[good] for good in left | aboard}
    if at_rest:
        delivered = Counter[str]()
        for leg in database.rows(LEGS):
            delivered[leg.good] += leg.delivered
        for good in sold | delivered:
            amiss[good, "sold but not delivered by a leg"] = sold[good] - delivered[good]
        for good, units in aboard.items():
            amiss[good, "left aboard"] = 0 if keeps_cargo else units
        for ship, hold in _holds(database).items():
            for good in {*hold, *server["holds"][ship]}:
                known, true = hold.get(good, 0), server["holds"][ship].get(good, 0)
                amiss[good, f"aboard {ship} unknown to us"] = true - known
    return {what: units for what, units in amiss.items() if units}


def _holds(database: Database) -> dict[str, dict[str, int]]:
    return {row.symbol: json.loads(row.cargo) for row in database.rows(SHIPS)}


def _leaked_claims(database: Database, at_rest: bool) -> list[str]:
    alive = database.unfinished()
    claims = database.rows(SHIP_CLAIMS)
    return [f"{row.ship} by {row.container_id}" for row in claims if at_rest or row.container_id not in alive]


def factories(database: Database) -> list[Row[Any]]:
    return database.rows(GOODS_FACTORIES)
