"""The demo's performance: what it asks of the daemon, and how it checks the books afterwards."""

import json
import threading
from typing import TYPE_CHECKING, Any

from goodsfactory.cli.durations import counted, credits_text, duration, units_text
from goodsfactory.cli.factory_view import FactoryView
from goodsfactory.cli.failure import Failure
from goodsfactory.cli.layout import Cell, Line, aligned
from goodsfactory.cli.screen import document, tell
from goodsfactory.cli.watch import WHOLE, watch

if TYPE_CHECKING:
    from goodsfactory.api.client import Client
    from goodsfactory.cli.launch import Stage

AGENT = "DEMO"
FACTION = "COSMIC"
EXTRA_SHIPS = ("SHIP_LIGHT_HAULER",) * 5
"""With the command frigate that every agent has these are six ships that carry cargo."""
CREDITS = 2_000_000
STRATEGY = "prefer-buy"
"""With it the good is made in any case: `smart` would only lift what its market has already."""
BALANCE_LOOKS = 40
BALANCE_PAUSE = 0.25
"""Real seconds between two looks at the books, while the last steps are still being written down."""


def sandbox_arguments(speed: float, seed: int) -> list[str]:
    """What the demo's sandbox is told: its pace, and how rich every new agent begins."""
    return [
        *("--speed", str(speed), "--seed", str(seed), "--credits", str(CREDITS)),
        *("--ships", ",".join(EXTRA_SHIPS)),
    ]


def perform(play: "Stage", good: str, units: int, *, as_json: bool) -> dict[str, Any]:
    """Register an agent, make a good, watch it; the outcome is the object of `spacetraders demo --json`."""
    from goodsfactory.api.client import Client

    with Client(play.socket) as client:
        tell(f"Registering agent {AGENT}.")
        client.register_player(AGENT, FACTION)
        factory = client.start_factory(good, strategy=STRATEGY, units=units)
        tell(f"Making {good} from {counted(factory.nodes_total, 'node')}.")
        watch(client, factory, begins=WHOLE, quiet=as_json)
        purse, statistics = _settled_books(play, client)
        # Read last: the books settle only when every voyage of the factory has ended.
        report = json.loads(client.factory(factory.factory_id).document)
    seen = FactoryView.read(report)
    took = (seen.completed_at or seen.created_at) - seen.created_at
    return {
        "factory": report,
        "ships_used": list(seen.ships_used),
        "max_parallel_workers": statistics["max_parallel_workers"],
        "requests": statistics["requests_sent"],
        "simulated_seconds": round(took.total_seconds(), 3),
        "credits_spent": purse["startingCredits"] - purse["credits"],
        "ledger_balanced": statistics["ledger_sum"] == purse["credits"],
    }


def _settled_books(play: "Stage", client: "Client") -> tuple[dict[str, Any], dict[str, Any]]:
    """The sandbox's purse of our agent and the daemon's numbers, once they agree (or never will)."""
    pause = threading.Event()
    for _ in range(BALANCE_LOOKS):
        statistics = document(client.statistics())
        purse = play.sandbox_state()["agents"].get(AGENT)
        if purse is None:
            raise Failure(f"The sandbox knows no agent {AGENT}.", code="not-found")
        if statistics["ledger_sum"] == purse["credits"] and not statistics["open_intents"]:
            break
        pause.wait(BALANCE_PAUSE)
    return purse, statistics


def summary_lines(outcome: dict[str, Any]) -> list[Line]:
    """What the demo came to, a fact a line."""
    factory = outcome["factory"]
    balanced = outcome["ledger_balanced"]
    facts = [
        Cell(
            f"{units_text(factory['quantity_acquired'])} of {factory['target_good']}, {factory['status']}",
            "bold",
        ),
        Cell(credits_text(factory["total_cost"])),
        Cell(f"{credits_text(outcome['credits_spent'])} after what the inputs were sold for"),
        Cell(f"{outcome['requests']:,}"),
        Cell(duration(outcome["simulated_seconds"])),
        Cell(f"{len(outcome['ships_used'])} ({', '.join(outcome['ships_used'])})"),
        Cell(f"at most {outcome['max_parallel_workers']} at once"),
        Cell(
            "equals the server's balance" if balanced else "differs from the server's balance",
            "green" if balanced else "red",
        ),
    ]
    names = ("made", "paid", "net", "requests", "game time", "ships", "workers", "ledger")
    return aligned([Cell(name, "dim"), fact] for name, fact in zip(names, facts, strict=True))
