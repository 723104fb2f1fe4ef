"""The error tree that decides: each class says what its catcher should do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class GoodsFactoryError(Exception):
    """Anything this program can explain in one sentence."""


class Refused(GoodsFactoryError):
    """The game said no. Read ``code`` and decide again; repeating the same call cannot help."""

    def __init__(
        self, message: str, *, code: int, status: int = 400, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{message} (code {code})")
        self.message = message
        self.code = code
        self.status = status
        self.data: Mapping[str, Any] = data or {}


class NotFound(Refused):
    """The game does not know the thing. Drop it from the plan."""


class ShipGone(NotFound):
    """The game denied a ship again and again. It is forgotten, and its cargo written off.

    Nothing else may be taken for it: a market or an agent that is not found says nothing of a ship.
    """


class ContractGone(NotFound):
    """The game denied a contract again and again. What a step with it moved is told from the balance."""


class StaleToken(Refused):
    """The token belongs to another universe or to nobody (401, 41xx). Wait until there is another one."""


class Unavailable(GoodsFactoryError):
    """The server could not answer now (network, 5xx, maintenance). Wait and ask again.

    ``maybe_done`` is True when a call that changes the world was sent and its answer was lost: look first.
    """

    def __init__(self, message: str, *, maybe_done: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done
        self.retry_after = retry_after


class AnotherUniverse(Unavailable):
    """Whoever answered has another universe than the one worked in. Find out which one there is, and wait."""


class Unreadable(Unavailable):
    """The server has this one thing and cannot put it into words that make sense. Do without it for now."""


class Conflict(GoodsFactoryError):
    """What we believed is no longer true. Re-read and decide again."""


class Fenced(Conflict):
    """Another body of the same container, or another owner, holds the right to act. Stop at once."""


class SpendRule(StrEnum):
    """The guard that said no to a spend. Behaviour hangs on it, never on the sentence that goes with it."""

    UNITS = "units"
    TRANCHE = "tranche"
    CEILING = "ceiling"
    BALANCE = "balance"
    FLOOR = "floor"
    LEDGER = "ledger"
    PRICE = "price"
    PRICE_UNKNOWN = "price-unknown"
    PRICE_AGE = "price-age"

    @property
    def is_about_money(self) -> bool:
        """True where it is the agent's money that is short, unknown or held."""
        return self in (SpendRule.BALANCE, SpendRule.FLOOR, SpendRule.LEDGER)

    @property
    def is_about_prices(self) -> bool:
        """True where the price, or how much is sold at it, stands against the purchase."""
        return not self.is_about_money and self is not SpendRule.UNITS

    @property
    def is_about_age(self) -> bool:
        """True where nobody looked in time: it says nothing of what a good costs or brings."""
        return self in (SpendRule.PRICE_AGE, SpendRule.PRICE_UNKNOWN)

    @property
    def is_of_any_ship(self) -> bool:
        """True where every ship hears the same, since it is about the purse, the good or its source."""
        return self in (SpendRule.FLOOR, SpendRule.CEILING, SpendRule.PRICE_UNKNOWN)


class SpendRefused(GoodsFactoryError):
    """The spend gate said no. Nothing was reserved and nothing bought; ``rule`` names the guard."""

    def __init__(self, message: str, *, rule: SpendRule) -> None:
        super().__init__(message)
        self.rule = rule


class IllegalTransition(GoodsFactoryError):
    """A life cycle does not allow this step. Nothing was changed."""


class UserError(GoodsFactoryError):
    """Somebody asked for something that cannot be. The message says what to do; nothing was changed.

    ``kind`` is one of ``not-found``, ``invalid``, ``exists``, ``precondition``, ``forbidden``, and
    ``needs-confirmation`` where the same order is carried out once it is confirmed; a factory that something
    speaks against is refused with the kind of that objection (``planning.objections``).
    """

    def __init__(self, message: str, *, kind: str = "invalid") -> None:
        super().__init__(message)
        self.kind = kind


class CannotEver(GoodsFactoryError):
    """No decision can ever help (unknown good, no exporter, cycle). Fail the factory with it."""


class Bug(GoodsFactoryError):
    """This program broke its own rule. Report it; the container that met it is parked."""
