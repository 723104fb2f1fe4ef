"""Building sites as users supply them by hand, through the cashier: nobody pays, cargo leaves."""

from dataclasses import dataclass

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.factories import default_system
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.ship_orders import ShipOrders
from goodsfactory.domain.construction import ConstructionSite, Material
from goodsfactory.domain.errors import NotFound, UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.money import MoneyKind
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import in_words
from goodsfactory.ports.store import Store

_GATE = "JUMP_GATE"


@dataclass(frozen=True)
class Supplied:
    """Units of a material handed over to a site, and the site as it is then."""

    ship: str
    good: Good
    units: int
    site: ConstructionSite


@dataclass(frozen=True)
class ConstructionOrders:
    """A site left out is the jump gate of the system."""

    store: Store
    roster: Roster
    ships: ShipOrders

    async def show(self, player_id: int, waypoint: str | None = None) -> ConstructionSite:
        """The bill of a site. Raises UserError where nothing is being built."""
        async with self.roster.ordering(player_id) as crew:
            if waypoint is None:
                ships = await self.store.transact(lambda tx: tx.ships.of_player(player_id))
                waypoint = await _gate(crew, default_system(crew.player, ships))
            return await _site(crew, waypoint.upper())

    async def supply(
        self,
        player_id: int,
        symbol: str,
        waypoint: str | None = None,
        good: str | None = None,
        units: int | None = None,
    ) -> Supplied:
        """Fly a free ship to the site and hand over what it has of a missing material, or ``units`` of it.

        Raises UserError, before anything moves, where it cannot be.
        """
        async with self.ships.held(player_id, symbol) as (crew, ship, duty):
            place = waypoint.upper() if waypoint else await _gate(crew, ship.nav.system)
            if system_of(place) != ship.nav.system:
                raise UserError(f"{place} is not in {ship.nav.system}, where {ship.symbol} is.")
            site = await _site(crew, place)
            line = _line_for(site, ship, good.upper() if good else None)
            handed = _units(site, line, ship, units)
            await crew.scout.survey(ship.nav.system)
            ship = await crew.pilot.dock(await crew.pilot.go(ship, place, duty))
            order = duty.order(ship.symbol, MoneyKind.SUPPLY, line.good, handed, place)
            await crew.cashier.supply(order)
            return Supplied(ship.symbol, line.good, handed, await _site(crew, place))


async def _gate(crew: Crew, system: str) -> str:
    """The jump gate of a system. Raises UserError where it has none."""
    gates = [place.symbol for place in await crew.scout.survey(system) if place.type == _GATE]
    if not gates:
        raise UserError(f"{system} has no jump gate; name the building site.", kind="not-found")
    return gates[0]


async def _site(crew: Crew, waypoint: str) -> ConstructionSite:
    system_of(waypoint)
    try:
        site = await crew.api.construction(waypoint)
    except NotFound:
        site = None
    if site is None or not site.materials:
        raise UserError(f"Nothing is being built at {waypoint}.", kind="not-found")
    return site


def _line_for(site: ConstructionSite, ship: Ship, good: Good | None) -> Material:
    if good is not None and site.material(good) is None:
        needed = in_words(line.good for line in site.materials)
        raise UserError(f"{site.waypoint} is built of {needed}, not of {good}.", kind="precondition")
    lines = [line for line in site.materials if good in (None, line.good) and ship.hold.of(line.good)]
    if not lines:
        wanted = good or in_words(line.good for line in site.materials if line.missing) or "material"
        raise UserError(f"{ship.symbol} carries no {wanted}.", kind="precondition")
    line = next((one for one in lines if one.missing), lines[0])
    if not line.missing:
        raise UserError(f"{site.waypoint} needs no more {line.good}.", kind="precondition")
    return line


def _units(site: ConstructionSite, line: Material, ship: Ship, units: int | None) -> int:
    aboard = ship.hold.of(line.good)
    if units is None:
        return min(aboard, line.missing)
    if not 1 <= units <= min(aboard, line.missing):
        raise UserError(
            f"{units} {line.good} cannot be supplied: {ship.symbol} carries {aboard},"
            f" {site.waypoint} needs {line.missing} more.",
            kind="precondition",
        )
    return units
