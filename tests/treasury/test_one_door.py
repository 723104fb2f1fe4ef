"""Law L4 in the source itself: money leaves through the cashier, and the cashier asks the gate."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import goodsfactory

SOURCE = Path(goodsfactory.__file__).parent
MONEY_CALLS = frozenset(
    {
        "purchase",
        "sell",
        "refuel",
        "buy_ship",
        "accept_contract",
        "deliver_cargo",
        "fulfil_contract",
        "supply_site",
        "jettison",
    }
)
OTHER_GAMES = ("sandbox", "api")
"""Parts that only share words with the bot: the sandbox plays the server, api carries messages."""

DOORS = {
    # The one door to the game. A market's line of trades says `purchase` of itself.
    ("treasury/cashier.py", "purchase"): {"self._api"},
    ("treasury/settler.py", "purchase"): {"line"},
    ("treasury/cashier.py", "sell"): {"self._api"},
    ("treasury/cashier.py", "refuel"): {"self._api"},
    ("treasury/cashier.py", "buy_ship"): {"self._api"},
    ("treasury/cashier.py", "accept_contract"): {"self._api"},
    ("treasury/cashier.py", "deliver_cargo"): {"self._api"},
    ("treasury/cashier.py", "fulfil_contract"): {"self._api"},
    ("treasury/cashier.py", "supply_site"): {"self._api"},
    ("treasury/cashier.py", "jettison"): {"self._api"},
    # Everybody else knocks at it, or hands on to somebody who does.
    ("production/voyage.py", "sell"): {"self.cashier"},
    ("fleet/pilot.py", "refuel"): {"self._cashier", "self"},
    ("daemon/ship_orders.py", "refuel"): {"crew.cashier"},
    ("daemon/ship_orders.py", "jettison"): {"crew.cashier"},
    ("daemon/services_orders.py", "jettison"): {"self._desks.ship"},
    ("cli/hands.py", "jettison"): {"client"},
    ("daemon/sale_voyage.py", "sell"): {"self._crew.cashier"},
    ("daemon/yard_orders.py", "buy_ship"): {"crew.cashier"},
    ("cli/yards.py", "buy_ship"): {"client"},
    ("cli/contracts.py", "accept_contract"): {"client"},
    ("daemon/application.py", "refuel"): {"self._orders"},
    ("daemon/application.py", "sell"): {"self._orders"},
    ("daemon/services_factory.py", "sell"): {"self._application"},
    ("daemon/services.py", "refuel"): {"self._application"},
    # A replay sells on paper, to a model of a market.
    ("planning/quote/crew.py", "sell"): {"self"},
    ("planning/quote/flotilla.py", "sell"): {"self._world.market(place)"},
}
"""Who may name a call that moves credits or the cargo they bought, and of what."""


def _money_calls() -> Iterator[tuple[str, str, str]]:
    """(file, call, on what) for every call or mention of a money method outside the other games."""
    for path in sorted(SOURCE.rglob("*.py")):
        relative = path.relative_to(SOURCE)
        if relative.parts[0] in OTHER_GAMES:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in MONEY_CALLS:
                yield relative.as_posix(), node.attr, ast.unparse(node.value)


def test_money_moves_through_the_cashier_alone() -> None:
    """Nothing but the cashier makes a money step at the game; a new place must be named above."""
    strange = [
        f"{file}: {target}.{call}"
        for file, call, target in _money_calls()
        if target not in DOORS.get((file, call), set())
    ]
    assert strange == []


def test_every_named_door_is_used() -> None:
    """A door that nobody goes through any more is taken off the list."""
    assert {(file, call) for file, call, _ in _money_calls()} == set(DOORS)


def test_only_the_session_knows_the_money_addresses() -> None:
    """No file but the client's session builds a call that spends."""
    spending = []
    for path in sorted((SOURCE / "adapters").rglob("*.py")):
        text = path.read_text("utf-8")
        if any(word in text for word in ('"purchase"', '"refuel"', "/accept", "/supply", "shipType")):
            spending.append(path.name)
    assert spending == ["session.py"]


@pytest.mark.parametrize("method", ["buy", "refuel", "buy_ship"])
def test_the_cashier_opens_every_spending_with_the_gate(method: str) -> None:
    """What spends reserves through check_spend before it calls the game."""
    tree = ast.parse((SOURCE / "treasury" / "cashier.py").read_text("utf-8"))
    [body] = [
        node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef) and node.name == method
    ]
    text = ast.unparse(body)
    assert text.index("self._open(order, check_spend)") < text.index("self._make(")


def test_crews_share_no_money_but_their_cashier() -> None:
    """Only the crew builds a cashier, once for each player."""
    builders = [
        path.relative_to(SOURCE).as_posix()
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Cashier"
    ]
    assert builders == ["daemon/crew.py"]
