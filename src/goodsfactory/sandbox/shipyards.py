"""Shipyards: what they offer, and at which price after how many sales (api-facts §13)."""

from collections import Counter
from dataclasses import replace
from datetime import datetime

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.ship_types import SHIP_TYPES, ShipType
from goodsfactory.sandbox.transactions import History, ShipyardTransaction
from goodsfactory.sandbox.universe import ShipOffer, Universe

_PRICE_STEP = 1.025


class Shipyards:
    """The yards of one universe. Each sale of a type raises its price at that yard by 2.5 %.

    The step is recorded (20,012 → 20,496 → 21,032, api-facts §13); how fast prices come down again is not
    established, so here they do not.
    """

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._sold: Counter[tuple[str, str]] = Counter()
        self.history: History[ShipyardTransaction] = History()

    def offers(self, waypoint: str) -> list[ShipOffer]:
        """The offers of a yard at today's prices, in credits; refuses 404 where there is no yard."""
        offers = self._universe.shipyards.get(waypoint)
        if offers is None:
            raise not_found("Shipyard", waypoint)
        return [
            replace(offer, price=round(offer.price * _PRICE_STEP ** self._sold[waypoint, offer.type]))
            for offer in offers
        ]

    def sell(self, agent: Agent, waypoint: str, wanted: str, now: datetime) -> ShipType:
        """Take the agent's credits for a ship. Refuses 404 (no yard), 4605 (not sold here), 4216."""
        offer = next((offer for offer in self.offers(waypoint) if offer.type == wanted), None)
        if offer is None or wanted not in SHIP_TYPES:
            raise Refusal(
                ErrorCode.SHIP_NOT_AVAILABLE_FOR_PURCHASE,
                f"Ship purchase failed. {wanted} is not sold at {waypoint}.",
                {"shipType": wanted, "waypointSymbol": waypoint},
            )
        if offer.price > agent.credits:
            raise Refusal(
                ErrorCode.PURCHASE_SHIP_CREDITS,
                f"Ship purchase failed. {wanted} costs {offer.price} credits; "
                f"agent {agent.symbol} has {agent.credits}.",
                {"creditsAvailable": agent.credits, "creditsNeeded": offer.price},
            )
        agent.pay(offer.price)
        self._sold[waypoint, wanted] += 1
        self.history.add(ShipyardTransaction(waypoint, wanted, offer.price, agent.symbol, now))
        return SHIP_TYPES[wanted]
