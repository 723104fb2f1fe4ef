"""The roster: the players this daemon works for, and the crew of each."""

from collections.abc import Callable, Collection

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.daemon.universe_reset import Doubts, advice
from goodsfactory.domain.errors import Refused, StaleToken, Unavailable, UserError
from goodsfactory.domain.player import Player
from goodsfactory.domain.recipes import RecipeMap
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import GameApi, GameServer
from goodsfactory.ports.store import Credentials, Store
from goodsfactory.treasury.ledger import Reconciliation

_SYMBOL_LENGTHS = range(3, 15)
_SYMBOL_EXTRA = frozenset("-_")

Assemble = Callable[[Player, GameApi, RecipeMap], Crew]


class Roster:
    """Registers, adds and finds players; a crew exists for each one that is ours and whose token works.

    ``enter`` a universe before anything else. ``recipes`` are those of a file the user named; without
    one each crew works by the server's own.
    """

    def __init__(
        self,
        server: GameServer,
        store: Store,
        credentials: Credentials,
        clock: Clock,
        *,
        base_url: str,
        tenancy: Tenancy,
        doubts: Doubts,
        assemble: Assemble,
        recipes: RecipeMap | None = None,
    ) -> None:
        self._tenancy = tenancy
        self._doubts = doubts
        self._past: dict[int, str] = {}
        self._recipes = recipes
        self._server = server
        self._store = store
        self._credentials = credentials
        self._clock = clock
        self._base_url = base_url
        self._reset_date = ""
        self._assemble = assemble
        self._crews: dict[int, Crew] = {}
        self._reconciled: dict[int, Reconciliation | None] = {}

    @property
    def reset_date(self) -> str:
        """When the universe began that is worked in (YYYY-MM-DD)."""
        return self._reset_date

    def enter(self, reset_date: str) -> None:
        """Work in the universe that began on ``reset_date`` (YYYY-MM-DD) from now on."""
        self._reset_date = reset_date

    async def muster(self, agents: Collection[int]) -> list[str]:
        """Build the crews of these players (ids); returns a sentence for each that cannot work."""
        complaints = []
        for player in await self.all():
            if player.id not in agents:
                continue
            token = await self._credentials.token(player)
            if token is None:
                complaints.append(
                    f"{player.agent_symbol} has no token: add it with `spacetraders player add`."
                )
                continue
            try:
                await self._enlist(player, token)
            except StaleToken as stale:
                complaints.append(f"{player.agent_symbol} cannot work: {stale}")
                continue
            complaints += await self._held_back(player)
        return complaints

    async def _held_back(self, player: Player) -> list[str]:
        hold = await self._store.transact(lambda tx: tx.spending_holds.of_player(player.id))
        return [] if hold is None else [f"{player.agent_symbol}: {hold.reason}."]

    async def register(self, agent: str, faction: str, account_token: str | None) -> Player:
        """Register a new agent with the game, keep its token, and read its ships."""
        symbol = sound_agent_symbol(agent)
        self._must_work()
        answer = await self._server.register(symbol, faction.upper(), account_token=account_token)
        return await self._join(answer.agent.symbol, answer.agent.headquarters, answer.token)

    async def add(self, token: str, agent: str | None) -> Player:
        """Add an agent that exists already. Raises StaleToken where the game does not take the token."""
        self._must_work()
        state = await self._server.session(token).agent()
        if agent is not None and agent.upper() != state.symbol.upper():
            raise UserError(f"The token is that of {state.symbol}, not of {agent.upper()}.")
        known = await self._store.transact(lambda tx: tx.players.by_agent(state.symbol))
        if known is not None:
            await self._tenancy.claim(known.id)
            await self._credentials.keep(state.symbol, self._reset_date, token)
            await self._enlist(known, token)
            return known
        return await self._join(state.symbol, state.headquarters, token)

    async def all(self) -> list[Player]:
        return await self._store.transact(lambda tx: tx.players.all())

    async def use(self, agent: str) -> Player:
        """Make a player the default one."""
        player = await self.resolve(None, agent)
        await self._store.transact(lambda tx: tx.players.make_default(player.id))
        return await self.resolve(player.id, None)

    async def resolve(self, player_id: int | None, agent: str | None) -> Player:
        """The player meant: by agent symbol, by id, or the default. Raises UserError with what to do.

        One of an earlier universe can be read and not worked for; it is meant by its id, or where the present
        universe has none of that call sign.
        """
        players = await self.all()
        past = await self._store.transact(lambda tx: tx.players.past())
        self._past = {player.id: player.agent_symbol for player in past}
        if agent:
            for player in (*players, *past):
                if player.agent_symbol.upper() == agent.upper() and player_id in (None, 0, player.id):
                    return player
            if player_id and any(one.agent_symbol.upper() == agent.upper() for one in (*players, *past)):
                raise UserError(
                    f"Player {player_id} is not {agent.upper()}; name one of the two, or two that agree."
                )
            raise UserError(
                f"There is no player {agent.upper()}; known are {_names(players)}.", kind="not-found"
            )
        if player_id:
            for player in (*players, *past):
                if player.id == player_id:
                    return player
            raise UserError(f"There is no player {player_id}; known are {_names(players)}.", kind="not-found")
        if not players and past and not self._tenancy.standing_by():
            newest = [player for player in past if player.reset_date == past[0].reset_date]
            return next((player for player in newest if player.is_default), newest[0])
        if not players:
            raise UserError(
                self._tenancy.standing_by()
                or "There is no player yet: register one with `spacetraders player register AGENT`.",
                kind="precondition",
            )
        return next((player for player in players if player.is_default), players[0])

    def crew(self, player_id: int) -> Crew:
        """The crew of a player. Raises UserError where another daemon has it, or its token does not work."""
        crew = self._crews.get(player_id)
        if crew is None and player_id in self._past:
            raise UserError(advice(self._past[player_id]), kind="precondition")
        if crew is None:
            raise UserError(
                self._tenancy.elsewhere(player_id)
                or "This player has no working token: add one with `spacetraders player add`.",
                kind="precondition",
            )
        return crew

    def books(self) -> list[Reconciliation | None]:
        """Ledger against balance of each crew as it was mustered; None where a step was still open."""
        return [self._reconciled[player_id] for player_id in self._crews]

    def dismiss(self, player_id: int) -> None:
        """Forget the crew of a player that is not ours any more."""
        self._crews.pop(player_id, None)

    def crews(self) -> list[Crew]:
        return list(self._crews.values())

    def _must_work(self) -> None:
        standing_by = self._tenancy.standing_by()
        if standing_by is not None:
            raise UserError(standing_by, kind="precondition")

    async def _join(self, symbol: str, headquarters: str, token: str) -> Player:
        # The token first: a player without one could never be used, a token without a player harms nobody.
        await self._credentials.keep(symbol, self._reset_date, token)
        now = self._clock.now()
        player = await self._store.transact(
            lambda tx: tx.players.add(
                symbol,
                reset_date=self._reset_date,
                base_url=self._base_url,
                headquarters=headquarters,
                now=now,
            )
        )
        await self._tenancy.claim(player.id)
        await self._enlist(player, token)
        return player

    async def _enlist(self, player: Player, token: str) -> None:
        api = self._server.session(token, refused=lambda: self._doubts.about(player.id))
        crew = self._assemble(player, api, self._recipes or await _recipes_of(api))
        self._reconciled[player.id] = await crew.muster()
        self._crews[player.id] = crew


async def _recipes_of(api: GameApi) -> RecipeMap:
    """The recipes of this universe; the bundled copy where the server's cannot be had or planned with."""
    try:
        recipes = await api.recipes()
    except StaleToken:
        raise
    except (Refused, Unavailable):
        return RecipeMap.bundled()
    return RecipeMap.bundled() if recipes.validate() else recipes


def sound_agent_symbol(agent: str) -> str:
    """The call sign in capitals. Raises UserError where the game could never take it (api-facts §5)."""
    symbol = agent.strip().upper()
    allowed = symbol.isascii() and all(c.isalnum() or c in _SYMBOL_EXTRA for c in symbol)
    if len(symbol) not in _SYMBOL_LENGTHS or not allowed:
        raise UserError(f"{agent!r} is no call sign; use 3 to 14 letters, digits, hyphens or underscores.")
    return symbol


def _names(players: list[Player]) -> str:
    return ", ".join(f"{player.agent_symbol} ({player.id})" for player in players) or "none"
