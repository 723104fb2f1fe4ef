"""What an answer of the game says it has done to purses, holds, tanks and markets."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Goods = Counter[str]


@dataclass
class Claim:
    """Changes in credits of the agent, units in the ship's and another hold, and stock by market and good.

    ``refilled`` are market units of fuel put into the tank.
    """

    credits: int = 0
    hold: Goods = field(default_factory=Counter)
    other: str | None = None
    other_hold: Goods = field(default_factory=Counter)
    stock: Counter[tuple[str, str]] = field(default_factory=Counter)
    refilled: int = 0


def claim_of(verb: str, body: dict[str, Any], data: Any) -> Claim:
    """The claim of a successful answer ``data`` to the request ``verb`` with ``body``."""
    claim = Claim()
    paid = data.get("transaction", {}) if isinstance(data, dict) else {}
    price = paid.get("totalPrice", paid.get("price", 0))
    match verb:
        case "purchase":
            claim.credits = -price
            claim.hold[paid["tradeSymbol"]] = paid["units"]
            claim.stock[paid["waypointSymbol"], paid["tradeSymbol"]] = -paid["units"]
        case "sell":
            claim.credits = price
            claim.hold[paid["tradeSymbol"]] = -paid["units"]
            claim.stock[paid["waypointSymbol"], paid["tradeSymbol"]] = paid["units"]
        case "refuel":
            claim.credits = -price
            claim.refilled = paid["units"]
            if body.get("fromCargo"):
                claim.hold["FUEL"] = -paid["units"]
            else:
                claim.stock[paid["waypointSymbol"], "FUEL"] = -paid["units"]
        case "jump":
            claim.credits = -price
            claim.stock[paid["waypointSymbol"], paid["tradeSymbol"]] = -paid["units"]
        case "jettison":
            claim.hold[body["symbol"]] = -body["units"]
        case "transfer":
            claim.hold[body["tradeSymbol"]] = -body["units"]
            claim.other, claim.other_hold[body["tradeSymbol"]] = body["shipSymbol"], body["units"]
        case "extract" | "siphon":
            got = data["extraction" if verb == "extract" else "siphon"]["yield"]
            claim.hold[got["symbol"]] = got["units"]
        case "refine":
            for line in data["produced"]:
                claim.hold[line["tradeSymbol"]] += line["units"]
            for line in data["consumed"]:
                claim.hold[line["tradeSymbol"]] -= line["units"]
        case "mounts/install" | "modules/install":
            claim.credits, claim.hold[body["symbol"]] = -price, -1
        case "mounts/remove" | "modules/remove":
            claim.credits, claim.hold[body["symbol"]] = -price, 1
        case "buy" | "repair":
            claim.credits = -price
        case "scrap" | "chart":
            claim.credits = price
        case "accept":
            claim.credits = data["contract"]["terms"]["payment"]["onAccepted"]
        case "fulfill":
            terms = data["contract"]["terms"]
            claim.credits = terms["payment"]["onFulfilled"]
            for line in terms["deliver"]:
                claim.stock[line["destinationSymbol"], line["tradeSymbol"]] += line["unitsFulfilled"]
        case "deliver" | "supply":
            claim.hold[body["tradeSymbol"]] = -body["units"]
    return claim
