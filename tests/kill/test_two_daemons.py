"""Two daemons on one PostgreSQL: the owner is killed, frozen or ended, and the other goes on (L1, L5, L7).

What is counted is counted by the server: trades, holds, credits, requests above its limit.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from tests.kill.books import Database, Findings, compare, factories
from tests.kill.processes import Daemon, Sandbox, daemon, sandbox, until

from goodsfactory.api.client import Client, Identity
from goodsfactory.domain.factory import FactoryStatus

AGENT = "VICTIM"
GOODS = ("ELECTRONICS", "COPPER")
SHIPS = ("SHIP_LIGHT_HAULER",) * 3 + ("SHIP_LIGHT_SHUTTLE",) * 2


@pytest.fixture(scope="module")
def server() -> Iterator[Sandbox]:
    with sandbox(speed=120, ships=SHIPS) as one:
        yield one


@dataclass
class Pair:
    """An owner at work and another daemon that stands by, on one database."""

    server: Sandbox
    owner: Daemon
    other: Daemon
    books: Database

    def at_work(self, purchases: int) -> None:
        """Wait until the owner is in the middle of it."""
        until(lambda: self._bought() >= purchases, "purchases are made")

    def taken_over(self) -> None:
        """Wait until the other daemon has sent its first request that moves something."""
        until(lambda: _acts(self.other), "the other daemon acts")

    def finish(self) -> Findings:
        until(self._is_over, "the factories end", seconds=120)
        assert {row.status for row in factories(self.books)} == {FactoryStatus.COMPLETED.value}
        return compare(self.books, self.server.books(AGENT))

    def _bought(self) -> int:
        trades = self.server.books(AGENT)["transactions"]
        return sum(trade["type"] == "PURCHASE" for trade in trades)

    def _is_over(self) -> bool:
        rows = factories(self.books)
        return all(FactoryStatus(row.status).is_over for row in rows) and not self.books.at_work()


@contextmanager
def pair(server: Sandbox, database: str, *, freeze_at: str | None = None) -> Iterator[Pair]:
    server.begin_anew()
    with daemon(server.base_url, database) as owner, daemon(server.base_url, database) as other:
        assert owner.start(freeze_at=freeze_at), owner.log()
        with owner.client() as client:
            client.register_player(AGENT, server.faction)
        assert other.start(), other.log()
        until(lambda: "stands by" in other.told, "the other daemon stands by")
        with owner.client() as client:
            for good in GOODS:
                client.start_factory(good, strategy="prefer-fabricate", terminal="SELL")
        yield Pair(server, owner, other, Database(database))


def _acts(one: Daemon) -> list[float]:
    """When a daemon sent something that changes the game."""
    return [at for at, _ in _moving(one)]


def now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("purchases", [1, 6])
def test_an_owner_that_is_killed_is_succeeded(server: Sandbox, postgres_url: str, purchases: int) -> None:
    """kill -9 of the owner: the other takes over, finishes, and nothing is paid twice."""
    with pair(server, postgres_url) as two:
        two.at_work(purchases)
        two.owner.kill()
        two.taken_over()
        assert two.finish().complaints == []
        assert server.state()["requests"]["limited"] == 0


@pytest.mark.parametrize("moment", ["purchase-intent-written", "sale-settlement-unwritten"])
def test_an_owner_that_was_frozen_does_nothing_more(server: Sandbox, postgres_url: str, moment: str) -> None:
    """A split brain: frozen on its way to a command, succeeded, thawed. It moves no ship again, nor pays.

    Without ``permit=tenancy.may_act`` in bootstrap.build it sends the purchase it had been about to make.
    """
    with pair(server, postgres_url, freeze_at=moment) as two:
        until(lambda: two.owner.is_frozen, f"{moment} is reached")
        frozen_at = now()
        two.taken_over()
        two.owner.thaw()
        assert two.finish().complaints == []
        assert [at for at in _acts(two.owner) if at > frozen_at] == []
        assert server.state()["requests"]["limited"] == 0
        with two.owner.client() as client:
            assert "STANDBY" in client.statistics().document


def test_an_owner_that_ends_in_order_hands_over(server: Sandbox, postgres_url: str) -> None:
    """SIGTERM at work: it ends with exit code 0 and the other goes on."""
    with pair(server, postgres_url) as two:
        two.at_work(3)
        assert two.owner.terminate() == 0
        two.taken_over()
        assert not [at for at in _acts(two.owner) if at > _acts(two.other)[0]]
        assert two.finish().complaints == []
        assert server.state()["requests"]["limited"] == 0


def test_two_daemons_at_two_addresses_share_the_agents(server: Sandbox, postgres_url: str) -> None:
    """Each works for one of two agents, from its own address; killed, its agent goes to the other."""
    server.begin_anew()
    first = daemon(server.base_url, postgres_url, source_address="127.0.0.2")
    second = daemon(server.base_url, postgres_url, source_address="127.0.0.3")
    with first as a, second as b:
        assert a.start(), a.log()
        with a.client() as client:
            client.register_player(AGENT, server.faction)
            client.register_player("SECOND", server.faction)
        assert b.start(), b.log()
        until(lambda: _agents(a) == [[AGENT], ["SECOND"]], "the agents are shared")
        for one, agent in ((a, AGENT), (b, "SECOND")):
            with Client(one.socket, Identity(agent_symbol=agent)) as client:
                client.start_factory("COPPER", strategy="prefer-fabricate", terminal="SELL")
        until(lambda: len(_acts(a)) > 3 and len(_acts(b)) > 3, "both work")
        assert {path.split("/")[4].rpartition("-")[0] for _, path in _moving(b)} == {"SECOND"}
        a.kill()
        books = Database(postgres_url)
        until(lambda: _all_completed(books), "both factories end", seconds=120)
        assert _agents(b) == [["SECOND", AGENT]] or _agents(b) == [[AGENT, "SECOND"]]
        assert server.state()["requests"]["limited"] == 0


def _agents(one: Daemon) -> list[list[str]]:
    """The agents of each living daemon, the newest last."""
    with one.client() as client:
        nodes = json.loads(client.statistics().document)["nodes"]
    return sorted(node["agents"] for node in nodes if node["state"] == "UP" and node["agents"])[::-1]


def _moving(one: Daemon) -> list[tuple[float, str]]:
    return [(at, path) for at, method, path in one.requests if method != "GET" and "/my/ships/" in path]


def _all_completed(books: Database) -> bool:
    return {row.status for row in factories(books)} == {FactoryStatus.COMPLETED.value} and not books.at_work()
