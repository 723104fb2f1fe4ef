"""Answers have the official shapes (api-facts §14.1 where the server is newer than the schema)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.sandbox.shapes import answer_misfits

from goodsfactory.sandbox.http.app import ENDPOINTS
from goodsfactory.sandbox.ship_parts import MODULES
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.ships import Component, FlightMode

HOME, YARD, GATE, ROCK = (f"X1-TINY-{name}" for name in ("A1", "A2", "C4", "D5"))


async def tour(s: Any) -> Any:
    """Every endpoint answered once with success: (method, template, answer)."""
    answers = []

    async def visit(
        method: Any, template: Any, *parts: Any, query: str = "", body: Any = None, token: str | None = ""
    ) -> Any:
        path = template
        for part in parts:
            head, _, rest = path.partition("{")
            path = head + part + rest.partition("}")[2]
        options = {} if body is None else {"json": body}
        response = await s.call(method, path + query, token=token, **options)
        assert response.status_code < 300, f"{method} {path}: {response.text}"
        answers.append((method, template, response))
        return response.json() if response.content else None

    ship, place = "/my/ships/{shipSymbol}", "/systems/{systemSymbol}/waypoints/{waypointSymbol}"
    contract = "/my/contracts/{contractId}"
    form = {"symbol": "SECOND", "faction": "VOID"}
    await visit("POST", "/register", body=form, token=None)
    for template in ("/", "/my/agent", "/agents", "/factions", "/systems", "/my/ships", "/error-codes"):
        await visit("GET", template)
    for template in ("/market/supply-chain", "/my/account", "/my/agent/events", "/my/factions"):
        await visit("GET", template)
    await visit("GET", "/agents/{agentSymbol}", "TESTER")
    await visit("GET", "/factions/{factionSymbol}", "COSMIC")
    await visit("GET", "/systems/{systemSymbol}", "X1-TINY")
    await visit("GET", "/systems/{systemSymbol}/waypoints", "X1-TINY")
    for template, where in ((place, HOME), (f"{place}/market", HOME), (f"{place}/shipyard", YARD)):
        await visit("GET", template, "X1-TINY", where)
    for template in (f"{place}/jump-gate", f"{place}/construction"):
        await visit("GET", template, "X1-TINY", GATE)
    for template in (ship, f"{ship}/nav", f"{ship}/cargo", f"{ship}/cooldown"):
        await visit("GET", template, "TESTER-1")
    for template in (f"{ship}/modules", f"{ship}/mounts", f"{ship}/repair", f"{ship}/scrap"):
        s.place("TESTER-1", YARD)
        await visit("GET", template, "TESTER-1")
    s.place("TESTER-1", YARD).hold = {"MOUNT_TURRET_I": 1}
    for action in ("install", "remove"):
        await visit("POST", f"{ship}/mounts/{action}", "TESTER-1", body={"symbol": "MOUNT_TURRET_I"})
    for action in ("remove", "install"):
        module = {"symbol": "MODULE_MINERAL_PROCESSOR_I"}
        await visit("POST", f"{ship}/modules/{action}", "TESTER-1", body=module)
    s.ship("TESTER-1").worn = {"FRAME": Component(0.9, 0.99)}
    await visit("POST", f"{ship}/repair", "TESTER-1")
    s.ship("TESTER-1").hold = {}
    s.place("TESTER-1", HOME)
    probe = {"shipType": "SHIP_PROBE", "waypointSymbol": YARD}
    await visit("POST", "/my/ships", body=probe)
    iron = {"symbol": "IRON", "units": 5}
    await visit("POST", f"{ship}/purchase", "TESTER-1", body=iron)
    await visit("POST", f"{ship}/sell", "TESTER-1", body={**iron, "units": 1})
    await visit("POST", f"{ship}/jettison", "TESTER-1", body={**iron, "units": 1})
    handed = {"tradeSymbol": "IRON", "units": 1, "shipSymbol": "TESTER-3"}
    await visit("POST", f"{ship}/transfer", "TESTER-1", body=handed)
    await visit("POST", f"{ship}/orbit", "TESTER-1")
    await visit("PATCH", f"{ship}/nav", "TESTER-1", body={"flightMode": "BURN"})
    await visit("POST", f"{ship}/navigate", "TESTER-1", body={"waypointSymbol": YARD})
    s.clock.advance(3600)
    await visit("POST", f"{ship}/navigate", "TESTER-1", body={"waypointSymbol": HOME})
    s.clock.advance(3600)
    await visit("POST", f"{ship}/dock", "TESTER-1")
    await visit("POST", f"{ship}/refuel", "TESTER-1")
    offered = (await visit("GET", "/my/contracts"))["data"][0]
    await visit("GET", contract, offered["id"])
    await visit("POST", f"{contract}/accept", offered["id"])
    needed = offered["terms"]["deliver"][0]["unitsRequired"]
    s.ship("TESTER-3").hold = {"IRON_ORE": needed, "FAB_MATS": 5}
    load = {"shipSymbol": "TESTER-3", "tradeSymbol": "IRON_ORE", "units": needed}
    await visit("POST", f"{contract}/deliver", offered["id"], body=load)
    await visit("POST", f"{contract}/fulfill", offered["id"])
    await visit("POST", f"{ship}/negotiate/contract", "TESTER-1")
    s.place("TESTER-3", GATE)
    mats = {"shipSymbol": "TESTER-3", "tradeSymbol": "FAB_MATS", "units": 5}
    await visit("POST", f"{place}/construction/supply", "X1-TINY", GATE, body=mats)
    await labour(s, visit)
    return answers


async def labour(s: Any, visit: Any) -> None:
    """The part of the tour on which the frigate works, jumps and warps."""
    ship = "/my/ships/{shipSymbol}"
    frigate = s.place("TESTER-1", ROCK)
    frigate.hold = {}
    await visit("POST", f"{ship}/chart", "TESTER-1")
    frigate.docked = False
    surveys = (await visit("POST", f"{ship}/survey", "TESTER-1"))["data"]["surveys"]
    s.rest("TESTER-1")
    await visit("POST", f"{ship}/extract", "TESTER-1")
    s.rest("TESTER-1")
    await visit("POST", f"{ship}/extract/survey", "TESTER-1", body=surveys[0])
    for kind in ("systems", "waypoints", "ships"):
        s.rest("TESTER-1")
        await visit("POST", f"{ship}/scan/{kind}", "TESTER-1")
    await visit("GET", f"{ship}/cooldown", "TESTER-1")
    s.place("TESTER-1", s.add_gas_giant()).docked = False
    s.rest("TESTER-1")
    await visit("POST", f"{ship}/siphon", "TESTER-1")
    s.place("TESTER-1", GATE).docked = False
    s.rest("TESTER-1")
    await visit("POST", f"{ship}/jump", "TESTER-1", body={"waypointSymbol": s.open_gates()})
    s.rest("TESTER-1")
    frigate.type, frigate.hold, frigate.fuel = SHIP_TYPES["SHIP_REFINING_FREIGHTER"], {"IRON_ORE": 100}, 100
    frigate.type = replace(frigate.type, modules=(*frigate.type.modules, MODULES["MODULE_WARP_DRIVE_I"]))
    await visit("POST", f"{ship}/refine", "TESTER-1", body={"produce": "IRON"})
    frigate.flight_mode = FlightMode.DRIFT
    await visit("POST", f"{ship}/warp", "TESTER-1", body={"waypointSymbol": HOME})
    s.place("TESTER-1", YARD)
    await visit("POST", f"{ship}/scrap", "TESTER-1")


def test_every_success_fits_the_official_schema(play: Callable[..., Any]) -> None:
    """Status, required fields, types and symbols of every operation that the schema knows."""
    found = [
        misfit
        for method, template, response in play(tour)
        for misfit in answer_misfits(
            method, template, response.status_code, response.json() if response.content else None
        )
    ]
    assert found == []


def test_the_tour_visits_every_endpoint(play: Callable[..., Any]) -> None:
    """No endpoint is left out of the check against the schema."""
    visited = {(method, template) for method, template, _ in play(tour)}
    assert {(each.method, each.template) for each in ENDPOINTS} - visited == set()
