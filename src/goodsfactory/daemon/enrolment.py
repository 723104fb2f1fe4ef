"""Enrolment: players are registered, added, and found again in a universe that was left."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.daemon.told_tokens import ToldTokens
from goodsfactory.daemon.turnover import Turnover
from goodsfactory.daemon.universe_reset import CONFIRM_AFTER, WITHOUT_VARIABLE
from goodsfactory.domain.errors import Refused, StaleToken, Unavailable, UserError
from goodsfactory.domain.player import Player, sound_agent_symbol
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import AgentState, GameServer
from goodsfactory.ports.store import Credentials, Store

_TOKEN_REFUSALS = 4100
"""From this code on the game's own refusals of a token begin (api-facts §3)."""
_TAKEN = 4111
"""The game's code for a call sign that somebody has already (api-facts §3)."""

_OTHERS = (
    "register another call sign, or give a token of this one from the game's site with"
    " `spacetraders player add`."
)
"""What helps where a call sign is taken and its token is not known here; the game tells a token once."""

BeginAnew = Callable[[Universe], Awaitable[None]]
"""Parks the present work and enters another universe."""


@dataclass(frozen=True)
class Enrolment:
    """A player this daemon works for from now on.

    ``outcome`` completes the sentence that begins with its name: ``is registered``. ``token`` is what it
    begins to work with, None where it goes on as before.
    """

    player: Player
    outcome: str
    token: str | None = None


Decided = Callable[[], Coroutine[Any, Any, Enrolment]]
"""What a command comes to: nothing has been done yet, and once begun it must not be cut short."""


