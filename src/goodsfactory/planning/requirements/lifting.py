"""How much of a product to lift now, and how much to leave for later: in shiploads, of whole tranches."""

from collections.abc import Sequence

from goodsfactory.domain.market import Listing, Supply
from goodsfactory.domain.pricing import lowest_net_supply
from goodsfactory.planning.market.stock import SCARCE_BELOW, net_supply


def last_lifts(
    wanted: int,
    listing: Listing,
    promised: int,
    hold: int,
    most: int,
    most_at_last: int,
    kept: int = 0,
    ready: Supply = Supply.MODERATE,
) -> tuple[int, ...]:
    """Sizes of the lifts to make now, of ``wanted`` units, from a market that is ``ready`` or better.

    ``promised`` units of the stock are about to be loaded, ``kept`` others are left there.

    The last lift may go on to the edge of SCARCE and one tranche further; whatever is lifted beyond the rest
    before it only delays it. Until then a lift is planned of the tranches that begin at ``ready``: at LIMITED
    after that, a market that is fed makes as much as it would emptied further (economy.md §11.6), and all
    that is lifted later is cheaper. ``most`` loads may be added now, ``most_at_last`` at the end, when
    nothing else is under way.
    """
    volume = listing.trade_volume
    level = net_supply(listing) - promised - kept
    # Whoever loads last may find a tranche less, so nothing is the last lift while another is to come.
    sure = level - (volume if promised else 0)
    at_once = max(
        (_cut(_loaded(sure, volume, size, most), wanted) for size in _holds(hold, volume)),
        key=lambda sizes: (_in_any_order(sure, volume, sizes), -len(sizes)),
    )
    if _in_any_order(sure, volume, at_once) >= wanted:
        return at_once
    floor = lowest_net_supply(ready, volume)
    begins = -SCARCE_BELOW * volume if floor is None else floor  # nothing SCARCE is bought in any case
    now = _lift(level, volume, hold, most, begins)
    last = sum(_lift(begins, volume, hold, most_at_last))
    return _cut(now, max(0, wanted - last))


def next_lifts(listing: Listing, promised: int, hold: int, most: int, kept: int = 0) -> tuple[int, ...]:
    """Sizes of the lifts to make now for a sale without end: each as deep as may be, since there is no last
    one, and whoever loads it stops where the next tranche no longer pays."""
    return _lift(net_supply(listing) - promised - kept, listing.trade_volume, hold, most)


def _lift(level: int, volume: int, hold: int, most: int, begins: int | None = None) -> tuple[int, ...]:
    """The most that ships can load one after the other from ``level`` units of net supply.

    A tranche that fills a hold but is no full one ends a level early; holds that are not filled avoid it.
    """
    return max((_loaded(level, volume, size, most, begins) for size in _holds(hold, volume)), key=sum)


def _holds(hold: int, volume: int) -> tuple[int, int]:
    """A full hold, and one of whole tranches."""
    return hold, hold if volume >= hold else hold // volume * volume


def _in_any_order(level: int, volume: int, sizes: Sequence[int]) -> int:
    """Units that are loaded for sure, however the purchases of the ships follow each other.

    None begins beyond the edge of SCARCE: all are made where even the smallest would still begin there.
    """
    room, units = level + SCARCE_BELOW * volume, sum(sizes)
    if room < 0 or not sizes:
        return 0
    smallest = min(size % volume or volume for size in sizes)
    return units if units - smallest <= room else min(units, room + 1)


def _loaded(level: int, volume: int, hold: int, most: int, begins: int | None = None) -> tuple[int, ...]:
    """Loads of tranches that begin at ``begins`` units of net supply or more; None is the edge of SCARCE."""
    least = -SCARCE_BELOW * volume if begins is None else begins
    loads: list[int] = []
    while len(loads) < most and level >= least:
        load = 0
        while load < hold and level >= least:
            tranche = min(volume, hold - load)
            load, level = load + tranche, level - tranche
        loads.append(load)
    return tuple(loads)


def _cut(sizes: tuple[int, ...], units: int) -> tuple[int, ...]:
    """The first of ``sizes``, together no more than ``units``."""
    kept: list[int] = []
    for size in sizes:
        kept.append(min(size, units - sum(kept)))
        if sum(kept) >= units:
            break
    return tuple(size for size in kept if size > 0)
