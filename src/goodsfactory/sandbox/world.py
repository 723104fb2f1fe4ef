"""The world: a universe, its clock, and the agents who act in it. Callable in process, without HTTP."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from goodsfactory.sandbox import cargo, construction
from goodsfactory.sandbox.accounts import Accounts
from goodsfactory.sandbox.agents import STARTING_CREDITS, Agent, AgentRegister
from goodsfactory.sandbox.charts import Charts
from goodsfactory.sandbox.chronicle import Chronicle
from goodsfactory.sandbox.contracts import Contract, ContractBook
from goodsfactory.sandbox.dockyard import Dockyard
from goodsfactory.sandbox.economy import Market
from goodsfactory.sandbox.errors import ErrorCode, Refusal, not_found
from goodsfactory.sandbox.fleets import Fleets
from goodsfactory.sandbox.gates import Gates
from goodsfactory.sandbox.mining import Mining
from goodsfactory.sandbox.navigation import Navigation, distance
from goodsfactory.sandbox.outfitting import Outfitting
from goodsfactory.sandbox.rivals import Rivals
from goodsfactory.sandbox.scanning import Scanning
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_types import SHIP_TYPES, require_ship_types
from goodsfactory.sandbox.ships import FlightMode, Ship
from goodsfactory.sandbox.shipyards import Shipyards
from goodsfactory.sandbox.surveys import Surveys
from goodsfactory.sandbox.timestamps import Calendar, timestamp, whole_milliseconds
from goodsfactory.sandbox.tokens import TokenMint
from goodsfactory.sandbox.trading import Trading
from goodsfactory.sandbox.traffic import Traffic
from goodsfactory.sandbox.transactions import MarketTransaction
from goodsfactory.sandbox.universe import Bill, System, Universe, Waypoint
from goodsfactory.sandbox.wear import Wear

_RESET_EVERY = timedelta(days=7)
_DRAINED = -16
"""Net supply of a drained good, in trade volumes: the lowest a captured market showed (economy.md §3)."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a new agent gets: purse, token, ships and a first contract."""

    agent: Agent
    token: str
    ships: list[Ship]
    contract: Contract


