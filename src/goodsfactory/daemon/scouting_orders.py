"""Standing scouts as users start, see and stop them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.factories import default_system
from goodsfactory.daemon.roster import Roster
from goodsfactory.domain.container import Claim, Container, ContainerType
from goodsfactory.domain.errors import NotFound, UserError
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.ship import Ship
from goodsfactory.fleet.watch import Watch, read_watch, standing_scouts
from goodsfactory.planning.decision import counted, in_words
from goodsfactory.planning.dispatch.eligibility import cargo_aboard
from goodsfactory.planning.looking.lookout import NO_SCOUT, has_scout
from goodsfactory.planning.looking.rounds import Interest, Share
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Store, Transaction

_SCOUTS = (ContainerType.SCOUT.value, ContainerType.STANDING_SCOUT.value)

NO_SHARE = Share((), False, "waits to be told its share")


@dataclass(frozen=True)
class ScoutWish:
    """What somebody asked for: no ``ships`` means every free probe, no ``markets`` all of the system.

    ``rounds`` None means without end.
    """

    ships: tuple[str, ...] = ()
    system: str | None = None
    markets: tuple[str, ...] = ()
    rounds: int | None = None


@dataclass(frozen=True)
class ScoutView:
    """One standing scout. ``ship`` is None where it is not known any more."""

    container: Container
    ship: Ship | None
    share: Share

    @property
    def symbol(self) -> str:
        return str(self.container.metadata["ship"])

    @property
    def system(self) -> str:
        return str(self.container.metadata["system"])


@dataclass(frozen=True)
class WatchedMarket:
    """A market that a standing scout keeps fresh, or that a factory at work depends on without one."""

    interest: Interest
    scout: str | None


@dataclass(frozen=True)
class Scouting:
    """``reused`` are the ids of containers that scouted so before; ``notes`` say what is amiss."""

    scouts: Sequence[ScoutView]
    markets: Sequence[WatchedMarket]
    notes: Sequence[str]
    reused: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ScoutingOrders:
    """``new_id`` names containers."""

    store: Store
    clock: Clock
    engine: Engine
    roster: Roster
    new_id: Callable[[], str]

    async def start(self, player_id: int, wish: ScoutWish) -> Scouting:
        """Let ships keep the prices of a system fresh until they are stopped.

        A ship that scouts so already goes on (``reused``); one that scouts otherwise begins anew. Raises
        UserError, and changes nothing, for a wish that cannot be.
        """
        if wish.rounds is not None and wish.rounds < 1:
            raise UserError(f"A scout goes at least 1 round, not {wish.rounds}.")
        crew = self.roster.crew(player_id)
        own = await self.store.transact(lambda tx: tx.ships.of_player(player_id))
        system = _system(wish, crew, own)
        markets = await self._markets(crew, system, wish.markets)
        names = await self.store.transact(lambda tx: _choose(tx, player_id, wish, own, system, len(markets)))
        asked = sorted(markets) if wish.markets else []
        now = self.clock.now()
        rounds = -1 if wish.rounds is None else wish.rounds
        kept: list[Container] = []
        old: list[Container] = []
        new: list[Container] = []
        for running in await self.store.transact(lambda tx: standing_scouts(tx, player_id)):
            if running.metadata["ship"] in names:
                same = (running.metadata["system"], running.metadata["markets"]) == (system, asked)
                (kept if same and running.max_iterations == rounds else old).append(running)
        for container in old:
            await self.engine.stop(container.id, reason="it is to scout otherwise")
        for name in names:
            if name not in {str(container.metadata["ship"]) for container in kept}:
                new.append(
                    Container(
                        f"standing-scout-{self.new_id()}",
                        ContainerType.STANDING_SCOUT,
                        player_id,
                        now,
                        now,
                        metadata={"ship": name, "system": system, "markets": asked},
                        max_iterations=rounds,
                    )
                )
        await self.store.transact(lambda tx: _enrol(tx, new, len(markets), now))
        for container in new:
            await self.engine.start(container)
        reused = frozenset(container.id for container in kept)
        ids = reused | {container.id for container in new}
        seen = await self.show(player_id, system)
        scouts = [view for view in seen.scouts if view.container.id in ids]
        return Scouting(scouts, seen.markets, seen.notes, reused)

    async def show(self, player_id: int, system: str | None = None) -> Scouting:
        """All standing scouts of a player, of one system or of all."""
        system = system.upper() if system else None
        return await self.store.transact(lambda tx: _show(tx, player_id, system))

    async def stop(
        self, player_id: int, ships: Sequence[str] = (), system: str | None = None
    ) -> tuple[str, ...]:
        """Stop scouts of these ships and this system, or all; returns their ships, which are free then.

        Raises UserError where a ship that is named does not scout.
        """
        system = system.upper() if system else None
        names = [ship.upper() for ship in ships]
        running = await self.store.transact(lambda tx: standing_scouts(tx, player_id))
        if system is not None:
            running = [container for container in running if container.metadata["system"] == system]
        by_ship = {str(container.metadata["ship"]): container for container in running}
        for name in names:
            if name not in by_ship:
                known = in_words(sorted(by_ship), none="no ship")
                raise UserError(f"{name} is no standing scout; {known} scouts.", kind="not-found")
        stopped = names or sorted(by_ship)
        for name in stopped:
            await self.engine.stop(by_ship[name].id, reason="stopped by the user")
        return tuple(stopped)

    async def _markets(self, crew: Crew, system: str, asked: Sequence[str]) -> list[str]:
        try:
            await crew.scout.survey(system)
        except NotFound:
            raise UserError(f"There is no system {system}.", kind="not-found") from None
        markets = await self.store.transact(lambda tx: tx.markets.in_system(system))
        known = {market.waypoint for market in markets}
        names = list(dict.fromkeys(waypoint.upper() for waypoint in asked))
        for name in names:
            if system_of(name) != system:
                raise UserError(f"{name} is not in {system}: scouts stay in one system.")
            if name not in known:
                raise UserError(f"There is no market at {name}.", kind="not-found")
        if not known:
            raise UserError(f"{system} has no market to look at.", kind="precondition")
        return names or sorted(known)


def _system(wish: ScoutWish, crew: Crew, own: Sequence[Ship]) -> str:
    """The one asked for, else that of the markets or ships named, else the ships' own."""
    if wish.system:
        return wish.system.upper()
    if wish.markets:
        return system_of(wish.markets[0].upper())
    named = [ship for ship in own if ship.symbol in {name.upper() for name in wish.ships}]
    return named[0].nav.system if named else default_system(crew.player, list(own))


