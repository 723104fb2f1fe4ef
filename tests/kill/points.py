"""The named points at which a daemon is killed."""

from tests.kill.watch import Point, Step, When

from goodsfactory.domain.leg import LegState
from goodsfactory.domain.money import IntentState, MoneyKind


def _opens(step: Step, kind: MoneyKind) -> bool:
    return step.call == "money.open_intent" and step.arguments[0].kind is kind


def _settles(step: Step, kind: MoneyKind) -> bool:
    if step.call != "money.close_intent":
        return False
    intent = step.arguments[0]
    return intent.kind is kind and intent.state is IntentState.DONE


def _leg(step: Step, state: LegState) -> bool:
    return step.call == "legs.update" and step.arguments[0].state is state


def _money_step(kind: MoneyKind, noun: str, request: str) -> list[Point]:
    """The points of one trade, in their order."""
    return [
        Point(
            f"{noun}-intent-unwritten",
            f"before the intent of a {noun} was committed",
            When.BEFORE_COMMIT,
            lambda step: _opens(step, kind),
        ),
        Point(
            f"{noun}-intent-written",
            f"after the intent of a {noun} was committed",
            When.AFTER_COMMIT,
            lambda step: _opens(step, kind),
        ),
        Point(
            f"{noun}-unsent",
            f"before a {noun} was sent",
            When.BEFORE_SEND,
            lambda step: step.call == f"POST {request}",
        ),
        Point(
            f"{noun}-unread",
            f"after a {noun} had happened, before its answer was read",
            When.AFTER_ACT,
            lambda step: step.call == f"POST {request}",
        ),
        Point(
            f"{noun}-unsettled",
            f"after the answer to a {noun} was read, before it was settled",
            When.BEFORE_COMMIT,
            lambda step: _settles(step, kind),
        ),
        Point(
            f"{noun}-settled",
            f"after a {noun} was settled",
            When.AFTER_COMMIT,
            lambda step: _settles(step, kind),
        ),
    ]


VOYAGE = [
    *_money_step(MoneyKind.PURCHASE, "purchase", "purchase"),
    *_money_step(MoneyKind.REFUEL, "refuel", "refuel"),
    *_money_step(MoneyKind.SALE, "sale", "sell"),
    Point(
        "leg-laden",
        "after a leg was written LADEN",
        When.AFTER_COMMIT,
        lambda step: _leg(step, LegState.LADEN),
    ),
    Point(
        "leg-done",
        "after a leg was written DONE, before its worker ended",
        When.AFTER_COMMIT,
        lambda step: _leg(step, LegState.DONE),
    ),
]

POINTS = {point.name: point for point in VOYAGE}
