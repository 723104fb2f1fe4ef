"""The composition root: the only place that names concrete adapters."""

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable
from typing import Protocol

import httpx2

from goodsfactory import __version__
from goodsfactory.adapters.clocks import ScaledClock, SystemClock, VirtualClock
from goodsfactory.adapters.credentials import FileCredentials
from goodsfactory.adapters.engine.durable import DurableEngine
from goodsfactory.adapters.engine.in_process import InProcessEngine
from goodsfactory.adapters.node_identity import NodeIdentity, sending_address
from goodsfactory.adapters.spacetraders import transports
from goodsfactory.adapters.spacetraders.allowance import RateLimit
from goodsfactory.adapters.spacetraders.request_gate import RequestGate
from goodsfactory.adapters.spacetraders.retries import RetryPolicy
from goodsfactory.adapters.spacetraders.server import SpaceTradersServer
from goodsfactory.adapters.store.database import file_of, is_on_server, shown
from goodsfactory.adapters.store.sql_store import open_store
from goodsfactory.adapters.store.tokens import SharedCredentials
from goodsfactory.daemon.application import Application
from goodsfactory.daemon.calculator import Calculator, Inline
from goodsfactory.daemon.crew import Crew, assemble_crew
from goodsfactory.daemon.desks import open_desks
from goodsfactory.daemon.doctor import Doctor, Finding, Verdict, check_disk, check_server
from goodsfactory.daemon.endless import complain, in_words
from goodsfactory.daemon.enrolment import Registrar
from goodsfactory.daemon.explanations import Explanations
from goodsfactory.daemon.factories import Factories
from goodsfactory.daemon.housekeeping import LOOKS_KEPT, Housekeeping, kept_for
from goodsfactory.daemon.insight import Insight
from goodsfactory.daemon.journal import keep_journal
from goodsfactory.daemon.log import open_log
from goodsfactory.daemon.market_reader import MarketReader
from goodsfactory.daemon.owned_store import OwnedStore
from goodsfactory.daemon.pace import Pace
from goodsfactory.daemon.quotes import Quotes
from goodsfactory.daemon.recipe_file import read_recipes
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.server import serve
from goodsfactory.daemon.settings import LogFormat, Settings
from goodsfactory.daemon.ship_orders import ShipOrders
from goodsfactory.daemon.takeover import Takeover
from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.daemon.trends import Trends
from goodsfactory.daemon.turnover import Turnover, World
from goodsfactory.daemon.universe_reset import Doubts
from goodsfactory.domain.daemon import DaemonRow
from goodsfactory.domain.errors import GoodsFactoryError, Unavailable
from goodsfactory.domain.player import Player
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.universe import Universe, server_name
from goodsfactory.planning.decision import counted
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, ServerStatus
from goodsfactory.ports.store import Store
from goodsfactory.ports.waiting import waited_for
from goodsfactory.treasury.ledger import books_in_words

_EXAMINED_FOR = 10.0
"""Real seconds in which a server answers whose health is asked for."""


class OpenApplication(Protocol):
    """How a daemon gets its application: ``build``, or one that is watched while it runs."""

    def __call__(self, settings: Settings, *, node: NodeIdentity) -> Awaitable[Application]: ...


