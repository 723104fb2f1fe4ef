"""Money: intents written before they are acted on, the ledger of every credit, and the hold on spending."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from goodsfactory.domain.goods import Good


class MoneyKind(StrEnum):
    """What moved the balance, or the cargo that credits were paid for.

    OPENING is the balance met when the ledger began, CORRECTION what moved without us, WRITE_OFF cargo that
    is gone: no credits move then.
    """

    OPENING = "OPENING"
    PURCHASE = "PURCHASE"
    SALE = "SALE"
    REFUEL = "REFUEL"
    SHIP = "SHIP"
    ACCEPTANCE = "ACCEPTANCE"
    DELIVERY = "DELIVERY"
    FULFILMENT = "FULFILMENT"
    SUPPLY = "SUPPLY"
    JETTISON = "JETTISON"
    CORRECTION = "CORRECTION"
    WRITE_OFF = "WRITE_OFF"


class Counted(StrEnum):
    """What is counted before a step and looked at after it, to tell whether it happened."""

    CARGO = "units of the good aboard the ship"
    TANK = "fuel in the ship's tank"
    FLEET = "ships the agent owns"
    ACCEPTED = "1 once the contract is accepted"
    FULFILLED = "1 once the contract is fulfilled"


@dataclass(frozen=True)
class Step:
    """How one kind of step shows: what it counts, whether the count grows, and where credits go.

    ``money`` is -1 where credits are spent, 1 where they are earned, 0 where cargo alone leaves.
    """

    counts: Counted
    grows: bool
    money: int

    def moved(self, before: int, after: int) -> int:
        """By how much the count moved the way this step moves it; 0 or less means it did not happen."""
        return after - before if self.grows else before - after


STEPS: Mapping[MoneyKind, Step] = MappingProxyType(
    {
        MoneyKind.PURCHASE: Step(Counted.CARGO, grows=True, money=-1),
        MoneyKind.SALE: Step(Counted.CARGO, grows=False, money=1),
        MoneyKind.REFUEL: Step(Counted.TANK, grows=True, money=-1),
        MoneyKind.SHIP: Step(Counted.FLEET, grows=True, money=-1),
        MoneyKind.ACCEPTANCE: Step(Counted.ACCEPTED, grows=True, money=1),
        # Several ships, and at a site other agents too, add to one bill: the acting ship's own hold tells.
        MoneyKind.DELIVERY: Step(Counted.CARGO, grows=False, money=0),
        MoneyKind.FULFILMENT: Step(Counted.FULFILLED, grows=True, money=1),
        MoneyKind.SUPPLY: Step(Counted.CARGO, grows=False, money=0),
        MoneyKind.JETTISON: Step(Counted.CARGO, grows=False, money=0),
    }
)
"""Every kind that is made by a call of the game; OPENING, CORRECTION and WRITE_OFF are not."""


def subject_of(kind: MoneyKind, player_id: int, ship: str | None, reference: str | None) -> str:
    """What a step binds: it is claimed before, and at most one intent is open for it (law L1).

    The ship that acts; without one the agent's fleet, which grows, or the contract, which changes state.
    """
    if ship is not None:
        return ship
    return f"fleet:{player_id}" if kind is MoneyKind.SHIP else f"contract:{reference}"


class IntentState(StrEnum):
    """OPEN may or may not have happened: look first. DONE happened. VOID did not."""

    OPEN = "OPEN"
    DONE = "DONE"
    VOID = "VOID"


@dataclass(frozen=True)
class Intent:
    """A money step written down before it is made, with what the world looked like.

    ``ship`` is the one that acts, None where none does. ``good`` is the good or the type of ship that moves;
    ``reference`` the contract it is about. ``reserved`` is the worst case in credits held back while OPEN (0
    where nothing is spent). ``units_before`` is what the kind counts (STEPS); ``credits_before`` is the
    agent's balance as it was known, ``ledger_row`` the number of the newest row of the ledger.
    """

    id: str
    player_id: int
    ship: str | None
    container_id: str
    kind: MoneyKind
    good: Good
    units: int
    unit_price: int
    waypoint: str
    reserved: int
    units_before: int
    credits_before: int
    created_at: datetime
    state: IntentState = IntentState.OPEN
    factory_id: str | None = None
    leg_id: str | None = None
    settled_at: datetime | None = None
    reference: str | None = None
    ledger_row: int = 0

    @property
    def subject(self) -> str:
        """What it binds while it is open (``subject_of``)."""
        return subject_of(self.kind, self.player_id, self.ship, self.reference)

    @property
    def step(self) -> Step:
        """How its kind shows."""
        return STEPS[self.kind]


@dataclass(frozen=True)
class LedgerEntry:
    """One credit movement: ``amount`` is signed credits (negative is spent), tied to what caused it.

    ``balance_after`` is what the server said; None where its answer told no balance.
    """

    player_id: int
    kind: MoneyKind
    amount: int
    at: datetime
    ship: str | None = None
    good: Good | None = None
    units: int = 0
    unit_price: int = 0
    waypoint: str | None = None
    factory_id: str | None = None
    leg_id: str | None = None
    intent_id: str | None = None
    balance_after: int | None = None


@dataclass(frozen=True)
class SpendingHold:
    """A player buys nothing while it stands: ``amount`` (negative, credits) left the purse without us.

    ``reason`` is the sentence that says what to do. ``confirmed`` once two readings in a row have told the
    same: what one alone has told goes where the next tells otherwise.
    """

    player_id: int
    amount: int
    since: datetime
    reason: str
    confirmed: bool = False
