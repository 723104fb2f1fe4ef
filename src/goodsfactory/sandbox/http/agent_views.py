"""Agents, factions and contracts as the API shows them."""

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.contracts import Contract
from goodsfactory.sandbox.factions import FACTIONS, headquarters_systems
from goodsfactory.sandbox.timestamps import Instant
from goodsfactory.sandbox.universe import Universe
from goodsfactory.sandbox.world import World


def agent_view(agent: Agent, ships: int, *, own: bool) -> dict[str, object]:
    """An agent; the account only to itself (api-facts §14.1)."""
    view: dict[str, object] = {
        "symbol": agent.symbol,
        "headquarters": agent.headquarters,
        "credits": agent.credits,
        "startingFaction": agent.faction,
        "shipCount": ships,
    }
    if own:
        view["accountId"] = agent.account
    return view


def own_agent_view(world: World, agent: Agent) -> dict[str, object]:
    """An agent as it sees itself."""
    return agent_view(agent, len(world.fleets.of(agent)), own=True)


def faction_view(symbol: str, universe: Universe) -> dict[str, object]:
    """A faction; its headquarters is a system, and an empty string where it does not recruit."""
    faction = FACTIONS[symbol]
    return {
        "symbol": symbol,
        "name": faction.name,
        "description": f"{faction.name}, known as {symbol}.",
        "headquarters": headquarters_systems(universe).get(symbol, ""),
        "traits": [_trait_view(trait) for trait in faction.traits],
        "isRecruiting": symbol in universe.factions,
    }


def _trait_view(symbol: str) -> dict[str, object]:
    name = symbol.replace("_", " ").title()
    return {"symbol": symbol, "name": name, "description": f"{name}: what a faction is known for."}


def contract_view(contract: Contract) -> dict[str, object]:
    """A contract; ``expiration`` repeats ``deadlineToAccept`` (api-facts §15)."""
    accept_until = Instant(contract.accept_until)
    return {
        "id": contract.id,
        "factionSymbol": contract.faction,
        "type": "PROCUREMENT",
        "terms": {
            "deadline": Instant(contract.deadline),
            "payment": {"onAccepted": contract.on_accepted, "onFulfilled": contract.on_fulfilled},
            "deliver": [
                {
                    "tradeSymbol": contract.good,
                    "destinationSymbol": contract.destination,
                    "unitsRequired": contract.required,
                    "unitsFulfilled": contract.delivered,
                }
            ],
        },
        "accepted": contract.accepted,
        "fulfilled": contract.fulfilled,
        "expiration": accept_until,
        "deadlineToAccept": accept_until,
    }
