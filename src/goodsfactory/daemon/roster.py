"""The roster: the players this daemon works for, and the crew of each."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime

from goodsfactory.daemon.crew import Crew, recipes_of
from goodsfactory.daemon.endless import in_words
from goodsfactory.daemon.pace import Pace
from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.daemon.universe_reset import CONFIRM_AFTER, Doubts, token_advice, whereabouts
from goodsfactory.domain.errors import (
    AnotherUniverse,
    StaleToken,
    UserError,
)
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.player import Player
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, GameServer
from goodsfactory.ports.store import Credentials, Store, Transaction
from goodsfactory.treasury.ledger import Reconciliation

SETTLED_WITHIN = 2 * CONFIRM_AFTER
"""Game seconds an order by hand waits to hear whether a reset has ended it: twice what asking takes."""

Assemble = Callable[[Player, GameApi, RecipeMap], Crew]


class Roster:
    """Finds players; a crew exists for each one that is ours and whose token works.

    ``enter`` a universe before anything else. ``recipes`` are those of a file the user named; without
    one each crew works by the server's own. ``clock_known`` is False until the server has told its time.
    """

    def __init__(
        self,
        server: GameServer,
        store: Store,
        credentials: Credentials,
        clock: Clock,
        *,
        universe: Universe,
        tenancy: Tenancy,
        doubts: Doubts,
        assemble: Assemble,
        pace: Pace,
        clock_known: Callable[[], bool],
        unwritten: Callable[[], str | None],
        recipes: RecipeMap | None = None,
    ) -> None:
        self._clock_known = clock_known
        self._unwritten = unwritten
        self._pace = pace
        self._tenancy = tenancy
        self._doubts = doubts
        self._elsewhere: dict[int, str] = {}
        self._recipes = recipes
        self._server = server
        self._store = store
        self._credentials = credentials
        self._clock = clock
        self._universe = universe
        self._assemble = assemble
        self._crews: dict[int, Crew] = {}
        self._idle: dict[int, str] = {}
        self._without_token: set[int] = set()
        self._by_environment: set[int] = set()
        self._closed: str | None = None
        self._reconciled: dict[int, Reconciliation | None] = {}

    @property
    def universe(self) -> Universe:
        """The universe that is worked in."""
        return self._universe

    def enter(self, universe: Universe) -> None:
        """Work in this universe from now on."""
        self._universe = universe

    def game_time(self, player_id: int | None = None) -> datetime | None:
        """The time in the game; None where nobody knows it: its server has not told it since the start.

        Nor does anybody know it for a player of another universe, whose clock is another one.
        """
        if player_id in self._elsewhere or not self._clock_known():
            return None
        return self._clock.now()

    def close(self, reason: str) -> None:
        """Nobody can work: the server does not say which universe it has."""
        self._closed = reason

    @property
    def closed(self) -> str | None:
        """Why nobody could work when the server was asked last which universe it has; None where it said."""
        return self._closed

    def open(self) -> None:
        """The server has said which universe it has."""
        self._closed = None

    async def sort_tokens(self) -> None:
        """Give every token that an earlier version kept to its server. Raises UserError as credentials do."""
        players = await self._store.transact(lambda tx: [*tx.players.all(), *tx.players.past()])
        await self._credentials.sort(players)

    async def muster(self, agents: Collection[int]) -> list[str]:
        """Build the crews of these players (ids); returns a sentence for each that cannot work.

        Whatever is amiss with one of them, the others work (law L9).
        """
        complaints = []
        for player in await self.all():
            if player.id not in agents:
                continue
            try:
                complaints += await self._report_for_work(player)
            except Exception as trouble:  # noqa: BLE001 - a bug, or nonsense from the game, concerns one agent
                self._idle[player.id] = self._cannot_work(player, trouble)
                if isinstance(trouble, StaleToken | UserError):
                    self._without_token.add(player.id)
                complaints.append(self._idle[player.id])
        return complaints

    async def _report_for_work(self, player: Player) -> list[str]:
        token = await self._credentials.token(player)
        self._without_token.discard(player.id)
        if token is None:
            self._without_token.add(player.id)
            self._idle[player.id] = (
                f"{player.agent_symbol} has no token: add it with `spacetraders player add`."
            )
            return [self._idle[player.id]]
        await self.enlist(player, token)
        hold = await self._store.transact(lambda tx: tx.spending_holds.of_player(player.id))
        return [] if hold is None else [f"{player.agent_symbol}: {hold.reason}."]

    async def all(self) -> list[Player]:
        return await self._store.transact(lambda tx: tx.players.all())

    async def why_nobody(self) -> str:
        """Why nobody is played, where nobody is, and what helps."""
        try:
            return self.trouble((await self.resolve(None, None)).id) or ""
        except UserError as nobody:
            return str(nobody)

    async def left_behind(self) -> list[str]:
        """What became of the players of the universe worked in last, and of whoever else waits elsewhere.

        Nothing where the present universe has a player.
        """
        if self._crews or self._idle:
            return []
        try:
            meant = await self.resolve(None, None)
        except UserError:
            return []
        past = await self._look_elsewhere()
        last = [self._elsewhere[one.id] for one in past if one.universe == meant.universe]
        return [*last, *await self.parked()]

    async def use(self, agent: str) -> Player:
        """Make a player the default one. Raises UserError for one of another universe."""
        player = await self.resolve(None, agent)
        if player.id in self._elsewhere:
            raise UserError(self._elsewhere[player.id], kind="precondition")
        await self._store.transact(lambda tx: tx.players.make_default(player.id))
        return await self.resolve(player.id, None)

    async def resolve(self, player_id: int | None, agent: str | None) -> Player:
        """The player meant: by agent symbol, by id, or the default. Raises UserError with what to do.

        One of another universe can be read and not worked for; it is meant by its id, or where the present
        universe has none of that call sign.
        """
        players, past = await self.all(), await self._look_elsewhere()
        if agent:
            for player in (*players, *past):
                if player.agent_symbol.upper() == agent.upper() and player_id in (None, 0, player.id):
                    return player
            if player_id and any(one.agent_symbol.upper() == agent.upper() for one in (*players, *past)):
                raise UserError(
                    f"Player {player_id} is not {agent.upper()}; name one of the two, or two that agree."
                )
            raise UserError(
                f"There is no player {agent.upper()}; known are {_known(players, past)}.", kind="not-found"
            )
        if player_id:
            for player in (*players, *past):
                if player.id == player_id:
                    return player
            known = _known(players, past)
            raise UserError(f"There is no player {player_id}; known are {known}.", kind="not-found")
        if not players and past and not self._tenancy.standing_by():
            newest = [player for player in past if player.universe == past[0].universe]
            return next((player for player in newest if player.is_default), newest[0])
        if not players:
            raise UserError(
                self._tenancy.standing_by()
                or "There is no player yet: register one with `spacetraders player register AGENT`.",
                kind="precondition",
            )
        return next((player for player in players if player.is_default), players[0])

    async def _look_elsewhere(self) -> list[Player]:
        """The players of other universes: those of the present server first, then those worked for last."""
        past, universes, present = await self._store.transact(
            lambda tx: (
                past := tx.players.past(),
                {universe: tx.universes.get(universe) for universe in {one.universe for one in past}},
                {one.agent_symbol.upper(): one for one in tx.players.all()},
            )
        )
        self._elsewhere = {
            one.id: whereabouts(
                one, universes[one.universe], self._universe, present.get(one.agent_symbol.upper())
            )
            for one in past
        }
        here = self._universe.server
        return sorted(past, key=lambda one: (its := universes[one.universe]) is None or its.server != here)

    async def parked_players(self) -> list[Player]:
        """Players of other universes that have not ended, newest first; ``trouble`` says why each waits."""
        await self._look_elsewhere()

        def find(tx: Transaction) -> list[Player]:
            past = sorted(tx.players.past(), key=lambda one: one.id, reverse=True)
            return [one for one in past if (its := tx.universes.get(one.universe)) and its.ended_at is None]

        return await self._store.transact(find)

    async def parked(self) -> list[str]:
        """A sentence for each player of another universe whose work waits there."""
        await self._look_elsewhere()
        at_work = await self._store.transact(
            lambda tx: {
                factory.player_id
                for factory in tx.factories.find(statuses=(FactoryStatus.PENDING, FactoryStatus.ACTIVE))
            }
        )
        return [sentence for one, sentence in self._elsewhere.items() if one in at_work]

    async def past_players(self) -> list[Player]:
        """Players whose universe has ended, newest first: their history can be read."""
        waiting = {one.id for one in await self.parked_players()}
        past = await self._store.transact(lambda tx: tx.players.past())
        return sorted((one for one in past if one.id not in waiting), key=lambda one: one.id, reverse=True)

    async def why_unattended(self, player_id: int) -> str | None:
        """Why nobody works for a player now and what helps, as a sentence; None where somebody does."""
        if not self.is_unattended(player_id):
            return None
        await self._look_elsewhere()
        return self.trouble(player_id) or "Nobody works for its player yet: the daemon is taking up its work."

    def crew(self, player_id: int) -> Crew:
        """The crew of a player, to act with. Raises UserError, with what to do, where it cannot act now:
        another daemon has it, its token is refused, or its universe is not the present one.
        """
        refused = self.refusal(player_id)
        if refused is not None:
            raise UserError(refused, kind="precondition")
        return self.crew_at_work(player_id)

    @asynccontextmanager
    async def ordering(self, player_id: int) -> AsyncIterator[Crew]:
        """The crew of a player, for one order by hand. Raises as ``crew``.

        An order that a reset cuts short ends with what became of the player and what to do, once that is
        known, and not with what the game said of a token of the universe before.
        """
        try:
            yield self.crew(player_id)
        except (StaleToken, AnotherUniverse) as trouble:
            await self._look_elsewhere()
            if player_id not in self._elsewhere:
                await self._clock.wait(self._doubts.calm(), SETTLED_WITHIN)
                await self._look_elsewhere()
            ended = self._elsewhere.get(player_id) or self.refusal(player_id)
            if ended is None:
                raise
            raise UserError(ended, kind="precondition") from trouble

    def recipes(self, player_id: int) -> RecipeMap:
        """What a player makes goods by; while nobody works for it, the recipes that all have in common."""
        crew = self._crews.get(player_id)
        return crew.recipes if crew else self._recipes or RecipeMap.bundled()

    def crew_at_work(self, player_id: int) -> Crew:
        """The crew of a player, also while the game refuses its token: what works for it waits by itself."""
        crew = self._crews.get(player_id)
        if crew is None:
            raise UserError(
                self._elsewhere.get(player_id)
                or self._tenancy.elsewhere(player_id)
                or self.standstill(player_id)
                or "This player has no working token: add one with `spacetraders player add`.",
                kind="precondition",
            )
        return crew

    def refusal(self, player_id: int) -> str | None:
        """That the game refuses the token of a player, and what to do; None while it does not."""
        crew = self._crews.get(player_id)
        said = crew.api.statistics().token_refused if crew else None
        if crew is None or said is None:
            return None
        by_environment = self.is_by_environment(player_id)
        return token_advice(crew.player.agent_symbol, said, by_environment=by_environment)

    def needs_token(self, player_id: int) -> bool:
        """Whether the player cannot work for want of a token that the game takes for its agent."""
        return player_id in self._without_token or self.refusal(player_id) is not None

    def is_by_environment(self, player_id: int) -> bool:
        """Whether the token that was tried last for a player is that of SPACETRADERS_TOKEN."""
        return player_id in self._by_environment

    def trouble(self, player_id: int) -> str | None:
        """Why a player cannot work now, or not well, and what to do, as one sentence; None where it can."""
        return self.standstill(player_id) or self._pace.trouble() or self.outage(player_id)

    def standstill(self, player_id: int) -> str | None:
        """Why a player cannot work until something is done or found out, as one sentence."""
        if player_id in self._elsewhere:
            return self._elsewhere[player_id]
        return self._idle.get(player_id) or self.refusal(player_id) or self._closed

    def outage(self, player_id: int) -> str | None:
        """That the game server does not answer whoever works for a player here, as one sentence."""
        return self._server.statistics().trouble if player_id in self._crews else None

    async def troubles(self) -> list[str]:
        """Everything that keeps this daemon or one of its players from working, a sentence each."""
        refused = (self.refusal(one) for one in self._crews)
        unsettled = self._doubts.unsettled if self._doubts.any() else None
        silent = (self.outage(one) for one in self._crews)
        found = [
            self._unwritten(),
            self._closed,
            unsettled,
            *self._idle.values(),
            *refused,
            self._pace.trouble(),
            *silent,
        ]
        unread = [sentence for crew in self._crews.values() for sentence in crew.roll_call.unread()]
        told = [*(sentence for sentence in found if sentence is not None), *unread]
        return list(dict.fromkeys([*told, *await self.left_behind()]))

    def why_unread(self, player_id: int, ship: Ship) -> str | None:
        """Why the game did not show a ship when it was looked at last; None where it did."""
        crew = self._crews.get(player_id)
        return None if crew is None else crew.roll_call.why_unread(ship.symbol)

    def is_at_work(self, player_id: int) -> bool:
        """Whether the player has a crew."""
        return player_id in self._crews

    def is_ours(self, player_id: int) -> bool:
        """Whether the player has a crew, or is tried again to get one."""
        return player_id in self._crews or player_id in self._idle

    def is_unattended(self, player_id: int) -> bool:
        """Whether nobody works for the player now, neither here nor in another daemon."""
        return player_id not in self._crews and self._tenancy.elsewhere(player_id) is None

    def idle(self) -> tuple[int, ...]:
        """Players that could not be mustered, to be tried again."""
        return tuple(self._idle)

    def books(self) -> list[Reconciliation | None]:
        """Ledger against balance of each crew as it was mustered; None where a step was still open."""
        return [self._reconciled[player_id] for player_id in self._crews]

    def dismiss(self, player_id: int) -> None:
        """Forget the crew of a player that is not ours any more."""
        self._crews.pop(player_id, None)
        self._idle.pop(player_id, None)
        self._without_token.discard(player_id)

    def crews(self) -> list[Crew]:
        return list(self._crews.values())

    def works(self) -> bool:
        """Whether the server has said which universe it has, and this daemon works in it."""
        return self._tenancy.standing_by() is None and self._closed is None

    def require_work(self) -> None:
        """Raises UserError where nobody can be worked for now."""
        reason = self._tenancy.standing_by() or self._closed
        if reason is not None:
            raise UserError(reason, kind="precondition")

    async def enlist(self, player: Player, token: str) -> None:
        """Build the crew of a player. Raises UserError where the token is that of another agent."""
        self._by_environment.discard(player.id)
        if self._credentials.is_from_environment(token):
            self._by_environment.add(player.id)
        try:
            state = await self._server.session(token).agent()
        except StaleToken:
            self._doubts.about(player.id)
            raise
        if state.symbol.upper() != player.agent_symbol.upper():
            whose = f"is that of {state.symbol}"
            raise UserError(
                f"The token in SPACETRADERS_TOKEN {whose}: choose it with"
                f" `spacetraders player use {state.symbol}`, or unset the variable."
                if self.is_by_environment(player.id)
                else f"The token that is kept for {player.agent_symbol} {whose}: give the right one with"
                " `spacetraders player add`.",
                kind="precondition",
            )
        api = self._server.session(token, refused=lambda: self._doubts.about(player.id))
        crew = self._assemble(player, api, self._recipes or await recipes_of(api))
        self._reconciled[player.id] = await crew.muster()
        self._crews[player.id] = crew
        self._idle.pop(player.id, None)
        self._without_token.discard(player.id)

    def _cannot_work(self, player: Player, trouble: Exception) -> str:
        agent = player.agent_symbol
        if isinstance(trouble, StaleToken):
            return token_advice(agent, str(trouble), by_environment=self.is_by_environment(player.id))
        return f"{agent} cannot work: {in_words(trouble)}. It is tried again."


def _known(players: list[Player], past: list[Player]) -> str:
    """Everybody who can be named, those of other universes last."""
    if not players or not past:
        return _names(players or past)
    return f"{_names(players)}, and of other universes {_names(past)}"


def _names(players: list[Player]) -> str:
    return ", ".join(f"{player.agent_symbol} ({player.id})" for player in players) or "none"
