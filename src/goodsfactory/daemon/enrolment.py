"""Enrolment: players are registered, added, and found again in a universe that was left."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from goodsfactory.daemon.endless import to_its_end
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.tenancy import Tenancy
from goodsfactory.daemon.universe_reset import CONFIRM_AFTER, WITHOUT_VARIABLE, following
from goodsfactory.domain.errors import Refused, StaleToken, Unavailable, UserError
from goodsfactory.domain.player import Player
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.game_api import WAITED_FOR, GameServer, Registration
from goodsfactory.ports.store import Credentials, Store

_SYMBOL_LENGTHS = range(3, 15)
_SYMBOL_EXTRA = frozenset("-_")
_TOKEN_REFUSALS = 4100
"""From this code on the game's own refusals of a token begin (api-facts §3)."""
_TAKEN = 4111
"""The game's code for a call sign that somebody has already (api-facts §3)."""

BeginAnew = Callable[[Universe], Awaitable[None]]
"""Parks the present work and enters another universe."""


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
        kept = await self._adopt(symbol, begin_anew) or await self._go_back(symbol, None, begin_anew)
        if kept is not None:
            return kept
        known = await self._store.transact(lambda tx: tx.players.by_agent(symbol))
        # A call sign that is known here is free only in another universe.
        where = self._roster.universe if known is None else await self._following()
        try:
            answer = await to_its_end(self._register(symbol, faction.upper(), account_token, where))
        except Refused as refusal:
            if known is None or refusal.code != _TAKEN:
                raise
            # Its token may have met one odd refusal before.
            kept = await self._adopt(symbol, begin_anew)
            if kept is not None:
                return kept
            raise UserError(await self._refused_here(known), kind="precondition") from None
        state = answer.agent
        return await self._place(state.symbol, state.headquarters, answer.token, "is registered", begin_anew)

    async def _register(
        self, symbol: str, faction: str, account_token: str | None, where: Universe
    ) -> Registration:
        """Register with the game and keep the token. Nothing is asked or written between the two.

        The game tells the token once: whoever is cut short after this finds it kept.
        """
        answer = await self._server.register(symbol, faction, account_token=account_token)
        await self._credentials.keep(answer.agent.symbol, where, answer.token)
        return answer

    async def _place(
        self, symbol: str, headquarters: str, token: str, outcome: str, begin_anew: BeginAnew
    ) -> Enrolment:
        """Put an agent whose token the game has just taken on the roll of the universe that it belongs to.

        Raises Unavailable while it is not known which one that is.
        """
        known = await self._store.transact(lambda tx: tx.players.by_agent(symbol))
        try:
            anew = known is not None or await self._nobody_is_known(token)
        except Unavailable as trouble:
            raise Unavailable(
                f"Whether the server began anew is not known yet, so {symbol} cannot be worked for:"
                f" {str(trouble).rstrip('.')}. Give the command again later."
            ) from None
        if anew:
            universe = await self._following()
            await self._credentials.keep(symbol, universe, token)
            await self._store.transact(lambda tx: tx.universes.save(universe))
            await begin_anew(universe)
            outcome += " in a new universe: the server began anew, and the work of the old one is parked"
        return await self._join(symbol, headquarters, token, outcome)

    async def _adopt(self, symbol: str, begin_anew: BeginAnew) -> Enrolment | None:
        """The player whose token is kept and taken by the game, also of a universe that nobody had met yet.

        None where there is none.
        """
        known = await self._store.transact(lambda tx: tx.players.by_agent(symbol))
        for universe in await self._nearby():
            player = known if known is not None and known.universe == universe.id else None
            stranger = Player(0, symbol, universe.id, universe.reset_date, universe.server, self._clock.now())
            token = await self._credentials.token(player or stranger)
            if token is None:
                continue
            try:
                state = await self._server.session(token).agent(attempts=WAITED_FOR)
            except StaleToken:
                continue
            outcome = "is registered already; its token is kept here and the game takes it"
            if state.symbol.upper() == symbol and player is not None:
                return await self._employ(player, token, outcome)
            if state.symbol.upper() == symbol:
                return await self._place(state.symbol, state.headquarters, token, outcome, begin_anew)
        return None

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

    async def _following(self) -> Universe:
        """The universe of this server that would come next; it is not kept yet."""
        one, now = self._roster.universe, self._clock.now()
        ask = partial(following, server=one.server, reset_date=one.reset_date, told_id=one.told_id, now=now)
        return await self._store.transact(ask)

    async def _nearby(self) -> list[Universe]:
        """The present universe, the next one, and the one that the server has left behind for the present."""
        here = self._roster.universe
        met = await self._store.transact(lambda tx: tx.universes.of_server(here.server))
        gone = [
            one for one in met if one.id != here.id and (here.told_id or one.reset_date < here.reset_date)
        ]
        return [here, await self._following(), *gone[:1]]

    async def _nobody_is_known(self, taken: str) -> bool:
        """Whether the game takes this token and knows none of the players here: its universe is another one.

        Asked only of a server that gives its universes no ids: one that does has said so itself. Raises
        Unavailable while none is known and one cannot be asked, StaleToken where ``taken`` is refused too.
        """
        if self._roster.universe.told_id:
            return False
        players = [player for player in await self._roster.all() if self._roster.is_ours(player.id)]
        tokens = [token for one in players if (token := await self._credentials.token(one)) is not None]
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
            await self._server.session(taken).agent(attempts=WAITED_FOR)
        return bool(tokens)

    async def _is_unknown(self, token: str) -> bool:
        """Whether the game itself says that the token is of no agent here; a bare 401 says too little."""
        try:
            await self._server.session(token).agent(attempts=WAITED_FOR)
        except StaleToken as refusal:
            return refusal.code >= _TOKEN_REFUSALS or bool(refusal.data)
        except Refused:
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
            first = universe.number < here.number or await self._nobody_is_known(kept)
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
        return await self._place(state.symbol, state.headquarters, token, "is added", begin_anew)

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


def sound_agent_symbol(agent: str) -> str:
    """The call sign in capitals. Raises UserError where the game could never take it (api-facts §5)."""
    symbol = agent.strip().upper()
    allowed = symbol.isascii() and all(c.isalnum() or c in _SYMBOL_EXTRA for c in symbol)
    if len(symbol) not in _SYMBOL_LENGTHS or not allowed:
        raise UserError(f"{agent!r} is no call sign; use 3 to 14 letters, digits, hyphens or underscores.")
    return symbol
