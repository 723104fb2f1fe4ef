"""One call of the game: through the request gate, over the wire, and again where that is safe."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

import httpx2
import msgspec
import structlog

from goodsfactory.adapters.spacetraders.error_mapping import (
    Answer,
    error_of,
    is_limit,
    lost_answer,
    never_sent,
    pause_told,
)
from goodsfactory.adapters.spacetraders.request_gate import Outcome, Purpose, RequestGate
from goodsfactory.adapters.spacetraders.retries import Repeat, RetryPolicy
from goodsfactory.adapters.spacetraders.server_time import ServerTime, read_time
from goodsfactory.adapters.spacetraders.set_aside import SENSELESS, SetAside, reason
from goodsfactory.adapters.spacetraders.wire import Envelope
from goodsfactory.domain.errors import AnotherUniverse, GoodsFactoryError, StaleToken, Unavailable, Unreadable
from goodsfactory.ports.clock import Clock, FollowingClock
from goodsfactory.ports.game_api import RequestStatistics
from goodsfactory.ports.waiting import WAITED_FOR, is_waited_for

UNIVERSE_HEADER = "x-sandbox-universe"
"""Names the universe behind an answer: two that begin on one day differ in it. The live server sends none."""

Shape = TypeVar("Shape")

Permit = Callable[[], Awaitable[None]]
"""Returns once this process surely has the right to act in the game, and not before (law L5)."""

LARGEST_ANSWER = 8 * 2**20
"""Bytes read of one answer. Twenty ships with all their parts are less than a hundredth of it."""

DEADLINE = 120.0
"""Real seconds from sending a request to the end of its answer, however slowly it trickles in."""

LONGEST_SILENCE = 90.0
"""Game seconds a call waits after a 429 without telling anybody: the game's own windows last 60."""

PATIENCE = 30.0
"""Real seconds that 429s may hold up a call that somebody waits for: the command line gives up after 60."""

LONGEST_CALL = PATIENCE + DEADLINE
"""Real seconds after which a call that somebody waits for is given up, all its attempts together."""

_TOO_MANY = 429

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class Call:
    """One endpoint to be asked. ``body`` None sends none; the game refuses an empty one (api-facts §0.1)."""

    method: str
    path: str
    purpose: Purpose
    repeat: Repeat = Repeat.SAFE
    body: Mapping[str, Any] | None = None
    query: Mapping[str, int] | None = None

    @property
    def asked(self) -> str:
        """How messages name it."""
        return f"{self.method} {self.path}"

    @property
    def changes(self) -> bool:
        """True when a lost answer leaves open what happened."""
        return self.repeat is Repeat.NEVER


@dataclass
class _Attempt:
    """The newest attempt at a call: whether its request can have reached the server."""

    sent: bool = False


