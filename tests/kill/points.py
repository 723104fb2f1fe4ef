"""The named points at which a daemon is killed."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from tests.kill.watch import Point, Step, When

from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.factory import FactoryStatus
from goodsfactory.domain.leg import LegState
from goodsfactory.domain.money import IntentState, MoneyKind
from goodsfactory.domain.ship import NavStatus

Passes = Callable[[Step], bool]


def _around(name: str, what: str, passes: Passes, *, nth: int = 1) -> list[Point]:
    """Just before and just after the commit of a transaction."""
    return [
        Point(f"{name}-unwritten", f"before {what} was committed", When.BEFORE_COMMIT, passes, nth),
        Point(f"{name}-written", f"after {what} was committed", When.AFTER_COMMIT, passes, nth),
    ]


def _request(name: str, what: str, passes: Passes, *, nth: int = 1) -> list[Point]:
    """Just before a request, and between its effect and its answer."""
    return [
        Point(f"{name}-unsent", f"before {what} was sent", When.BEFORE_SEND, passes, nth),
        Point(f"{name}-unread", f"after {what}, its answer unread", When.AFTER_ACT, passes, nth),
    ]


def _calls(call: str) -> Passes:
    return lambda step: step.call == call


def _opens(kind: MoneyKind) -> Passes:
    return lambda step: step.call == "money.open_intent" and step.arguments[0].kind is kind


def _settles(kind: MoneyKind) -> Passes:
    return lambda step: (
        step.call == "money.close_intent"
        and step.arguments[0].kind is kind
        and step.arguments[0].state is IntentState.DONE
    )


def _more(passes: Passes) -> Passes:
    """Only where the ship has units of the good aboard: the second tranche, or a later one."""

    def further(step: Step) -> bool:
        intent = step.intent or next(iter(step.arguments), None)
        return passes(step) and getattr(intent, "units_before", 0) > 0

    return further


def _leg(state: LegState) -> Passes:
    return lambda step: step.call == "legs.update" and step.arguments[0].state is state


def _container(call: str, kind: str) -> Passes:
    """Containers are named after what they are."""
    return lambda step: step.call == f"containers.{call}" and str(step.arguments[0]).startswith(f"{kind}-")


def _adds(kind: ContainerType) -> Passes:
    return lambda step: step.call == "containers.add" and step.arguments[0].type is kind


def _flies(step: Step) -> bool:
    if step.call != "ships.save":
        return False
    ships = step.arguments[1]
    return len(ships) == 1 and ships[0].nav.status is NavStatus.IN_TRANSIT


def _sends_laden(step: Step) -> bool:
    return step.call == "POST navigate" and step.laden


def _ends(status: FactoryStatus) -> Passes:
    return lambda step: step.call == "factories.update" and step.arguments[0].status is status


def _decides(step: Step) -> bool:
    """The planner writes down what nodes wait for."""
    return step.call == "factories.save_nodes" and any(node.next_check for node in step.arguments[0])


def _claims_for_worker(step: Step) -> bool:
    """The worker itself takes the ship in its epoch; the planner's own claim has none."""
    return step.call == "claims.claim" and step.arguments[0].epoch > 0


def _trade(kind: MoneyKind, noun: str, verb: str) -> list[Point]:
    """The points of one money step, in their order."""
    name = noun.replace(" ", "-")
    return [
        *_around(f"{name}-intent", f"the intent of a {noun}", _opens(kind)),
        *_request(name, f"a {noun}", _calls(f"POST {verb}")),
        *_around(f"{name}-settlement", f"the settlement of a {noun}", _settles(kind)),
    ]


def _during(errand: str, points: Iterable[Point]) -> list[Point]:
    return [replace(point, errand=errand) for point in points]


def _worker_stopped(step: Step) -> bool:
    is_end = step.call == "containers.end" and str(step.arguments[0]).startswith("worker-")
    return is_end and step.arguments[1] is ContainerStatus.STOPPED


