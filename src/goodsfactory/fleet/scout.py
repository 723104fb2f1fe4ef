"""Looking at markets: what a ship sees there is stored, and everybody plans on the stored look."""

from dataclasses import replace

from goodsfactory.domain.errors import NotFound
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.planning.decision import counted
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, MarketView, ShipyardView
from goodsfactory.ports.store import Store, Transaction


class Scout:
    """Reads systems and markets for one player and stores what it saw."""

    def __init__(self, api: GameApi, store: Store, clock: Clock, player_id: int) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._player_id = player_id

    def trouble(self) -> str | None:
        """Why the game cannot answer anybody now; None while it does."""
        return self._api.statistics().trouble

    async def look(
        self, waypoint: str, *, factory_id: str | None = None, container_id: str | None = None
    ) -> MarketView:
        """Read a market and store it. Without a ship of ours there the answer has no prices.

        Raises NotFound where there is no market, Unavailable while the server cannot answer.
        """
        view = await self._api.market(waypoint)
        seen = view.snapshot
        event = Event(
            self._player_id,
            EventKind.MARKET_OBSERVED,
            self._clock.now(),
            f"looked at {waypoint}: {counted(len(seen.listings), 'price')}",
            factory_id=factory_id,
            container_id=container_id,
            data={"waypoint": waypoint, "prices": len(seen.listings)},
        )

        def keep(tx: Transaction) -> None:
            tx.markets.save(seen)
            tx.events.append(event)
            factory = tx.factories.get(factory_id, self._player_id) if factory_id else None
            if factory is not None:
                tx.factories.update(replace(factory, market_queries=factory.market_queries + 1))

        await self._store.transact(keep)
        return view

    async def look_at_yard(self, waypoint: str) -> ShipyardView:
        """Read a shipyard and store it; raises as ``look``, and shows prices where ``look`` would."""
        view = await self._api.shipyard(waypoint)
        await self._store.transact(lambda tx: tx.shipyards.save(view.snapshot))
        return view

    async def survey(self, system: str) -> list[Waypoint]:
        """Learn the places of a system and what each of its markets trades, once per universe.

        Raises NotFound for a system nobody knows.
        """
        waypoints = await self._store.transact(lambda tx: tx.waypoints.in_system(system))
        if not waypoints:
            waypoints = await self._api.waypoints(system)
            await self._store.transact(lambda tx: tx.waypoints.save(waypoints))
        known = await self._store.transact(lambda tx: tx.markets.in_system(system))
        for waypoint in _unknown_markets(waypoints, known):
            try:
                view = await self._api.market(waypoint.symbol)
            except NotFound:
                continue  # a gate that is no market after all
            await self._keep(view.snapshot)
        return waypoints

    async def _keep(self, seen: MarketSnapshot) -> None:
        await self._store.transact(lambda tx: tx.markets.save(seen))


def _unknown_markets(waypoints: list[Waypoint], known: list[MarketSnapshot]) -> list[Waypoint]:
    seen = {market.waypoint for market in known}
    return [place for place in waypoints if place.is_market and place.symbol not in seen]
