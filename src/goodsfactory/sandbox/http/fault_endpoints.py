"""The operator's faults: armed, listed and disarmed at ``/sandbox/faults``."""

from datetime import timedelta
from typing import cast

import msgspec

from goodsfactory.sandbox.errors import Refusal, not_found, unprocessable
from goodsfactory.sandbox.faults import PAGES, WORLDLY, Fault, FaultKind, Faults
from goodsfactory.sandbox.http.bodies import FaultOrder
from goodsfactory.sandbox.http.calls import Access, Answer, Call, Endpoint, whole_number
from goodsfactory.sandbox.timestamps import Instant
from goodsfactory.sandbox.world import World


def fault_endpoints(faults: Faults, *, can_wait: bool) -> tuple[Endpoint, ...]:
    """What an operator may do with ``faults``; without a way to wait no answer can be slow."""

    def arm(call: Call) -> Answer:
        """``POST /sandbox/faults``."""
        order = cast(FaultOrder, call.content)
        if order.kind is FaultKind.SLOW and not can_wait:
            raise unprocessable("custom", ["kind"], "this sandbox was started without a way to wait")
        return Answer(fault_view(arm_fault(faults, call.world, order)))

    def show(call: Call) -> Answer:
        """``GET /sandbox/faults``."""
        now = call.world.now()
        return Answer([fault_view(fault) for fault in faults if not fault.over(now)])

    def disarm(call: Call) -> Answer:
        """``DELETE /sandbox/faults/{id}``."""
        fault = faults.remove(whole_number(call.parts[0]) or 0)
        if fault is None:
            raise not_found("Fault", call.parts[0])
        _release(call.world, fault)
        return Answer(fault_view(fault))

    def disarm_all(call: Call) -> Answer:
        """``DELETE /sandbox/faults``."""
        gone = faults.clear()
        for fault in gone:
            _release(call.world, fault)
        return Answer([fault_view(fault) for fault in gone])

    return (
        Endpoint("GET", "/faults", show, Access.PUBLIC),
        Endpoint("POST", "/faults", arm, Access.PUBLIC, FaultOrder, 201),
        Endpoint("DELETE", "/faults", disarm_all, Access.PUBLIC),
        Endpoint("DELETE", "/faults/{id}", disarm, Access.PUBLIC),
    )


def arm_fault(faults: Faults, world: World, order: FaultOrder) -> Fault:
    """Arm a fault and let it do to the world what it does there. Refuses 3001, 4603 and 4601."""
    fields = msgspec.structs.asdict(order)
    lasts = fields.pop("duration_seconds")
    fields["until"] = None if lasts is None else world.now() + timedelta(seconds=lasts)
    if fields["path"] is not None:
        fields["path"] = fields["path"].removeprefix("/v2")
    try:
        fault = faults.add(**fields)
    except ValueError as error:
        raise unprocessable("custom", ["kind"], str(error)) from error
    if fault.kind in WORLDLY and fault.waypoint and fault.good:
        try:
            world.halt(fault.waypoint, fault.good, fault.until)
        except Refusal:
            faults.remove(fault.id)
            raise
        if fault.kind is FaultKind.DRAINED:
            world.drain(fault.waypoint, fault.good)
    return fault


def fault_view(fault: Fault) -> dict[str, object]:
    """A fault without what it leaves open."""
    view: dict[str, object] = {"id": fault.id, "kind": fault.kind, "struck": fault.struck}
    for name in ("method", "path", "agent", "ship", "page", "waypoint", "good", "count"):
        if getattr(fault, name) is not None:
            view[name] = getattr(fault, name)
    if fault.kind is FaultKind.ERROR or fault.kind in PAGES:
        view["status"] = fault.status
    if fault.seconds:
        view["seconds"] = fault.seconds
    if fault.skip:
        view["skip"] = fault.skip
    if fault.until is not None:
        view["until"] = Instant(fault.until)
    return view


def _release(world: World, fault: Fault) -> None:
    if fault.kind in WORLDLY and fault.waypoint and fault.good:
        world.halt(fault.waypoint, fault.good, world.now())