class _Ids:
    """Short names drawn from one source of chance, so that a seeded run names everything alike."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def __call__(self) -> str:
        return f"{self._chance.getrandbits(48):012x}"


async def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    inline_store: bool = False,
    durable: bool = True,
    seed: int | None = None,
    node: NodeIdentity | None = None,
    observe_store: Callable[[Store], Store] = lambda store: store,
) -> Application:
    """Put the application together; ``application.start()`` meets the game, ``stop()`` closes all of it.

    ``clock``, ``transport``, ``inline_store`` and ``seed`` are for runs in virtual time over an in-process
    server. ``durable`` is False where containers shall live in this process alone, as in virtual time.
    ``node`` names this daemon among those that share its database (None: nobody else can);
    ``observe_store`` may put a store that watches in front of the real one. Raises UserError with what to do.
    """
    recipes_file = read_recipes(settings.supply_chain_path)
    chance = random.Random(seed)
    new_id = _Ids(chance)
    clock = clock or ScaledClock()
    real = SystemClock()

    def speed() -> float:
        return clock.speed if isinstance(clock, ScaledClock) else 1.0

    def clock_known() -> bool:
        return clock.known if isinstance(clock, ScaledClock) else True

    pace = Pace(speed, real.elapsed, settings.policy.price_window)
    node = node or NodeIdentity("simulation", real.elapsed())
    shared = is_on_server(settings.database)
    database = await open_store(settings.database, universe="", inline=inline_store)
    store = observe_store(database)
    me = DaemonRow(
        node.name,
        sending_address(settings.source_address),
        os.getpid(),
        f"unix:{settings.socket}",
        __version__,
    )
    tenancy = Tenancy(store, me, elapsed=real.elapsed, shared=shared, held_since=node.held_since)
    limit = settings.rate_limit
    gate = RequestGate(clock, RateLimit(limit.per_second, limit.burst, limit.burst_window))

    doubts = Doubts()

    try:
        server = SpaceTradersServer(
            transport or transports.sockets(settings.source_address),
            settings.base_url,
            clock,
            gate,
            random.Random(chance.random()),
            permit=tenancy.may_act,
            is_ours=doubts.is_ours,
        )
        engine = (
            await _durable(settings, store, clock, node.name)
            if durable and not inline_store
            else InProcessEngine(store, clock)
        )
    except BaseException:
        await store.close()
        raise

    def assemble(player: Player, api: GameApi, recipes: RecipeMap) -> Crew:
        return assemble_crew(
            player,
            api,
            store=OwnedStore(store, tenancy, player.id) if shared else store,
            clock=clock,
            policy=settings.policy,
            recipes=recipes,
            engine=engine,
            new_id=new_id,
            refused=pace.refused,
        )

    token = settings.token
    credentials = (
        SharedCredentials(store, server=settings.base_url, environment_token=token)
        if shared
        else FileCredentials(settings.state_dir, server=settings.base_url, environment_token=token)
    )
    roster = Roster(
        server,
        store,
        credentials,
        clock,
        universe=Universe(server_name(settings.base_url), "", clock.now()),
        tenancy=tenancy,
        doubts=doubts,
        assemble=assemble,
        pace=pace,
        clock_known=clock_known,
        unwritten=lambda: database.trouble,
        recipes=recipes_file,
    )
    factories = Factories(store, clock, engine, roster, settings.policy, chance, new_id)
    orders = ShipOrders(store, clock, roster, factories, settings.policy, new_id)

    async def ask() -> ServerStatus:
        """What the server says of its universe; few repeats, since somebody waits for the answer."""
        with waited_for():
            return await server.status()

    async def meet() -> ServerStatus:
        try:
            return await ask()
        except Unavailable as trouble:
            if gate.limited() is not None:
                raise
            raise Unavailable(
                f"The game server at {settings.base_url} gives no answer"
                f" ({str(trouble).rstrip('.')}); check the address"
            ) from trouble

    def enter(universe: Universe) -> None:
        database.enter_universe(universe.id)
        roster.enter(universe)
        doubts.expect(universe.told_id)

    world = World(meet, enter, gate.presume_spent, gate.limited)
    turnover = Turnover(world, store, clock, roster)
    markets = MarketReader(store, roster)
    calculator = Inline() if inline_store else Calculator()

    async def close() -> None:
        await server.close()
        await store.close()

    return Application(
        settings,
        store=store,
        clock=clock,
        engine=engine,
        roster=roster,
        factories=factories,
        orders=orders,
        desks=open_desks(store, clock, engine, roster, orders, new_id),
        quotes=Quotes(
            store,
            clock,
            roster,
            factories,
            settings.policy,
            requests=lambda: server.statistics().sent,
            aside=calculator,
            beside_factories=settings.quote_at_start,
        ),
        insight=Insight(
            Explanations(store, roster, factories, settings.policy),
            markets,
            Trends(
                store,
                clock,
                roster,
                markets,
                max(LOOKS_KEPT, kept_for(settings.history.keep, settings.policy)),
            ),
            Doctor(
                settings,
                store,
                clock,
                roster,
                meet=ask,
                requests=server.statistics,
                schema=database.schema,
                unwritten=lambda: database.trouble,
                machine=real.now,
                speed=speed,
                database=shown(settings.database),
                file=file_of(settings.database),
            ),
        ),
        takeover=Takeover(
            tenancy,
            world,
            store=store,
            clock=clock,
            real=real,
            engine=engine,
            roster=roster,
            registrar=Registrar(roster, server, store, credentials, clock, tenancy, turnover, real),
            turnover=turnover,
            doubts=doubts,
            policy=settings.policy,
            new_id=new_id,
            alone=inline_store,
        ),
        tenancy=tenancy,
        housekeeping=Housekeeping(
            store, clock, kept_for(settings.history.keep, settings.policy), roster.works
        ),
        requests=server.statistics,
        elapsed=clock.elapsed if isinstance(clock, VirtualClock) else real.elapsed,
        close=close,
    )


async def _durable(settings: Settings, store: Store, clock: Clock, node_id: str) -> DurableEngine:
    engine = DurableEngine(store, clock, database_url=settings.database, node_id=node_id)
    await engine.launch()
    return engine


async def examine_without_daemon(settings: Settings) -> list[Finding]:
    """The doctor's checks of server and disk where no daemon runs; the server is asked once."""
    clock = ScaledClock()
    address = settings.base_url
    status: ServerStatus | GoodsFactoryError
    try:
        server = SpaceTradersServer(
            transports.sockets(settings.source_address),
            address,
            clock,
            RequestGate(clock, None),
            random.Random(0),
            policy=RetryPolicy(attempts=1),
        )
        try:
            async with asyncio.timeout(_EXAMINED_FOR):
                status = await server.status()
        finally:
            await server.close()
    except TimeoutError:
        status = Unavailable(f"It did not answer GET / within {_EXAMINED_FOR:g} s.")
    except GoodsFactoryError as trouble:
        status = trouble
    return [check_server(address, status), check_disk(file_of(settings.database))]


