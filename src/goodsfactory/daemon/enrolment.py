"""Enrolment: players are registered, added, and found again in a universe that was left."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.daemon.universe_reset import CONFIRM_AFTER, WITHOUT_VARIABLE, next_universe
from goodsfactory.domain.errors import Refused, StaleToken, Unavailable, UserError
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import WAITED_FOR, GameServer
from goodsfactory.ports.store import Credentials, Store

_SYMBOL_LENGTHS = range(3, 15)
_SYMBOL_EXTRA = frozenset("-_")
_TOKEN_REFUSALS = 4100
"""From this code on the game's own refusals of a token begin (api-facts §3)."""
_TAKEN = 4111
"""The game's code for a call sign that somebody has already (api-facts §3)."""

BeginAnew = Callable[[Universe], Awaitable[None]]
"""Parks the present work and enters another universe."""


Result = TypeVar("Result")


@dataclass(frozen=True)
class Enrolment:
    """A player this daemon works for from now on.

    ``outcome`` completes the sentence that begins with its name: ``is registered``. ``renewed`` is set where
    it was at work with another token.
    """

    player: Player
    outcome: str
    renewed: bool = False


class Registrar:
    """Puts players on the roster, and their tokens into ``credentials``."""

    def __init__(
        self,
        roster: Roster,
        server: GameServer,
        store: Store,
        credentials: Credentials,
        clock: Clock,
        tenancy: Tenancy,
    ) -> None:
        self._roster = roster
        self._server = server
        self._store = store
        self._credentials = credentials
        self._clock = clock
        self._tenancy = tenancy

    async def register(
        self, agent: str, faction: str, account_token: str | None, *, begin_anew: BeginAnew
    ) -> Enrolment:
        """Play an agent: the one that is registered already, where the game takes its token; else a new one.

        Registering a call sign that this daemon holds succeeds only where the server began anew.
        """
        symbol = sound_agent_symbol(agent)
        self._roster.require_work()
        kept = await self._adopt(symbol) or await self._go_back(symbol, None, begin_anew)
        if kept is not None:
            return kept
        known = await self._store.transact(lambda tx: tx.players.by_agent(symbol))
        anew = known is not None or await self._nobody_is_known()
        registering = self._register(symbol, faction.upper(), account_token, anew=anew)
        try:
            player, universe, token = await _to_its_end(registering)
        except Refused as refusal:
            if known is not None and refusal.code == _TAKEN:
                raise UserError(await self._refused_here(known), kind="precondition") from None
            raise
        outcome = "is registered"
        if anew:
            await begin_anew(universe)
            outcome += " in a new universe: the server began anew, and the work of the old one is parked"
        return await self._employ(player, token, outcome)

    async def _register(
        self, symbol: str, faction: str, account_token: str | None, *, anew: bool
    ) -> tuple[Player, Universe, str]:
        """Register with the game and put the player on the roll. Nothing is asked between the two.

        The game tells the token once: whoever is cut short after this finds it kept.
        """
        here = self._roster.universe
        answer = await self._server.register(symbol, faction, account_token=account_token)
        universe = await self._next_universe(here) if anew else here
        player = await self._enrol(universe, answer.agent.symbol, answer.agent.headquarters, answer.token)
        return player, universe, answer.token

    async def _adopt(self, symbol: str) -> Enrolment | None:
        """The player whose token is kept and taken by the game; None where there is none."""
        here = self._roster.universe
        player = await self._store.transact(lambda tx: tx.players.by_agent(symbol))
        stranger = Player(0, symbol, here.id, here.reset_date, here.server, self._clock.now())
        token = await self._credentials.token(player or stranger)
        if token is None:
            return None
        try:
            state = await self._server.session(token).agent(attempts=WAITED_FOR)
        except StaleToken:
            return None
        if state.symbol.upper() != symbol:
            return None
        outcome = "is registered already; its token is kept here and the game takes it"
        if player is None:
            return await self._join(symbol, state.headquarters, token, outcome)
        return await self._employ(player, token, outcome)

    async def _refused_here(self, player: Player) -> str:
        """What to do about a call sign that is registered, and that no token here plays."""
        registered = f"{player.agent_symbol} is registered at the game"
        add = "Give the right one with `spacetraders player add`."
        token = await self._credentials.token(player)
        if token is None:
            return f"{registered}, and its token is not kept here. Give it with `spacetraders player add`."
        by_environment = self._credentials.is_from_environment(token)
        whose = "of the daemon's SPACETRADERS_TOKEN" if by_environment else "kept here"
        try:
            other = (await self._server.session(token).agent(attempts=WAITED_FOR)).symbol
        except StaleToken:
            remedy = WITHOUT_VARIABLE if by_environment else add
            return f"{registered}, which does not take the token {whose}. {remedy}"
        without = "Start the daemon again without that variable. " if by_environment else ""
        return f"{registered}, and the token {whose} is that of {other}. {without}{add}"

    async def _universe_of(self, player: Player) -> Universe | None:
        return await self._store.transact(lambda tx: tx.universes.get(player.universe))

    async def _next_universe(self, here: Universe) -> Universe:
        now = self._clock.now()
        return await self._store.transact(
            lambda tx: next_universe(tx, here.server, here.reset_date, here.told_id, now)
        )

    async def _nobody_is_known(self) -> bool:
        """Whether the game knows none of the players here: its universe must be another one.

        Asked only of a server that gives its universes no ids: one that does has said so itself.
        """
        if self._roster.universe.told_id:
            return False
        players = [player for player in await self._roster.all() if self._roster.is_ours(player.id)]
        tokens = [token for one in players if (token := await self._credentials.token(one)) is not None]
        # Twice, because one odd answer must not leave all work behind.
        for pause in (0.0, CONFIRM_AFTER):
            await self._clock.sleep(pause)
            for token in tokens:
                if not await self._is_unknown(token):
                    return False
        return bool(tokens)

    async def _is_unknown(self, token: str) -> bool:
        """Whether the game itself says that the token is of no agent here; a bare 401 says too little."""
        try:
            await self._server.session(token).agent(attempts=WAITED_FOR)
        except StaleToken as refusal:
            return refusal.code >= _TOKEN_REFUSALS or bool(refusal.data)
        except (Unavailable, Refused):
            return False
        return False

    async def _go_back(self, symbol: str, token: str | None, begin_anew: BeginAnew) -> Enrolment | None:
        """Work in a parked universe again, where the game takes the token that is kept there for the agent.

        Only of a server that gives its universes no ids, as ``_nobody_is_known``.
        """
        here = self._roster.universe
        for player in [] if here.told_id else reversed(await self._roster.parked_players()):
            universe = await self._universe_of(player)
            if universe is None or (universe.server, universe.reset_date) != (here.server, here.reset_date):
                continue
            kept = await self._credentials.token(player)
            if player.agent_symbol.upper() != symbol or kept is None or token not in (None, kept):
                continue
            try:
                state = await self._server.session(kept).agent(attempts=WAITED_FOR)
            except Refused:
                continue
            # Both are one universe where agents of both are known: then it is the one that was there first.
            first = universe.number < here.number or await self._nobody_is_known()
            if state.symbol.upper() == symbol and first:
                await begin_anew(universe)
                return Enrolment(player, "is played again: the work that was parked with it goes on")
        return None

    async def add(self, token: str, agent: str | None, *, begin_anew: BeginAnew) -> Enrolment:
        """Add an agent that exists already. Raises StaleToken where the game does not take the token."""
        self._roster.require_work()
        state = await self._server.session(token).agent(attempts=WAITED_FOR)
        if agent is not None and agent.upper() != state.symbol.upper():
            raise UserError(f"The token is that of {state.symbol}, not of {agent.upper()}.")
        known = await self._store.transact(lambda tx: tx.players.by_agent(state.symbol))
        if known is None or await self._credentials.token(known) != token.strip():
            back = await self._go_back(state.symbol.upper(), token.strip(), begin_anew)
            if back is not None:
                return back
        if known is not None:
            return await self._renew(known, token)
        if await self._nobody_is_known():
            await begin_anew(await self._next_universe(self._roster.universe))
        return await self._join(state.symbol, state.headquarters, token, "is added")

    async def _renew(self, player: Player, token: str) -> Enrolment:
        at_work = self._roster.is_at_work(player.id)
        kept = await self._credentials.token(player)
        if at_work and token.strip() == kept:
            return Enrolment(player, "is played already, with this token")
        await self._tenancy.claim(player.id)
        await self._credentials.keep(player.agent_symbol, self._roster.universe, token)
        await self._roster.enlist(player, token, attempts=WAITED_FOR)
        outcome = "is played already; its token is renewed"
        if await self._credentials.token(player) != token.strip():
            outcome += ", but the next start takes SPACETRADERS_TOKEN before it unless that is unset"
        return Enrolment(player, outcome, renewed=at_work)

    async def _join(self, symbol: str, headquarters: str, token: str, outcome: str) -> Enrolment:
        player = await self._enrol(self._roster.universe, symbol, headquarters, token)
        return await self._employ(player, token, outcome)

    async def _enrol(self, universe: Universe, symbol: str, headquarters: str, token: str) -> Player:
        # The token first: a player without one could never be used, a token without a player harms nobody.
        await self._credentials.keep(symbol, universe, token)
        now = self._clock.now()
        return await self._store.transact(
            lambda tx: tx.players.add(
                symbol,
                universe=universe.id,
                reset_date=universe.reset_date,
                base_url=universe.server,
                headquarters=headquarters,
                now=now,
            )
        )

    async def _employ(self, player: Player, token: str, outcome: str) -> Enrolment:
        if not self._roster.is_at_work(player.id):
            await self._tenancy.claim(player.id)
            await self._roster.enlist(player, token, attempts=WAITED_FOR)
        return Enrolment(player, outcome)


async def _to_its_end(work: Coroutine[Any, Any, Result]) -> Result:
    """What the work brings. It goes on where its caller is cancelled, and the caller waits for it."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait([task])


def sound_agent_symbol(agent: str) -> str:
    """The call sign in capitals. Raises UserError where the game could never take it (api-facts §5)."""
    symbol = agent.strip().upper()
    allowed = symbol.isascii() and all(c.isalnum() or c in _SYMBOL_EXTRA for c in symbol)
    if len(symbol) not in _SYMBOL_LENGTHS or not allowed:
        raise UserError(f"{agent!r} is no call sign; use 3 to 14 letters, digits, hyphens or underscores.")
    return symbol
