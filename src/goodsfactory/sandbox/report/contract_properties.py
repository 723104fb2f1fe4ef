"""C1 to C4: what contracts want and what they pay (operations.md §4.1)."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.agents import STARTING_CREDITS, Agent
from goodsfactory.sandbox.chronicle import Chronicle
from goodsfactory.sandbox.contract_terms import obtainable
from goodsfactory.sandbox.contracts import Contract, ContractBook
from goodsfactory.sandbox.report.laboratory import EPOCH, home, stand
from goodsfactory.sandbox.report.property import Bound, Property, share
from goodsfactory.sandbox.universe import Universe

_OFFERS = 300
"""Contracts negotiated in a home, spread over its first day."""
_AGENTS = 60
"""Agents whose first contract is looked at."""
_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Offer:
    """A contract as offered, with what the destination told of its good just then."""

    contract: Contract
    base: float
    ask: int
    volume: int
    is_import: bool
    in_reach: bool

    @property
    def payment(self) -> int:
        return self.contract.on_accepted + self.contract.on_fulfilled

    @property
    def pay(self) -> float:
        """Whole payment per unit in base prices."""
        return self.payment / self.contract.required / self.base

    @property
    def advance(self) -> float:
        """Share of the payment at once."""
        return self.contract.on_accepted / self.payment


def goods(seed: int) -> Mapping[str, float]:
    """C1: first contracts want ore, later ones anything the home imports and, but for a few, also sells."""
    offers, starters = _negotiated(seed), _starters(seed)
    markets = home(seed).markets.values()
    sold = obtainable({market.waypoint: market for market in markets})
    imports = {good for market in markets for good in market.imports} & set(sold)
    seen = {offer.contract.good for offer in offers}
    return {
        "starters that want ore": share(offer.contract.good.endswith("_ORE") for offer in starters),
        "wanted by an import": share(offer.is_import for offer in (*offers, *starters)),
        "sold or made in the home": share(offer.in_reach for offer in offers),
        "share of the imports on sale seen": len(seen & imports) / len(imports),
        "largest share of one good": max(
            sum(offer.contract.good == good for offer in offers) / len(offers) for good in seen
        ),
    }


def units(seed: int) -> Mapping[str, float]:
    """C2: how many units, by the trade volume with which the import began."""
    classes: dict[str, list[int]] = {"first": [offer.contract.required for offer in _starters(seed)]}
    for offer in _negotiated(seed):
        name = "ore" if offer.contract.good.endswith("_ORE") else f"tv {offer.volume}"
        classes.setdefault(name, []).append(offer.contract.required)
    return {
        f"{end} units, {name}": pick(classes[name])
        for name in ("first", "tv 6", "tv 20", "tv 60", "ore")
        for end, pick in (("fewest", min), ("most", max))
    }


def payment(seed: int) -> Mapping[str, float]:
    """C3: the whole payment per unit, in base prices and in asks of the destination."""
    offers, starters = _negotiated(seed), [offer.pay for offer in _starters(seed)]
    pays = sorted(offer.pay for offer in offers)
    asks = sorted(offer.payment / offer.contract.required / offer.ask for offer in offers)
    return {
        "mean pay / B": statistics.mean(pays),
        "p5 of pay / B": pays[len(pays) // 20],
        "p95 of pay / B": pays[len(pays) * 19 // 20],
        "most pay / B": pays[-1],
        "least pay / ask": asks[0],
        "p10 of pay / ask": asks[len(asks) // 10],
        "median pay / ask": asks[len(asks) // 2],
        "p90 of pay / ask": asks[len(asks) * 9 // 10],
        "most pay / ask": asks[-1],
        "least pay / B, first contract": min(starters),
        "most pay / B, first contract": max(starters),
        "mean payment, credits": statistics.mean(offer.payment for offer in offers),
        "share above 75,000 credits": share(offer.payment > 75_000 for offer in offers),
    }


def advances(seed: int) -> Mapping[str, float]:
    """C4: the share of the payment that comes when the contract is accepted."""
    # A payment of few credits cannot be divided finely.
    later = [offer.advance for offer in _negotiated(seed) if offer.payment >= 1000]
    first = [offer.advance for offer in _starters(seed)]
    return {
        "least advance": min(later),
        "mean advance": statistics.mean(later),
        "most advance": max(later),
        "least advance, first contract": min(first),
        "most advance, first contract": max(first),
    }


@lru_cache(maxsize=8)
def _negotiated(seed: int) -> Sequence[_Offer]:
    universe, offers = home(seed), list[_Offer]()
    book, agent = ContractBook(universe, Chronicle(seed)), _agent("DESK", universe)
    for number in range(_OFFERS):
        now = EPOCH + number * _EVERY
        contract = book.offer(agent, universe.headquarters, now)
        offers.append(_as_offered(contract, universe, now))
        contract.fulfilled = True
    return offers


@lru_cache(maxsize=8)
def _starters(seed: int) -> Sequence[_Offer]:
    universe = home(seed)
    book = ContractBook(universe, Chronicle(seed))
    agents = (_agent(f"NEW-{number}", universe) for number in range(_AGENTS))
    return [_as_offered(book.starter(agent, EPOCH), universe, EPOCH) for agent in agents]


def _agent(symbol: str, universe: Universe) -> Agent:
    faction, credits = universe.factions[0], STARTING_CREDITS
    return Agent(symbol, symbol, faction, universe.headquarters, credits, credits, EPOCH)


def _as_offered(contract: Contract, universe: Universe, now: datetime) -> _Offer:
    market = universe.markets[contract.destination]
    listing = stand(market, contract.good, now)
    return _Offer(
        contract,
        base=listing.base,
        ask=listing.ask,
        volume=listing.first_volume,
        is_import=listing.type is TradeType.IMPORT,
        in_reach=contract.good in obtainable(universe.markets),
    )


C1 = Property(
    "C1",
    (
        Bound("starters that want ore", 1, 1),
        Bound("wanted by an import", 1, 1),
        Bound("sold or made in the home", 0.95, 0.9975, 4),
        Bound("share of the imports on sale seen", 0.90, None),
        Bound("largest share of one good", None, 0.15),
    ),
    goods,
)
C2 = Property(
    "C2",
    tuple(
        Bound(f"{end} units, {name}", low, high, 0)
        for name, low, high in (
            ("first", 43, 69),
            ("tv 6", 6, 15),
            ("tv 20", 14, 40),
            ("tv 60", 45, 60),
            ("ore", 40, 212),
        )
        for end in ("fewest", "most")
    ),
    units,
)
C3 = Property(
    "C3",
    (
        Bound("mean pay / B", 1.6, 1.9, 1),
        Bound("p5 of pay / B", 1.3, None, 1),
        Bound("p95 of pay / B", 2.0, 4.1, 1),
        Bound("most pay / B", None, 5.6, 1),
        # Most pay 0.7 to 1.1 asks, says §4.1, of imports that ask less than ours: these bounds of the ratio
        # to the ask are not measured, and only notice when what the sandbox draws becomes another.
        Bound("least pay / ask", 0.55, None),
        Bound("p10 of pay / ask", 0.55, 0.75),
        Bound("median pay / ask", 0.65, 0.90),
        Bound("p90 of pay / ask", 0.85, 1.10),
        Bound("most pay / ask", 1.1, 2, 1),
        Bound("least pay / B, first contract", 3.2, 4.3, 1),
        Bound("most pay / B, first contract", 3.2, 4.3, 1),
        Bound("mean payment, credits", 50_000, 90_000, 0),
        Bound("share above 75,000 credits", 0.27, 0.47),
    ),
    payment,
)
C4 = Property(
    "C4",
    (
        Bound("least advance", 0.20, 0.29),
        Bound("mean advance", 0.23, 0.26),
        Bound("most advance", 0.20, 0.29),
        Bound("least advance, first contract", 0.12, 0.17),
        Bound("most advance, first contract", 0.12, 0.17),
    ),
    advances,
)
