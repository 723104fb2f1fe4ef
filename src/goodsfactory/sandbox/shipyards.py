"""Shipyards: what they offer, and at which price after how many sales (api-facts §13)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from goodsfactory.domain.market import Supply
from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_types import SHIP_TYPES, ShipType
from goodsfactory.sandbox.transactions import History, ShipyardTransaction
from goodsfactory.sandbox.universe import ShipOffer, Universe

_LEVELS = sorted(Supply, key=lambda supply: supply.rank)


@dataclass(frozen=True, slots=True)
class _Demand:
    """Sales of a type at a yard that its price still feels, as of ``at``."""

    sales: float
    at: datetime


class Shipyards:
    """The yards of one universe. A sale of a type raises its price at that yard.

    The step is recorded (20,012 → 20,496 → 21,032, api-facts §13). Whether and how fast prices come down, and
    what the supply of a yard has to do with them, is not established: see the ``yard_`` parameters.
    """

    def __init__(self, universe: Universe, parameters: ShipParameters) -> None:
        self._universe = universe
        self._parameters = parameters
        self._demand: dict[tuple[str, str], _Demand] = {}
        self.history: History[ShipyardTransaction] = History()

    def offers(self, waypoint: str, now: datetime) -> list[ShipOffer]:
        """The offers of a yard at their prices of ``now``, in credits; refuses 404 where there is no yard."""
        offers = self._universe.shipyards.get(waypoint)
        if offers is None:
            raise not_found("Shipyard", waypoint)
        return [self._priced(waypoint, offer, now) for offer in offers]

    def sell(self, agent: Agent, waypoint: str, wanted: str, now: datetime) -> ShipType:
        """Take the agent's credits for a ship. Refuses 404 (no yard), 4605 (not sold here), 4216."""
        offer = next((offer for offer in self.offers(waypoint, now) if offer.type == wanted), None)
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
        self._demand[waypoint, wanted] = _Demand(self._felt(waypoint, wanted, now) + 1, now)
        self.history.add(ShipyardTransaction(waypoint, wanted, offer.price, agent.symbol, now))
        return SHIP_TYPES[wanted]

    def _priced(self, waypoint: str, offer: ShipOffer, now: datetime) -> ShipOffer:
        rules = self._parameters
        felt = self._felt(waypoint, offer.type, now)
        fallen = 0
        if rules.yard_level_sales is not None:
            fallen = min(int(felt / rules.yard_level_sales), Supply(offer.supply).rank)
        price = offer.price * (1 + rules.yard_step) ** felt * (1 + rules.yard_supply_price * fallen)
        supply = _LEVELS[Supply(offer.supply).rank - fallen]
        return replace(offer, price=round(price), supply=supply)

    def _felt(self, waypoint: str, wanted: str, now: datetime) -> float:
        demand = self._demand.get((waypoint, wanted))
        if demand is None:
            return 0.0
        half: timedelta | None = self._parameters.yard_recovery
        return demand.sales if half is None else demand.sales * 0.5 ** ((now - demand.at) / half)
