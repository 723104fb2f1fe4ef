"""What one sandbox process can serve: over HTTP on loopback, and per request as universes and fleets grow.

``python -m bench.sandbox [--json]`` writes ``build/bench/sandbox.json``. The server is a process of its own
with the rate limit off; the load comes from this one. Figures are medians of five rounds.
"""

import asyncio
import gc
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench.json_wanted import json_wanted
from bench.keep_alive import Questions, load, request

from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import SandboxApp, create_app
from goodsfactory.sandbox.world import World

TARGET = Path("build/bench/sandbox.json")
ROUNDS = 5
REQUESTS = 4_000
CONNECTIONS = 8
FLEETS = (10, 1_000, 10_000)
SHORT_ROUNDS = 150
GALAXIES = (60, 1_000, 8_000)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Server:
    """A sandbox process."""

    base: str
    process: int


@contextmanager
def serve() -> Iterator[Server]:
    """A sandbox process that ends with the context."""
    arguments = ["sandbox", "serve", "--port", "0", "--no-rate-limit", "--credits", "1000000000"]
    ships = ",".join(["SHIP_LIGHT_HAULER"] * CONNECTIONS)
    command = [sys.executable, "-m", "goodsfactory.cli", *arguments, "--ships", ships]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield Server(child.stdout.readline().strip(), child.pid)
    finally:
        child.terminate()
        child.wait()
        child.stdout.close()


def ask(base: str, path: str, token: str = "", body: dict[str, Any] | None = None) -> Any:
    """One ordinary request; its ``data``."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with opener.open(urllib.request.Request(base + path, data, headers)) as answer:
        return json.load(answer)["data"]


def processor_seconds(process: int) -> float:
    """Processor time a process has used (Linux); 0 where that cannot be read."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server: Server, connections: list[Callable[[], Questions]]) -> dict[str, Any]:
    """Answers per second, the median of some rounds; raises when anything but a success came back.

    ``per_processor_second`` is what the server does with a processor of its own: on a machine that others use
    too, the figure to compare.
    """
    host, _, port = server.base.removeprefix("http://").partition("/")[0].partition(":")
    rounds, answers, before = [], 0, processor_seconds(server.process)
    for _ in range(ROUNDS):
        tally = asyncio.run(load(host, int(port), connections))
        assert set(tally.statuses) <= {200, 201}, tally.statuses
        rounds.append(round(tally.per_second, 1))
        answers += tally.answers
    used = processor_seconds(server.process) - before
    return {
        "per_second": statistics.median(rounds),
        "per_processor_second": round(answers / used, 1) if used else None,
        "rounds": rounds,
    }


def over_http() -> dict[str, Any]:
    """Reads and trades per second of one server process."""
    with serve() as server:
        base = server.base
        new = ask(base, "/register", body={"symbol": "BENCH", "faction": _recruiting(base)})
        token, home = new["token"], new["agent"]["headquarters"]
        ship, system = new["ships"][0]["symbol"], home.rpartition("-")[0]
        market = f"/systems/{system}/waypoints/{home}/market"
        goods = ask(base, market, token)["tradeGoods"]
        good = max(goods, key=lambda each: (each["type"] == "EXCHANGE", each["tradeVolume"]))["symbol"]
        each = REQUESTS // CONNECTIONS

        def read(path: str) -> list[Callable[[], Questions]]:
            question = request("GET", f"/v2{path}", token)
            return [lambda: itertools.repeat(question, each)] * CONNECTIONS

        def trades(number: int) -> Questions:
            body = json.dumps({"symbol": good, "units": 1}).encode()
            path = f"/v2/my/ships/BENCH-{number + 3:X}"
            pair = [request("POST", f"{path}/{verb}", token, body) for verb in ("purchase", "sell")]
            return itertools.islice(itertools.cycle(pair), each)

        reads = {
            "agent": measure(server, read("/my/agent")),
            "ship": measure(server, read(f"/my/ships/{ship}")),
            "nav": measure(server, read(f"/my/ships/{ship}/nav")),
            "market": measure(server, read(market)),
        }
        traded = measure(server, [partial(trades, number) for number in range(CONNECTIONS)])
    return {
        "reads_per_second": {name: figures["per_second"] for name, figures in reads.items()},
        "trades_per_second": traded["per_second"],
        "http": {**reads, "trades": traded},
    }


def _recruiting(base: str) -> str:
    faction: str = ask(base, "/factions")[0]["symbol"]
    return faction