def _choose(
    tx: Transaction, player_id: int, wish: ScoutWish, own: Sequence[Ship], system: str, markets: int
) -> list[str]:
    """The ships that shall scout. Raises UserError where one that is named cannot, or there is none."""
    if wish.ships:
        claims = {claim.ship: claim for claim in tx.claims.of_player(player_id)}
        ships = {ship.symbol: ship for ship in own}
        names = list(dict.fromkeys(name.upper() for name in wish.ships))
        for name in names:
            _check_ship(name, ships, claims, system)
        return names
    standing = {str(container.metadata["ship"]) for container in standing_scouts(tx, player_id)}
    probes = free_probes(tx, player_id, own, system)
    if not probes:
        raise UserError(
            f"There is no free probe in {system}; buy one with `spacetraders ships buy PROBE`, or name other"
            " ships with --ships.",
            kind="precondition",
        )
    # One that scouts already goes on; more of them than markets would stand idle.
    return sorted(probes, key=lambda name: name not in standing)[:markets]


def free_probes(tx: Transaction, player_id: int, own: Sequence[Ship], system: str) -> list[str]:
    """The probes of a system that may scout; those that do so already are among them."""
    claims = {claim.ship: claim for claim in tx.claims.of_player(player_id)}
    return [
        ship.symbol
        for ship in own
        if ship.is_probe
        and ship.nav.system == system
        and (ship.symbol not in claims or claims[ship.symbol].operation in _SCOUTS)
    ]


def _check_ship(name: str, ships: Mapping[str, Ship], claims: Mapping[str, Claim], system: str) -> None:
    ship, claim = ships.get(name), claims.get(name)
    if ship is None:
        raise UserError(
            f"This player has no ship {name}; list them with `spacetraders ships list`.", kind="not-found"
        )
    if ship.nav.system != system:
        raise UserError(f"{name} is in {ship.nav.system}, not in {system}.", kind="precondition")
    if cargo := cargo_aboard(ship):
        load = in_words(f"{units} {good}" for good, units in cargo.items())
        raise UserError(
            f"{name} is laden with {load}; sell it first with `spacetraders ships sell {name}`.",
            kind="precondition",
        )
    if claim is not None and claim.operation not in _SCOUTS:
        raise UserError(
            f"{name} is at work for {claim.container_id} ({claim.operation}); wait for its end.",
            kind="precondition",
        )


def _enrol(tx: Transaction, containers: Sequence[Container], markets: int, now: datetime) -> None:
    """Write the containers down and claim their ships, where these are free: the others come later."""
    for container in containers:
        ship = str(container.metadata["ship"])
        claim = Claim(ship, container.player_id, container.id, container.type.value, 0, now)
        if tx.claims.of_ship(ship) is None:
            tx.claims.claim(claim)
        tx.containers.add(container)
        without_end = container.max_iterations < 0
        long = "until it is stopped" if without_end else f"for {counted(container.max_iterations, 'round')}"
        tx.events.append(
            Event(
                container.player_id,
                EventKind.SCOUT_SENT,
                now,
                f"{ship} shares {counted(markets, 'market')} of {container.metadata['system']} {long}",
                ship=ship,
                container_id=container.id,
                data={"waypoints": list(container.metadata["markets"])},
            )
        )


def _show(tx: Transaction, player_id: int, system: str | None) -> Scouting:
    containers = standing_scouts(tx, player_id)
    at_work = tx.factories.find(player_id=player_id, statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE))
    systems = {str(one.metadata["system"]) for one in containers} | {one.system_symbol for one in at_work}
    ships = tx.ships.of_player(player_id)
    scouts: list[ScoutView] = []
    markets: list[WatchedMarket] = []
    notes: list[str] = []
    for place in sorted(systems if system is None else systems & {system}):
        watch = read_watch(tx, player_id, place)
        scouts += [
            ScoutView(container, watch.ships.get(ship), watch.shares.get(ship, NO_SHARE))
            for ship, container in sorted(watch.scouts.items())
        ]
        markets += _watched(watch)
        working = sum(factory.system_symbol == place for factory in at_work)
        if working and not has_scout(ships, place):
            factories = "1 factory is" if working == 1 else f"{working} factories are"
            notes.append(f"{place}: {NO_SCOUT}, where {factories} at work; cargo ships go to look")
    return Scouting(scouts, markets, notes)


def _watched(watch: Watch) -> list[WatchedMarket]:
    by_market = {waypoint: ship for ship, share in watch.shares.items() for waypoint in share.markets}
    return [
        WatchedMarket(interest, by_market.get(waypoint))
        for waypoint, interest in sorted(watch.interests.items())
        if waypoint in by_market or interest.goods
    ]
