"""A living market: trades move net supply, half-hour ticks produce and consume (economy.md §11).

Nothing runs in the background. A market is brought up to date when it is read or traded with, tick by tick
in the order in which they fell due, so the outcome does not depend on when anybody looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from goodsfactory.domain.market import Activity, Supply, TradeType
from goodsfactory.sandbox import draws
from goodsfactory.sandbox.activity import export_activity, input_activity, sink_activity, sold_since
from goodsfactory.sandbox.growth import export_chance, import_chance, next_volume
from goodsfactory.sandbox.market_good import MarketGood
from goodsfactory.sandbox.parameters import EconomyParameters

__all__ = ["Market", "MarketGood", "NotTraded", "OverTradeVolume"]

_GROWING_LANE, _MOOD_LANE, _VOLUME_LANE = range(3)

_FAR_BEHIND = 4
"""From so many rounds of ticks on it is worth looking whether a market has come to rest."""


class NotTraded(LookupError):
    """The market does not list this good. Look at ``exports``, ``imports`` and ``exchange``."""


class OverTradeVolume(ValueError):
    """One transaction takes 1 to trade-volume units of a good. Split the order (economy.md §11.3)."""


class Market:
    """The goods of one waypoint and everything that happens to them.

    ``goods`` keep their order as listed. ``epoch`` is the instant for which their state is given; ``recipes``
    tells which of the imports feed which of the exports.
    """

    def __init__(
        self,
        waypoint: str,
        goods: Iterable[MarketGood],
        *,
        recipes: Mapping[str, tuple[str, ...]],
        epoch: datetime,
        seed: int,
        parameters: EconomyParameters | None = None,
    ) -> None:
        self.waypoint = waypoint
        self._goods = {good.symbol: good for good in goods}
        self._epoch = epoch
        self._seed = seed
        self._parameters = parameters or EconomyParameters()
        self._keys = {symbol: draws.key(seed, waypoint, symbol) for symbol in self._goods}
        self._schedule = sorted(self._goods.values(), key=lambda good: (good.phase, good.symbol))
        self._ticks_done = 0
        self._due = self._next_due()
        self._halted: dict[str, tuple[datetime, datetime | None]] = {}
        self._inputs: dict[str, tuple[MarketGood, ...]] = {}
        self._users: dict[str, tuple[MarketGood, ...]] = {}
        self._companions: dict[str, tuple[MarketGood, ...]] = {}
        self._appetites: dict[tuple[str, str], float] = {}
        self._wire(recipes)
        self._settle()

    def __repr__(self) -> str:
        return f"Market({self.waypoint}, {len(self._goods)} goods)"

    @property
    def exports(self) -> list[str]:
        """Goods made here."""
        return self._listed(TradeType.EXPORT)

    @property
    def imports(self) -> list[str]:
        """Goods used here."""
        return self._listed(TradeType.IMPORT)

    @property
    def exchange(self) -> list[str]:
        """Goods merely traded here."""
        return self._listed(TradeType.EXCHANGE)

    def trades(self, symbol: str) -> bool:
        """Whether a good is listed here."""
        return symbol in self._goods

    def goods(self, now: datetime) -> list[MarketGood]:
        """Every good as it stands at ``now``, in listing order."""
        self._catch_up(now)
        return list(self._goods.values())

    def good(self, symbol: str, now: datetime) -> MarketGood | None:
        """One good as it stands at ``now``; None where it is not traded here."""
        self._catch_up(now)
        return self._goods.get(symbol)

    def buy(self, symbol: str, units: int, now: datetime) -> int:
        """A player buys; returns the ask charged per unit, quoted before the trade (economy.md §1.6).

        Raises NotTraded or OverTradeVolume, and then nothing has changed.
        """
        good = self._tradable(symbol, units, now)
        ask = good.ask
        good.net_supply -= units
        good.touched_at = now
        return ask

    def sell(self, symbol: str, units: int, now: datetime) -> int:
        """A player sells; returns the bid paid per unit, quoted before the trade (economy.md §1.6).

        Raises NotTraded or OverTradeVolume, and then nothing has changed.
        """
        good = self._tradable(symbol, units, now)
        bid = good.bid
        good.net_supply += units
        good.touched_at = now
        while good.sales and now - good.sales[0][0] > self._parameters.sink_window:
            del good.sales[0]
        good.sales.append((now, units))
        return bid

    def halt(self, symbol: str, since: datetime, until: datetime | None) -> None:
        """Let nothing become of a good between two instants (for ever, without the second): a fault."""
        self._catch_up(since)
        self._halted[symbol] = (since, until)

    def _rests(self, symbol: str, due: datetime) -> bool:
        since, until = self._halted.get(symbol, (due, due))
        return since <= due and (until is None or due < until)

    def _listed(self, type: TradeType) -> list[str]:
        return [good.symbol for good in self._goods.values() if good.type is type]

    def _tradable(self, symbol: str, units: int, now: datetime) -> MarketGood:
        good = self.good(symbol, now)
        if good is None:
            raise NotTraded(f"{symbol} is not traded at {self.waypoint}.")
        if not 1 <= units <= good.trade_volume:
            raise OverTradeVolume(
                f"{self.waypoint} trades 1 to {good.trade_volume} units of {symbol} at a time, not {units}."
            )
        return good

    def _wire(self, recipes: Mapping[str, tuple[str, ...]]) -> None:
        exports = [good for good in self._goods.values() if good.type is TradeType.EXPORT]
        imports = {good.symbol: good for good in self._goods.values() if good.type is TradeType.IMPORT}
        for export in exports:
            inputs = tuple(imports[name] for name in recipes.get(export.symbol, ()) if name in imports)
            self._inputs[export.symbol] = inputs
            self._companions[export.symbol] = (export, *inputs)
            for good in inputs:
                drawn = draws.chance(draws.key(self._seed, self.waypoint, export.symbol, good.symbol), 0)
                appetites = self._parameters.appetites
                self._appetites[export.symbol, good.symbol] = appetites[int(drawn * len(appetites))]
        for name, good in imports.items():
            users = tuple(export for export in exports if good in self._inputs[export.symbol])
            self._users[name] = users
            around = {kin.symbol: kin for user in users for kin in self._companions[user.symbol]}
            self._companions[name] = tuple(around.values()) or (good,)

    def _settle(self) -> None:
        # Imports look at their users' activity, so exports come first.
        for kind in (TradeType.EXPORT, TradeType.IMPORT):
            for good in self._goods.values():
                if good.type is kind and good.activity is None:
                    good.activity = self._activity(good, 0, self._epoch)

    def _catch_up(self, now: datetime) -> None:
        tick = self._parameters.tick
        while now - self._due >= _FAR_BEHIND * tick:
            before, begin = self._condition(), self._due
            self._run(begin + tick)
            if self._condition() == before and self._unattended(begin):
                # What a whole round did not change, no later one will until somebody trades.
                rounds = (now - self._epoch) // tick
                self._ticks_done = max(self._ticks_done, rounds * len(self._schedule))
                self._due = self._next_due()
        self._run(now)

    def _run(self, until: datetime) -> None:
        while self._due <= until:
            step, place = divmod(self._ticks_done, len(self._schedule))
            due = self._due
            self._ticks_done += 1
            self._due = self._next_due()
            self._tick(self._schedule[place], step, due)

    def _next_due(self) -> datetime:
        if not self._schedule:
            return datetime.max.replace(tzinfo=self._epoch.tzinfo)
        step, place = divmod(self._ticks_done, len(self._schedule))
        return self._epoch + step * self._parameters.tick + timedelta(seconds=self._schedule[place].phase)

    def _condition(self) -> list[tuple[object, ...]]:
        return [
            (good.net_supply, good.trade_volume, good.activity, good.mood, good.carry, good.owed)
            for good in self._schedule
        ]

    def _unattended(self, at: datetime) -> bool:
        """Whether no trade of the past, and no fault, may yet make a difference."""
        memory = max(self._parameters.sink_window, self._parameters.sink_sleeps_after)
        return not self._halted and all(
            not good.sales or at - good.sales[-1][0] > memory for good in self._schedule
        )

    def _tick(self, good: MarketGood, step: int, due: datetime) -> None:
        if self._halted and self._rests(good.symbol, due):
            return
        if good.type is TradeType.EXCHANGE:
            self._relax(good)
            return
        good.activity = self._activity(good, step, due)
        stocked, inputs = good.supply, self._inputs.get(good.symbol, ())
        fed = bool(inputs) and all(each.supply.at_least(Supply.HIGH) for each in inputs)
        if good.type is TradeType.EXPORT:
            self._produce(good, step, due)
        elif not self._users[good.symbol]:
            good.net_supply -= self._whole_units(
                good, self._pace(good, step) * self._damping(good, -good.s, due)
            )
        self._grow(good, step, due, stocked, fed=fed)

    def _activity(self, good: MarketGood, step: int, due: datetime) -> Activity:
        if good.type is TradeType.EXPORT:
            drawn = draws.chance(self._keys[good.symbol], step, _MOOD_LANE)
            return export_activity(
                good, self._inputs[good.symbol], drawn < self._parameters.growing_by_chance
            )
        users = self._users[good.symbol]
        return input_activity(good, users) if users else sink_activity(good, due, self._parameters)

    def _relax(self, good: MarketGood) -> None:
        if not good.net_supply:
            good.carry = 0.0
            return
        amount = self._parameters.exchange_relaxation * abs(good.net_supply) + good.carry
        units = min(int(amount), abs(good.net_supply))
        good.carry = amount - units
        good.net_supply -= int(math.copysign(units, good.net_supply))

    def _pace(self, good: MarketGood, step: int) -> float:
        """Trade volumes per tick by activity."""
        match good.activity:
            case Activity.STRONG:
                return self._parameters.strong
            case Activity.GROWING:
                paces = self._parameters.growing
                return paces[int(draws.chance(self._keys[good.symbol], step, _GROWING_LANE) * len(paces))]
            case Activity.RESTRICTED:
                return self._parameters.restricted
        return self._parameters.weak_export if good.type is TradeType.EXPORT else self._parameters.weak_import

    def _damping(self, good: MarketGood, filled: float, due: datetime) -> float:
        if filled <= self._parameters.brisk_until:
            return 1.0
        if filled >= self._parameters.full_at:
            return 0.0
        fresh = any(
            kin.touched_at is not None and due - kin.touched_at <= self._parameters.touched_for
            for kin in self._companions[good.symbol]
        )
        return 1.0 if fresh else self._parameters.creep

    def _whole_units(self, good: MarketGood, trade_volumes: float) -> int:
        # Sums such as 5 x 0.2 x 6 must not lose a unit to binary fractions.
        amount = trade_volumes * good.trade_volume + good.carry + 1e-9
        units = int(amount)
        good.carry = max(0.0, amount - units - 1e-9)
        return units

    def _produce(self, export: MarketGood, step: int, due: datetime) -> None:
        inputs = self._inputs[export.symbol]
        pace = self._pace(export, step)
        if any(good.s <= self._parameters.starved_at for good in inputs):
            pace = min(pace, self._parameters.restricted)
        made = self._whole_units(export, pace * self._damping(export, export.s, due))
        # All is basal at the basal pace: parts of a unit saved up over ticks must not drain a dry input.
        starved = pace <= self._parameters.restricted
        basal = made if starved else min(made, max(1, int(self._parameters.restricted * export.trade_volume)))
        export.net_supply += made
        for good in inputs:
            eaten = made if good.s > self._parameters.basal_eats_above else made - basal
            amount = eaten * self._appetites[export.symbol, good.symbol] + good.owed + 1e-9
            units = min(int(amount), good.trade_volume)
            good.owed = min(max(0.0, amount - units - 1e-9), 1.0)
            good.net_supply -= units

    def _grow(self, good: MarketGood, step: int, due: datetime, stocked: Supply, *, fed: bool) -> None:
        """Perhaps the trade volume climbs a step of its ladder (:mod:`growth`)."""
        parameters = self._parameters
        if good.type is TradeType.EXPORT:
            odds = export_chance(good, stocked, fed=fed, parameters=parameters)
        else:
            sold = sold_since(good, due, parameters)
            odds = import_chance(good, self._users[good.symbol], sold, parameters)
        if draws.chance(self._keys[good.symbol], step, _VOLUME_LANE) >= odds:
            return
        good.growths += 1
        good.trade_volume = next_volume(good.trade_volume, parameters)
        fresh = draws.source(self._seed, self.waypoint, good.symbol, "margin", good.growths)
        good.margin = draws.margin(fresh, good.trade_volume)
