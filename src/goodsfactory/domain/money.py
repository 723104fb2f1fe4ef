"""Money: intents written before they are acted on, and the ledger of every credit."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from goodsfactory.domain.goods import Good


class MoneyKind(StrEnum):
    """What moved the balance. OPENING is the balance met when the ledger began."""

    OPENING = "OPENING"
    PURCHASE = "PURCHASE"
    SALE = "SALE"
    REFUEL = "REFUEL"
    CORRECTION = "CORRECTION"


class IntentState(StrEnum):
    """OPEN may or may not have happened: look first. DONE happened. VOID did not."""

    OPEN = "OPEN"
    DONE = "DONE"
    VOID = "VOID"


@dataclass(frozen=True)
class Intent:
    """A money step written down before it is made, with what the world looked like.

    ``reserved`` is the worst case in credits held back while OPEN (0 for a sale). ``units_before`` counts the
    good aboard (for a REFUEL: fuel in the tank); ``credits_before`` is the agent's balance.
    """

    id: str
    player_id: int
    ship: str
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


@dataclass(frozen=True)
class LedgerEntry:
    """One credit movement: ``amount`` is signed credits (negative is spent), tied to what caused it."""

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
