"""Accounts: who may register agents (api-facts §1: the account token is needed to register only)."""

from datetime import datetime

from goodsfactory.sandbox.agents import AgentRegister
from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.tokens import TokenMint


class Accounts:
    """Opens accounts and reads their tokens.

    A sandbox forgives registration without a token, and takes any token for an account of its own, so that
    nobody needs an account to play. With ``required`` it is as strict as the live server.
    """

    def __init__(self, mint: TokenMint, agents: AgentRegister, *, required: bool) -> None:
        self._mint = mint
        self._agents = agents
        self._required = required
        self._open: set[str] = set()

    def open(self, name: str, now: datetime) -> str:
        """Open an account, or one again, and return a token of it; older ones stay good."""
        self._open.add(name)
        return self._mint.issue_account(name, now)

    def outlive(self, ended: "Accounts") -> None:
        """Keep the accounts of a universe that has ended: their tokens are long-lived (api-facts §1)."""
        self._open = set(ended._open)

    def admit(self, token: str | None) -> None:
        """Let a token register an agent.

        Refuses 4105 for an agent token; and when accounts are required 4116 without a token, 4115 for one
        that is no account token of this server, 4106 for an account nobody opened.
        """
        if token is None:
            if self._required:
                raise Refusal(
                    ErrorCode.MISSING_ACCOUNT_TOKEN_REQUEST,
                    "Missing account token. Registering needs Authorization: Bearer ACCOUNT_TOKEN.",
                )
            return
        if not token:
            raise Refusal(ErrorCode.TOKEN_EMPTY, "Token is empty.")
        if self._agents.holder(token) is not None:
            message = "Registering needs an account token, not an agent token."
            raise Refusal(ErrorCode.INVALID_TOKEN_SUBJECT, message)
        if self._required:
            name = self._mint.read_account(token)
            if name not in self._open:
                raise Refusal(ErrorCode.ACCOUNT_NOT_EXISTS, f"Account {name} does not exist.")

    def is_open(self, token: str) -> bool:
        """Whether a token belongs to an account opened here."""
        return self._mint.account_named(token) in self._open

    def require_agent_token(self, token: str) -> None:
        """Refuse (4108) the token of an account without an agent; pass any other."""
        name = self._mint.account_named(token)
        if name in self._open and not self._agents.of_account(token):
            raise Refusal(ErrorCode.ACCOUNT_HAS_NO_AGENT, f"Account {name} has no agent in this universe.")
