"""Procurement contracts: offer, accept, deliver, fulfil, fail (api-facts §15)."""

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.sandbox.agents import Agent
from goodsfactory.sandbox.chronicle import Chronicle
from goodsfactory.sandbox.contract_terms import ContractParameters, Terms, negotiated_terms, starter_terms
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import Universe

_ACCEPT_WITHIN = timedelta(hours=24)
_DELIVER_WITHIN = timedelta(days=7)
_Draw = Callable[[Mapping[str, Market], datetime, random.Random, ContractParameters], Terms]


@dataclass(slots=True)
class Contract:
    """``required`` units of ``good`` to bring to ``destination``; payments in credits."""

    id: str
    agent: str
    faction: str
    good: str
    destination: str
    required: int
    on_accepted: int
    on_fulfilled: int
    accept_until: datetime
    deadline: datetime
    delivered: int = 0
    accepted: bool = False
    fulfilled: bool = False
    failed: bool = False

    @property
    def open(self) -> bool:
        """True while it binds the agent: offered or accepted, neither fulfilled nor failed."""
        return not (self.fulfilled or self.failed)


class ContractBook:
    """The contracts of all agents of a universe; offers follow from the seed."""

    def __init__(
        self, universe: Universe, chronicle: Chronicle, parameters: ContractParameters | None = None
    ) -> None:
        self._universe = universe
        self._chronicle = chronicle
        self._parameters = parameters or ContractParameters()
        self._by_agent: dict[str, list[Contract]] = {}
        self._by_id: dict[str, Contract] = {}
        self._offered: Counter[str] = Counter()
        self._ends: list[tuple[datetime, int, Agent, Contract]] = []
        self._numbered = 0

    def settle(self, now: datetime) -> None:
        """Do what time does to the contracts of all agents.

        An offer nobody accepted is gone after 24 h; a missed deadline fails the contract and takes the
        advance back, even below zero credits (api-facts §15), which the agent's events tell.
        """
        while self._ends and self._ends[0][0] < now:
            at, _, agent, contract = heapq.heappop(self._ends)
            if not contract.accepted:
                self._by_agent[agent.symbol].remove(contract)
                del self._by_id[contract.id]
            elif contract.open and at >= contract.deadline:
                contract.failed = True
                agent.pay(contract.on_accepted)
                self._chronicle.write(
                    agent.symbol,
                    "CONTRACT_FAILED",
                    f"Missed the deadline of contract {contract.id}: its advance of"
                    f" {contract.on_accepted} credits is taken back.",
                    at,
                    contractId=contract.id,
                )

    def of(self, agent: Agent, now: datetime) -> Sequence[Contract]:
        """The agent's contracts, oldest first, as they stand at ``now`` (:meth:`settle`)."""
        self.settle(now)
        return self._by_agent.get(agent.symbol, [])

    def fulfilled_by_faction(self, agent: Agent) -> Counter[str]:
        """How many contracts the agent has fulfilled for each faction."""
        return Counter(each.faction for each in self._by_agent.get(agent.symbol, ()) if each.fulfilled)

    def find(
        self,
        agent: Agent,
        contract_id: str,
        now: datetime,
        *,
        unauthorized: ErrorCode = ErrorCode.CONTRACT_NOT_AUTHORIZED,
    ) -> Contract:
        """One contract of the agent; refuses ``unauthorized`` for another agent's, 404 for an unknown one."""
        self.of(agent, now)
        contract = self._by_id.get(contract_id)
        if contract is None:
            raise not_found("Contract", contract_id)
        if contract.agent != agent.symbol:
            raise Refusal(
                unauthorized,
                f"Contract {contract_id} is not a contract of {agent.symbol}.",
                {"contractId": contract_id},
            )
        return contract

    def offer(self, agent: Agent, waypoint: str, now: datetime) -> Contract:
        """Offer a new contract. Refuses 4511 while another one is open, 4700 without a faction."""
        contracts = self.of(agent, now)
        if contracts and contracts[-1].open:
            raise Refusal(
                ErrorCode.EXISTING_CONTRACT,
                f"Agent {agent.symbol} already has the open contract {contracts[-1].id}.",
                {"agentSymbol": agent.symbol, "contractId": contracts[-1].id},
            )
        place = self._universe.waypoint(waypoint)
        if place is None or place.faction is None:
            message = f"There is no faction at {waypoint} to negotiate with."
            raise Refusal(ErrorCode.WAYPOINT_NO_FACTION, message, {"waypointSymbol": waypoint})
        return self._draw(agent, place.faction, now, negotiated_terms)

    def starter(self, agent: Agent, now: datetime) -> Contract:
        """The contract a new agent finds, not accepted yet (api-facts §5)."""
        return self._draw(agent, agent.faction, now, starter_terms)

    def accept(self, agent: Agent, contract: Contract, now: datetime) -> None:
        """Bind the agent and pay the advance. Refuses 4504, 4501, 4503."""
        self._require_not_fulfilled(contract)
        if contract.accepted:
            raise Refusal(
                ErrorCode.ACCEPT_CONTRACT_CONFLICT,
                f"Contract {contract.id} has been accepted already.",
                {"contractId": contract.id},
            )
        contract.accepted = True
        self._ends_at(contract.deadline, agent, contract)
        agent.earn(contract.on_accepted)

    def deliver(self, contract: Contract, ship: Ship, good: str, units: int, now: datetime) -> None:
        """Hand over units from the hold at the destination.

        More than is missing is refused with 4509, so that no cargo is lost: what the live server does is
        not established (api-facts §21). Refuses 4504, 4503, 4505, 4214, 4508, 4510, 4244, 4509, 4218, 4219.
        """
        self._require_active(contract)
        ship.require_arrived(now)
        if good != contract.good:
            raise Refusal(
                ErrorCode.SHIP_DELIVER_TERMS,
                f"Contract {contract.id} does not ask for {good}.",
                {"contractId": contract.id, "tradeSymbol": good},
            )
        if ship.waypoint != contract.destination:
            raise Refusal(
                ErrorCode.SHIP_DELIVER_INVALID_LOCATION,
                f"Ship {ship.symbol} is at {ship.waypoint}; the destination is {contract.destination}.",
                {"shipSymbol": ship.symbol, "destinationSymbol": contract.destination},
            )
        ship.require_docked(now)
        missing = contract.required - contract.delivered
        if units > missing:
            raise Refusal(
                ErrorCode.SHIP_DELIVER_FULFILLED,
                f"Contract {contract.id} needs {missing} more {good}, not {units}.",
                {"contractId": contract.id, "tradeSymbol": good, "unitsMissing": missing},
            )
        ship.require_aboard(good, units)
        ship.unload(good, units)
        contract.delivered += units

    def fulfil(self, agent: Agent, contract: Contract, now: datetime) -> None:
        """Pay the agent; the goods reach the market of the destination. Refuses 4504, 4503, 4505, 4502."""
        self._require_active(contract)
        if contract.delivered < contract.required:
            missing = contract.required - contract.delivered
            raise Refusal(
                ErrorCode.FULFILL_CONTRACT_DELIVERY,
                f"Contract {contract.id} still misses {missing} {contract.good}.",
                {"contractId": contract.id},
            )
        contract.fulfilled = True
        agent.earn(contract.on_fulfilled)
        market = self._universe.markets.get(contract.destination)
        listing = market.good(contract.good, now) if market else None
        if listing is not None:
            listing.net_supply += contract.delivered

    def _require_not_fulfilled(self, contract: Contract) -> None:
        data = {"contractId": contract.id}
        if contract.fulfilled:
            message = f"Contract {contract.id} has been fulfilled already."
            raise Refusal(ErrorCode.CONTRACT_FULFILLED, message, data)
        if contract.failed:
            message = f"Contract {contract.id} has failed: its deadline has passed."
            raise Refusal(ErrorCode.CONTRACT_DEADLINE, message, data)

    def _require_active(self, contract: Contract) -> None:
        self._require_not_fulfilled(contract)
        if not contract.accepted:
            message = f"Contract {contract.id} has not been accepted."
            raise Refusal(ErrorCode.CONTRACT_NOT_ACCEPTED, message, {"contractId": contract.id})

    def _draw(self, agent: Agent, faction: str, now: datetime, draw_terms: _Draw) -> Contract:
        # Counted for each agent, so that nobody's contracts depend on who else plays.
        self._offered[agent.symbol] += 1
        name = f"contract:{self._universe.seed}:{agent.symbol}:{self._offered[agent.symbol]}"
        home = self._universe.markets_in(agent.headquarters.rpartition("-")[0])
        terms = draw_terms(home, now, random.Random(name), self._parameters)
        contract = Contract(
            id="c" + hashlib.blake2s(name.encode(), digest_size=12).hexdigest(),
            agent=agent.symbol,
            faction=faction,
            good=terms.good,
            destination=terms.destination,
            required=terms.units,
            on_accepted=terms.advance,
            on_fulfilled=terms.payment - terms.advance,
            accept_until=now + _ACCEPT_WITHIN,
            deadline=now + _DELIVER_WITHIN,
        )
        self._by_agent.setdefault(agent.symbol, []).append(contract)
        self._by_id[contract.id] = contract
        self._ends_at(contract.accept_until, agent, contract)
        return contract

    def _ends_at(self, instant: datetime, agent: Agent, contract: Contract) -> None:
        self._numbered += 1
        heapq.heappush(self._ends, (instant, self._numbered, agent, contract))
