"""A market as it is believed to be: trades move net supply, half-hour ticks produce and consume.

The rules are those of economy.md §11. Instants are seconds on the clock of a replay. A market is brought up
to date when somebody looks or trades, tick by tick in the order in which they fall due.
"""

import heapq
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import Activity, Listing, Supply, TradeType
from goodsfactory.domain.price_law import Quote, label
from goodsfactory.planning.market.activity import export_activity, feeding_activity, sink_activity
from goodsfactory.planning.quote.beliefs import TICK, Beliefs

_LONG_AGO = -1e12
_EXACT = 1e-9
"""Sums of binary fractions such as 5 × 0.2 × 6 must not lose a unit."""


@dataclass(slots=True)
class GoodModel:
    """One good at a market. ``net_supply`` in units, ``margin`` in percent, instants in seconds.

    ``next_tick`` is when it produces or consumes next. ``carry`` and ``owed`` are parts of a unit not yet
    made, and not yet eaten. ``mood`` is kept while inputs stay MODERATE; ``growths`` counts steps of the
    trade volume. ``touched_at`` is the last trade of a player, ``sales`` those sold here lately. The offsets
    are credits by which the quotes seen differ from the law.
    """

    good: Good
    type: TradeType
    base: float
    margin: int
    trade_volume: int
    net_supply: int
    next_tick: float
    activity: Activity | None = None
    mood: Activity | None = None
    growths: int = 0
    carry: float = 0.0
    owed: float = 0.0
    touched_at: float = _LONG_AGO
    sales: list[tuple[float, int]] = field(default_factory=list)
    ask_offset: int = 0
    bid_offset: int = 0

    @property
    def s(self) -> float:
        """Net supply in trade volumes."""
        return self.net_supply / self.trade_volume

    @property
    def supply(self) -> Supply:
        return label(self.net_supply / self.trade_volume)

    @property
    def ask(self) -> int:
        return max(2, self._quote().ask + self.ask_offset)

    @property
    def bid(self) -> int:
        return max(1, self._quote().bid + self.bid_offset)

    def listing(self) -> Listing:
        """What a ship would see."""
        quote = self._quote()
        return Listing(
            self.good,
            self.type,
            self.trade_volume,
            quote.supply,
            self.activity,
            max(2, quote.ask + self.ask_offset),
            max(1, quote.bid + self.bid_offset),
        )

    def _quote(self) -> Quote:
        return Quote(self.type, self.base, self.margin, self.net_supply, self.trade_volume)


