"""How a good went at each market that trades it, read from the history of looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.daemon.market_reader import MarketReader, Traders
from goodsfactory.daemon.roster import Roster
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot, Sighting, TradeType
from goodsfactory.domain.money import LedgerEntry, MoneyKind
from goodsfactory.planning.market.trend import MeasuredOutput, OwnTrade, measured_output
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction

USUAL_HOURS = 24.0
_TRADES_READ = 5_000
"""So many trades of ours in the good are counted at most, the newest."""

_ORDER = (TradeType.EXPORT, TradeType.EXCHANGE, TradeType.IMPORT)


@dataclass(frozen=True)
class MarketTrend:
    """``sightings`` oldest first; ``output`` is None where the prices do not tell it."""

    waypoint: str
    type: TradeType
    sightings: Sequence[Sighting]
    output: MeasuredOutput | None


@dataclass(frozen=True)
class Trend:
    """Exports first, then exchanges, then imports."""

    good: Good
    system: str
    since: datetime
    markets: Sequence[MarketTrend]


@dataclass(frozen=True)
class Trends:
    """``kept`` is how long sightings stay: nothing older can be told."""

    store: Store
    clock: Clock
    roster: Roster
    markets: MarketReader
    kept: timedelta

    async def of_good(
        self,
        player_id: int,
        good: str,
        *,
        waypoint: str | None = None,
        system: str | None = None,
        hours: float = USUAL_HOURS,
    ) -> Trend:
        """The last ``hours`` at every market of a system that trades ``good``, or at ``waypoint`` alone.

        Raises UserError where there is no such good, market or system, or the time is no time.
        """
        most = self.kept.total_seconds() / 3_600
        if not 0 < hours <= most:
            raise UserError(f"A trend covers more than 0 and at most {most:g} hours, not {hours:g}.")
        if waypoint is not None:
            waypoint = waypoint.upper()
            system = system_of(waypoint)
        found = await self.markets.traders(player_id, good, system)
        good, traders = found.good, found.markets
        if waypoint is not None:
            traders = [await self._at(player_id, waypoint, found)]
        # While nobody knows the time in the game, the newest look is the end of what is told.
        seen = (at for market in traders if (at := market.observed_at) is not None)
        now = self.roster.game_time(player_id) or max(seen, default=self.clock.now())
        since = now - timedelta(hours=hours)

        def read(tx: Transaction) -> list[MarketTrend]:
            ledger = tx.money.trades(player_id, good, since, _TRADES_READ)
            theirs = tx.in_universe_of(player_id)
            return [_trend(theirs, market, good, since, ledger) for market in traders]

        trends = await self.store.transact(read)
        trends.sort(key=lambda trend: (_ORDER.index(trend.type), trend.waypoint))
        return Trend(good, found.system, since, trends)

    async def _at(self, player_id: int, waypoint: str, found: Traders) -> MarketSnapshot:
        market = next((market for market in found.markets if market.waypoint == waypoint), None)
        if market is not None:
            return market
        known = await self.store.transact(lambda tx: tx.in_universe_of(player_id).markets.get(waypoint))
        if known is None:
            raise UserError(f"There is no market at {waypoint}.", kind="not-found")
        raise UserError(
            f"{waypoint} does not trade {found.good};"
            f" `spacetraders market find {found.good}` lists who does.",
            kind="not-found",
        )


def _trend(
    tx: Transaction, market: MarketSnapshot, good: Good, since: datetime, ledger: Sequence[LedgerEntry]
) -> MarketTrend:
    type_ = market.type_of(good)
    assert type_ is not None, "only markets that trade the good are asked"
    sightings = tx.markets.history(market.waypoint, good, since=since)
    ours = [
        OwnTrade(entry.at, entry.units if entry.kind is MoneyKind.SALE else -entry.units)
        for entry in ledger
        if entry.waypoint == market.waypoint
    ]
    return MarketTrend(market.waypoint, type_, sightings, measured_output(sightings, ours))
