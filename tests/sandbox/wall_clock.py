"""A bot that trusts its own clock: it polls nothing and sleeps until what it was told.

``python -m tests.sandbox.wall_clock URL`` lets it play on a server.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from math import dist
from typing import Any

import httpx2


class WallClockBot:
    """Flies, extracts and sells. ``now`` and ``sleep`` are its own; every refusal is an error to it."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._http = http
        self._now = now
        self._sleep = sleep
        self._ship = ""
        self.flights: list[float] = []
        """Seconds each flight was to take, by its own times."""
        self.sales: list[dict[str, Any]] = []
        """What it sold, as the server told it."""

    async def play(self, faction: str = "COSMIC") -> None:
        """From the registration to the sale of what the first extraction brought."""
        new = await self._ask("POST", "/register", {"symbol": "WALLCLOCK", "faction": faction})
        self._http.headers["authorization"] = f"Bearer {new['token']}"
        self._ship = f"/my/ships/{new['ships'][0]['symbol']}"
        system = new["ships"][0]["nav"]["systemSymbol"]
        rocks = await self._ask("GET", f"/systems/{system}/waypoints?type=ENGINEERED_ASTEROID")
        await self._ask("POST", f"{self._ship}/orbit", {})
        await self._fly(rocks[0]["symbol"])
        mined = await self._ask("POST", f"{self._ship}/extract", {})
        await self._until(mined["cooldown"]["expiration"])
        again = await self._ask("POST", f"{self._ship}/extract", {})
        await self._until(again["cooldown"]["expiration"])
        for item in again["cargo"]["inventory"]:
            await self._fly(await self._buyer(rocks[0], item["symbol"]))
            await self._ask("POST", f"{self._ship}/dock", {})
            order = {"symbol": item["symbol"], "units": item["units"]}
            sold = await self._ask("POST", f"{self._ship}/sell", order)
            self.sales.append(sold["transaction"])
            await self._ask("POST", f"{self._ship}/orbit", {})

    async def _fly(self, waypoint: str) -> None:
        ship = await self._ask("GET", self._ship)
        if ship["nav"]["waypointSymbol"] == waypoint:
            return
        flown = await self._ask("POST", f"{self._ship}/navigate", {"waypointSymbol": waypoint})
        route = flown["nav"]["route"]
        seconds = datetime.fromisoformat(route["arrival"]) - datetime.fromisoformat(route["departureTime"])
        self.flights.append(seconds.total_seconds())
        await self._until(route["arrival"])

    async def _buyer(self, rock: dict[str, Any], good: str) -> str:
        """The nearest market that lists the good."""
        where = f"/systems/{rock['systemSymbol']}/waypoints"
        places = await self._ask("GET", f"{where}?traits=MARKETPLACE&limit=20")
        places += await self._ask("GET", f"{where}?traits=MARKETPLACE&limit=20&page=2")
        places.sort(key=lambda place: dist((place["x"], place["y"]), (rock["x"], rock["y"])))
        for place in places:
            market = await self._ask("GET", f"{where}/{place['symbol']}/market")
            if good in [each["symbol"] for list_ in ("imports", "exchange") for each in market[list_]]:
                return str(place["symbol"])
        raise LookupError(f"nobody buys {good}")

    async def _until(self, instant: str) -> None:
        await self._sleep(max(0.0, (datetime.fromisoformat(instant) - self._now()).total_seconds()))

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self._http.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.text}")
        return answer.json()["data"]


async def _play_on(url: str) -> None:
    async with httpx2.AsyncClient(base_url=url) as http:
        bot = WallClockBot(http, lambda: datetime.now(UTC), asyncio.sleep)
        begun = datetime.now(UTC)
        await bot.play()
        took = datetime.now(UTC) - begun
        sys.stdout.write(f"flights of {bot.flights} s; sold {bot.sales}; took {took}\n")


if __name__ == "__main__":
    asyncio.run(_play_on(sys.argv[1]))