async def run(
    settings: Settings,
    node: NodeIdentity,
    stop: asyncio.Event,
    ready: Callable[[str], None],
    open_application: OpenApplication,
) -> int:
    """Put an application together and serve it until ``stop`` is set; see ``running.run_daemon``."""
    with open_log(
        sys.stderr,
        level=settings.log_level,
        now=SystemClock().now,
        as_json=settings.log_format is LogFormat.JSON,
        secrets=settings.secrets(),
    ) as log:
        application = await open_application(settings, node=node)
        log.now = application.clock.now
        try:
            await _serve(application, stop, ready)
        finally:
            await application.stop()
    return 0


async def _serve(application: Application, stop: asyncio.Event, ready: Callable[[str], None]) -> None:
    async with keep_journal(application) as opened:
        recovery, complaints = await application.start()

        examinations: list[asyncio.Task[None]] = []
        waiting = f", {recovery.waiting} wait for their player" if recovery.waiting else ""
        resumed = f"{counted(recovery.resumed, 'container')} resumed, {recovery.lost} lost{waiting}"
        if books := books_in_words(application.roster.books()):
            resumed += f", {books}"

        def tell(address: str) -> None:
            for line in (address, resumed, *complaints):
                ready(line)
            opened(address, resumed, complaints)
            examinations.append(asyncio.create_task(_examine(application, ready)))

        socket = application.settings.socket
        try:
            await serve(application, socket, stop=stop, ready=tell)
        finally:
            for examination in examinations:
                examination.cancel()
            await asyncio.gather(*examinations, return_exceptions=True)


async def _examine(application: Application, tell: Callable[[str], None]) -> None:
    """Tell what the doctor finds amiss, a line each; what he says in full is `spacetraders doctor`."""
    try:
        findings = await application.insight.doctor.examine()
    except Exception as trouble:  # noqa: BLE001 - a bug: nobody waits for this, so nobody else would tell it
        complain(f"The doctor could not examine everything: {in_words(trouble)}.")
        return
    for finding in findings:
        if finding.verdict is not Verdict.OK:
            tell(f"{finding.verdict.value}  {finding.check}: {finding.text}. {finding.remedy}")
