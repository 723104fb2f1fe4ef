"""What a user asks of a daemon that is killed over it, and how it ought to end."""

from collections.abc import Mapping
from typing import Any, Protocol

from tests.kill.books import Database, Findings, compare, factories
from tests.kill.processes import Daemon, Sandbox, until

from goodsfactory.adapters.store.tables import INTENTS, LEDGER, SHIPS
from goodsfactory.api.errors import DaemonError
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.money import IntentState, MoneyKind

AGENT = "VICTIM"
GOOD = "ELECTRONICS"
SHIP_TYPE = "SHIP_PROBE"

_MOST_WORDS = 10
"""How often a user gives an order that was refused."""


class Errand(Protocol):
    """One wish. After a kill it is asked again where nothing of it is left, as a user would."""

    latency: float
    """real seconds that requests take each way while it is carried out"""

    def ask(self, victim: Daemon, books: Database) -> None:
        """Give the order. Raises DaemonUnreachable where the daemon dies of it."""
        ...

    def is_wanted(self, victim: Daemon, books: Database) -> bool:
        """Whether nothing of it was kept."""
        ...

    def is_over(self, books: Database) -> bool: ...

    def findings(self, books: Database, server: Sandbox) -> Findings:
        """The books compared, with a complaint for everything that is not as it was asked."""
        ...


class Production:
    """Make a good and sell it."""

    ends = FactoryStatus.COMPLETED
    latency = 0.0

    def ask(self, victim: Daemon, books: Database) -> None:
        with victim.client() as client:
            client.start_factory(GOOD, strategy="prefer-fabricate", terminal="SELL")

    def is_wanted(self, victim: Daemon, books: Database) -> bool:
        return not factories(books)

    def is_over(self, books: Database) -> bool:
        rows = factories(books)
        over = rows and all(FactoryStatus(row.status).is_over for row in rows)
        return bool(over and not books.at_work())

    def findings(self, books: Database, server: Sandbox) -> Findings:
        found = self._compared(books, server)
        for row in factories(books):
            if row.status != self.ends.value:
                found.complaints.append(f"the factory ended {row.status}: {row.metadata}")
        if not found.purchases:
            found.complaints.append("nothing was bought")
        if len(factories(books)) != 1:
            found.complaints.append(f"{len(factories(books))} factories were made of one order")
        return found

    def _compared(self, books: Database, server: Sandbox) -> Findings:
        return compare(books, server.books(AGENT))


class Stop(Production):
    """Make a good, and stop in the middle of it: ships are free then, and keep what they have aboard."""

    ends = FactoryStatus.STOPPED
    latency = 0.1
    """a worker is at its leg long enough that the stop meets it there"""

    def ask(self, victim: Daemon, books: Database) -> None:
        if not factories(books):
            super().ask(victim, books)
        bought = LEDGER.c.kind == MoneyKind.PURCHASE.value
        until(lambda: victim.is_gone or books.rows(LEDGER, bought), "cargo is bought")
        with victim.client() as client:
            client.stop_factory(factories(books)[0].id)

    def is_wanted(self, victim: Daemon, books: Database) -> bool:
        return not all(FactoryStatus(row.status).is_over for row in factories(books))

    def _compared(self, books: Database, server: Sandbox) -> Findings:
        return compare(books, server.books(AGENT), keeps_cargo=True)


class _ByHand:
    """An order that one money step carries out; it is over once no step is open."""

    kind: MoneyKind
    latency = 0.0

    def is_over(self, books: Database) -> bool:
        return not books.rows(INTENTS, INTENTS.c.state == IntentState.OPEN.value)

    def findings(self, books: Database, server: Sandbox) -> Findings:
        found = compare(books, server.books(AGENT))
        booked = books.rows(LEDGER, LEDGER.c.kind == self.kind.value)
        if len(booked) != 1:
            found.complaints.append(f"the ledger has {len(booked)} rows of a {self.kind}")
        return found


class ShipPurchase(_ByHand):
    """Buy one ship at a yard."""

    kind = MoneyKind.SHIP
    fleet = 5
    """ships with the one bought"""

    def ask(self, victim: Daemon, books: Database) -> None:
        with victim.client() as client:
            # The game is fast: on a busy machine an ask may be too old once it is used. A user asks again.
            for left in reversed(range(_MOST_WORDS)):
                try:
                    client.buy_ship(SHIP_TYPE)
                except DaemonError as refusal:
                    if refusal.code == "conflict":
                        return  # the ship ordered before has come after all
                    if refusal.code != "spend-price-age" or not left:
                        raise
                else:
                    return

    def is_wanted(self, victim: Daemon, books: Database) -> bool:
        return len(books.rows(SHIPS)) < self.fleet

    def findings(self, books: Database, server: Sandbox) -> Findings:
        found = super().findings(books, server)
        true, known = len(server.books(AGENT)["holds"]), len(books.rows(SHIPS))
        if (true, known) != (self.fleet, self.fleet):
            found.complaints.append(f"the server has {true} ships, we know {known} of {self.fleet}")
        return found


class Acceptance(_ByHand):
    """Accept the contract that every new agent is offered."""

    kind = MoneyKind.ACCEPTANCE

    def ask(self, victim: Daemon, books: Database) -> None:
        with victim.client() as client:
            client.accept_contract()

    def is_wanted(self, victim: Daemon, books: Database) -> bool:
        with victim.client() as client:
            (contract,) = client.contracts().contracts
        return contract.status == "OFFERED"


ERRANDS: Mapping[str, Any] = {
    "production": Production,
    "stop": Stop,
    "ship": ShipPurchase,
    "acceptance": Acceptance,
}
"""By the name that a point gives."""
