"""Agents: who plays, with which purse, under which token (api-facts §5)."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found, unprocessable
from goodsfactory.sandbox.tokens import TokenMint

STARTING_CREDITS = 175_000
"""What a new agent owns, in credits (api-facts §5)."""

_SYMBOL = re.compile(r"[A-Za-z0-9_-]{3,14}")


@dataclass(slots=True)
class Agent:
    """One player. ``credits`` may be negative after a failed contract (api-facts §15)."""

    symbol: str
    account: str
    faction: str
    headquarters: str
    credits: int
    starting_credits: int
    registered_at: datetime

    def pay(self, price: int) -> None:
        """Take credits out of the purse; the caller has checked that they are there."""
        self.credits -= price

    def earn(self, amount: int) -> None:
        """Put credits into the purse."""
        self.credits += amount


class AgentRegister:
    """All agents of a universe and their tokens."""

    def __init__(
        self,
        mint: TokenMint,
        *,
        seed: int,
        headquarters_of: Callable[[str], str],
        recruiting: list[str],
        reserved: Collection[str] = (),
    ) -> None:
        self._mint = mint
        self._seed = seed
        self._headquarters_of = headquarters_of
        self._recruiting = recruiting
        self._reserved = frozenset(reserved)
        self._agents: dict[str, Agent] = {}
        self._by_token: dict[str, Agent] = {}

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._agents.values())

    def __len__(self) -> int:
        return len(self._agents)

    def enrol(
        self,
        symbol: str,
        faction: str,
        *,
        account_token: str | None,
        starting_credits: int,
        now: datetime,
        issued: datetime,
    ) -> tuple[Agent, str]:
        """Write down a new agent and issue its token, which says that it was issued at ``issued``.

        Refuses 3001 (call sign malformed), 4111 (taken), 4110 (reserved), 4112 (faction does not
        recruit here).
        """
        if not _SYMBOL.fullmatch(symbol):
            message = "must be 3 to 14 letters, digits, '-' or '_'"
            raise unprocessable("invalid_string", ["symbol"], message)
        symbol = symbol.upper()
        if symbol in self._agents:
            raise Refusal(
                ErrorCode.REGISTER_AGENT_CONFLICT_SYMBOL,
                f"Cannot register agent. Call sign {symbol} is taken.",
                {"agentSymbol": symbol},
            )
        if symbol in self._reserved:
            raise Refusal(
                ErrorCode.REGISTER_AGENT_SYMBOL_RESERVED,
                f"Cannot register agent. Call sign {symbol} is reserved.",
                {"agentSymbol": symbol},
            )
        if faction not in self._recruiting:
            raise Refusal(
                ErrorCode.REGISTER_AGENT_NO_STARTING_LOCATIONS,
                f"Cannot register agent. Faction {faction} has no starting location here; "
                f"recruiting: {', '.join(self._recruiting)}.",
                {"factionSymbol": faction},
            )
        agent = Agent(
            symbol=symbol,
            account=self.account_id(account_token or symbol),
            faction=faction,
            headquarters=self._headquarters_of(faction),
            credits=starting_credits,
            starting_credits=starting_credits,
            registered_at=now,
        )
        token = self._mint.issue(symbol, issued)
        self._agents[symbol] = agent
        self._by_token[token] = agent
        return agent, token

    def authenticate(self, token: str) -> Agent:
        """The agent of a token. Refuses as :meth:`TokenMint.read`, and 4107 for an unknown agent."""
        known = self._by_token.get(token)
        if known is not None:
            return known
        symbol = self._mint.read(token)
        agent = self._agents.get(symbol)
        if agent is None:
            raise Refusal(ErrorCode.AGENT_NOT_EXISTS, f"Agent {symbol} does not exist.")
        return agent

    def holder(self, token: str) -> Agent | None:
        """The agent a token was issued to, without telling what is wrong with any other token."""
        return self._by_token.get(token)

    def of_account(self, token: str) -> list[Agent]:
        """The agents an account registered with its token."""
        account = self.account_id(token)
        return [agent for agent in self._agents.values() if agent.account == account]

    def find(self, symbol: str) -> Agent:
        """The agent of a call sign; refuses 404."""
        agent = self._agents.get(symbol)
        if agent is None:
            raise not_found("Agent", symbol)
        return agent

    def account_id(self, source: str) -> str:
        """The id of the account behind a token; without a token every call sign is its own account.

        An account of this server is known by its name, since each opening gives it another token.
        """
        name = self._mint.account_named(source)
        known = f"account:{self._seed}:{source}" if name is None else f"account by name:{self._seed}:{name}"
        digest = hashlib.blake2s(known.encode(), digest_size=12)
        return f"c{digest.hexdigest()}"