class MarketModel:
    """The goods of one waypoint. ``chance`` decides what chance decides there."""

    def __init__(
        self,
        waypoint: str,
        goods: Iterable[GoodModel],
        *,
        recipes: Mapping[Good, tuple[Good, ...]],
        beliefs: Beliefs,
        chance: random.Random,
    ) -> None:
        self.waypoint = waypoint
        self.goods = {good.good: good for good in goods}
        self._beliefs = beliefs
        self._chance = chance
        self._due = [(good.next_tick, name) for name, good in self.goods.items()]
        heapq.heapify(self._due)
        self._listed: dict[Good, Listing] = {}
        self._inputs: dict[Good, tuple[GoodModel, ...]] = {}
        self._users: dict[Good, tuple[GoodModel, ...]] = {}
        self._kin: dict[Good, tuple[GoodModel, ...]] = {}
        self._appetites: dict[tuple[Good, Good], float] = {}
        self._wire(recipes)
        self._settle()

    def run(self, now: float) -> None:
        """Bring it up to date."""
        while self._due and self._due[0][0] <= now:
            due, name = heapq.heappop(self._due)
            good = self.goods[name]
            self._tick(good, due)
            good.next_tick = due + TICK
            heapq.heappush(self._due, (good.next_tick, name))

    def listings(self, now: float) -> tuple[Listing, ...]:
        """What a ship would see; a good that has not changed is the same object as before."""
        self.run(now)
        for name, good in self.goods.items():
            if name not in self._listed:
                self._listed[name] = good.listing()
        return tuple(self._listed[name] for name in self.goods)

    def buy(self, name: Good, units: int, now: float) -> int:
        """A player buys at most one trade volume; returns the ask charged for each unit (§1.6)."""
        self.run(now)
        good = self.goods[name]
        ask = good.ask
        good.net_supply -= units
        good.touched_at = now
        self._listed.pop(name, None)
        return ask

    def sell(self, name: Good, units: int, now: float) -> int:
        """A player sells at most one trade volume; returns the bid paid for each unit (§1.6)."""
        self.run(now)
        good = self.goods[name]
        bid = good.bid
        good.net_supply += units
        good.touched_at = now
        good.sales = [sale for sale in good.sales if now - sale[0] <= self._beliefs.sink_window]
        good.sales.append((now, units))
        self._listed.pop(name, None)
        return bid

    def _wire(self, recipes: Mapping[Good, tuple[Good, ...]]) -> None:
        exports = [good for good in self.goods.values() if good.type is TradeType.EXPORT]
        imports = {name: good for name, good in self.goods.items() if good.type is TradeType.IMPORT}
        for export in exports:
            inputs = tuple(imports[name] for name in recipes.get(export.good, ()) if name in imports)
            self._inputs[export.good] = inputs
            self._kin[export.good] = (export, *inputs)
            for good in inputs:
                self._appetites[export.good, good.good] = self._chance.choice(self._beliefs.appetites)
        for name, good in imports.items():
            users = tuple(export for export in exports if good in self._inputs[export.good])
            self._users[name] = users
            kin = {one.good: one for user in users for one in self._kin[user.good]}
            self._kin[name] = tuple(kin.values()) or (good,)

    def _settle(self) -> None:
        """Give an activity to what was never seen; imports look at their users, so exports come first."""
        for kind in (TradeType.EXPORT, TradeType.IMPORT):
            for good in self.goods.values():
                if good.type is kind and good.activity is None:
                    good.activity = self._activity(good, 0.0)

    def _tick(self, good: GoodModel, now: float) -> None:
        self._listed.pop(good.good, None)
        if good.type is TradeType.EXCHANGE:
            self._relax(good)
            return
        good.activity = self._activity(good, now)
        before, inputs = good.supply, self._inputs.get(good.good, ())
        fed = bool(inputs) and all(each.supply.at_least(Supply.HIGH) for each in inputs)
        if good.type is TradeType.EXPORT:
            self._produce(good, now)
        elif not self._users[good.good]:
            good.net_supply -= _whole_units(good, self._pace(good) * self._damping(good, -good.s, now))
        self._grow(good, now, before, fed=fed)

    def _activity(self, good: GoodModel, now: float) -> Activity:
        if good.type is TradeType.EXPORT:
            return export_activity(good, self._inputs[good.good], self._chance, self._beliefs)
        users = self._users[good.good]
        return feeding_activity(good, users) if users else sink_activity(good, now, self._beliefs)

    def _relax(self, good: GoodModel) -> None:
        amount = self._beliefs.relaxation * abs(good.net_supply) + good.carry
        units = min(int(amount), abs(good.net_supply))
        good.carry = amount - units if good.net_supply else 0.0
        good.net_supply -= int(math.copysign(units, good.net_supply))

    def _pace(self, good: GoodModel) -> float:
        beliefs = self._beliefs
        match good.activity:
            case Activity.STRONG:
                return beliefs.strong
            case Activity.GROWING:
                return self._chance.choice(beliefs.growing)
            case Activity.RESTRICTED:
                return beliefs.restricted
        return beliefs.weak_export if good.type is TradeType.EXPORT else beliefs.weak_import

    def _damping(self, good: GoodModel, filled: float, now: float) -> float:
        beliefs = self._beliefs
        if filled <= beliefs.brisk_until:
            return 1.0
        if filled >= beliefs.full_at:
            return 0.0
        touched = any(now - one.touched_at <= beliefs.touched_for for one in self._kin[good.good])
        return 1.0 if touched else beliefs.creep

    def _produce(self, export: GoodModel, now: float) -> None:
        beliefs, inputs = self._beliefs, self._inputs[export.good]
        pace = self._pace(export)
        if any(good.s <= beliefs.starved_at for good in inputs):
            pace = min(pace, beliefs.restricted)
        made = _whole_units(export, pace * self._damping(export, export.s, now))
        # All is basal at the basal pace: parts of a unit saved up over ticks must not drain a dry input.
        basal = made
        if pace > beliefs.restricted:
            basal = min(made, max(1, int(beliefs.restricted * export.trade_volume)))
        export.net_supply += made
        for good in inputs:
            eaten = made if good.s > beliefs.basal_above else made - basal
            amount = eaten * self._appetites[export.good, good.good] + good.owed + _EXACT
            units = min(int(amount), good.trade_volume)
            good.owed = min(max(0.0, amount - units - _EXACT), 1.0)
            good.net_supply -= units
            self._listed.pop(good.good, None)

    def _grow(self, good: GoodModel, now: float, before: Supply, *, fed: bool) -> None:
        """The trade volume climbs its ladder while the market is busy and was short (§11.7)."""
        beliefs = self._beliefs
        if good.type is TradeType.EXPORT:
            if good.growths >= beliefs.export_steps or before.at_least(Supply.HIGH):
                return
            readily = fed and not before.at_least(Supply.MODERATE)
            odds = beliefs.growth_fed if readily else beliefs.growth_otherwise
        else:
            sold = any(now - at <= beliefs.sink_window for at, _ in good.sales)
            if good.growths >= beliefs.import_steps or not sold:
                return
            odds = beliefs.growth_import
        if good.activity not in (Activity.GROWING, Activity.STRONG):
            odds = beliefs.growth_idle
        if self._chance.random() >= odds:
            return
        good.growths += 1
        good.trade_volume = math.ceil(beliefs.growth_factor * good.trade_volume)
        good.margin = draw_margin(good.trade_volume, self._chance)


def draw_margin(trade_volume: int, chance: random.Random) -> int:
    """A margin in percent as markets draw it (§11.8)."""
    if trade_volume < 10:
        return min(13, max(8, round(chance.gauss(9.8, 1.3))))
    return min(11, max(5, round(chance.gauss(8.0, 0.9))))


def _whole_units(good: GoodModel, trade_volumes: float) -> int:
    amount = trade_volumes * good.trade_volume + good.carry + _EXACT
    units = int(amount)
    good.carry = max(0.0, amount - units - _EXACT)
    return units
