"""Operations on agents, factions, contracts, and the server itself (api-facts §18, §4)."""

from typing import cast

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, not_found, unprocessable
from goodsfactory.sandbox.factions import FACTIONS
from goodsfactory.sandbox.http.agent_views import agent_view, contract_view, faction_view, own_agent_view
from goodsfactory.sandbox.http.bodies import Delivery, Nothing, Registering
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint
from goodsfactory.sandbox.http.ship_views import cargo_view, ship_view
from goodsfactory.sandbox.http.work_views import happening_view
from goodsfactory.sandbox.timestamps import Instant
from goodsfactory.sandbox.tokens import SERVER_VERSION


def status(call: Call) -> Answer:
    """``GET /``: outside the ``data`` envelope."""
    world = call.world
    richest = sorted(world.agents, key=lambda agent: (-agent.credits, agent.symbol))[:10]
    return Answer(
        whole={
            "status": "The sandbox is online and available to play",
            "version": SERVER_VERSION,
            "resetDate": str(world.universe.reset_date),
            "description": "A sandbox that speaks the SpaceTraders API, with an economy of its own.",
            "stats": {
                "agents": len(world.agents),
                "ships": len(world.fleets),
                "systems": len(world.universe.systems),
                "waypoints": world.universe.count_waypoints(),
            },
            "health": {"lastMarketUpdate": Instant(world.now())},
            "leaderboards": {
                "mostCredits": [{"agentSymbol": agent.symbol, "credits": agent.credits} for agent in richest],
                "mostSubmittedCharts": [
                    {"agentSymbol": agent, "chartCount": charts}
                    for agent, charts in sorted(world.charts.count_by_agent().items())
                ],
            },
            "serverResets": {"next": Instant(world.next_reset), "frequency": "weekly"},
            "announcements": [],
            "links": [],
        }
    )


def error_codes(call: Call) -> Answer:
    """``GET /error-codes``: outside the ``data`` envelope."""
    return Answer(whole={"errorCodes": [{"code": int(code), "name": code.label} for code in ErrorCode]})


def register(call: Call) -> Answer:
    """``POST /register``: ``ships`` as the newer server sends them, ``ship`` as the older one did."""
    body = cast(Registering, call.content)
    world = call.world
    if body.faction not in FACTIONS:
        raise unprocessable("invalid_enum_value", ["faction"], f"unknown faction {body.faction!r}")
    new = world.register(body.symbol, body.faction, account_token=call.account_token)
    ships = [ship_view(ship, world.universe, world.now()) for ship in new.ships]
    return Answer(
        {
            "token": new.token,
            "agent": agent_view(new.agent, len(ships), own=True),
            "faction": faction_view(new.agent.faction, world.universe),
            "contract": contract_view(new.contract),
            "ships": ships,
            "ship": ships[0],
        }
    )


def show_own_agent(call: Call) -> Answer:
    """``GET /my/agent``."""
    return Answer(_own_agent(call))


def show_account(call: Call) -> Answer:
    """``GET /my/account``, with either kind of token."""
    world = call.world
    if call.caller is not None:
        account, since = call.caller.account, call.caller.registered_at
    else:
        account, since = world.agents.account_id(call.account_token or ""), world.universe.epoch
    return Answer({"account": {"id": account, "email": None, "createdAt": Instant(since)}})


def list_own_events(call: Call) -> Answer:
    """``GET /my/agent/events``, newest first."""
    return Answer([happening_view(event) for event in call.world.chronicle.of(call.agent.symbol)])


def list_own_factions(call: Call) -> Answer:
    """``GET /my/factions``: one point of reputation for every contract fulfilled for a faction."""
    world = call.world
    reputations = world.contracts.fulfilled_by_faction(call.agent)
    factions, page = call.page(list(FACTIONS))
    shown = [{"symbol": faction, "reputation": reputations[faction]} for faction in factions]
    return Answer(shown, meta=page)


def list_agents(call: Call) -> Answer:
    """``GET /agents``."""
    agents, page = call.page(list(call.world.agents))
    return Answer([_public_agent(call, agent) for agent in agents], meta=page)


