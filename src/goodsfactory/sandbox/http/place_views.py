"""Systems, waypoints, markets, yards and building sites as the API shows them."""

from collections.abc import Iterable
from datetime import datetime

from goodsfactory.sandbox import construction, scenery
from goodsfactory.sandbox.charts import real_traits
from goodsfactory.sandbox.economy import Market, MarketGood
from goodsfactory.sandbox.http.good_views import good_view
from goodsfactory.sandbox.http.modifier_views import modifiers_view
from goodsfactory.sandbox.http.ship_views import hull_view
from goodsfactory.sandbox.ship_types import SHIP_TYPES
from goodsfactory.sandbox.timestamps import Instant
from goodsfactory.sandbox.transactions import MarketTransaction, ShipyardTransaction
from goodsfactory.sandbox.universe import Bill, ShipOffer, System, Universe, Waypoint
from goodsfactory.sandbox.world import World


def system_view(system: System, universe: Universe) -> dict[str, object]:
    """A system; its waypoints come without traits (api-facts §6)."""
    here = {waypoint.faction for waypoint in system.waypoints.values() if waypoint.faction}
    return {
        "symbol": system.symbol,
        "sectorSymbol": system.sector,
        "constellation": system.constellation or scenery.constellation(system.symbol),
        "name": system.name or scenery.system_name(system.symbol),
        "type": system.type,
        "x": system.x,
        "y": system.y,
        "waypoints": [_spot(waypoint) for waypoint in system.waypoints.values()],
        "factions": [{"symbol": faction} for faction in sorted(here)],
    }


def waypoint_view(waypoint: Waypoint, world: World) -> dict[str, object]:
    """A waypoint with its traits; an uncharted one shows that trait alone (api-facts §6)."""
    return {
        **_described(waypoint, world, world.charts.traits(waypoint)),
        "modifiers": modifiers_view(world.mining.modifiers(waypoint, world.now())),
        "isUnderConstruction": construction.is_under_construction(world.universe, waypoint.symbol),
    }


def scanned_view(waypoint: Waypoint, world: World) -> dict[str, object]:
    """A waypoint as a scan sees it: with the ``real_traits`` of an uncharted one, and not what it orbits."""
    view = _described(waypoint, world, real_traits(waypoint))
    view.pop("orbits", None)
    return view


def _described(waypoint: Waypoint, world: World, traits: Iterable[str]) -> dict[str, object]:
    universe, charts = world.universe, world.charts
    view: dict[str, object] = {
        **_spot(waypoint),
        "systemSymbol": waypoint.system,
        "traits": [_trait(symbol) for symbol in traits],
    }
    if waypoint.faction is not None:
        view["faction"] = {"symbol": waypoint.faction}
    if charts.charted(waypoint):
        made = charts.made(waypoint.symbol)
        view["chart"] = {
            "waypointSymbol": waypoint.symbol,
            "submittedBy": made.agent if made else waypoint.faction or universe.factions[0],
            "submittedOn": Instant(made.at if made else universe.epoch),
        }
    return view


def market_view(market: Market, seen: list[MarketTransaction] | None, now: datetime) -> dict[str, object]:
    """A market; prices and ``seen`` transactions only with a ship there (api-facts §7.1)."""
    view: dict[str, object] = {
        "symbol": market.waypoint,
        "exports": [good_view(good) for good in market.exports],
        "imports": [good_view(good) for good in market.imports],
        "exchange": [good_view(good) for good in market.exchange],
    }
    if seen is not None:
        view["transactions"] = [market_transaction_view(each) for each in seen]
        view["tradeGoods"] = [_listing(good) for good in market.goods(now)]
    return view


def market_transaction_view(transaction: MarketTransaction) -> dict[str, object]:
    """A trade; prices in credits."""
    return {
        "waypointSymbol": transaction.waypoint,
        "shipSymbol": transaction.ship,
        "tradeSymbol": transaction.good,
        "type": transaction.type,
        "units": transaction.units,
        "pricePerUnit": transaction.unit_price,
        "totalPrice": transaction.total,
        "timestamp": Instant(transaction.at),
    }


def shipyard_view(
    waypoint: str, offers: list[ShipOffer], fee: int, seen: list[ShipyardTransaction] | None
) -> dict[str, object]:
    """A yard; priced ships and ``seen`` transactions only with a ship there (api-facts §7.1)."""
    view: dict[str, object] = {
        "symbol": waypoint,
        "shipTypes": [{"type": offer.type} for offer in offers],
        "modificationsFee": fee,
    }
    if seen is not None:
        view["transactions"] = [shipyard_transaction_view(each) for each in seen]
        view["ships"] = [_ship_offer(offer) for offer in offers if offer.type in SHIP_TYPES]
    return view


def shipyard_transaction_view(transaction: ShipyardTransaction) -> dict[str, object]:
    """A ship sold; ``shipSymbol`` holds the type too (api-facts §13)."""
    return {
        "waypointSymbol": transaction.waypoint,
        "shipSymbol": transaction.ship_type,
        "shipType": transaction.ship_type,
        "price": transaction.price,
        "agentSymbol": transaction.agent,
        "timestamp": Instant(transaction.at),
    }


def construction_view(waypoint: str, bill: Bill) -> dict[str, object]:
    """A building site; an empty bill where nothing is being built (api-facts §14)."""
    return {
        "symbol": waypoint,
        "materials": [
            {"tradeSymbol": material, "required": required, "fulfilled": fulfilled}
            for material, (required, fulfilled) in bill.items()
        ],
        "isComplete": construction.is_complete(bill),
    }


def _spot(waypoint: Waypoint) -> dict[str, object]:
    view: dict[str, object] = {
        "symbol": waypoint.symbol,
        "type": waypoint.type,
        "x": waypoint.x,
        "y": waypoint.y,
        "orbitals": [{"symbol": orbital} for orbital in waypoint.orbitals],
    }
    if waypoint.orbits is not None:
        view["orbits"] = waypoint.orbits
    return view


def _trait(symbol: str) -> dict[str, object]:
    name = symbol.replace("_", " ").capitalize()
    return {"symbol": symbol, "name": name, "description": f"{name}: a trait of this waypoint."}


def _listing(good: MarketGood) -> dict[str, object]:
    view: dict[str, object] = {
        "symbol": good.symbol,
        "type": good.type,
        "tradeVolume": good.trade_volume,
        "supply": good.supply,
        "purchasePrice": good.ask,
        "sellPrice": good.bid,
    }
    if good.activity is not None:
        view["activity"] = good.activity
    return view


def _ship_offer(offer: ShipOffer) -> dict[str, object]:
    built = SHIP_TYPES[offer.type]
    view: dict[str, object] = {
        "type": offer.type,
        "name": built.name,
        "description": built.description,
        "supply": offer.supply,
        "purchasePrice": offer.price,
        **hull_view(offer.type),
        "crew": {"required": built.crew_required, "capacity": built.crew_capacity},
    }
    if offer.activity is not None:
        view["activity"] = offer.activity
    return view
