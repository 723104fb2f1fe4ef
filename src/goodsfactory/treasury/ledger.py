"""The ledger against the server's balance (law L3)."""

from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.domain.player import Balance
from goodsfactory.ports.store import Transaction


@dataclass(frozen=True)
class Reconciliation:
    """``difference`` is the server's balance minus our sum; anything but 0 means money we cannot explain."""

    ledger_sum: int
    balance: int

    @property
    def difference(self) -> int:
        return self.balance - self.ledger_sum

    @property
    def balanced(self) -> bool:
        return self.difference == 0


def meet_balance(tx: Transaction, player_id: int, credits: int, now: datetime) -> Reconciliation:
    """Take note of a balance just read; the first one opens the ledger.

    Call it only while none of the player's intents is open: an open one may or may not be in the balance.
    """
    tx.players.set_balance(player_id, Balance(credits, now))
    if not tx.money.ledger(player_id, limit=1):
        tx.money.record(LedgerEntry(player_id, MoneyKind.OPENING, credits, now, balance_after=credits))
    return Reconciliation(tx.money.ledger_sum(player_id), credits)


def correct_balance(tx: Transaction, player_id: int, credits: int, now: datetime) -> int:
    """Take note of a balance just read and book what our own trades do not explain; returns that difference.

    Contracts, other programs and the user's own trades move the purse too. Call it only while none of the
    player's intents is open.
    """
    difference = meet_balance(tx, player_id, credits, now).difference
    if difference:
        tx.money.record(LedgerEntry(player_id, MoneyKind.CORRECTION, difference, now, balance_after=credits))
    return difference
