"""Ships, contracts and building sites as calls: what is sent, what comes back, and that none is repeated."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from starlette.responses import JSONResponse

from goodsfactory.domain.construction import Material
from goodsfactory.domain.contract import Owed
from goodsfactory.domain.errors import NotFound, Refused, Unavailable
from goodsfactory.domain.shipyard import ShipOffer
from goodsfactory.ports.game_api import ShipSale, Trade

YARD = "X1-A1-B1"
YARD_PATH = "/systems/X1-A1/waypoints/X1-A1-B1"
START = datetime(2026, 1, 1, tzinfo=UTC)

SALE = {
    "waypointSymbol": YARD,
    "shipSymbol": "SHIP_PROBE",
    "shipType": "SHIP_PROBE",
    "price": 20_012,
    "agentSymbol": "ME",
    "timestamp": "2026-01-01T00:00:05.250Z",
}
CONTRACT: dict[str, Any] = {
    "id": "c1",
    "factionSymbol": "COSMIC",
    "type": "PROCUREMENT",
    "terms": {
        "deadline": "2026-01-08T00:00:00.000Z",
        "payment": {"onAccepted": 1_391, "onFulfilled": 10_466},
        "deliver": [
            {
                "tradeSymbol": "ALUMINUM_ORE",
                "destinationSymbol": "X1-A1-H7",
                "unitsRequired": 46,
                "unitsFulfilled": 6,
            }
        ],
    },
    "accepted": True,
    "fulfilled": False,
    "expiration": "2026-01-02T00:00:00.000Z",
    "deadlineToAccept": "2026-01-02T00:00:00.000Z",
}
SITE = {
    "symbol": "X1-A1-I9",
    "materials": [{"tradeSymbol": "FAB_MATS", "required": 1600, "fulfilled": 12}],
    "isComplete": False,
}

Ask = Callable[[Any], Awaitable[Any]]
CALLS: dict[str, tuple[Ask, str, dict[str, Any]]] = {
    "ship": (
        lambda s: s.buy_ship("SHIP_PROBE", YARD),
        "POST /my/ships",
        {"shipType": "SHIP_PROBE", "waypointSymbol": YARD},
    ),
    "accept": (lambda s: s.accept_contract("c1"), "POST /my/contracts/c1/accept", {}),
    "fulfil": (lambda s: s.fulfil_contract("c1"), "POST /my/contracts/c1/fulfill", {}),
    "deliver": (
        lambda s: s.deliver_cargo("c1", "ME-1", "ALUMINUM_ORE", 6),
        "POST /my/contracts/c1/deliver",
        {"shipSymbol": "ME-1", "tradeSymbol": "ALUMINUM_ORE", "units": 6},
    ),
    "supply": (
        lambda s: s.supply_site("X1-A1-I9", "ME-1", "FAB_MATS", 12),
        "POST /systems/X1-A1/waypoints/X1-A1-I9/construction/supply",
        {"shipSymbol": "ME-1", "tradeSymbol": "FAB_MATS", "units": 12},
    ),
    "jettison": (
        lambda s: s.jettison("ME-1", "IRON_ORE", 12),
        "POST /my/ships/ME-1/jettison",
        {"symbol": "IRON_ORE", "units": 12},
    ),
}


def answer_to(make: Any, call: str) -> Any:
    """What the game says to a call that works."""
    return make.ok(
        {
            "ship": {"agent": make.agent(1_000), "ship": make.ship("ME-3"), "transaction": SALE},
            "accept": {"agent": make.agent(2_391), "contract": CONTRACT},
            "fulfil": {"agent": make.agent(11_466), "contract": CONTRACT | {"fulfilled": True}},
            "deliver": {"contract": CONTRACT, "cargo": make.cargo(40, IRON_ORE=3)},
            "supply": {"construction": SITE, "cargo": make.cargo(40)},
            "jettison": {"cargo": make.cargo(40)},
        }[call],
        201,
    )


@pytest.mark.parametrize("call", CALLS)
def test_a_money_call_says_what_the_game_wants_to_hear(stage: Any, make: Any, call: str) -> None:
    """Path and body as documented; a call without parameters sends an empty object (api-facts §0.1)."""
    ask, endpoint, body = CALLS[call]
    stage.app.on(endpoint, answer_to(make, call))
    stage.call(ask)
    [seen] = stage.app.seen
    assert (f"{seen.method} {seen.path}", json.loads(seen.body)) == (endpoint, body)


@pytest.mark.parametrize("trouble", ["before", "after", "500"])
@pytest.mark.parametrize("call", CALLS)
def test_a_money_call_that_may_have_happened_is_not_repeated(
    stage: Any, make: Any, call: str, trouble: str
) -> None:
    """One that never reached the game is sent again; of any other it is said that it may have happened."""
    ask, endpoint, _ = CALLS[call]
    works = answer_to(make, call)
    if trouble == "before":
        stage.before.append(httpx2.ConnectError)
        stage.app.on(endpoint, works)
        assert isinstance(stage.call(ask), Trade)
    else:
        broken = make.refusal(500, "Something broke.", 500)
        stage.app.on(endpoint, *([broken] if trouble == "500" else []), works)
        if trouble == "after":
            stage.after.append(httpx2.ReadError)
        with pytest.raises(Unavailable) as lost:
            stage.call(ask)
        assert lost.value.maybe_done
    assert stage.app.asked == [endpoint]


def test_a_ship_bought_comes_with_the_trade(stage: Any, make: Any) -> None:
    """Type, price and the balance after it; the ship as any other."""
    stage.app.on("POST /my/ships", answer_to(make, "ship"))
    trade = stage.call(CALLS["ship"][0])
    at = datetime(2026, 1, 1, 0, 0, 5, 250_000, tzinfo=UTC)
    assert trade == Trade("SHIP_PROBE", 1, 20_012, 20_012, 1_000, at, bought=trade.bought)
    assert (trade.bought.symbol, trade.bought.observed_at) == ("ME-3", START)


@pytest.mark.parametrize(("call", "paid", "balance"), [("accept", 1_391, 2_391), ("fulfil", 10_466, 11_466)])
def test_a_contract_pays_its_terms(stage: Any, make: Any, call: str, paid: int, balance: int) -> None:
    """The advance when it is accepted, the rest when it is fulfilled."""
    ask, endpoint, _ = CALLS[call]
    stage.app.on(endpoint, answer_to(make, call))
    assert stage.call(ask) == Trade("ALUMINUM_ORE", 0, 0, paid, balance, START)


@pytest.mark.parametrize(
    ("call", "good", "units"), [("deliver", "ALUMINUM_ORE", 6), ("supply", "FAB_MATS", 12)]
)
def test_cargo_handed_over_tells_the_hold_and_no_balance(
    stage: Any, make: Any, call: str, good: str, units: int
) -> None:
    """Nobody pays by the piece, so there is nothing to compare."""
    ask, endpoint, _ = CALLS[call]
    stage.app.on(endpoint, answer_to(make, call))
    trade = stage.call(ask)
    assert (trade.good, trade.units, trade.total, trade.balance) == (good, units, 0, None)
    assert trade.hold.capacity == 40


NONSENSE: dict[str, list[dict[str, Any]]] = {
    "ship": [{"agent": None}, {"ship": {}}, {"transaction": SALE | {"price": 0}}, {"transaction": None}],
    "accept": [{"contract": CONTRACT | {"id": "c2"}}, {"agent": {"credits": 10**30}}],
    "fulfil": [{"contract": CONTRACT | {"terms": None}}, {"agent": {"credits": 1.5}}],
    "deliver": [{"cargo": None}, {"cargo": {"capacity": 40, "units": 3, "inventory": []}}],
    "supply": [{"cargo": {"capacity": 40, "inventory": [{"symbol": "IRON", "units": -3}]}}],
}


@pytest.mark.parametrize(
    ("call", "odd"), [(call, odd) for call, all_odd in NONSENSE.items() for odd in all_odd]
)
def test_a_money_call_whose_answer_makes_no_sense_may_have_happened(
    stage: Any, make: Any, call: str, odd: dict[str, Any]
) -> None:
    """What it did, it did: whoever made it looks first."""
    ask, endpoint, _ = CALLS[call]
    good = json.loads(answer_to(make, call).body)["data"]
    stage.app.on(endpoint, make.ok(good | odd, 201))
    with pytest.raises(Unavailable, match="cannot be understood") as lost:
        stage.call(ask)
    assert lost.value.maybe_done
    assert stage.app.asked == [endpoint]


@pytest.mark.parametrize(
    "odd",
    [
        {"units": 9},
        {"tradeSymbol": "GOLD"},
        {"shipSymbol": "ME-2"},
        {"totalPrice": 501},
        {"totalPrice": -500, "pricePerUnit": -50},
        {"pricePerUnit": 10**20, "totalPrice": 10**21},
        {"timestamp": "2099-01-01T00:00:00Z"},
        {"timestamp": "0001-01-01T00:00:00+14:00"},
    ],
)
@pytest.mark.parametrize("action", ["purchase", "sell"])
def test_a_receipt_for_something_else_may_be_for_what_was_asked(
    stage: Any, make: Any, action: str, odd: dict[str, Any]
) -> None:
    """It is no proof that what was asked for happened, or that it did not."""
    answer = {"agent": make.agent(), "cargo": make.cargo(IRON_ORE=10), "transaction": make.receipt(**odd)}
    stage.app.on(f"POST /my/ships/ME-1/{action}", make.ok(answer, 201))
    with pytest.raises(Unavailable, match="cannot be understood") as lost:
        stage.call(lambda s: getattr(s, action)("ME-1", "IRON_ORE", 10))
    assert lost.value.maybe_done


def test_a_contract_that_makes_no_sense_is_left_out_of_the_list(stage: Any, make: Any) -> None:
    """The others are listed, and it is told."""
    odd = CONTRACT | {"id": "c2", "terms": None}
    stage.app.on("GET /my/contracts", make.ok([CONTRACT, odd, CONTRACT | {"id": "c3"}]))
    contracts = stage.call(lambda s: s.contracts())
    assert [contract.id for contract in contracts] == ["c1", "c3"]
    assert len(contracts.unreadable) == 1


def test_an_offer_of_a_yard_that_makes_no_sense_is_left_out(stage: Any, make: Any) -> None:
    """The other ships can be bought, and it is told."""
    offers = [{"type": "SHIP_PROBE", "purchasePrice": 20_496}, {"type": "SHIP_SURVEYOR", "purchasePrice": 0}]
    yard = {"symbol": YARD, "shipTypes": [{"type": "SHIP_PROBE"}, None], "ships": offers}
    stage.app.on(f"GET {YARD_PATH}/shipyard", make.ok(yard | {"transactions": [SALE, {"price": 3}]}))
    view = stage.call(lambda s: s.shipyard(YARD))
    assert view.snapshot.offers == (ShipOffer("SHIP_PROBE", 20_496),)
    assert (len(view.recent), len(view.unreadable)) == (1, 3)


def test_a_contract_is_read_whole(stage: Any, make: Any) -> None:
    """Goods, payments, deadlines and how far it is."""
    stage.app.on("GET /my/contracts/c1", make.ok(CONTRACT))
    contract = stage.call(lambda s: s.contract("c1"))
    assert contract.owed == (Owed("ALUMINUM_ORE", "X1-A1-H7", 46, 6),)
    assert (contract.on_accepted, contract.on_fulfilled) == (1_391, 10_466)
    assert (contract.accepted, contract.fulfilled) == (True, False)
    assert contract.accept_by == datetime(2026, 1, 2, tzinfo=UTC)
    assert contract.deadline == datetime(2026, 1, 8, tzinfo=UTC)


def test_an_older_contract_names_the_end_of_its_offer_expiration(stage: Any, make: Any) -> None:
    """Both names are read; without goods it owes none."""
    old = {key: value for key, value in CONTRACT.items() if key != "deadlineToAccept"}
    terms = {key: value for key, value in CONTRACT["terms"].items() if key != "deliver"}
    stage.app.on("GET /my/contracts/c1", make.ok(old | {"terms": terms}))
    contract = stage.call(lambda s: s.contract("c1"))
    assert (contract.accept_by, contract.owed) == (datetime(2026, 1, 2, tzinfo=UTC), ())


def test_all_pages_of_contracts_are_read(stage: Any) -> None:
    """Oldest first, as the game lists them."""
    listed = [CONTRACT | {"id": f"c{number}"} for number in range(25)]

    def page(request: Any) -> JSONResponse:
        start = (int(request.query_params["page"]) - 1) * 20
        meta = {"total": 25, "page": 1, "limit": 20}
        return JSONResponse({"data": listed[start : start + 20], "meta": meta})

    stage.app.on("GET /my/contracts", page)
    contracts = stage.call(lambda s: s.contracts())
    assert [contract.id for contract in contracts] == [f"c{number}" for number in range(25)]
    assert len(stage.app.seen) == 2


def test_a_contract_that_makes_no_sense_is_an_error_in_one_sentence(stage: Any, make: Any) -> None:
    """Terms without a payment must not become a contract that pays nothing."""
    stage.app.on("GET /my/contracts/c1", make.ok(CONTRACT | {"terms": {"deadline": "soon"}}))
    with pytest.raises(Unavailable, match=r"^The game server's answer to GET /my/contracts/c1 cannot be"):
        stage.call(lambda s: s.contract("c1"))


def test_a_yard_with_a_ship_there_shows_prices_and_sales(stage: Any, make: Any) -> None:
    """Both carry their instant: the look is of now, the sale of when it was."""
    yard = {
        "symbol": YARD,
        "shipTypes": [{"type": "SHIP_PROBE"}, {"type": "SHIP_SURVEYOR"}],
        "transactions": [SALE],
        "ships": [{"type": "SHIP_PROBE", "purchasePrice": 20_496, "supply": "HIGH", "name": "Probe"}],
        "modificationsFee": 100,
    }
    stage.app.on(f"GET {YARD_PATH}/shipyard", make.ok(yard))
    view = stage.call(lambda s: s.shipyard(YARD))
    assert view.snapshot.types == {"SHIP_PROBE", "SHIP_SURVEYOR"}
    assert view.snapshot.offers == (ShipOffer("SHIP_PROBE", 20_496),)
    assert view.snapshot.observed_at == START
    at = datetime(2026, 1, 1, 0, 0, 5, 250_000, tzinfo=UTC)
    assert view.recent == (ShipSale("ME", "SHIP_PROBE", 20_012, at),)


def test_a_yard_from_afar_shows_its_types_alone(stage: Any, make: Any) -> None:
    """No price is not a price, and nothing was seen."""
    far = {"symbol": YARD, "shipTypes": [{"type": "SHIP_PROBE"}], "modificationsFee": 100}
    stage.app.on(f"GET {YARD_PATH}/shipyard", make.ok(far))
    view = stage.call(lambda s: s.shipyard(YARD))
    assert (view.snapshot.offers, view.snapshot.observed_at, view.recent) == ((), None, ())
    assert view.snapshot.types == {"SHIP_PROBE"}


def test_a_site_is_read_with_its_bill(stage: Any, make: Any) -> None:
    """Where nothing is built servers differ: an empty bill, or 404 (api-facts §14)."""
    path = "GET /systems/X1-A1/waypoints/X1-A1-I9/construction"
    stage.app.on(path, make.ok(SITE), make.ok({"symbol": "X1-A1-I9", "materials": [], "isComplete": True}))
    site = stage.call(lambda s: s.construction("X1-A1-I9"))
    assert site.materials == (Material("FAB_MATS", 1600, 12),)
    assert (site.complete, site.materials[0].missing) == (False, 1588)
    assert stage.call(lambda s: s.construction("X1-A1-I9")).materials == ()
    stage.app.on(path, make.refusal(404, "No construction here.", 404))
    with pytest.raises(NotFound):
        stage.call(lambda s: s.construction("X1-A1-I9"))


def test_what_a_user_typed_stays_inside_its_part_of_the_path(stage: Any, make: Any) -> None:
    """A contract called ../agent asks for a contract of that name."""
    stage.app.on("GET /my/contracts/../agent", make.refusal(404, "Contract not found.", 404))
    with pytest.raises((NotFound, KeyError)):
        stage.call(lambda s: s.contract("../agent"))
    assert stage.app.asked == ["GET /my/contracts/../agent"]


def test_the_games_no_comes_with_its_code(stage: Any, make: Any) -> None:
    """4216: the ship costs more than the agent has."""
    data = {"creditsAvailable": 99, "creditsNeeded": 20_012}
    stage.app.on("POST /my/ships", make.refusal(4216, "Not enough credits.", 400, data))
    with pytest.raises(Refused) as no:
        stage.call(CALLS["ship"][0])
    assert (no.value.code, dict(no.value.data)) == (4216, data)
