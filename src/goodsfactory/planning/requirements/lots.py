"""Lots: the shiploads of an order that a ship may fly, each with where it comes from and goes to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate

from goodsfactory.domain.errors import SpendRule
from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.goods import Good
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.dispatch.setbacks import back_off, refusal_of, setback_of
from goodsfactory.planning.outlets.sale import dear_ships, lift_short, sink_of, sinks_in_use
from goodsfactory.planning.policy import Policy
from goodsfactory.planning.requirements.availability import Availability
from goodsfactory.planning.requirements.lot import Lot
from goodsfactory.planning.requirements.requirement import Requirement
from goodsfactory.planning.requirements.value import Worth
from goodsfactory.planning.snapshot import Edge, FactorySnapshot
from goodsfactory.planning.voyage import try_again_at


def lots(
    snapshot: FactorySnapshot,
    ready: Mapping[Good, Availability],
    wanted: Mapping[Edge, Requirement],
    now: datetime,
    policy: Policy,
) -> Iterable[Lot]:
    """The lots that the loads in ``wanted`` make, where ``ready`` says that each good is to be had."""
    hold = snapshot.fleet.largest_hold
    if hold == 0:
        return  # a load is as large as a hold, and there is none
    sites = {node.good: node.factory_waypoint for node in snapshot.tree.flatten()}
    taken = sinks_in_use(snapshot)
    for edge, demand in wanted.items():
        lift = demand.feeds is None
        found = ready[demand.good]
        destination, note = (
            _terminal(snapshot) if demand.feeds is None else (sites[demand.feeds], demand.reason)
        )
        setback = setback_of(snapshot, demand.good, demand.feeds)
        ages = snapshot.waiting.get((snapshot.factory.id, *edge), ())
        sizes: Sequence[int] = demand.sizes
        places = [found.waypoint] * demand.loads
        adrift: Sequence[Ship] = ()
        if found.waypoint is None:
            adrift = snapshot.fleet.adrift(demand.good)[: demand.loads] if destination else ()
            sizes = [ship.hold.of(demand.good) for ship in adrift]
            if lift:
                # The rest stays whose it is: no more is sold than was asked for.
                before = [0, *accumulate(sizes)]
                sizes = [
                    min(size, snapshot.still_wanted - done) for size, done in zip(sizes, before, strict=False)
                ]
                sizes = [size for size in sizes if size > 0]
                adrift = adrift[: len(sizes)]
            places = [ship.nav.waypoint for ship in adrift]
        # What ships have aboard already is not bought: nothing holds it up.
        carried = len(snapshot.fleet.adrift(demand.good)) if destination else 0
        dear: Collection[str] = ()
        refused = refusal_of(snapshot, demand.good, demand.feeds, found.waypoint, now)
        for number, (source, units) in enumerate(zip(places, sizes, strict=True)):
            assert source is not None
            if lift and snapshot.factory.request.terminal is Terminal.SELL:
                # One seller at a sink: two would each reckon with a bid the other's sale has crushed (§9.9).
                sink = sink_of(snapshot, units=units, taken=taken)
                if sink.waypoint is None or (found.waypoint and lift_short(snapshot, source, sink, policy)):
                    break
                dear = dear_ships(snapshot, policy, sink)
                if not found.waypoint and adrift[number].symbol in dear:
                    continue
                taken.add(sink.waypoint)
                destination, note = sink.waypoint, sink.reason
            lot = Lot(
                order_id=snapshot.factory.id,
                good=demand.good,
                feeds=demand.feeds,
                source=source,
                destination=destination,
                units=units,
                worth=demand.worth,
                reason=f"{note}; {found.reason}",
                since=next(iter(ages[number:]), now),
                number=number,
                aboard=found.waypoint is None,
                not_before=back_off(setback, now, policy),
                dear=frozenset(dear),
            )
            if number < carried:
                yield lot
            elif snapshot.spending_held is not None:
                yield lot.held_until(try_again_at(now, policy), snapshot.spending_held, SpendRule.LEDGER)
            else:
                yield lot.held(refused)


def take_up_adrift(snapshot: FactorySnapshot, wanted: dict[Edge, Requirement], policy: Policy) -> None:
    """Want a load for every ship that has an input aboard and no leg: it can do nothing else before."""
    uses: dict[Good, list[Requirement]] = {}
    for wish in wanted.values():
        if wish.feeds is not None:
            uses.setdefault(wish.good, []).append(wish)
    for good, wishes in uses.items():
        adrift, first = snapshot.fleet.adrift(good), wishes[0]
        flying = sum(leg.state.is_open for leg in snapshot.legs_of(good, first.feeds))
        more = min(
            len(adrift) - sum(wish.loads for wish in wishes), policy.max_loads_per_edge - flying - first.loads
        )
        if more > 0:
            wanted[good, first.feeds] = replace(
                first,
                sizes=(*first.sizes, *[ship.hold.of(good) for ship in adrift[:more]]),
                reason=f"{', '.join(ship.symbol for ship in adrift)} still carries {good}",
                worth=Worth(
                    max(0, first.worth.gain), first.worth.loss, first.worth.due
                ),  # it is not bought again
            )


def _terminal(snapshot: FactorySnapshot) -> tuple[str | None, str]:
    if snapshot.factory.request.terminal is not Terminal.SELL:
        kept = " as stock" if snapshot.factory.request.terminal is Terminal.STOCK else ""
        return None, f"{snapshot.tree.good} stays in the hold{kept}"
    sink = sink_of(snapshot)
    return sink.waypoint, sink.reason
