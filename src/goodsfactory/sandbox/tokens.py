"""Agent and account tokens: signed JSON web tokens; an agent's names agent and reset (api-facts §1, §4)."""

import base64
import hashlib
import hmac
import json
from datetime import datetime

from goodsfactory.sandbox.errors import ErrorCode, Refusal

SERVER_VERSION = "v2.3.0"
"""The version the sandbox speaks, in tokens and status."""

_SUBJECT = "agent-token"
_ACCOUNT_SUBJECT = "account-token"


class TokenMint:
    """Issues and reads the tokens of one universe. The same seed issues the same tokens."""

    def __init__(self, seed: int, reset_date: str) -> None:
        self._secret = hashlib.sha256(f"sandbox-token:{seed}".encode()).digest()
        self._reset_date = reset_date

    def issue(self, agent: str, now: datetime) -> str:
        """A token for ``agent``, valid until the universe resets."""
        return self._issue(
            {
                "identifier": agent,
                "version": SERVER_VERSION,
                "reset_date": self._reset_date,
                "iat": int(now.timestamp()),
                "sub": _SUBJECT,
            }
        )

    def issue_account(self, account: str, now: datetime) -> str:
        """A token for an account; it outlives resets, hence names none."""
        return self._issue(
            {
                "identifier": account,
                "version": SERVER_VERSION,
                "iat": int(now.timestamp()),
                "sub": _ACCOUNT_SUBJECT,
            }
        )

    def read_account(self, token: str) -> str:
        """The account a token names; refuses 4115 for anything but an account token signed here."""
        account = self.account_named(token)
        if account is None:
            raise Refusal(ErrorCode.INVALID_TOKEN, "Token is not an account token of this server.")
        return account

    def account_named(self, token: str) -> str | None:
        """The account a token names, None when it is no account token signed here."""
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(signed).encode()):
            return None
        claims = _claims(signed)
        account = claims.get("identifier")
        if claims.get("sub") != _ACCOUNT_SUBJECT or not isinstance(account, str):
            return None
        return account

    def read(self, token: str) -> str:
        """The agent a token names.

        Refuses 4100 (empty), 4104 (unreadable or forged), 4101 and 4102 (no agent named), 4105 (not an
        agent token), 4109 (other server version), 4113 (other reset, whoever signed it).
        """
        if not token:
            raise Refusal(ErrorCode.TOKEN_EMPTY, "Token is empty.")
        signed, _, signature = token.rpartition(".")
        claims = _claims(signed)
        if claims.get("sub") != _SUBJECT:
            raise Refusal(ErrorCode.INVALID_TOKEN_SUBJECT, "Token is not an agent token.")
        self._require_current(claims)
        if not hmac.compare_digest(signature.encode(), self._sign(signed).encode()):
            raise Refusal(ErrorCode.INVALID_TOKEN_REQUEST, "Failed to parse token. Signature is invalid.")
        if "identifier" not in claims:
            raise Refusal(ErrorCode.TOKEN_MISSING_SUBJECT, "Token names no agent.")
        agent = claims["identifier"]
        if not isinstance(agent, str) or not agent:
            raise Refusal(ErrorCode.TOKEN_INVALID_SUBJECT, "Token names an invalid agent.")
        return agent

    def _require_current(self, claims: dict[str, object]) -> None:
        for claim, expected, code in (
            ("reset_date", self._reset_date, ErrorCode.TOKEN_RESET_DATE_MISMATCH),
            ("version", SERVER_VERSION, ErrorCode.TOKEN_INVALID_VERSION),
        ):
            actual = claims.get(claim)
            if actual != expected:
                raise Refusal(
                    code,
                    f"Failed to parse token. Token {claim} does not match the server. "
                    f"Expected: {expected}, Actual: {actual}",
                    {"expected": expected, "actual": actual},
                )

    def _issue(self, claims: dict[str, object]) -> str:
        signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
        return f"{signed}.{self._sign(signed)}"

    def _sign(self, signed: str) -> str:
        return _armour(hmac.digest(self._secret, signed.encode(), "sha256"))


def _claims(signed: str) -> dict[str, object]:
    payload = signed.rpartition(".")[2]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError as error:
        raise Refusal(ErrorCode.INVALID_TOKEN_REQUEST, "Failed to parse token.") from error
    if not isinstance(claims, dict):
        raise Refusal(ErrorCode.INVALID_TOKEN_REQUEST, "Failed to parse token.")
    return claims


def _encode(part: dict[str, object]) -> str:
    return _armour(json.dumps(part, separators=(",", ":")).encode())


def _armour(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