class Registrar:
    """Puts players on the roster, and their tokens into ``credentials``; ``real`` is the machine's time."""

    def __init__(
        self,
        roster: Roster,
        server: GameServer,
        store: Store,
        credentials: Credentials,
        clock: Clock,
        tenancy: Tenancy,
        turnover: Turnover,
        real: Clock,
    ) -> None:
        self._roster = roster
        self._server = server
        self._store = store
        self._credentials = credentials
        self._clock = clock
        self._tenancy = tenancy
        self._turnover = turnover
        self._told = ToldTokens(credentials, real)

    async def register(
        self, agent: str, faction: str, account_token: str | None, begin_anew: BeginAnew
    ) -> Decided:
        """Play an agent: the one that is registered already, where the game takes its token; else a new one.

        Registering a call sign that this daemon holds succeeds only where the server began anew.
        """
        symbol = sound_agent_symbol(agent)
        self._roster.require_work()
        kept = await self._adopt(symbol, begin_anew) or await self._go_back(symbol, None, begin_anew)
        return kept or partial(self._register, symbol, faction.upper(), account_token, begin_anew)

    async def _register(
        self, symbol: str, faction: str, account_token: str | None, begin_anew: BeginAnew
    ) -> Enrolment:
        await self._credentials.rehearse(symbol)
        try:
            answer = await self._server.register(symbol, faction, account_token=account_token)
        except Unavailable as trouble:
            if not trouble.maybe_done:
                raise
            again = (
                f"{trouble} Give the command again; if {symbol} is taken then, its token was lost: {_OTHERS}"
            )
            raise Unavailable(again, maybe_done=True, retry_after=trouble.retry_after) from None
        except Refused as refusal:
            known = await self._known(symbol)
            if refusal.code != _TAKEN:
                raise
            if known is None:
                taken = f"{refusal.message.rstrip('.')}: {_OTHERS}"
                raise Refused(taken, code=refusal.code, status=refusal.status, data=refusal.data) from None
            # Its token may have met one odd refusal before.
            kept = await self._adopt(symbol, begin_anew)
            if kept is not None:
                return await kept()
            raise UserError(await self._refused_here(known), kind="precondition") from None
        await self._told.keep(answer.agent.symbol, answer.token)
        return await self._place(answer.agent, answer.token, "is registered", begin_anew, just_told=True)

    async def _place(
        self,
        agent: AgentState,
        token: str,
        outcome: str,
        begin_anew: BeginAnew,
        *,
        just_told: bool = False,
    ) -> Enrolment:
        """Put an agent whose token the game has just taken on the roll of the universe that it belongs to.

        The server is asked now: whatever it said before can be of another universe. Raises Unavailable while
        it is not known which one that is.
        """
        symbol, before = agent.symbol, self._roster.universe
        known = await self._known(symbol) is not None
        try:
            status = await self._turnover.other()
            if status is not None:
                universe = await self._turnover.universe_of(status)
            # The game gives a call sign once; a token that it told earlier can have been replaced since.
            elif (just_told and known) or await self._nobody_is_known(token, though_named=known):
                universe = await self._turnover.following()
            else:
                universe = before
        except Unavailable as trouble:
            raise Unavailable(
                f"Whether the server began anew is not known yet, so {symbol} cannot be worked for:"
                f" {str(trouble).rstrip('.')}. Give the command again later."
            ) from None
        if universe.id != before.id:
            await begin_anew(universe)
            outcome += " in a new universe: the server began anew"
            if universe.reset_date == before.reset_date:
                outcome += ", and the work of the old one is parked"
        # The token first: a player without one could never be used, a token without a player harms nobody.
        await self._told.place(symbol, universe, token)
        player = await self._known(symbol) or await self._enrol(universe, agent)
        await self._tenancy.claim(player.id)
        return Enrolment(player, outcome, token)

    async def _adopt(self, symbol: str, begin_anew: BeginAnew) -> Decided | None:
        """To play the agent whose token is kept and taken by the game, also where nobody has placed it yet.

        None where there is none.
        """
        outcome = "is registered already; its token is kept here and the game takes it"
        known = await self._known(symbol)
        kept = await self._credentials.token(known or self._stranger(symbol, self._roster.universe))
        for player, token in ((known, kept), (None, await self._told.of(symbol))):
            if token is None:
                continue
            try:
                state = await self._server.session(token).agent()
            except StaleToken:
                continue
            if state.symbol.upper() == symbol and player is not None:
                return partial(self._employ, player, token, outcome)
            if state.symbol.upper() == symbol:
                return partial(self._place, state, token, outcome, begin_anew)
        return None

    def _stranger(self, symbol: str, universe: Universe) -> Player:
        return Player(0, symbol, universe.id, universe.reset_date, universe.server, self._clock.now())

    async def _known(self, symbol: str) -> Player | None:
        return await self._store.transact(lambda tx: tx.players.by_agent(symbol))

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
            other = (await self._server.session(token).agent()).symbol
        except StaleToken:
            remedy = WITHOUT_VARIABLE if by_environment else add
            return f"{registered}, which does not take the token {whose}. {remedy}"
        without = "Start the daemon again without that variable. " if by_environment else ""
        return f"{registered}, and the token {whose} is that of {other}. {without}{add}"

    async def _nobody_is_known(self, taken: str, *, though_named: bool = False) -> bool:
        """Whether the game takes this token and knows none of the players here: its universe is another one.

        A server that gives its universes ids has said so itself, and is asked only ``though_named``: a
        sandbox that is started again with all it was started with has the same id. Raises Unavailable while
        none is known and one cannot be asked, StaleToken where ``taken`` is refused too.
        """
        if self._roster.universe.told_id and not though_named:
            return False
        players = [player for player in await self._roster.all() if self._roster.is_ours(player.id)]
        tokens = [token for one in players if (token := await self._credentials.token(one))]
        # Twice, because one odd answer must not leave all work behind.
        for pause in (0.0, CONFIRM_AFTER) if tokens else ():
            await self._clock.sleep(pause)
            doubt: Unavailable | None = None
            for token in tokens:
                try:
                    if not await self._is_unknown(token):
                        return False
                except Unavailable as trouble:
                    doubt = trouble
            if doubt is not None:
                raise doubt
            await self._server.session(taken).agent()
        return bool(tokens)

    async def _is_unknown(self, token: str) -> bool:
        """Whether the game itself says that the token is of no agent here; a bare 401 says too little."""
        try:
            await self._server.session(token).agent()
        except StaleToken as refusal:
            return refusal.code >= _TOKEN_REFUSALS or bool(refusal.data)
        except Refused:
            return False
        return False

    async def _go_back(self, symbol: str, token: str | None, begin_anew: BeginAnew) -> Decided | None:
        """To work in a parked universe again, where the game takes the token kept there for the agent.

        Only of a server that gives its universes no ids, as ``_nobody_is_known``.
        """
        here = self._roster.universe
        met = await self._store.transact(lambda tx: tx.universes.of_server(here.server))
        near = {one.id: one for one in met if one.reset_date == here.reset_date and not here.told_id}
        parked = [one for one in await self._roster.parked_players() if one.universe in near]
        for player in [one for one in reversed(parked) if one.agent_symbol.upper() == symbol]:
            kept, universe = await self._credentials.token(player), near[player.universe]
            if kept is None or token not in (None, kept):
                continue
            try:
                state = await self._server.session(kept).agent()
            except Refused:
                continue
            # Both are one universe where agents of both are known: then it is the one that was there first.
            first = universe.number < here.number or await self._nobody_is_known(kept)
            if state.symbol.upper() == symbol and first:
                return partial(self._resume, player, universe, begin_anew)
        return None

    async def _resume(self, player: Player, universe: Universe, begin_anew: BeginAnew) -> Enrolment:
        await begin_anew(universe)
        return Enrolment(player, "is played again: the work that was parked with it goes on")

    async def add(self, token: str, agent: str | None, begin_anew: BeginAnew) -> Decided:
        """Add an agent that exists already. Raises StaleToken where the game does not take the token."""
        self._roster.require_work()
        state = await self._server.session(token).agent()
        if agent is not None and agent.upper() != state.symbol.upper():
            raise UserError(f"The token is that of {state.symbol}, not of {agent.upper()}.")
        known = await self._known(state.symbol)
        if known is None or await self._credentials.token(known) != token.strip():
            back = await self._go_back(state.symbol.upper(), token.strip(), begin_anew)
            if back is not None:
                return back
        if known is not None:
            return partial(self._renew, known, token)
        return partial(self._place, state, token, "is added", begin_anew)

    async def _renew(self, player: Player, token: str) -> Enrolment:
        kept = await self._credentials.token(player)
        if self._roster.is_at_work(player.id) and token.strip() == kept:
            return Enrolment(player, "is played already, with this token")
        await self._tenancy.claim(player.id)
        await self._told.place(player.agent_symbol, self._roster.universe, token)
        outcome = "is played already; its token is renewed"
        if await self._credentials.token(player) != token.strip():
            outcome += ", but the next start takes SPACETRADERS_TOKEN before it unless that is unset"
        return Enrolment(player, outcome, token)

    async def _enrol(self, universe: Universe, agent: AgentState) -> Player:
        now = self._clock.now()
        return await self._store.transact(
            lambda tx: tx.players.add(
                agent.symbol,
                universe=universe.id,
                reset_date=universe.reset_date,
                base_url=universe.server,
                headquarters=agent.headquarters,
                now=now,
            )
        )

    async def _employ(self, player: Player, token: str, outcome: str) -> Enrolment:
        await self._tenancy.claim(player.id)
        return Enrolment(player, outcome, None if self._roster.is_at_work(player.id) else token)
