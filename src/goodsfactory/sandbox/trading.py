"""Trade at a market and fuel for the tank (api-facts §7.3, §9)."""

from datetime import datetime

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.economy import Market, MarketGood
from goodsfactory.sandbox.errors import ErrorCode, Refusal, unprocessable
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.transactions import History, MarketTransaction, TradeBook, TradeKind
from goodsfactory.sandbox.universe import Universe

FUEL = "FUEL"
FUEL_PER_UNIT = 100
"""Ship fuel units in one market unit of FUEL (api-facts §9)."""


class Trading:
    """Everything bought and sold in one universe."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self.history: History[MarketTransaction] = History()
        self.book = TradeBook()

    def purchase(self, agent: Agent, ship: Ship, good: str, units: int, now: datetime) -> MarketTransaction:
        """Buy units of a good into the hold at the quoted ask.

        Refuses 4214, 4244, 4603, 4601, 4604, 4217, 4600.
        """
        ship.require_docked(now)
        market = self._market(ship)
        listing = self._listing(market, good, ErrorCode.MARKET_TRADE_NO_PURCHASE, now)
        self._require_volume(market, listing, units)
        ship.require_room(units)
        self._require_credits(agent, listing, units)
        price = market.buy(good, units, now)
        agent.pay(price * units)
        ship.load(good, units)
        return self._record(ship, good, "PURCHASE", units, price, now)

    def sell(self, agent: Agent, ship: Ship, good: str, units: int, now: datetime) -> MarketTransaction:
        """Sell units from the hold at the quoted bid.

        Refuses 4214, 4244, 4603, 4602, 4604, 4218, 4219.
        """
        ship.require_docked(now)
        market = self._market(ship)
        listing = self._listing(market, good, ErrorCode.MARKET_TRADE_NOT_SOLD, now)
        self._require_volume(market, listing, units)
        ship.require_aboard(good, units)
        price = market.sell(good, units, now)
        agent.earn(price * units)
        ship.unload(good, units)
        return self._record(ship, good, "SELL", units, price, now)

    def refuel(self, agent: Agent, ship: Ship, units: int | None, now: datetime) -> MarketTransaction:
        """Fill the tank, or put in ``units`` ship fuel units, from the market here.

        A part of a market unit is charged as a whole one; more than fits is never charged.
        Refuses 4214, 4244, 4601, 4604, 4600.
        """
        ship.require_docked(now)
        wanted, bought = self._refill(ship, units)
        market = self._universe.markets.get(ship.waypoint)
        listing = market.good(FUEL, now) if market else None
        if market is None or listing is None:
            raise self._not_traded(ErrorCode.MARKET_TRADE_NO_PURCHASE, ship.waypoint, FUEL)
        if not bought:
            return MarketTransaction(ship.waypoint, ship.symbol, FUEL, "PURCHASE", 0, listing.ask, now)
        self._require_volume(market, listing, bought)
        self._require_credits(agent, listing, bought)
        price = market.buy(FUEL, bought, now)
        agent.pay(price * bought)
        ship.fuel += wanted
        return self._record(ship, FUEL, "PURCHASE", bought, price, now)

    def burn(self, agent: Agent, ship: Ship, good: str, now: datetime) -> MarketTransaction:
        """Buy one unit that is used up at once, such as the antimatter of a jump. Refuses 4601, 4600."""
        market = self._universe.markets.get(ship.waypoint)
        listing = market.good(good, now) if market else None
        if market is None or listing is None:
            raise self._not_traded(ErrorCode.MARKET_TRADE_NO_PURCHASE, ship.waypoint, good)
        self._require_credits(agent, listing, 1)
        price = market.buy(good, 1, now)
        agent.pay(price)
        return self._record(ship, good, "PURCHASE", 1, price, now)

    def refuel_from_cargo(self, ship: Ship, units: int | None, now: datetime) -> MarketTransaction:
        """Fill the tank from FUEL in the hold, at no price; no market is needed. Refuses 4214, 4218, 4219."""
        ship.require_arrived(now)
        wanted, used = self._refill(ship, units)
        if used:
            ship.require_aboard(FUEL, used)
            ship.unload(FUEL, used)
            ship.fuel += wanted
        return MarketTransaction(ship.waypoint, ship.symbol, FUEL, "PURCHASE", used, 0, now)

    def _refill(self, ship: Ship, units: int | None) -> tuple[int, int]:
        if units is not None and units < 1:
            raise unprocessable("too_small", ["units"], "must be at least 1")
        missing = ship.type.fuel_capacity - ship.fuel
        wanted = missing if units is None else min(units, missing)
        return wanted, -(-wanted // FUEL_PER_UNIT)

    def _market(self, ship: Ship) -> Market:
        market = self._universe.markets.get(ship.waypoint)
        if market is None:
            raise Refusal(
                ErrorCode.MARKET_NOT_FOUND,
                f"Trade failed. There is no market at {ship.waypoint}.",
                {"waypointSymbol": ship.waypoint},
            )
        return market

    def _listing(self, market: Market, good: str, refusal: ErrorCode, now: datetime) -> MarketGood:
        listing = market.good(good, now)
        if listing is None:
            raise self._not_traded(refusal, market.waypoint, good)
        return listing

    def _not_traded(self, code: ErrorCode, waypoint: str, good: str) -> Refusal:
        message = f"Market trade failed. {good} is not traded at {waypoint}."
        return Refusal(code, message, {"waypointSymbol": waypoint, "tradeSymbol": good})

    def _require_volume(self, market: Market, listing: MarketGood, units: int) -> None:
        if units < 1:
            raise unprocessable("too_small", ["units"], "must be at least 1")
        if units > listing.trade_volume:
            raise Refusal(
                ErrorCode.MARKET_TRADE_UNIT_LIMIT,
                f"Market trade failed. {units} units of {listing.symbol} exceed the trade volume of "
                f"{listing.trade_volume} at {market.waypoint}.",
                {
                    "waypointSymbol": market.waypoint,
                    "tradeSymbol": listing.symbol,
                    "units": units,
                    "tradeVolume": listing.trade_volume,
                },
            )

    def _require_credits(self, agent: Agent, listing: MarketGood, units: int) -> None:
        total = listing.ask * units
        if total > agent.credits:
            raise Refusal(
                ErrorCode.MARKET_TRADE_INSUFFICIENT_CREDITS,
                f"Market trade failed. {units} units of {listing.symbol} cost {total} credits; "
                f"agent {agent.symbol} has {agent.credits}.",
                {
                    "agentCredits": agent.credits,
                    "totalPrice": total,
                    "tradeSymbol": listing.symbol,
                    "units": units,
                    "purchasePrice": listing.ask,
                },
            )

    def _record(
        self, ship: Ship, good: str, kind: TradeKind, units: int, price: int, now: datetime
    ) -> MarketTransaction:
        transaction = MarketTransaction(ship.waypoint, ship.symbol, good, kind, units, price, now)
        self.history.add(transaction)
        self.book.write(transaction)
        return transaction
