"""Random legal and illegal requests against a whole sandbox, and books kept beside it.

``python -m bench.conservation --requests 1000000 --seed N`` ends with a line of figures, or at the first
request after which credits, cargo, fuel, market stock, a ship's place or time are not what the books say.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from bench.claims import Claim, claim_of
from bench.player import Move, Player

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.contracts import Contract
from goodsfactory.sandbox.generation import generate_universe
from goodsfactory.sandbox.http.app import API_PREFIX, ENDPOINTS
from goodsfactory.sandbox.http.protocol import Request, RulesApp
from goodsfactory.sandbox.ships import NavStatus, Ship
from goodsfactory.sandbox.world import World

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
AUDIT_EVERY = 500
FLEET = ("SHIP_LIGHT_HAULER", "SHIP_MINING_DRONE", "SHIP_SIPHON_DRONE", "SHIP_LIGHT_SHUTTLE", "SHIP_SURVEYOR")


class BooksDiffer(AssertionError):
    """The sandbox and the books disagree; the message names the request and both sides."""


@dataclass
class Figures:
    """What a run came to: answers by HTTP status, and successes by verb."""

    statuses: Counter[int] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def requests(self) -> int:
        return self.statuses.total()


class Bookkeeper:
    """Plays for several agents and believes nothing but the answers."""

    def __init__(self, seed: int, *, agents: int = 3, systems: int = 3) -> None:
        self._source = random.Random(f"conservation:{seed}")
        self._now = EPOCH
        universe = generate_universe(seed, epoch=EPOCH, systems=systems)
        self.world = World(
            universe,
            now=lambda: self._now,
            seed=seed,
            starting_fleet=FLEET * 2,
            starting_credits=3_000_000,
        )
        self._rules = RulesApp(self.world, ENDPOINTS, API_PREFIX)
        self._players: list[tuple[Agent, bytes, Player]] = []
        for number in range(agents):
            new = self.world.register(f"PLAYER{number}", universe.factions[0])
            token = f"Bearer {new.token}".encode()
            self._players.append((new.agent, token, Player(self.world, new.agent, self._source)))
        self.credits = {agent.symbol: agent.credits for agent, _, _ in self._players}
        self.holds = {ship.symbol: Counter(ship.hold) for ship in self.world.fleets}
        self.fuel = {ship.symbol: ship.fuel for ship in self.world.fleets}
        self._bound: dict[str, Contract] = {}
        self.figures = Figures()

    def run(self, requests: int) -> Figures:
        """Make so many requests. Raises BooksDiffer where a law is broken."""
        for number in range(requests):
            self._let_time_pass()
            agent, token, player = self._source.choice(self._players)
            with self.world.one_instant():
                self._settle_contract(agent)
                ship, move = player.move(self._now)
                self._play(agent, token, ship, move)
            if number % AUDIT_EVERY == 0:
                self.audit()
        self.audit()
        return self.figures

    def _let_time_pass(self) -> None:
        before = self.world.now()
        if self._source.random() < 0.3:
            self._now += timedelta(seconds=self._source.choice((1, 20, 120, 600)))
        self._require("time", before <= self.world.now(), before, self.world.now())

    def _settle_contract(self, agent: Agent) -> None:
        """A missed deadline takes the advance back as soon as somebody looks."""
        contract = self._bound.get(agent.symbol)
        if contract and contract.open and contract.accepted and self._now > contract.deadline:
            self.world.contracts.of(agent, self._now)
            self.credits[agent.symbol] -= contract.on_accepted
            self._require("credits after a deadline", agent.credits == self.credits[agent.symbol], contract)

    def _play(self, agent: Agent, token: bytes, ship: Ship, move: Move) -> None:
        stock = self._stock(ship.waypoint)
        away = self._elsewhere(ship, agent)
        place = ship.waypoint
        data = msgspec.json.encode(move.body)
        path = API_PREFIX + move.path
        reply = self._rules.answer(Request(move.method, path, b"", token, "application/json", data))
        self.figures.statuses[reply.status] += 1
        self._require("no server error", reply.status < 500, move, reply.body)
        claim = Claim()
        if reply.status < 300:
            self.figures.done[move.verb] += 1
            answer = msgspec.json.decode(reply.body)["data"]
            claim = claim_of(move.verb, move.body, answer)
            self._note(agent, ship, move, answer)
        self._enter(agent, ship, move, claim)
        self._compare(agent, ship, move)
        self._require_stock(place, stock, claim, move)
        for at, before in away.items():
            self._require_stock(at, before, claim, move)

    def _note(self, agent: Agent, ship: Ship, move: Move, answer: Any) -> None:
        """Enter what a request says about more than one hold and one purse."""
        if move.verb == "buy":
            bought = self.world.ship(agent, answer["ship"]["symbol"])
            self.holds[bought.symbol], self.fuel[bought.symbol] = Counter(), bought.type.fuel_capacity
        elif move.verb == "scrap":
            del self.holds[ship.symbol], self.fuel[ship.symbol]
        elif move.verb in ("navigate", "warp"):
            self.fuel[ship.symbol] -= answer["fuel"]["consumed"]["amount"]
            self._require("arrival after departure", ship.route.arrival > self._now, move)
        elif move.verb == "nav":
            left = answer["fuel"]["current"]
            flies = ship.status(self._now) is NavStatus.IN_TRANSIT
            before = self.fuel[ship.symbol]
            self._require("fuel of a mode", left <= before if flies else left == before, move, left, before)
            self.fuel[ship.symbol] = left
        elif move.verb in ("accept", "negotiate/contract"):
            self._bound[agent.symbol] = self.world.contracts.of(agent, self._now)[-1]

    def _enter(self, agent: Agent, ship: Ship, move: Move, claim: Claim) -> None:
        self.credits[agent.symbol] += claim.credits
        if ship.symbol in self.holds:
            _add(self.holds[ship.symbol], claim.hold)
        if claim.other is not None:
            _add(self.holds[claim.other], claim.other_hold)
        if claim.refilled:
            filled = ship.fuel - self.fuel[ship.symbol]
            paid = (claim.refilled - 1) * 100 < filled <= claim.refilled * 100
            self._require("fuel paid for", paid, move, filled, claim.refilled)
            self.fuel[ship.symbol] = ship.fuel

    def _compare(self, agent: Agent, ship: Ship, move: Move) -> None:
        books = self.credits[agent.symbol]
        self._require("credits", agent.credits == books, move, agent.credits, books)
        if ship.symbol in self.holds:
            self._require_ship(ship, move)

    def _require_ship(self, ship: Ship, why: object) -> None:
        hold, fuel = self.holds[ship.symbol], self.fuel[ship.symbol]
        self._require("cargo", ship.hold == hold, why, ship.hold, hold)
        self._require("fuel", ship.fuel == fuel, why, ship.fuel, fuel)
        fits = 0 <= ship.cargo_units <= ship.type.cargo_capacity and all(n > 0 for n in ship.hold.values())
        self._require("hold", fits, why, ship.hold, ship.type.cargo_capacity)
        self._require("tank", 0 <= ship.fuel <= ship.type.fuel_capacity, why, ship.fuel)

    def _stock(self, waypoint: str) -> Mapping[str, int]:
        market = self.world.universe.markets.get(waypoint)
        return {good.symbol: good.net_supply for good in market.goods(self._now)} if market else {}

    def _elsewhere(self, ship: Ship, agent: Agent) -> dict[str, Mapping[str, int]]:
        contract = self._bound.get(agent.symbol)
        far = contract is not None and contract.open and contract.destination != ship.waypoint
        return {contract.destination: self._stock(contract.destination)} if contract and far else {}

    def _require_stock(self, at: str, before: Mapping[str, int], claim: Claim, move: Move) -> None:
        for good, now in self._stock(at).items():
            moved, told = now - before[good], claim.stock[at, good]
            self._require("stock", moved == told, move, at, good, moved, told)

    def audit(self) -> None:
        """Compare every purse and ship with the books; every ship is in exactly one place."""
        for agent, _, _ in self._players:
            books = self.credits[agent.symbol]
            self._require("credits", agent.credits == books, "audit", agent.symbol, agent.credits, books)
            for ship in self.world.fleets.of(agent):
                self._require_ship(ship, ship.symbol)
                known = self.world.universe.waypoint(ship.waypoint) is not None
                self._require("a known place", known, ship.symbol, ship.waypoint)
                here = self.world.fleets.present(agent, ship.waypoint, self._now)
                arrived = ship.status(self._now) is not NavStatus.IN_TRANSIT
                self._require("presence", here or not arrived, ship.symbol, ship.waypoint)
        ships = {ship.symbol for ship in self.world.fleets}
        self._require("one of each ship", ships == set(self.holds), ships ^ set(self.holds))

    def _require(self, law: str, kept: bool, *facts: object) -> None:
        if not kept:
            told = "; ".join(map(str, facts))
            raise BooksDiffer(f"{law} at {self._now.isoformat()}: {told}")


def _add(books: Counter[str], change: Counter[str]) -> None:
    for good, units in change.items():
        books[good] += units
        if not books[good]:
            del books[good]


def main() -> None:
    options = argparse.ArgumentParser(description="Break a conservation law of the sandbox, if you can.")
    options.add_argument("--requests", type=int, default=1_000_000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    books = Bookkeeper(chosen.seed)
    began, step = time.perf_counter(), 50_000
    for begin in range(0, chosen.requests, step):
        books.run(min(step, chosen.requests - begin))
        sys.stdout.write(f"{books.figures.requests:9} requests, {time.perf_counter() - began:6.0f} s\n")
        sys.stdout.flush()
    figures = books.figures
    succeeded = figures.done.total()
    sys.stdout.write(
        f"{figures.requests} requests, {succeeded} of them legal, seed {chosen.seed}: every law held.\n"
        f"statuses {dict(sorted(figures.statuses.items()))}\ndone {dict(figures.done.most_common())}\n"
    )


if __name__ == "__main__":
    main()