class InProcess:
    """A fleet of ``ships`` on a generated universe, asked without sockets."""

    def __init__(self, ships: int, systems: int = 60) -> None:
        world = World(
            generate_universe(1, epoch=EPOCH, systems=systems),
            now=lambda: EPOCH,
            seed=1,
            starting_fleet=["SHIP_PROBE"] * (ships - 2),
            starting_credits=1_000_000_000,
        )
        new = world.register("BENCH", world.universe.factions[0])
        self.app: SandboxApp = create_app(world, rate_limit=False)
        self.headers = [
            (b"authorization", f"Bearer {new.token}".encode()),
            (b"content-type", b"application/json"),
        ]
        home = new.agent.headquarters
        system = home.rpartition("-")[0]
        places = f"/systems/{system}/waypoints"
        empty = next(at for at in world.universe.markets if not world.fleets.present(new.agent, at, EPOCH))
        last = f"/my/ships/BENCH-{ships:X}"
        listed = world.market(home).goods(EPOCH)
        trade = {"symbol": max(listed, key=lambda each: each.trade_volume).symbol, "units": 1}
        self.questions: dict[str, tuple[str, str, str, Any]] = {
            "ship": ("GET", last, "", None),
            "page of ships": ("GET", "/my/ships", f"page={max(1, ships // 10)}&limit=10", None),
            "agent": ("GET", "/my/agent", "", None),
            "market with a ship": ("GET", f"{places}/{home}/market", "", None),
            "market without a ship": ("GET", f"{places}/{empty}/market", "", None),
            "purchase": ("POST", "/my/ships/BENCH-1/purchase", "", trade),
            "sell": ("POST", "/my/ships/BENCH-1/sell", "", trade),
        }

    async def ask(self, name: str) -> int:
        """The status of one question."""
        method, path, query, body = self.questions[name]
        data = b"" if body is None else json.dumps(body).encode()
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": data}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {"type": "http", "method": method, "path": f"/v2{path}", "query_string": query.encode()}
        await self.app({**scope, "headers": self.headers}, receive, send)
        return statuses[0]


async def costs_of(fleets: dict[int, InProcess]) -> dict[str, dict[str, float]]:
    """Microseconds per request, worlds measured in turn so that noise hits all alike.

    The lowest of many short rounds: what the request costs when the machine does nothing else.
    """
    for fleet in fleets.values():
        for name in [*fleet.questions] * 20:  # until every market has all the transactions it ever shows
            await fleet.ask(name)
    best: dict[str, dict[str, float]] = {name: {} for name in next(iter(fleets.values())).questions}
    gc.collect()
    gc.freeze()  # the collector's walks over what already stands would hit one question by chance
    for _ in range(SHORT_ROUNDS):
        for ships, fleet in fleets.items():
            for name, figures in best.items():
                pair = ("purchase", "sell") if name in ("purchase", "sell") else (name,)
                began = time.perf_counter()
                for _ in range(10):
                    for each in pair:
                        assert await fleet.ask(each) in (200, 201)
                cost = (time.perf_counter() - began) / 10 / len(pair) * 1e6
                figures[str(ships)] = round(min(cost, figures.get(str(ships), cost)), 1)
    gc.unfreeze()
    return best


def spread_of(costs: dict[str, dict[str, float]]) -> dict[str, float]:
    """How much the dearest world costs more than the cheapest, as a share."""
    return {name: round(max(by.values()) / min(by.values()) - 1, 3) for name, by in costs.items()}


def main() -> None:
    as_json = json_wanted("sandbox", __doc__)
    costs = asyncio.run(costs_of({ships: InProcess(ships) for ships in FLEETS}))
    by_systems = asyncio.run(costs_of({systems: InProcess(10, systems) for systems in GALAXIES}))
    spread = spread_of(costs)
    document = {
        **over_http(),
        "targets": {"reads_per_second": 3000, "trades_per_second": 1500, "spread": 0.2},
        "microseconds_per_request_by_ships": costs,
        "spread_by_ships": spread,
        "microseconds_per_request_by_systems": by_systems,
        "spread_by_systems": spread_of(by_systems),
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(document, indent=1) + "\n")
    if as_json:
        sys.stdout.write(json.dumps(document) + "\n")
        return
    for name, figures in document["http"].items():
        alone = figures["per_processor_second"] or 0
        sys.stdout.write(
            f"{name:8} {figures['per_second']:7.0f} a second, {alone:7.0f} per second of processor\n"
        )
    for name, by in costs.items():
        shown = "  ".join(f"{ships} ships {cost:6.1f} µs" for ships, cost in by.items())
        sys.stdout.write(f"{name:24} {shown}  spread {spread[name]:.0%}\n")
    widest = max(document["spread_by_systems"].values())
    sys.stdout.write(f"from {GALAXIES[0]} to {GALAXIES[-1]} systems: spread {widest:.0%} at most\n")


if __name__ == "__main__":
    main()
