"""The application: what every face can ask for, in one place, whatever the transport."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from goodsfactory import __version__
from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.desks import Desks
from goodsfactory.daemon.enrolment import Enrolment
from goodsfactory.daemon.factories import Factories, Refuse
from goodsfactory.daemon.housekeeping import Housekeeping
from goodsfactory.daemon.insight import Insight
from goodsfactory.daemon.logs import Trouble, read_log, read_trouble
from goodsfactory.daemon.market_reader import Traders
from goodsfactory.daemon.paging import PAGE
from goodsfactory.daemon.parallelism import Parallelism
from goodsfactory.daemon.quotes import Quotes
from goodsfactory.daemon.reports import FactoryReport
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.sale_voyage import ShipSale
from goodsfactory.daemon.settings import LogLevel, Settings
from goodsfactory.daemon.ship_orders import Refuelled, ShipOrders
from goodsfactory.daemon.ship_sale import PlannedSale, sale_order
from goodsfactory.daemon.takeover import Takeover
from goodsfactory.daemon.tenancy import Tenancy, node_rows
from goodsfactory.domain.container import Claim, Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Unavailable, UserError
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus
from goodsfactory.domain.market import MarketSnapshot
from goodsfactory.domain.player import Player
from goodsfactory.domain.ship import Nav, Ship
from goodsfactory.planning.dispatch.eligibility import Eligibility
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import ContainerFailed, Engine, Recovery
from goodsfactory.ports.game_api import Flight, RequestStatistics
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.treasury.books import Parcel, parcels

_WORKER_RESTARTS = 3

_ALIVE = (ContainerStatus.RUNNING, ContainerStatus.PENDING)
_FOUND_BY_BEGINNING = 1_000
"""Of the containers that are over, how many can be meant by the first characters of their ids."""


class Application:
    """Answers for every face. Made by ``bootstrap.build``; ``start`` before use, ``stop`` after."""

    def __init__(
        self,
        settings: Settings,
        *,
        store: Store,
        clock: Clock,
        engine: Engine,
        roster: Roster,
        factories: Factories,
        orders: ShipOrders,
        desks: Desks,
        quotes: Quotes,
        insight: Insight,
        takeover: Takeover,
        tenancy: Tenancy,
        housekeeping: Housekeeping,
        requests: Callable[[], RequestStatistics],
        elapsed: Callable[[], float],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.settings = settings
        self.version = __version__
        self.store = store
        self.clock = clock
        self.engine = engine
        self.roster = roster
        self.desks = desks
        self.quotes = quotes
        self.insight = insight
        self._factories = factories
        self._orders = orders
        self._requests = requests
        self._close = close
        self._takeover = takeover
        self._stopped = False
        self._tenancy = tenancy
        self._housekeeping = housekeeping
        self._keeping_house: asyncio.Task[None] | None = None
        self._elapsed = elapsed
        self._started_at = elapsed()
        self._parallelism = Parallelism()

    async def start(self) -> tuple[Recovery, list[str]]:
        """Read the fleet, resume what ran; returns the recovery and what a user should know."""
        self.engine.register(ContainerType.COORDINATOR, self._coordinate, restarts=None)
        self.engine.register(ContainerType.PLANNER, self._plan, restarts=None)
        self.engine.register(ContainerType.WORKER, self._work, restarts=_WORKER_RESTARTS)
        self.engine.register(ContainerType.SCOUT, self._scout, restarts=_WORKER_RESTARTS)
        self.engine.register(ContainerType.STANDING_SCOUT, self._stand, restarts=_WORKER_RESTARTS)
        self.engine.on_lost(self._release_leg)
        self._started_at = self._elapsed()
        begun = await self._takeover.begin()
        self._keeping_house = asyncio.create_task(self._housekeeping.run(), name="housekeeping")
        return begun

    async def stop(self) -> None:
        """Take everything down; rows stay RUNNING, so that the next start resumes them. Twice is as once."""
        if self._stopped:
            return
        self._stopped = True
        if self._keeping_house is not None:
            self._keeping_house.cancel()
            await asyncio.wait([self._keeping_house])
        await self._takeover.end()
        await self._close()

    # Players

    async def register_player(self, agent: str, faction: str, account_token: str | None = None) -> Player:
        """Work for an agent: registered with the game now, or before by this daemon."""
        return (await self.enrol_player(agent, faction, account_token)).player

    async def enrol_player(self, agent: str, faction: str, account_token: str | None = None) -> Enrolment:
        """As ``register_player``, saying what was so."""
        await self._meet_game()
        return await self._takeover.register(agent, faction, account_token)

    async def add_player(self, token: str, agent: str | None = None) -> Player:
        """Work for an agent that exists already."""
        return (await self.enrol_by_token(token, agent)).player

    async def enrol_by_token(self, token: str, agent: str | None = None) -> Enrolment:
        """As ``add_player``, saying what was so."""
        await self._meet_game()
        return await self._takeover.add(token, agent)

    async def _meet_game(self) -> None:
        """A player belongs to the universe that there is now: nobody may have noticed yet that it is new."""
        await self._takeover.must_be_answered()
        try:
            await self._takeover.turn_over()
        except Unavailable:
            # The call that follows says better what is wrong, but it would wait for a rate limit once more.
            if self._requests().limited_until is not None:
                raise

    async def players(self) -> list[Player]:
        return await self.roster.all()

    async def use_player(self, agent: str) -> Player:
        return await self.roster.use(agent)

    async def resolve_player(self, player_id: int | None, agent_symbol: str | None) -> Player:
        """0 or None means the default player. Raises UserError."""
        return await self.roster.resolve(player_id, agent_symbol)

    def game_time(self, player_id: int | None = None) -> datetime | None:
        """The time in the game, as the player lives by it; None where nobody knows it."""
        return self.roster.game_time(player_id)

    # Factories

    async def start_factory(
        self,
        player_id: int,
        target_good: str,
        system_symbol: str | None,
        request: FactoryRequest,
        *,
        refuse: Refuse = Refuse.ALL,
    ) -> FactoryReport:
        return await self._factories.start(player_id, target_good, system_symbol, request, refuse=refuse)

    async def stop_factory(self, player_id: int, factory_id: str) -> FactoryReport:
        return await self._factories.stop(player_id, factory_id)

    async def pause_factory(self, player_id: int, factory_id: str) -> FactoryReport:
        return await self._factories.pause(player_id, factory_id)

    async def resume_factory(self, player_id: int, factory_id: str) -> FactoryReport:
        return await self._factories.resume(player_id, factory_id)

    async def factory(self, player_id: int, factory_id: str) -> FactoryReport:
        return await self._factories.report(player_id, factory_id)

    async def factories(
        self,
        player_id: int,
        statuses: Collection[FactoryStatus],
        *,
        limit: int = PAGE,
        prefix: str = "",
        before: tuple[datetime, str] | None = None,
    ) -> list[FactoryReport]:
        """The newest ``limit``, oldest first, without their legs; ``before`` one of that creation and id."""
        return await self._factories.reports(player_id, statuses, limit, prefix, before)

    async def events(self, player_id: int, factory_id: str | None, after_seq: int, limit: int) -> list[Event]:
        return await self.store.transact(
            lambda tx: tx.events.after(after_seq, player_id=player_id, factory_id=factory_id, limit=limit)
        )

    async def events_gone(self, player_id: int) -> tuple[int, datetime] | None:
        """Up to which number, and before when, events of a player are not kept any more."""
        return await self.store.transact(lambda tx: tx.history.events_gone(player_id))

    async def event_before(self, seconds: float, player_id: int) -> int:
        """The number of the player's newest event that is older than so many game seconds.

        Raises UserError while nobody knows the time in the game.
        """
        now = self.game_time(player_id)
        if now is None:
            raise UserError(
                "The time in the game is not known until its server answers, so nothing can be told since a"
                " time ago; ask for all there is (--since 0).",
                kind="precondition",
            )
        moment = now - timedelta(seconds=seconds)
        return await self.store.transact(lambda tx: tx.events.before(moment, player_id))

    async def events_changed(self, timeout: float) -> None:
        """Return when an event was appended, or after so many game seconds."""
        await self.clock.wait(self.store.changed(), timeout)

    # Ships

    async def ships(self, player_id: int | None) -> list[tuple[Ship, Claim | None]]:
        return await self._orders.all(player_id)

    async def kept_cargo(self, player_id: int, ships: Sequence[Ship]) -> dict[str, str]:
        """By ship symbol, ``output`` where a factory made what the ship keeps aboard, else ``cargo``."""

        def read(tx: Transaction) -> dict[str, list[Parcel]]:
            theirs = tx.in_universe_of(player_id)
            return {ship.symbol: parcels(theirs, ship) for ship in ships}

        aboard = await self.store.transact(read)
        kept = {ship: [one for one in found if one.kept] for ship, found in aboard.items()}
        made = {ship: any(one.factory_id for one in found) for ship, found in kept.items() if found}
        return {ship: "output" if ours else "cargo" for ship, ours in made.items()}

    async def ship(self, player_id: int, symbol: str) -> Ship:
        return await self._orders.one(player_id, symbol)

    async def explain_ship(self, player_id: int, symbol: str, factory_id: str | None) -> Eligibility:
        return await self._orders.explain(player_id, symbol, factory_id)

    async def navigate(self, player_id: int, symbol: str, destination: str) -> Flight:
        return await self._orders.navigate(player_id, symbol, destination)

    async def dock(self, player_id: int, symbol: str) -> Nav:
        return await self._orders.dock(player_id, symbol)

    async def orbit(self, player_id: int, symbol: str) -> Nav:
        return await self._orders.orbit(player_id, symbol)

    async def refuel(self, player_id: int, symbol: str, units: int | None = None) -> Refuelled:
        return await self._orders.refuel(player_id, symbol, units)

    async def plan_sale(
        self,
        player_id: int,
        symbol: str,
        good: str | None = None,
        waypoint: str | None = None,
        *,
        confirmed: bool = False,
        agreed: Mapping[str, str] | None = None,
        keep: Collection[str] = (),
    ) -> tuple[PlannedSale, ...]:
        order = sale_order(good, waypoint, confirmed=confirmed, agreed=agreed, keep=keep)
        return await self._orders.plan_sale(player_id, symbol, order)

    async def sell(
        self,
        player_id: int,
        symbol: str,
        good: str | None = None,
        waypoint: str | None = None,
        *,
        confirmed: bool = False,
        agreed: Mapping[str, str] | None = None,
        keep: Collection[str] = (),
    ) -> ShipSale:
        order = sale_order(good, waypoint, confirmed=confirmed, agreed=agreed, keep=keep)
        return await self._orders.sell(player_id, symbol, order)

    # Markets

    async def find_markets(self, player_id: int, good: str, system: str | None) -> Traders:
        """Markets of a system that list ``good``: exports first, then exchanges, then imports.

        Raises UserError, with near matches, for a good that nobody knows.
        """
        return await self.insight.markets.traders(player_id, good, system)

    async def market(self, player_id: int, waypoint: str) -> MarketSnapshot:
        """A market, looked at afresh; prices are those last seen where no own ship is present."""
        return await self.insight.markets.market(player_id, waypoint)

    # Containers

    async def containers(self, player_id: int | None, status: ContainerStatus | None) -> list[Container]:
        """The first page of ``container_page``."""
        return (await self.container_page(player_id, status))[0]

    async def container_page(
        self,
        player_id: int | None,
        status: ContainerStatus | None,
        *,
        limit: int = PAGE,
        before: int | None = None,
        parked: bool = False,
    ) -> tuple[list[Container], int | None]:
        """All that are not over and the newest ``limit`` of those that are; and where older ones begin.

        With ``before``, such a place, only those that are over and older. ``parked`` asks for those alone
        that are not over and that nobody works for; one ``status`` leaves these out.
        """
        asked = tuple(ContainerStatus) if status is None else (status,)
        asked = _ALIVE if parked else asked
        alive = [one for one in asked if not one.is_over and before is None]
        ends = [one for one in asked if one.is_over]

        def read(tx: Transaction) -> tuple[list[Container], int | None]:
            over = tx.containers.over(ends, limit, player_id=player_id, before=before)
            running = tx.containers.find(player_id=player_id, statuses=alive) if alive else []
            if parked or status is not None:
                running = [one for one in running if self.is_parked(one) is parked]
            older = over[0][0] if len(over) == limit else None
            found = sorted([*(one for _, one in over), *running], key=lambda one: one.created_at)
            return found, older

        return await self.store.transact(read)

    def is_parked(self, container: Container) -> bool:
        """Whether a container is not over and nobody works for its player, here or in another daemon."""
        return not container.status.is_over and self.roster.is_unattended(container.player_id)

    async def why_parked(self, container: Container) -> str | None:
        """Why a container is parked and what resumes it, as a sentence; None where it is not."""
        return await self.roster.why_unattended(container.player_id) if self.is_parked(container) else None

    async def count_running(self) -> tuple[int, int]:
        """How many containers of the present players run, and how many of anybody's are parked."""
        present = {one.id for one in await self.players()}
        rows = await self.store.transact(lambda tx: tx.containers.find(statuses=_ALIVE))
        parked = sum(map(self.is_parked, rows))
        running = [one for one in rows if one.status is ContainerStatus.RUNNING and one.player_id in present]
        return sum(not self.is_parked(one) for one in running), parked

    async def container(self, text: str, *, to_act: bool = False) -> Container:
        """The one of this id, or whose id begins so, its type left out or not. Raises UserError.

        By its beginning are found those that are not over, and the newest that are; where one is ``to_act``
        on, those that are at work come first.
        """
        exact = await self.store.transact(lambda tx: tx.containers.get(text))
        if exact is not None or not text:
            found = [exact] if exact else []
        else:
            shown, _ = await self.container_page(None, None, limit=_FOUND_BY_BEGINNING)
            found = [one for one in shown if one.id.startswith(text) or _number_of(one).startswith(text)]
            at_work = [one for one in found if not one.status.is_over and not self.is_parked(one)]
            found = at_work if to_act and at_work else found
        if len(found) == 1:
            return found[0]
        told = f"The ids of {len(found)} containers begin with" if found else "There is no container"
        raise UserError(
            f"{told} {text}; list them with `spacetraders containers list`.",
            kind="invalid" if found else "not-found",
        )

    async def stop_container(self, text: str) -> Container:
        """Stop one container. A coordinator takes its factory with it; a worker's leg is flown anew.

        A planner is followed by another one at once.
        """
        container = await self.container(text, to_act=True)
        if container.status.is_over:
            raise UserError(f"{container.id} is {container.status} already.", kind="precondition")
        if container.type is ContainerType.COORDINATOR:
            await self._factories.stop(container.player_id, str(container.metadata["factory_id"]))
        else:
            await self.engine.stop(container.id, reason="stopped by the user")
            await self._release_leg(container, "its worker was stopped")
            await self._factories.settle(container.player_id)
        if container.type is ContainerType.PLANNER:
            # Without one no factory of the player would ever be given a ship again.
            await self._takeover.ensure_planner(self.roster.crew_at_work(container.player_id))
        return await self.container(container.id)

    async def container_logs(self, text: str, limit: int, level: str | None) -> list[ContainerLog]:
        """The newest ``limit`` lines, oldest first. Raises UserError for a word that is no level."""
        if level is not None and level not in LogLevel.__members__:
            raise UserError(f"{level} is no level of a log; it is one of {', '.join(LogLevel)}.")
        container = await self.container(text)
        return await self.store.transact(lambda tx: read_log(tx, container, limit, level))

    async def container_trouble(self, container_id: str) -> Trouble | None:
        """What last crashed the container."""
        return await self.store.transact(lambda tx: read_trouble(tx, container_id))

    async def statistics(self) -> dict[str, Any]:
        """What was asked, earned and spent since the start; ledger and balance are over all players."""
        requests = self._requests()
        players = await self.players()

        def read(tx: Transaction) -> dict[str, Any]:
            balances = [tx.players.balance(player.id) for player in players]
            known = [balance.credits for balance in balances if balance is not None]
            return {
                "ledger_sum": sum(tx.money.ledger_sum(player.id) for player in players),
                "server_balance": sum(known) if known else None,
                "spending_holds": [
                    (player.agent_symbol, hold)
                    for player in players
                    if (hold := tx.spending_holds.of_player(player.id)) is not None
                ],
                "open_intents": sum(len(tx.money.open_intents(player.id)) for player in players),
            }

        running, waiting = await self.count_running()
        return {
            "requests_sent": requests.sent,
            "requests_retried": requests.retried,
            "requests_limited": requests.limited,
            "game_trouble": requests.trouble,
            "game_unreadable": [
                *requests.unreadable,
                *(gap for crew in self.roster.crews() for gap in crew.scout.gaps()),
            ],
            "requests_limited_until": requests.limited_until.isoformat() if requests.limited_until else None,
            "troubles": (troubles := await self.roster.troubles()),
            "parked": [one for one in await self.roster.parked() if one not in troubles],
            "universe": {
                "server": self.roster.universe.server,
                "reset_date": self.roster.universe.reset_date or "not known yet",
            },
            "requests_waited_seconds": round(requests.waited_seconds, 3),
            "requests_by_purpose": dict(requests.by_purpose),
            "max_parallel_workers": self._parallelism.most,
            "uptime_seconds": round(self._elapsed() - self._started_at, 3),
            "running_containers": running,
            "waiting_containers": waiting,
            **await self.store.transact(read),
        }

    async def nodes(self) -> list[dict[str, Any]]:
        """The daemons that share this database, this one too, and the agents each works for."""
        return await self.store.transact(lambda tx: node_rows(tx, self._tenancy.node_id))

    # Containers' bodies: the row says whose, the roster says with which crew

    async def _coordinate(self, container: Container) -> str | None:
        async with self.quotes.beside(container):
            crew = self._crew_of(container)
            return await self._kept(crew, crew.coordinator.run(container))

    async def _plan(self, container: Container) -> str | None:
        crew = self._crew_of(container)
        return await self._kept(crew, crew.planner.run(container))

    async def _work(self, container: Container) -> str | None:
        crew = self._crew_of(container)
        with self._parallelism.one_more():
            return await self._kept(crew, crew.worker.run(container))

    async def _scout(self, container: Container) -> str | None:
        crew = self._crew_of(container)
        return await self._kept(crew, crew.scouts.run(container))

    async def _stand(self, container: Container) -> str | None:
        crew = self._crew_of(container)
        return await self._kept(crew, crew.standing_scouts.run(container))

    async def _kept(self, crew: Crew, body: Awaitable[str | None]) -> str | None:
        """Run a body; what it cannot keep is told in the daemon's log, since it cannot be written elsewhere.

        The game's troubles are waited out by the bodies themselves: what gets here is the database.
        """
        with structlog.contextvars.bound_contextvars(agent=crew.player.agent_symbol):
            try:
                return await body
            except Unavailable as trouble:
                sentence = f"{str(trouble).rstrip('.')}. Work waits and goes on when it can be written again."
                structlog.stdlib.get_logger(__name__).warning(sentence, kind="DATABASE_UNAVAILABLE")
                raise

    def _crew_of(self, container: Container) -> Crew:
        try:
            return self.roster.crew_at_work(container.player_id)
        except UserError as refusal:
            raise ContainerFailed(str(refusal)) from None

    async def _release_leg(self, container: Container, reason: str) -> None:
        """A leg whose worker is gone failed; the planner decides what comes instead."""
        leg_id = container.metadata.get("leg_id")
        if leg_id is None:
            return
        now: datetime = self.clock.now()

        def work(tx: Transaction) -> None:
            leg = tx.legs.get(str(leg_id))
            if leg is None or not leg.state.is_open or leg.container_id != container.id:
                return
            tx.legs.update(leg.fail(reason, now))
            tx.events.append(
                Event(
                    leg.player_id,
                    EventKind.LEG_FAILED,
                    now,
                    f"{leg.ship} gave up {leg.good}: {reason}",
                    factory_id=leg.factory_id,
                    good=leg.good,
                    ship=leg.ship,
                    container_id=container.id,
                    data={"leg_id": leg.id},
                )
            )

        await self.store.transact(work)


def _number_of(container: Container) -> str:
    """What follows the type in its id."""
    return container.id.rpartition("-")[2]