class World:
    """A running universe.

    ``now`` tells the UTC time of the sandbox; nothing else does. ``calendar`` is how clients read it. Every
    action takes the acting agent and raises :class:`Refusal` with the game's code when the rules forbid it;
    then nothing has changed. The same seed and the same calls at the same times give the same world.
    """

    def __init__(
        self,
        universe: Universe,
        *,
        now: Callable[[], datetime],
        seed: int,
        starting_credits: int = STARTING_CREDITS,
        starting_fleet: Sequence[str] = (),
        ship_parameters: ShipParameters | None = None,
        accounts_required: bool = False,
        reserved_symbols: Collection[str] = (),
        calendar: Calendar | None = None,
        rivals: int = 0,
    ) -> None:
        require_ship_types(starting_fleet)
        self.universe = universe
        self.traffic = Traffic()
        mint = TokenMint(seed, str(universe.reset_date))
        self.agents = AgentRegister(
            mint,
            seed=seed,
            headquarters_of=universe.headquarters_of,
            recruiting=universe.factions,
            reserved=reserved_symbols,
        )
        self.accounts = Accounts(mint, self.agents, required=accounts_required)
        self.fleets = Fleets()
        self.ship_parameters = rules = ship_parameters or ShipParameters()
        wear = Wear(universe.seed, rules)
        self.navigation = Navigation(universe, wear=wear)
        self.trading = Trading(universe)
        self.charts = Charts(universe, rules)
        self.surveys = Surveys(universe, rules)
        self.mining = Mining(universe, self.surveys, wear, rules)
        self.scanning = Scanning(universe, self.fleets, rules)
        self.gates = Gates(universe, self.trading, rules)
        self.outfitting = Outfitting(universe, rules)
        self.dockyard = Dockyard(universe, self.fleets, rules)
        self.chronicle = Chronicle(universe.seed)
        self.shipyards = Shipyards(universe, rules)
        self.contracts = ContractBook(universe, self.chronicle)
        self.rivals = Rivals(rivals)
        self.calendar = calendar or Calendar()
        self._now = now
        self._instant: datetime | None = None
        self._starting_credits = starting_credits
        self._starting_fleet = tuple(starting_fleet)
        self._settings: dict[str, Any] = {
            "seed": seed,
            "starting_credits": starting_credits,
            "starting_fleet": tuple(starting_fleet),
            "ship_parameters": ship_parameters,
            "accounts_required": accounts_required,
            "reserved_symbols": tuple(reserved_symbols),
            "rivals": rivals,
        }

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the clock and how it is told, which belong to the process."""
        return {**self.__dict__, "calendar": None, "_now": None, "_instant": None}

    def become(self, other: "World") -> None:
        """Take over the whole state of another world and keep the clock; the other one is not used again."""
        mine = {"calendar": self.calendar, "_now": self._now, "_instant": self._instant}
        self.__dict__.update({**other.__dict__, **mine})

    def begin(self, universe: Universe) -> None:
        """Start over in a universe, with the settings, the clock and the accounts of this world."""
        new = World(universe, now=self._now, **self._settings)
        new.accounts.outlive(self.accounts)
        self.become(new)

    def now(self) -> datetime:
        """The time of the sandbox, in whole milliseconds."""
        return self._instant or whole_milliseconds(self._now())

    @contextmanager
    def one_instant(self, at: datetime | None = None) -> Iterator[None]:
        """Let everything within happen at one time, ``at`` or that of entering.

        What fell due until then comes before it: the acts of rivals and the ends of contracts.
        """
        instant = at or self.now()
        self.rivals.catch_up(self, instant)
        self.contracts.settle(instant)
        self._instant = instant
        try:
            yield
        finally:
            self._instant = None

    @property
    def next_reset(self) -> datetime:
        """When this universe is due to end: weekly (api-facts §4). The sandbox only announces it."""
        begun = datetime.combine(date.fromisoformat(str(self.universe.reset_date)), time(13), UTC)
        weeks = max(0, (self.now() - begun) // _RESET_EVERY) + 1
        return begun + weeks * _RESET_EVERY

    def register(self, symbol: str, faction: str, *, account_token: str | None = None) -> Registration:
        """Enrol an agent with a command frigate at headquarters, a probe at a yard, and the extra fleet.

        Refuses 3001, 4110, 4111, 4112 (api-facts §5) and what :meth:`Accounts.admit` does.
        """
        now = self.now()
        self.accounts.admit(account_token)
        agent, token = self.agents.enrol(
            symbol,
            faction,
            account_token=account_token,
            starting_credits=self._starting_credits,
            now=now,
            issued=self.calendar.told(now),
        )
        home = agent.headquarters
        self.fleets.launch(agent, SHIP_TYPES["SHIP_COMMAND_FRIGATE"], home, now)
        self.fleets.launch(agent, SHIP_TYPES["SHIP_PROBE"], self._nearest_yard(home), now)
        for ship_type in self._starting_fleet:
            self.fleets.launch(agent, SHIP_TYPES[ship_type], home, now)
        self.chronicle.write(agent.symbol, "AGENT_REGISTERED", f"Registered with {faction}.", now)
        return Registration(agent, token, list(self.fleets.of(agent)), self.contracts.starter(agent, now))

    def system(self, symbol: str) -> System:
        """A system; refuses 404."""
        system = self.universe.systems.get(symbol)
        if system is None:
            raise not_found("System", symbol)
        return system

    def waypoint(self, system: str, symbol: str) -> Waypoint:
        """A waypoint of a system; refuses 404."""
        waypoint = self.system(system).waypoints.get(symbol)
        if waypoint is None:
            raise not_found("Waypoint", symbol)
        return waypoint

    def market(self, waypoint: str) -> Market:
        """The market at a waypoint; refuses 4603."""
        market = self.universe.markets.get(waypoint)
        if market is None:
            message = f"There is no market at {waypoint}."
            raise Refusal(ErrorCode.MARKET_NOT_FOUND, message, {"waypointSymbol": waypoint})
        return market

    def require_access(self, agent: Agent | None, waypoint: Waypoint) -> bool:
        """Whether the agent sees prices here; refuses 4001 at an uncharted place without a ship."""
        present = self.fleets.present(agent, waypoint.symbol, self.now())
        if not present and not self.charts.charted(waypoint):
            message = f"Waypoint {waypoint.symbol} is uncharted and no ship of yours is there."
            raise Refusal(ErrorCode.WAYPOINT_NO_ACCESS, message, {"waypointSymbol": waypoint.symbol})
        return present

    def ship(self, agent: Agent, symbol: str) -> Ship:
        """A ship of the agent; refuses 404."""
        return self.fleets.own(agent, symbol)

    def orbit(self, agent: Agent, symbol: str) -> Ship:
        """Leave the dock (:meth:`Navigation.orbit`)."""
        ship = self.ship(agent, symbol)
        self.navigation.orbit(ship, self.now())
        return ship

    def dock(self, agent: Agent, symbol: str) -> Ship:
        """Dock (:meth:`Navigation.dock`)."""
        ship = self.ship(agent, symbol)
        self.navigation.dock(ship, self.now())
        return ship

    def navigate(self, agent: Agent, symbol: str, destination: str) -> Ship:
        """Depart to a waypoint of the same system (:meth:`Navigation.navigate`)."""
        ship = self.ship(agent, symbol)
        self.navigation.navigate(ship, destination, self.now())
        return ship

    def set_flight_mode(self, agent: Agent, symbol: str, mode: FlightMode) -> Ship:
        """Choose how a ship flies (:meth:`Navigation.set_flight_mode`)."""
        ship = self.ship(agent, symbol)
        self.navigation.set_flight_mode(ship, mode, self.now())
        return ship

    def purchase(self, agent: Agent, symbol: str, good: str, units: int) -> MarketTransaction:
        """Buy cargo (:meth:`Trading.purchase`)."""
        return self.trading.purchase(agent, self.ship(agent, symbol), good, units, self.now())

    def sell(self, agent: Agent, symbol: str, good: str, units: int) -> MarketTransaction:
        """Sell cargo (:meth:`Trading.sell`)."""
        return self.trading.sell(agent, self.ship(agent, symbol), good, units, self.now())

    def refuel(
        self, agent: Agent, symbol: str, units: int | None = None, *, from_cargo: bool = False
    ) -> MarketTransaction:
        """Fill the tank, wholly or by ``units`` ship fuel units (:meth:`Trading.refuel`)."""
        ship = self.ship(agent, symbol)
        if from_cargo:
            return self.trading.refuel_from_cargo(ship, units, self.now())
        return self.trading.refuel(agent, ship, units, self.now())

    def jettison(self, agent: Agent, symbol: str, good: str, units: int) -> Ship:
        """Throw cargo away (:func:`cargo.jettison`)."""
        ship = self.ship(agent, symbol)
        cargo.jettison(ship, good, units, self.now())
        return ship

    def transfer(self, agent: Agent, giver: str, taker: str, good: str, units: int) -> tuple[Ship, Ship]:
        """Hand cargo to another ship (:func:`cargo.transfer`); returns giver and taker. Refuses 4231 too."""
        giving = self.ship(agent, giver)
        taking = self.fleets.transfer_target(taker)
        cargo.transfer(giving, taking, good, units, self.now())
        return giving, taking

    def buy_ship(self, agent: Agent, ship_type: str, waypoint: str) -> Ship:
        """Buy a ship where a ship of the agent already is. Refuses 404, 4245, 4605, 4216."""
        now = self.now()
        self.shipyards.offers(waypoint, now)
        if not self.fleets.present(agent, waypoint, now):
            raise Refusal(
                ErrorCode.PURCHASE_SHIP_NOT_PRESENT,
                f"Ship purchase failed. No ship of {agent.symbol} is at {waypoint}.",
                {"waypointSymbol": waypoint},
            )
        bought = self.shipyards.sell(agent, waypoint, ship_type, now)
        ship = self.fleets.launch(agent, bought, waypoint, now)
        self.chronicle.write(
            agent.symbol,
            "SHIP_PURCHASED",
            f"Bought {ship.symbol} at {waypoint}.",
            now,
            shipSymbol=ship.symbol,
        )
        return ship

    def supply_construction(
        self, agent: Agent, system: str, site: str, symbol: str, material: str, units: int
    ) -> tuple[Bill, Ship]:
        """Fill a building site (:func:`construction.supply`); refuses 404 where nothing is being built."""
        self.waypoint(system, site)
        bill = self.universe.constructions.get(site)
        if bill is None:
            raise not_found("Construction site", site)
        ship = self.ship(agent, symbol)
        construction.supply(bill, site, ship, material, units, self.now())
        return bill, ship

    def negotiate(self, agent: Agent, symbol: str) -> Contract:
        """Ask for a new contract where the docked ship is. Refuses 4214, 4244, 4511, 4700."""
        now = self.now()
        ship = self.ship(agent, symbol)
        ship.require_docked(now)
        return self.contracts.offer(agent, ship.waypoint, now)

    def accept(self, agent: Agent, contract_id: str) -> Contract:
        """Accept a contract (:meth:`ContractBook.accept`)."""
        now = self.now()
        unauthorized = ErrorCode.ACCEPT_CONTRACT_NOT_AUTHORIZED
        contract = self.contracts.find(agent, contract_id, now, unauthorized=unauthorized)
        self.contracts.accept(agent, contract, now)
        self.chronicle.write(
            agent.symbol,
            "CONTRACT_ACCEPTED",
            f"Accepted contract {contract.id}.",
            now,
            contractId=contract.id,
        )
        return contract

    def deliver(
        self, agent: Agent, contract_id: str, symbol: str, good: str, units: int
    ) -> tuple[Contract, Ship]:
        """Deliver to a contract (:meth:`ContractBook.deliver`)."""
        now = self.now()
        contract = self.contracts.find(agent, contract_id, now)
        ship = self.ship(agent, symbol)
        self.contracts.deliver(contract, ship, good, units, now)
        return contract, ship

    def fulfil(self, agent: Agent, contract_id: str) -> Contract:
        """Fulfil a contract (:meth:`ContractBook.fulfil`)."""
        now = self.now()
        contract = self.contracts.find(agent, contract_id, now)
        self.contracts.fulfil(agent, contract, now)
        self.chronicle.write(
            agent.symbol,
            "CONTRACT_FULFILLED",
            f"Fulfilled contract {contract.id}.",
            now,
            contractId=contract.id,
        )
        return contract

    def set_net_supply(self, waypoint: str, good: str, units: int) -> None:
        """Set the hidden stock of a good at a market, in units (economy.md §1). For tests and scenarios.

        Refuses 4603 and 4601.
        """
        listing = self.market(waypoint).good(good, self.now())
        if listing is None:
            message = f"{good} is not traded at {waypoint}."
            data = {"waypointSymbol": waypoint, "tradeSymbol": good}
            raise Refusal(ErrorCode.MARKET_TRADE_NO_PURCHASE, message, data)
        listing.net_supply = units

    def drain(self, waypoint: str, good: str) -> None:
        """Empty a market of a good, far below SCARCE. Refuses 4603 and 4601."""
        listing = self.market(waypoint).good(good, self.now())
        self.set_net_supply(waypoint, good, _DRAINED * listing.trade_volume if listing else 0)

    def halt(self, waypoint: str, good: str, until: datetime | None) -> None:
        """Let nothing become of a good until then (:meth:`Market.halt`). Refuses 4603 and 4601."""
        market = self.market(waypoint)
        if market.good(good, self.now()) is None:
            data = {"waypointSymbol": waypoint, "tradeSymbol": good}
            message = f"{good} is not traded at {waypoint}."
            raise Refusal(ErrorCode.MARKET_TRADE_NO_PURCHASE, message, data)
        market.halt(good, self.now(), until)

    def state(self) -> dict[str, object]:
        """What an operator wants to see: time, requests, purses. For tests and the demo."""
        return {
            "resetDate": str(self.universe.reset_date),
            "time": timestamp(self.calendar.told(self.now())),
            "requests": {
                "total": self.traffic.total,
                "limited": self.traffic.refused_by_limit,
                "byRoute": dict(self.traffic.by_route),
                "byAgent": dict(self.traffic.by_agent),
            },
            "agents": {
                agent.symbol: {
                    "credits": agent.credits,
                    "startingCredits": agent.starting_credits,
                    "ships": len(self.fleets.of(agent)),
                }
                for agent in self.agents
            },
        }

    def _nearest_yard(self, headquarters: str) -> str:
        home = self.universe.waypoint(headquarters)
        if home is None:
            raise ValueError(f"headquarters {headquarters} is not a waypoint of the universe")
        yards = map(self.universe.waypoint, self.universe.shipyards_in(home.system))
        near = [(distance(home, yard), yard.symbol) for yard in yards if yard is not None]
        return min(near)[1] if near else home.symbol