def show_agent(call: Call) -> Answer:
    """``GET /agents/{agentSymbol}``."""
    return Answer(_public_agent(call, call.world.agents.find(call.parts[0])))


def list_factions(call: Call) -> Answer:
    """``GET /factions``."""
    factions, page = call.page(list(FACTIONS))
    return Answer([faction_view(faction, call.world.universe) for faction in factions], meta=page)


def show_faction(call: Call) -> Answer:
    """``GET /factions/{factionSymbol}``."""
    if call.parts[0] not in FACTIONS:
        raise not_found("Faction", call.parts[0])
    return Answer(faction_view(call.parts[0], call.world.universe))


def list_contracts(call: Call) -> Answer:
    """``GET /my/contracts``, oldest first."""
    contracts, page = call.page(call.world.contracts.of(call.agent, call.world.now()))
    return Answer([contract_view(contract) for contract in contracts], meta=page)


def show_contract(call: Call) -> Answer:
    """``GET /my/contracts/{contractId}``."""
    contract = call.world.contracts.find(call.agent, call.parts[0], call.world.now())
    return Answer(contract_view(contract))


def accept_contract(call: Call) -> Answer:
    """``POST /my/contracts/{contractId}/accept``."""
    contract = call.world.accept(call.agent, call.parts[0])
    return Answer({"agent": _own_agent(call), "contract": contract_view(contract)})


def deliver_contract(call: Call) -> Answer:
    """``POST /my/contracts/{contractId}/deliver``."""
    body = cast(Delivery, call.content)
    contract, ship = call.world.deliver(
        call.agent, call.parts[0], body.ship_symbol, body.trade_symbol, body.units
    )
    return Answer({"contract": contract_view(contract), "cargo": cargo_view(ship)})


def fulfil_contract(call: Call) -> Answer:
    """``POST /my/contracts/{contractId}/fulfill``."""
    contract = call.world.fulfil(call.agent, call.parts[0])
    return Answer({"agent": _own_agent(call), "contract": contract_view(contract)})


def supply_chain(call: Call) -> Answer:
    """``GET /market/supply-chain``."""
    return Answer({"exportToImportMap": dict(call.world.universe.recipes)})


def _own_agent(call: Call) -> dict[str, object]:
    return own_agent_view(call.world, call.agent)


def _public_agent(call: Call, agent: Agent) -> dict[str, object]:
    return agent_view(agent, len(call.world.fleets.of(agent)), own=False)


_CONTRACT = "/my/contracts/{contractId}"

ENDPOINTS = (
    Endpoint("GET", "/", status, Access.OPEN),
    Endpoint("GET", "/error-codes", error_codes, Access.OPEN),
    Endpoint("POST", "/register", register, Access.ACCOUNT, Registering, 201),
    Endpoint("GET", "/my/agent", show_own_agent),
    Endpoint("GET", "/my/agent/events", list_own_events),
    Endpoint("GET", "/my/account", show_account, Access.EITHER),
    Endpoint("GET", "/my/factions", list_own_factions),
    Endpoint("GET", "/agents", list_agents, Access.PUBLIC),
    Endpoint("GET", "/agents/{agentSymbol}", show_agent, Access.PUBLIC),
    Endpoint("GET", "/factions", list_factions, Access.PUBLIC),
    Endpoint("GET", "/factions/{factionSymbol}", show_faction),
    Endpoint("GET", "/my/contracts", list_contracts),
    Endpoint("GET", _CONTRACT, show_contract),
    Endpoint("POST", f"{_CONTRACT}/accept", accept_contract, Access.AGENT, Nothing),
    Endpoint("POST", f"{_CONTRACT}/deliver", deliver_contract, Access.AGENT, Delivery),
    Endpoint("POST", f"{_CONTRACT}/fulfill", fulfil_contract, Access.AGENT, Nothing),
    Endpoint("GET", "/market/supply-chain", supply_chain),
)
"""What agents do apart from their ships."""