VOYAGE = (
    *_around("worker-begin", "the begin of a worker", _container("begin", "worker")),
    *_around("worker-claim", "the claim of a worker in its epoch", _claims_for_worker),
    *_trade(MoneyKind.PURCHASE, "purchase", "purchase"),
    *_around("tranche-intent", "the intent of a further tranche", _more(_opens(MoneyKind.PURCHASE))),
    *_request("tranche", "a further tranche", _more(_calls("POST purchase"))),
    *_trade(MoneyKind.REFUEL, "refuel", "refuel"),
    *_request("mode", "a change of flight mode", _calls("PATCH nav")),
    *_request("orbit", "an ascent to orbit", _calls("POST orbit")),
    *_request("navigate", "a departure", _calls("POST navigate")),
    *_request("navigate-laden", "the departure of a laden ship", _sends_laden),
    Point("in-flight", "while a ship was under way", When.AFTER_COMMIT, _flies),
    *_request("dock", "a docking", _calls("POST dock")),
    *_around("laden", "a leg as LADEN", _leg(LegState.LADEN)),
    *_trade(MoneyKind.SALE, "sale", "sell"),
    *_around("leg-done", "a leg as DONE", _leg(LegState.DONE)),
    *_around("worker-end", "the end of a worker", _container("end", "worker")),
)

COORDINATOR = (
    *_around("factory", "a factory", _calls("factories.add")),
    *_around("coordinator-begin", "the begin of a coordinator", _container("begin", "coordinator")),
    *_around("completion", "a factory as COMPLETED", _ends(FactoryStatus.COMPLETED)),
    *_around("coordinator-end", "the end of a coordinator", _container("end", "coordinator")),
)

PLANNER = (
    *_around("planner-begin", "the begin of a planner", _container("begin", "planner")),
    *_around("decision", "a decision and its words", _decides),
    *_around("second-decision", "the next decision and its words", _decides, nth=2),
    *_around("assignment", "claim, leg and worker", _adds(ContainerType.WORKER)),
    *_around("scout", "claim and scout", _adds(ContainerType.SCOUT)),
    *_around("scout-begin", "the begin of a scout", _container("begin", "scout")),
    *_around("scout-end", "the end of a scout", _container("end", "scout")),
    Point(
        "roll-call-unread", "in a roll call, its answer unread", When.AFTER_ACT, _calls("GET ships"), nth=2
    ),
)

STARTUP = (
    *_request("look", "the look at a ship that left an intent open", _calls("GET ship")),
    *_around("found", "the settlement of what was left open", _calls("money.close_intent")),
    Point("muster-unread", "while the fleet was read", When.AFTER_ACT, _calls("GET ships")),
    *_around("muster", "fleet and balance", _calls("money.ledger")),
    *_around("reclaim", "the ships of the containers to resume", _calls("claims.claim")),
    *_around("resumed", "the begin of the first container resumed", _calls("containers.begin")),
)

BY_HAND = (
    *_during("stop", _around("stop", "a factory as STOPPED", _ends(FactoryStatus.STOPPED))),
    *_during("stop", _around("stopped-worker", "the end of a worker that was stopped", _worker_stopped)),
    *_during("ship", _trade(MoneyKind.SHIP, "ship purchase", "ships")),
    *_during("acceptance", _trade(MoneyKind.ACCEPTANCE, "contract acceptance", "accept")),
)

POINTS = {point.name: point for point in (*VOYAGE, *COORDINATOR, *PLANNER, *BY_HAND, *STARTUP)}


def _once(points: Iterable[Point]) -> list[tuple[str, ...]]:
    return [(point.name,) for point in points]


def _again(first: str, *then: str) -> tuple[str, ...]:
    """Killed once more, or twice, while the next start recovers."""
    return (first, *then)


CASES: tuple[tuple[str, ...], ...] = (
    *_once((*VOYAGE, *COORDINATOR, *PLANNER, *BY_HAND)),
    *(_again("purchase-unread", point.name) for point in STARTUP),
    *(_again("sale-unread", name) for name in ("found-unwritten", "found-written")),
    *(_again("refuel-unread", name) for name in ("found-unwritten", "found-written")),
    *(_again("ship-purchase-unread", name) for name in ("found-unwritten", "found-written")),
    *(_again("contract-acceptance-unread", name) for name in ("found-unwritten", "found-written")),
    _again("tranche-unread", "found-unwritten", "muster-unread"),
    _again("laden-written", "resumed-written", "resumed-written"),
)
"""The points at which each case is killed, one start after the other."""

HANDFUL: tuple[tuple[str, ...], ...] = (
    ("tranche-unread",),
    ("sale-unread",),
    ("refuel-settlement-unwritten",),
    ("assignment-written",),
    ("completion-written",),
    ("purchase-unread", "found-unwritten"),
)
"""Cases that run with every test of the project, chosen for what they would break."""
