"""The crew of one player: everything that works with that player's ships and credits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from goodsfactory.domain.errors import Refused, SpendRule, StaleToken, Unavailable
from goodsfactory.domain.events import Event, EventKind
from goodsfactory.domain.player import Player
from goodsfactory.domain.recipes import MalformedRecipes, RecipeMap
from goodsfactory.fleet.losses import own_ships
from goodsfactory.fleet.pilot import Pilot
from goodsfactory.fleet.roll_call import RollCall
from goodsfactory.fleet.scout import Scout
from goodsfactory.fleet.scouting import ScoutVoyages
from goodsfactory.fleet.standing_scouts import StandingScouts
from goodsfactory.planning.policy import Policy
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.engine import Engine
from goodsfactory.ports.game_api import GameApi
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.production.coordinator import Coordinator
from goodsfactory.production.planner import Planner
from goodsfactory.production.worker import Worker
from goodsfactory.treasury.auditor import Auditor
from goodsfactory.treasury.cashier import Cashier
from goodsfactory.treasury.ledger import Reconciliation
from goodsfactory.treasury.settler import Settler


@dataclass(frozen=True)
class Crew:
    """Built once for each player that has a token."""

    player: Player
    api: GameApi
    scout: Scout
    cashier: Cashier
    pilot: Pilot
    coordinator: Coordinator
    planner: Planner
    worker: Worker
    scouts: ScoutVoyages
    standing_scouts: StandingScouts
    recipes: RecipeMap
    roll_call: RollCall
    auditor: Auditor
    store: Store
    clock: Clock

    def not_understood(self) -> list[str]:
        """What of the game's newest answers to this player makes no sense, or is missing; a sentence each."""
        return [*self.api.statistics().unreadable, *self.scout.gaps()]

    async def muster(self) -> Reconciliation | None:
        """Read agent and ships from the server and settle what a crash left open.

        Returns ledger against balance, or None while a step that moves credits is still open. Raises
        Unavailable as the game, or where no balance is found for the ledger to begin with.
        """
        player_id = self.player.id
        await self.roll_call.settle(held_too=True)
        ships = await self.api.ships()
        now = self.clock.now()

        def keep(tx: Transaction) -> set[str]:
            known = {ship.symbol for ship in tx.ships.of_player(player_id)}
            tx.ships.save(player_id, own_ships(tx, player_id, ships))
            _give_up_orphans(tx, player_id, now)
            _free_orphans(tx, player_id)
            return known - {ship.symbol for ship in ships}

        # The pilot forgets what is gone; the rest may be back soon.
        await self.roll_call.look(sorted(await self.store.transact(keep)))
        found = await self.auditor.count()
        if found is None and not await self.store.transact(lambda tx: tx.money.newest_row(player_id)):
            raise Unavailable(
                "The balance is another one at each look, so the ledger cannot begin; try again in a minute."
            )
        return found


def _free_orphans(tx: Transaction, player_id: int) -> None:
    """Claims that nobody would ever release: an order by hand, or an end, that a crash cut short."""
    for claim in tx.claims.of_player(player_id):
        holder = tx.containers.get(claim.container_id)
        if holder is None or holder.status.is_over:
            tx.claims.release(claim.ship, claim.container_id)


def _give_up_orphans(tx: Transaction, player_id: int, now: datetime) -> None:
    """Legs whose worker ended without ending them: a crash came between the two."""
    for leg in tx.legs.open_of_player(player_id):
        worker = tx.containers.get(leg.container_id) if leg.container_id else None
        if worker is None or worker.status.is_over:
            reason = f"{leg.ship} gave up {leg.good}: its worker ended without it"
            tx.legs.update(leg.fail(reason, now))
            tx.events.append(
                Event(
                    player_id,
                    EventKind.LEG_FAILED,
                    now,
                    reason,
                    factory_id=leg.factory_id,
                    good=leg.good,
                    ship=leg.ship,
                    container_id=leg.container_id,
                    data={"leg_id": leg.id},
                )
            )


def assemble_crew(
    player: Player,
    api: GameApi,
    *,
    store: Store,
    clock: Clock,
    policy: Policy,
    recipes: RecipeMap,
    engine: Engine,
    new_id: Callable[[], str],
    refused: Callable[[SpendRule], None],
) -> Crew:
    """Wire one player's parts together; ``new_id`` names legs, intents and containers.

    ``refused`` hears of every purchase that the spend gate refuses.
    """
    scout = Scout(api, store, clock, player.id)
    auditor = Auditor(api, store, clock, policy, player.id)
    settler = Settler(api, store, clock, auditor)
    cashier = Cashier(api, store, clock, policy, auditor, settler, new_id, refused)
    pilot = Pilot(api, store, clock, policy, cashier, scout, player.id)
    roll_call = RollCall(api, store, clock, pilot, cashier, auditor, player.id)
    return Crew(
        player=player,
        api=api,
        scout=scout,
        cashier=cashier,
        pilot=pilot,
        coordinator=Coordinator(store, clock, policy),
        planner=Planner(store, clock, policy, engine, recipes, scout, roll_call, new_id),
        worker=Worker(store, clock, policy, pilot, cashier, scout),
        scouts=ScoutVoyages(store, clock, policy, pilot, scout),
        standing_scouts=StandingScouts(store, clock, policy, pilot, scout),
        recipes=recipes,
        roll_call=roll_call,
        auditor=auditor,
        store=store,
        clock=clock,
    )


async def recipes_of(api: GameApi) -> RecipeMap:
    """The recipes of this universe; the bundled copy where the server's cannot be had or planned with."""
    try:
        recipes = await api.recipes()
    except StaleToken:
        raise
    except (Refused, Unavailable, MalformedRecipes):
        return RecipeMap.bundled()
    return RecipeMap.bundled() if recipes.validate() else recipes