class Exchange:
    """Sends calls. All sessions of a server share one, and with it the gate and the connections."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        clock: Clock,
        gate: RequestGate,
        policy: RetryPolicy,
        chance: random.Random,
        permit: Permit | None = None,
        is_ours: Callable[[str], bool] = lambda told: True,
    ) -> None:
        self._permit = permit
        self._is_ours = is_ours
        self._client = client
        # Putting an address together takes longer than all else that makes a request, and few are asked for.
        self._url = lru_cache(maxsize=4096)(lambda path: client.build_request("GET", path).url)
        self._clock = clock
        self._follower = _follower(clock)
        self._server_time = ServerTime()
        self._gate = gate
        self._policy = policy
        self._chance = chance
        self._trouble: str | None = None
        self._stale: dict[str, str] = {}
        self._refused: dict[str, Callable[[], None]] = {}
        self.set_aside = SetAside(clock)

    def now(self) -> datetime:
        """The server's time as we know it."""
        return self._clock.now()

    def statistics(self) -> RequestStatistics:
        """What the shared gate let through, and whether the server answers."""
        return replace(
            self._gate.statistics(), trouble=self._general_trouble(), unreadable=self.set_aside.of()
        )

    def trouble(self, token: str) -> str | None:
        """Why this token's newest call had no answer; None while the server answers it."""
        return self._general_trouble() or self._stale.get(token)

    def _general_trouble(self) -> str | None:
        return self._gate.limited() or self._trouble

    def token_refused(self, token: str) -> str | None:
        """What the game said when it did not take this token; None while it does."""
        return self._stale.get(token)

    def hear_refusals(self, token: str, refused: Callable[[], None]) -> None:
        """Call ``refused`` each time the game does not take this token any more."""
        self._refused[token] = refused

    async def ask(self, call: Call, shape: type[Shape], token: str | None) -> Envelope[Shape]:
        """Make the call and decode its answer.

        Raises Refused, NotFound, StaleToken, or Unavailable (``maybe_done`` set where it can have happened).
        """
        content = await self.fetch(call, token)
        try:
            return cast(Envelope[Shape], _decoder(cast(Hashable, shape)).decode(content))
        except SENSELESS as error:
            raise self.unreadable(call, token, error) from None

    def unreadable(self, call: Call, token: str | None, error: Exception) -> Unavailable:
        """A success whose content makes no sense: what it did, it did. What was only read is Unreadable."""
        why = reason(error)
        sentence = f"The game server's answer to {call.asked} cannot be understood: {why}."
        if call.changes:
            return Unavailable(sentence, maybe_done=True)
        self.set_aside.note(token, call.asked, [f"the answer cannot be understood: {why}"])
        return Unreadable(sentence)

    async def fetch(self, call: Call, token: str | None) -> bytes:
        """Make the call and return the body of its success; raises as ``ask`` does."""
        return (await self.answer(call, token)).content

    async def answer(self, call: Call, token: str | None) -> Answer:
        """Make the call and return its success; raises as ``ask`` does.

        Unavailable, too, where 429s hold it up for longer than whoever called should wait without a word.
        """
        if not is_waited_for():
            return await self._insist(call, token, self._policy, None, _Attempt())
        policy, attempt = replace(self._policy, attempts=WAITED_FOR), _Attempt()
        try:
            async with asyncio.timeout(LONGEST_CALL):
                return await self._insist(call, token, policy, self._patience(), attempt)
        except TimeoutError:
            if attempt.sent:
                trouble = Unavailable(f"The game server takes too long to answer {call.asked}.")
            else:
                trouble = Unavailable(f"{call.asked} could not be sent in time.")
            raise _given_up(call, trouble, attempt.sent) from None

    async def _insist(
        self,
        call: Call,
        token: str | None,
        policy: RetryPolicy,
        until: Callable[[], datetime] | None,
        attempt: _Attempt,
    ) -> Answer:
        failures = 0
        while True:
            try:
                answer = await self._once(call, token, until, attempt)
            except httpx2.RequestError as error:
                sentence, reached = lost_answer(error, call.asked)
                trouble = Unavailable(sentence)
            else:
                if token is not None and not self._is_ours(answer.headers.get(UNIVERSE_HEADER, "")):
                    # Neither its yes nor its no says anything about what is worked with here.
                    self._trouble = f"What answered {call.asked} has another universe than the one worked in."
                    raise AnotherUniverse(self._trouble, maybe_done=call.changes)
                if answer.is_success:
                    self._trouble = None
                    self._stale.pop(token or "", None)
                    return answer
                if is_limit(answer, changes=call.changes):
                    last = until() if until else self._clock.now() + timedelta(seconds=LONGEST_SILENCE)
                    self._gate.must_open_by(last)
                    self._gate.count_retry()  # it did nothing and is no failure; the gate itself waits
                    continue
                refusal = _refusal(answer, call, token)
                if isinstance(refusal, StaleToken) and token in self._refused:
                    self._stale[token] = str(refusal)
                    self._refused[token]()
                if not isinstance(refusal, Unavailable):
                    self._trouble = None
                    self.set_aside.drop(token, call.asked)
                    raise refusal
                trouble, reached = refusal, True
            failures += 1
            hopeless = isinstance(trouble, Unreadable)
            if not hopeless:
                self._trouble = str(trouble)
            if hopeless or not policy.may_repeat(call.repeat, failures=failures, reached=reached):
                raise _given_up(call, trouble, reached)
            await self._clock.sleep(policy.pause(failures, self._chance, trouble.retry_after))
            self._gate.count_retry()

    def _patience(self) -> Callable[[], datetime]:
        """When PATIENCE from now ends, by the clock of the moment that it is asked."""
        follower = self._follower
        if follower is None:
            end = self._clock.now() + timedelta(seconds=PATIENCE)
            return lambda: end
        over = follower.real_seconds() + PATIENCE
        return lambda: follower.now() + timedelta(seconds=(over - follower.real_seconds()) * follower.speed)

    async def _once(
        self, call: Call, token: str | None, until: Callable[[], datetime] | None, attempt: _Attempt
    ) -> Answer:
        attempt.sent = False
        request = self._request(call, token)
        place = await self._gate.enter(call.purpose, until)
        outcome, pause = Outcome.LOST, None
        sent_at = self._follower.real_seconds() if self._follower else 0.0
        try:
            if self._client.is_closed:
                outcome = Outcome.NOT_SENT
                raise Unavailable("The connection to the game server has been closed by this program.")
            if self._permit is not None:
                outcome = Outcome.NOT_SENT
                # The last thing before sending: a process that was frozen while it waited must not go on.
                await self._permit()
                outcome = Outcome.LOST
            attempt.sent = True
            answer = await self._whole(request)
            with _reading(request):
                self._follow(answer, sent_at)
                outcome = Outcome.ANSWERED
                if answer.status == _TOO_MANY:
                    outcome, pause = Outcome.LIMITED, pause_told(answer, self._clock.now())
            return answer
        except httpx2.RequestError as error:
            if never_sent(error):
                outcome, attempt.sent = Outcome.NOT_SENT, False
            raise
        finally:
            self._gate.leave(place, call.purpose, outcome, pause=pause)

    async def _whole(self, request: httpx2.Request) -> Answer:
        """Send and read to the end. Raises RequestError for an answer that is too long, or takes too long."""
        content = bytearray()
        try:
            async with asyncio.timeout(DEADLINE):
                response = await self._client.send(request, stream=True)
                try:
                    async for part in response.aiter_bytes():
                        content += part
                        if len(content) > LARGEST_ANSWER:
                            raise httpx2.ReadError("the answer is too long", request=request)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise httpx2.ReadTimeout("the answer takes too long", request=request) from None
        return Answer(response.status_code, response.headers, bytes(content))

    def _request(self, call: Call, token: str | None) -> httpx2.Request:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        content = None
        if call.body is not None:
            headers["content-type"] = "application/json"
            content = msgspec.json.encode(call.body)
        return self._client.build_request(
            call.method, self._url(call.path), headers=headers, params=call.query, content=content
        )

    def _follow(self, answer: Answer, sent_at: float) -> None:
        if self._follower is None:
            return
        reading = read_time(answer.headers)
        if reading is None:
            return
        received_at = self._follower.real_seconds()
        round_trip = max(0.0, received_at - sent_at)
        before = self._follower.now()
        correction = self._server_time.correction(
            reading, believed=before, round_trip=round_trip, at=received_at
        )
        if correction is not None:
            self._follower.follow(correction.server_time, speed=correction.speed, round_trip=round_trip)
            self._gate.shift(self._follower.now() - before)


