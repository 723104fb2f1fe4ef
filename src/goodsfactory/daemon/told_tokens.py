"""Tokens that the game has just told: it tells each once."""

from goodsfactory.domain.errors import Unavailable, UserError
from goodsfactory.domain.universe import Universe
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Credentials

KEEP_AGAIN = (1.0, 4.0, 10.0)
"""Real seconds between the attempts at keeping such a token."""


class ToldTokens:
    """Keeps them until it is known of which universe they are; ``real`` is the machine's time.

    What cannot be kept is remembered for as long as this process lives.
    """

    def __init__(self, credentials: Credentials, real: Clock) -> None:
        self._credentials = credentials
        self._real = real
        self._remembered: dict[str, str] = {}

    async def of(self, agent: str) -> str | None:
        """What the game told last for the agent, where nothing came of it."""
        return self._remembered.get(agent.upper()) or await self._credentials.told(agent)

    async def keep(self, agent: str, token: str) -> None:
        """Raises Unavailable, which says that the agent exists, where the token can only be remembered."""
        trouble = ""
        for pause in (0.0, *KEEP_AGAIN):
            await self._real.sleep(pause)
            try:
                return await self._credentials.keep_told(agent, token)
            except (Unavailable, UserError) as error:
                trouble = str(error).rstrip(".")
        self._remembered[agent.upper()] = token
        raise Unavailable(
            f"{agent} is registered at the game, but its token is not kept: {trouble}. The daemon remembers"
            f" it until it ends: give the command again before that."
        )

    async def place(self, agent: str, universe: Universe, token: str) -> None:
        """Keep the token by which the agent is played in a universe; older ones are of no use any more."""
        await self._credentials.keep(agent, universe, token)
        self._remembered.pop(agent.upper(), None)
