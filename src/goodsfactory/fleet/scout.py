"""Looking at markets: what a ship sees there is stored, and everybody plans on the stored look."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from goodsfactory.domain.errors import NotFound, Refused, StaleToken, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.geography import Waypoint
from goodsfactory.domain.goods import Good
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.fleet.gaps import Gaps
from goodsfactory.planning.decision import counted
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, MarketView, ShipyardView
from goodsfactory.ports.store import Store, Transaction

Lists = tuple[frozenset[Good], frozenset[Good], frozenset[Good]]

_AGREE_AFTER = timedelta(minutes=1)
"""Game time between the two answers that must agree on other goods: a cache may be wrong for seconds."""

_OTHER_GOODS = "it names other goods than before, which is believed once it is told again a minute later"

_log = structlog.stdlib.get_logger(__name__)


class Scout:
    """Reads systems and markets for one player and stores what it saw."""

    def __init__(self, api: GameApi, store: Store, clock: Clock, player_id: int) -> None:
        self._api = api
        self._store = store
        self._clock = clock
        self._player_id = player_id
        self._gaps = Gaps()
        self._mapped: set[str] = set()
        self._surveyed_now: Counter[str] = Counter()
        self._amiss: dict[str, tuple[str, ...]] = {}
        self._doubted: dict[str, tuple[Lists, datetime]] = {}

    def trouble(self) -> str | None:
        """Why the game cannot answer anybody now; None while it does."""
        return self._api.statistics().trouble

    def is_limited(self) -> bool:
        """True while nothing is sent at all, because the server answers 429."""
        return self._api.statistics().limited_until is not None

    def amiss(self) -> Mapping[str, tuple[str, ...]]:
        """What the newest looks could not understand, or missed, by market; whoever took them."""
        return self._amiss

    async def look(
        self, waypoint: str, *, factory_id: str | None = None, container_id: str | None = None
    ) -> MarketView:
        """Read a market and store it. Without a ship of ours there the answer has no prices.

        ``unreadable`` of the view says what could not be understood, is missing or not believed: that is
        neither in the view nor stored.
        Raises NotFound where there is no market, Unavailable while the server cannot answer.
        """
        view = await self._watched(await self._api.market(waypoint))
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

        def keep(tx: Transaction) -> MarketSnapshot:
            believed = self._keep(tx, view)
            tx.events.append(event)
            factory = tx.factories.get(factory_id, self._player_id) if factory_id else None
            if factory is not None:
                tx.factories.update(replace(factory, market_queries=factory.market_queries + 1))
            return believed

        view = self._judged(view, await self._store.transact(keep))
        self._amiss.pop(waypoint, None)
        if view.unreadable:
            self._amiss[waypoint] = view.unreadable
        return view

    async def look_at_yard(self, waypoint: str) -> ShipyardView:
        """Read a shipyard and store it; raises as ``look``, and shows prices where ``look`` would."""
        view = await self._api.shipyard(waypoint)
        await self._store.transact(lambda tx: tx.shipyards.save(view.snapshot))
        return view

    async def survey(self, system: str) -> list[Waypoint]:
        """Learn the places of a system and what each of its markets trades, once per universe.

        What cannot be read is told by ``gaps`` and asked again by a later survey, ever more rarely; the rest
        is stored. Raises NotFound for a system nobody knows, Unavailable while the server answers nothing.
        """
        self._surveyed_now[system] += 1
        try:
            waypoints = await self._map(system)
            read = await self._store.transact(lambda tx: _read_in(tx, system))
            now = self._clock.now()
            for place in waypoints:
                if place.is_market and self._gaps.is_due(place.symbol, now, unread=place.symbol not in read):
                    await self._first_look(place.symbol)
            return waypoints
        finally:
            self._surveyed_now[system] -= 1

    def gaps(self, system: str | None = None) -> tuple[str, ...]:
        """What of a system (of all) could not be read yet, a sentence each. Until it is, never say never."""
        return self._gaps.of(system)

    async def fill_gaps(self) -> None:
        """Ask again for what surveys could not read, as far as it is due; raises as ``survey`` does.

        What could not be read before a restart is missing in the store: that is looked for where there is a
        ship or an order. Nothing is asked where nothing is missing, or where a survey is under way.
        """
        now = self._clock.now()
        missing = await self._store.transact(lambda tx: self._missing(tx, now))
        troubles = []
        for system in sorted({*self._gaps.systems(now), *missing}):
            if not self._surveyed_now[system]:
                try:
                    await self.survey(system)
                except (Unavailable, Refused) as trouble:
                    troubles.append(trouble)  # the other systems have their turn all the same
        if troubles:
            raise troubles[0]

    def _missing(self, tx: Transaction, now: datetime) -> set[str]:
        """The systems with a ship or an order in which a market was never read and is to be asked now."""
        going = (FactoryStatus.PENDING, FactoryStatus.ACTIVE)
        orders = tx.factories.find(player_id=self._player_id, statuses=going)
        ships = tx.ships.of_player(self._player_id)
        found = set()
        for system in {ship.nav.system for ship in ships} | {order.system_symbol for order in orders}:
            markets = {place.symbol for place in tx.waypoints.in_system(system) if place.is_market}
            unread = markets - _read_in(tx, system)
            if any(self._gaps.is_due(market, now, unread=True) for market in unread):
                found.add(system)
        return found

    async def _map(self, system: str) -> list[Waypoint]:
        """The places as stored. In each life of the daemon they are compared with the server's list once."""
        stored = await self._store.transact(lambda tx: tx.waypoints.in_system(system))
        if stored and not self._gaps.is_due(system, self._clock.now(), unread=system not in self._mapped):
            return stored
        try:
            found = await self._api.waypoints(system)
        except StaleToken:
            raise
        except (Refused, Unavailable) as trouble:
            if not stored:
                raise
            self._note(system, str(trouble))
            return stored
        await self._store.transact(lambda tx: tx.waypoints.save(found))
        self._mapped.add(system)
        if found.unreadable:
            self._note(system, "; ".join(found.unreadable))
        else:
            self._gaps.close(system)
        return await self._store.transact(lambda tx: tx.waypoints.in_system(system))

    async def _first_look(self, waypoint: str) -> None:
        """What a market trades. One that cannot be read is passed over while the server answers otherwise."""
        try:
            view = await self._api.market(waypoint)
        except NotFound:
            self._gaps.note_absent(waypoint, self._clock.now())  # a gate that is no market after all
        except StaleToken:
            raise
        except (Refused, Unavailable) as trouble:
            await self._api.agent()
            self._note(waypoint, str(trouble))
        else:
            believed = await self._store.transact(lambda tx: self._keep(tx, view))
            judged = self._judged(view, believed)
            if view.lists_complete and judged is view:
                self._gaps.close(waypoint)
            else:
                self._note(waypoint, "; ".join(judged.unreadable))

    def _keep(self, tx: Transaction, view: MarketView) -> MarketSnapshot:
        """Store a look, and return what of it is believed."""
        waypoint = view.snapshot.waypoint
        before = tx.markets.get(waypoint)
        if before is None or view.snapshot.lists == before.lists or self._is_told_again(view):
            tx.markets.save(view.snapshot)
            return view.snapshot
        believed = _agreeing(view.snapshot, before)
        tx.markets.save(believed)
        return believed

    def _is_told_again(self, view: MarketView) -> bool:
        """Whether other lists than those stored are believed: an answer a minute ago named them too."""
        lists, since = self._doubted.get(view.snapshot.waypoint, (None, self._clock.now()))
        agree = view.lists_complete and lists == view.snapshot.lists
        return agree and self._clock.now() - since >= _AGREE_AFTER

    def _judged(self, view: MarketView, believed: MarketSnapshot) -> MarketView:
        """The view as far as it is believed; the next look is compared with what is not."""
        waypoint, lists = view.snapshot.waypoint, view.snapshot.lists
        doubted = self._doubted.pop(waypoint, None)
        if believed is view.snapshot:
            return view
        if not view.lists_complete:
            return replace(view, snapshot=believed)
        same = doubted is not None and doubted[0] == lists
        self._doubted[waypoint] = doubted if doubted and same else (lists, self._clock.now())
        return replace(view, snapshot=believed, unreadable=(*view.unreadable, _OTHER_GOODS))

    def _note(self, symbol: str, sentence: str) -> None:
        if self._gaps.note(symbol, sentence, self._clock.now()):
            _log.warning(f"{symbol} cannot be read for now: {sentence}", kind="ANSWER_SET_ASIDE")

    async def _watched(self, view: MarketView) -> MarketView:
        """The view; that prices are missing is told where a ship of ours should see them."""
        waypoint, now = view.snapshot.waypoint, self._clock.now()
        if view.snapshot.observed_at is not None:
            return view
        ships = await self._store.transact(lambda tx: tx.ships.of_player(self._player_id))
        present = next((ship.symbol for ship in ships if ship.is_at(waypoint, now)), None)
        if present is None:
            return view
        missing = f"it shows no prices although {present} is there"
        return replace(view, unreadable=(*view.unreadable, missing))


def _read_in(tx: Transaction, system: str) -> set[str]:
    """The markets of a system that were read."""
    return {market.waypoint for market in tx.markets.in_system(system)}


def _agreeing(seen: MarketSnapshot, before: MarketSnapshot) -> MarketSnapshot:
    """What a market trades as it is known, with the prices seen that agree with that.

    What a market trades never changes in a universe: nothing is lost or gained by one answer. A price that
    was not seen is not kept: it would count as seen now.
    """
    listings = tuple(one for one in seen.listings if before.type_of(one.good) is one.type)
    return replace(before, listings=listings, observed_at=seen.observed_at if listings else None)