def _refusal(answer: Answer, call: Call, token: str | None) -> GoodsFactoryError:
    """The error that an answer stands for; Unavailable where nobody can make anything of it."""
    try:
        return error_of(answer, call.asked, changes=call.changes, secret=token)
    except Exception:  # noqa: BLE001 - whatever an answer does to its reader, the call has an end
        _tell_bug(call.asked)
        return Unavailable(f"The game server's answer to {call.asked} cannot be read.")


def _tell_bug(asked: str) -> None:
    """Into the log, with where it is: the call itself only says that the answer cannot be read."""
    _log.exception(f"There is a bug in reading the answer to {asked}: it counts as none.")


@contextmanager
def _reading(request: httpx2.Request) -> Iterator[None]:
    """What reading an answer raises says something of the answer: it is as good as lost, whatever it is."""
    try:
        yield
    except Exception as error:
        _tell_bug(f"{request.method} {request.url.path}")
        raise httpx2.DecodingError(f"{type(error).__name__}: {error}", request=request) from error


def _given_up(call: Call, trouble: Unavailable, reached: bool) -> Unavailable:
    if not (call.changes and reached):
        return trouble
    return Unavailable(
        f"{trouble} Whether it happened is not known.", maybe_done=True, retry_after=trouble.retry_after
    )


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    envelope: Any = Envelope
    return msgspec.json.Decoder(envelope[shape])


def _follower(clock: Clock) -> FollowingClock | None:
    follows = hasattr(clock, "follow") and hasattr(clock, "real_seconds")
    return cast(FollowingClock, clock) if follows else None
