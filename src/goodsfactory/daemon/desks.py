"""The desks at which users order by hand what moves credits, the cargo they bought, or a scout."""

from collections.abc import Callable
from dataclasses import dataclass

from goodsfactory.daemon.construction_orders import ConstructionOrders
from goodsfactory.daemon.contract_orders import ContractOrders
from goodsfactory.daemon.ledger_orders import LedgerOrders
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.scouting_orders import ScoutingOrders
from goodsfactory.daemon.ship_orders import ShipOrders
from goodsfactory.daemon.yard_orders import YardOrders
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.store import Store


@dataclass(frozen=True)
class Desks:
    """One for each thing that can be ordered."""

    ship: ShipOrders
    yard: YardOrders
    contract: ContractOrders
    construction: ConstructionOrders
    ledger: LedgerOrders
    scouting: ScoutingOrders


def open_desks(
    store: Store,
    clock: Clock,
    engine: Engine,
    roster: Roster,
    ships: ShipOrders,
    new_id: Callable[[], str],
) -> Desks:
    """``new_id`` names the claims that orders hold, and containers."""
    return Desks(
        ship=ships,
        yard=YardOrders(store, clock, roster, new_id),
        contract=ContractOrders(store, clock, roster, ships, new_id),
        construction=ConstructionOrders(store, roster, ships),
        ledger=LedgerOrders(store, roster),
        scouting=ScoutingOrders(store, clock, engine, roster, new_id),
    )
