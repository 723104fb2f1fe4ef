"""Chance without state: a draw depends on what is drawn, never on how many draws came before it.

That makes a market's history independent of when and in which order anybody reads it (economy.md §11.10).
"""

from __future__ import annotations

import hashlib
import random

from goodsfactory.domain.pricing import usual_margin

_WORD = (1 << 64) - 1


def key(*names: object) -> int:
    """A 64-bit key that stands for these names, the same in every process."""
    digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")


def chance(key: int, step: int, lane: int = 0) -> float:
    """The uniform draw in [0, 1) of one step; lanes are independent questions asked in the same step."""
    word = (key + (2 * step + 1) * 0x9E3779B97F4A7C15 + lane * 0xD1B54A32D192ED03) & _WORD
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return ((word ^ (word >> 31)) >> 11) / (1 << 53)


def source(*names: object) -> random.Random:
    """A random source that belongs to these names alone."""
    return random.Random(key(*names))


def margin(source: random.Random, trade_volume: int) -> int:
    """Draw a margin in percent for a good of this trade volume (economy.md §11.8)."""
    small = trade_volume < 10
    drawn = round(source.gauss(usual_margin(trade_volume), 1.3 if small else 0.9))
    return min(max(drawn, 8), 13) if small else min(max(drawn, 5), 11)
