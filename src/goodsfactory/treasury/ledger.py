"""The ledger against the server's balance (law L3): compared, corrected, and what stops spending."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.money import STEPS, Intent, LedgerEntry, MoneyKind, SpendingHold
from goodsfactory.domain.player import Balance
from goodsfactory.planning.policy import OutsideSpending, Policy
from goodsfactory.ports.game_api import Trade
from goodsfactory.ports.store import Transaction

OPENS_AT = 3
"""Readings in a row that agree before a ledger begins: what it begins with is compared with nothing else."""


@dataclass(frozen=True)
class Reconciliation:
    """``difference`` is the server's balance minus our sum; anything but 0 means money we cannot explain.

    ``decided`` is False while another reading must confirm it, ``opening`` while the ledger has not begun.
    """

    ledger_sum: int
    balance: int
    decided: bool = True
    opening: bool = False

    @property
    def difference(self) -> int:
        return self.balance - self.ledger_sum

    @property
    def balanced(self) -> bool:
        return self.difference == 0


def books_in_words(books: Collection[Reconciliation | None]) -> str:
    """What a start found of all ledgers, as the end of a sentence; None is one that could not be compared."""
    if not books:
        return ""
    if None in books:
        return "ledger not compared yet: a money step is still open"
    difference = sum(abs(one.difference) for one in books if one is not None)
    return f"ledger and server differ by {difference:,} credits" if difference else "ledger equals server"


def unexplained(tx: Transaction, player_id: int, credits: int) -> int:
    """What a balance differs by from the ledger, in credits, beyond what spending is stopped for already."""
    hold = tx.spending_holds.of_player(player_id)
    return credits - tx.money.ledger_sum(player_id) - (hold.amount if hold is not None else 0)


def at_rest(tx: Transaction, player_id: int, aside: Collection[str] = ()) -> int | None:
    """The number of the newest row while no step that moves credits is open; None while one is.

    A balance read between two moments of the same number holds all our trades and no half of one. Of the
    intents ``aside`` nothing moves any more.
    """
    others = [one for one in tx.money.open_intents(player_id) if one.id not in aside]
    if any(STEPS[one.kind].money for one in others):
        return None
    return tx.money.newest_row(player_id)


def was_alone(tx: Transaction, intent: Intent) -> bool:
    """True when no other step of the player can have moved credits since ``intent`` was opened.

    Ask before its row is recorded. Answers of steps that overlap may arrive in any order, and the balance
    each of them tells holds some of the others: only the balance of a step that was alone can be compared.
    """
    others = [one for one in tx.money.open_intents(intent.player_id) if one.id != intent.id]
    if any(STEPS[one.kind].money for one in others):
        return False
    return 0 < tx.money.newest_row(intent.player_id) == intent.ledger_row


def hear_balance(tx: Transaction, intent: Intent, trade: Trade, now: datetime, policy: Policy) -> int | None:
    """Compare the balance that the answer of a step that was alone told; call it once its row is recorded.

    Returns the difference. One that is negative stops spending at once, unless the user wants it booked.
    None where it says nothing that is not known already.
    """
    if trade.balance is None:
        return None
    difference = trade.balance - tx.money.ledger_sum(intent.player_id)
    held = _hold_beside(tx, intent.player_id, difference, now)
    if held is not None and held.amount == difference:
        return None
    if difference < 0 and policy.outside_spending is OutsideSpending.STOP:
        _stop_spending(tx, intent.player_id, difference, now)
    return difference


def meet_balance(
    tx: Transaction, player_id: int, credits: int, now: datetime, policy: Policy, *, seen: Sequence[int] = ()
) -> Reconciliation:
    """Take note of a balance just read at rest, and do what its difference to the ledger asks for.

    Nothing is believed for good that one reading alone has told. A balance that ``OPENS_AT`` readings in a
    row tell opens the ledger. No difference: a hold is lifted. Less than the books say: spending stops at
    once, for it may be a purchase made twice. More, or less where the user wants that booked: a correction.
    ``seen`` are the differences of the readings before this one that decided nothing.
    """
    tx.players.set_balance(player_id, Balance(credits, now))
    if not tx.money.newest_row(player_id):
        if [*seen[1 - OPENS_AT :], credits] != [credits] * OPENS_AT:
            return Reconciliation(0, credits, decided=False, opening=True)
        tx.money.record(LedgerEntry(player_id, MoneyKind.OPENING, credits, now, balance_after=credits))
    found = Reconciliation(tx.money.ledger_sum(player_id), credits)
    if found.balanced:
        resume_spending(tx, player_id, "the ledger equals the balance again; spending goes on", now)
        return found
    held = _hold_beside(tx, player_id, found.difference, now)
    booking = policy.outside_spending is OutsideSpending.BOOK
    if found.difference < 0 and not booking:
        _stop_spending(tx, player_id, found.difference, now)
        return replace(found, decided=held is not None)
    if held is not None and not booking:
        return found  # what came since does not explain what left: that is for the user to say
    if not seen or found.difference != seen[-1]:
        return replace(found, decided=False)
    correct_balance(tx, player_id, credits, now)
    resume_spending(tx, player_id, "the difference is booked; spending goes on", now)
    return Reconciliation(credits, credits)


def correct_balance(tx: Transaction, player_id: int, credits: int, now: datetime) -> int:
    """Book what our own steps do not explain; returns that difference, in credits."""
    difference = credits - tx.money.ledger_sum(player_id)
    if difference:
        tx.money.record(LedgerEntry(player_id, MoneyKind.CORRECTION, difference, now, balance_after=credits))
        sentence = f"the balance moved by {difference:+,} credits without us"
        tx.events.append(
            Event(player_id, EventKind.BALANCE_CORRECTED, now, sentence, data={"amount": difference})
        )
    return difference


def resume_spending(tx: Transaction, player_id: int, sentence: str, now: datetime) -> bool:
    """Lift the hold on spending; False where none stood."""
    lifted = tx.spending_holds.lift(player_id)
    if lifted:
        tx.events.append(Event(player_id, EventKind.SPENDING_RESUMED, now, sentence))
    return lifted


def _hold_beside(tx: Transaction, player_id: int, difference: int, now: datetime) -> SpendingHold | None:
    """The hold that still stands once another reading has told ``difference``."""
    held = tx.spending_holds.of_player(player_id)
    if held is None or held.confirmed:
        return held
    if difference >= 0:
        resume_spending(
            tx, player_id, "another reading of the balance tells otherwise; spending goes on", now
        )
        return None
    if held.amount == difference:
        tx.spending_holds.place(replace(held, confirmed=True))
    return held


def _stop_spending(tx: Transaction, player_id: int, difference: int, now: datetime) -> None:
    held = tx.spending_holds.of_player(player_id)
    if held is not None and held.amount == difference:
        return
    reason = (
        f"{-difference:,} credits left the purse without this daemon, so it buys nothing; look at"
        " `spacetraders ledger show` and book them with `spacetraders ledger accept`"
    )
    since = held.since if held is not None else now
    confirmed = held is not None and held.confirmed
    tx.spending_holds.place(SpendingHold(player_id, difference, since, reason, confirmed))
    tx.events.append(Event(player_id, EventKind.SPENDING_STOPPED, now, reason, data={"amount": difference}))
