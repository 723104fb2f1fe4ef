"""A whole sandbox put together from what its user chose: universe, clock, state and HTTP face."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from goodsfactory.sandbox.agents import STARTING_CREDITS
from goodsfactory.sandbox.captured import fingerprint, load_universe
from goodsfactory.sandbox.galaxy_parameters import DEFAULT_SYSTEMS, MOST_SYSTEMS
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import SandboxApp, create_app
from goodsfactory.sandbox.http.calls import LARGEST
from goodsfactory.sandbox.rivals import MOST_RIVALS
from goodsfactory.sandbox.scenarios import Scenario
from goodsfactory.sandbox.ship_types import require_ship_types
from goodsfactory.sandbox.state_file import StateFile
from goodsfactory.sandbox.time_control import FASTEST, SLOWEST, TimeControl
from goodsfactory.sandbox.timestamps import Calendar, whole_milliseconds
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World

RANGES: Sequence[tuple[str, type | tuple[type, ...], int, int]] = (
    ("seed", int, -LARGEST, LARGEST),
    ("systems", int, 1, MOST_SYSTEMS),
    ("speed", (int, float), int(SLOWEST), int(FASTEST)),
    ("compress", int, 1, int(FASTEST)),
    ("starting_credits", int, 0, LARGEST),
    ("rivals", int, 0, MOST_RIVALS),
)
"""Numbers among the choices: of which kind they are, and from what to what."""


@dataclass(frozen=True)
class Choices:
    """What makes a sandbox. ``universe`` is a captured one; without it one is generated.

    ``compress`` keeps real time and lets everything last so many times less; without it time runs at
    ``speed``. ``rivals`` are agents of the sandbox's own. ``state`` is the file that keeps it;
    ``starting_fleet`` are extra ships of every new agent, by type; with ``accounts_required`` an agent is
    registered with the token of an account only.
    """

    seed: int = 1
    universe: Path | None = None
    scenario: Scenario = Scenario.YOUNG
    systems: int = DEFAULT_SYSTEMS
    speed: float = 1.0
    compress: int = 1
    starting_credits: int = STARTING_CREDITS
    starting_fleet: Sequence[str] = ()
    rate_limit: bool = True
    accounts_required: bool = False
    rivals: int = 0
    state: Path | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a value of another kind, beyond what there is, or of a ship that is none."""
        for name in ("rate_limit", "accounts_required"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name} is True or False, not {getattr(self, name)!r}.")
        for name, kind, least, most in RANGES:
            value: Any = getattr(self, name)
            fits = isinstance(value, kind) and not isinstance(value, bool)
            if not fits or not least <= value <= most:
                what = "a number" if isinstance(1.0, kind) else "a whole number"
                raise ValueError(f"{name} is {what} from {least:,} to {most:,}, not {value!r}.")
        if self.universe is not None:
            self._require_captured_alone()
        if isinstance(self.starting_fleet, str):
            raise ValueError(f"starting_fleet is a list of ship types, such as [{self.starting_fleet!r}].")
        require_ship_types(self.starting_fleet)

    def build(self, epoch: datetime) -> Universe:
        """The universe as it is at its epoch. Raises ValueError for a captured one that does not do."""
        if self.universe is not None:
            return load_universe(self.universe, seed=self.seed, epoch=epoch)
        return generate_universe(self.seed, epoch=epoch, scenario=self.scenario, systems=self.systems)

    @property
    def identity(self) -> dict[str, object]:
        """What a state file is the state of. Raises ValueError for a capture that cannot be read."""
        captured = self.universe is not None
        return {
            "seed": self.seed,
            "universe": fingerprint(self.universe) if self.universe is not None else "generated",
            "scenario": "captured" if captured else self.scenario.value,
            "systems": 1 if captured else self.systems,
            # What was told of a time must stay true, hence a compressed universe is no other one's.
            "compress": self.compress,
            "rivals": self.rivals,
            # The same requests, told again to other agents under other rules, give another world.
            "credits": self.starting_credits,
            "ships": ",".join(self.starting_fleet) or "none",
            "strict accounts": "on" if self.accounts_required else "off",
        }

    def _require_captured_alone(self) -> None:
        if self.scenario is not Scenario.YOUNG:
            raise ValueError(
                f"A captured universe begins as it was captured, not {self.scenario.value}:"
                " leave out the scenario or the universe."
            )
        if self.systems not in (1, DEFAULT_SYSTEMS):
            raise ValueError(
                f"A captured universe is one system, not {self.systems:,}:"
                " leave out the number of systems or the universe."
            )

    def clock(self, real: Callable[[], datetime], state: StateFile | None) -> tuple[TimeControl, Calendar]:
        """The time of the rules, and how clients read it. Raises ValueError for a speed that does not do."""
        if self.compress == 1:
            return TimeControl(real, speed=self.speed, start=state.reached if state else None), Calendar()
        if self.speed != 1:
            raise ValueError(
                "Time is either fast or compressed: choose a speed, or a factor to compress by, and not both."
            )
        begun = whole_milliseconds(state.begun if state else real())
        reached = state.reached if state else None
        time = TimeControl(real, speed=self.compress, start=reached, since=begun)
        return time, Calendar(begun, self.compress)


def open_sandbox(
    choices: Choices,
    *,
    real: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
    replaying: Callable[[int], None] | None = None,
) -> SandboxApp:
    """A sandbox ready to be served, new or as its state file has it.

    ``real`` tells UTC time and never runs back, ``sleep`` waits for seconds of it. ``replaying`` hears how
    many requests of a state file are told again first, if any: a second for thousands of them, and some more
    for what rivals did meanwhile. Call
    :meth:`SandboxApp.close` at the end. Raises ValueError for a captured universe, ship type, speed or state
    file that does not do, OSError where no state file can be made. Then a new state file is there no more.
    """
    state = None
    if choices.state is not None:
        state = StateFile(choices.state, choices.identity, now=real())
    try:
        if state is not None and replaying is not None and state.pending:
            replaying(state.pending)
        return _open(choices, state, real, sleep)
    except Exception:
        if state is not None:
            state.discard()
        raise


def _open(
    choices: Choices,
    state: StateFile | None,
    real: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> SandboxApp:
    time, calendar = choices.clock(real, state)
    world = World(
        choices.build(state.begun if state else time.now()),
        now=time.now,
        seed=choices.seed,
        starting_credits=choices.starting_credits,
        starting_fleet=choices.starting_fleet,
        accounts_required=choices.accounts_required,
        calendar=calendar,
        rivals=choices.rivals,
    )
    world.rivals.require_sustainable(time.speed)
    return create_app(
        world,
        rate_limit=choices.rate_limit,
        time=time,
        sleep=sleep,
        rebuild=choices.build,
        state=state,
    )
