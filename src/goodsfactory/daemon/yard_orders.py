"""Ships as users buy them by hand: at the cheapest yard where one of theirs is, through the spend gate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from goodsfactory.daemon.crew import Crew
from goodsfactory.daemon.hand_claims import held_by_hand
from goodsfactory.daemon.roster import Roster
from goodsfactory.domain.container import Claim
from goodsfactory.domain.errors import NotFound, UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import near_matches
from goodsfactory.domain.money import MoneyKind, subject_of
from goodsfactory.domain.ship import Ship
from goodsfactory.domain.shipyard import ShipyardSnapshot
from goodsfactory.planning.decision import in_words
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for

_PREFIX = "SHIP_"


@dataclass(frozen=True)
class PlannedShip:
    """Where a ship of a type would be bought now, in credits, and the own ship that is there."""

    ship_type: str
    waypoint: str
    price: int
    present: str


@dataclass(frozen=True)
class BoughtShip:
    """``ship`` is None where its answer was lost and the fleet could not tell which one it is."""

    ship_type: str
    waypoint: str
    price: int
    ship: Ship | None


@dataclass(frozen=True)
class YardOrders:
    """``new_id`` names the claim an order holds."""

    store: Store
    clock: Clock
    roster: Roster
    new_id: Callable[[], str]

    async def plan(self, player_id: int, ship_type: str, waypoint: str | None = None) -> PlannedShip:
        """Where ``buy`` would buy now; nothing is bought. Raises UserError where it could not."""
        async with self.roster.ordering(player_id) as crew:
            with waited_for():
                return await self._plan(crew, player_id, _type_name(ship_type), waypoint)

    async def _plan(self, crew: Crew, player_id: int, wanted: str, waypoint: str | None) -> PlannedShip:
        present = await self._present(player_id)
        if waypoint is None:
            yards = await self._yards(crew, present)
        else:
            yards = [await self._yard(crew, present, waypoint.upper(), await self._way(player_id, waypoint))]
        offers = [(offer.price, yard.waypoint) for yard in yards if (offer := yard.offer(wanted))]
        if offers:
            price, where = min(offers)
            return PlannedShip(wanted, where, price, present[where])
        if waypoint is not None:
            sold = in_words(sorted(yards[0].types), none="nothing")
            raise UserError(f"{yards[0].waypoint} sells no {wanted}; it sells {sold}.", kind="precondition")
        known = await self._all_yards(crew, player_id)
        sellers = [yard.waypoint for yard in known if wanted in yard.types]
        raise _nowhere(wanted, known, await self._way(player_id, sellers[0]) if sellers else "")

    async def buy(
        self, player_id: int, ship_type: str, waypoint: str | None = None, max_price: int | None = None
    ) -> BoughtShip:
        """Buy one ship where it is cheapest, or at ``waypoint``, for ``max_price`` credits at most.

        Raises UserError, SpendRefused, Refused or Unavailable; at most one purchase of an agent is open.
        """
        fleet = subject_of(MoneyKind.SHIP, player_id, None, None)
        async with (
            self.roster.ordering(player_id) as crew,
            held_by_hand(self.store, self.clock, self.new_id, player_id, fleet, _taken) as duty,
        ):
            plan = await self.plan(player_id, ship_type, waypoint)
            order = duty.order(None, MoneyKind.SHIP, plan.ship_type, 1, plan.waypoint)
            with waited_for():
                trade = await crew.cashier.buy_ship(replace(order, ceiling=max_price))
        return BoughtShip(plan.ship_type, plan.waypoint, trade.total, trade.bought)

    async def _present(self, player_id: int) -> dict[str, str]:
        """Waypoint → one of the own ships that are there now."""
        ships = await self.store.transact(lambda tx: tx.ships.of_player(player_id))
        now = self.clock.now()
        return {ship.nav.waypoint: ship.symbol for ship in reversed(ships) if not ship.in_transit(now)}

    async def _yards(self, crew: Crew, present: dict[str, str]) -> list[ShipyardSnapshot]:
        """The yards where own ships are, looked at just now."""
        yards = []
        for system in sorted({system_of(place) for place in present}):
            for place in await crew.scout.survey(system):
                if place.is_shipyard and place.symbol in present:
                    yards.append((await crew.scout.look_at_yard(place.symbol)).snapshot)
        return yards

    async def _yard(self, crew: Crew, present: dict[str, str], place: str, way: str) -> ShipyardSnapshot:
        system_of(place)
        if place not in present:
            raise UserError(
                f"None of your ships is at {place}; one must be there to buy a ship: {way}.",
                kind="precondition",
            )
        try:
            return (await crew.scout.look_at_yard(place)).snapshot
        except NotFound:
            raise UserError(f"There is no shipyard at {place}.", kind="not-found") from None

    async def _way(self, player_id: int, place: str) -> str:
        """The command that brings one of the own ships there, a free one where there is one."""
        players = await self.roster.all()

        def read(tx: Transaction) -> tuple[list[Ship], set[str]]:
            return tx.ships.of_player(player_id), {claim.ship for claim in tx.claims.of_player(player_id)}

        ships, held = await self.store.transact(read)
        near = [ship for ship in ships if ship.nav.system == system_of(place.upper())]
        near.sort(key=lambda ship: ship.symbol in held)
        who = near[0].symbol if near else "SHIP"
        sign = next(player.agent_symbol for player in players if player.id == player_id)
        whose = f" --agent {sign}" if len(players) > 1 else ""
        return f"`spacetraders ships go {who} {place.upper()}{whose}`"

    async def _all_yards(self, crew: Crew, player_id: int) -> list[ShipyardSnapshot]:
        """Every yard in the systems of the fleet; what they sell is told without a ship there."""
        ships = await self.store.transact(lambda tx: tx.ships.of_player(player_id))
        found = []
        for system in sorted({ship.nav.system for ship in ships}):
            for place in await crew.scout.survey(system):
                if place.is_shipyard:
                    found.append(await self._known(crew, place.symbol))
        return found

    async def _known(self, crew: Crew, yard: str) -> ShipyardSnapshot:
        stored = await self.store.transact(lambda tx: tx.shipyards.get(yard))
        return stored or (await crew.scout.look_at_yard(yard)).snapshot


def _nowhere(wanted: str, yards: Sequence[ShipyardSnapshot], way: str) -> UserError:
    """Why the type cannot be bought now, where it could be, and ``way``, the command that leads there."""
    sellers = [yard.waypoint for yard in yards if wanted in yard.types]
    if sellers:
        return UserError(
            f"None of your ships is where a {wanted} is sold; bring one to {_either(sellers)}: {way}.",
            kind="precondition",
        )
    types = sorted({type_ for yard in yards for type_ in yard.types})
    if not types:
        return UserError("No shipyard is known in the systems of your ships.", kind="precondition")
    near = near_matches(wanted, types)
    meant = f"did you mean {_either(near)}?" if near else f"they sell {in_words(types)}."
    return UserError(f"No shipyard known sells {wanted}; {meant}", kind="not-found")


def _type_name(text: str) -> str:
    """``light shuttle`` and ``SHIP_LIGHT_SHUTTLE`` are the same."""
    name = text.strip().upper().replace(" ", "_").replace("-", "_")
    return name if name.startswith(_PREFIX) else f"{_PREFIX}{name}"


def _either(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _taken(tx: Transaction, claim: Claim | None) -> UserError:
    return UserError("Another ship is being bought for this agent; wait for its end.", kind="precondition")
