"""Contracts and building sites by hand: wishes in vain, and what a ship hands over."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.daemon.refusals import WORK, refusal, rows
from tests.daemon.stage import Answer, Stage, in_virtual_time, stage
from tests.treasury.deeds import MATERIAL, SHIP, contract_of, load, site_of

from goodsfactory.adapters.clocks import VirtualClock
from goodsfactory.domain.events import EventKind
from goodsfactory.domain.player import Player


async def accepted(one: Stage) -> Player:
    player = await one.begin()
    await one.application.desks.contract.accept(player.id, None)
    return player


@in_virtual_time
async def test_a_contract_is_worked_on_from_offer_to_payment(clock: VirtualClock) -> None:
    """Accepted, delivered in two loads and fulfilled: every credit and every unit is accounted for."""
    async with stage(clock) as one:
        player = await one.begin()
        desk = one.application.desks.contract
        offer = await desk.one(player.id, None)
        paid = await desk.accept(player.id, offer.id)
        assert (paid.credits, paid.contract.accepted) == (offer.on_accepted, True)
        left = offer.owed[0].required
        while left:
            await load(one, player, offer.good, min(left, 40))
            done = await desk.deliver(player.id, SHIP.lower())
            left -= done.units
            assert done.contract.owed[0].missing == left
            assert (await one.application.ship(player.id, SHIP)).nav.waypoint == offer.destination
        ended = await desk.fulfil(player.id, None)
        assert (ended.credits, ended.contract.fulfilled) == (offer.on_fulfilled, True)
        assert not ended.contract.is_open(clock.now())
        told = await one.events(
            EventKind.CONTRACT_ACCEPTED, EventKind.CARGO_DELIVERED, EventKind.CONTRACT_FULFILLED
        )
        assert [event.data["contract_id"] for event in told] == [offer.id] * 4
        assert sum(entry.amount for entry in await one.ledger(player)) == one.credits


@pytest.mark.parametrize("step", ["accept", "deliver"])
@pytest.mark.parametrize(
    ("status", "code"),
    [(404, 404), (401, 4113), (400, 4999), (500, 500)],
    ids=["gone", "token", "odd", "down"],
)
@in_virtual_time
async def test_what_is_done_is_told_whatever_the_game_says_of_the_contract_then(
    clock: VirtualClock, step: str, status: int, code: int
) -> None:
    """Paid and delivered is done: the answer says so, and what the contract is by it."""
    async with stage(clock) as one:
        player = await one.begin()
        desk, offer = one.application.desks.contract, contract_of(one)

        def refuse(answer: Answer) -> None:
            answer.status, answer.body = status, {"error": {"message": "No.", "code": code}}

        change = partial(one.line.change, rf"GET .*/my/contracts/{offer.id}$", refuse)
        if step == "deliver":
            await desk.accept(player.id, None)
            await load(one, player, offer.good)
        one.line.disturb(rf"POST .*/{step}$", first=change)
        if step == "accept":
            paid = await desk.accept(player.id, None)
            assert (paid.credits, paid.contract.accepted) == (offer.on_accepted, True)
        else:
            done = await desk.deliver(player.id, SHIP)
            assert (done.units, done.contract.owed[0].fulfilled) == (20, 20)


@in_virtual_time
async def test_no_more_is_delivered_than_is_wanted_or_asked_for(clock: VirtualClock) -> None:
    """The rest stays aboard."""
    async with stage(clock) as one:
        player = await accepted(one)
        contract = contract_of(one)
        desk = one.application.desks.contract
        contract.delivered = contract.required - 8
        await load(one, player, contract.good, 20)
        assert (await desk.deliver(player.id, SHIP, units=3)).units == 3
        assert (await desk.deliver(player.id, SHIP)).units == 5
        assert (await one.application.ship(player.id, SHIP)).hold.of(contract.good) == 12
        assert contract.delivered == contract.required


@in_virtual_time
async def test_orders_about_contracts_in_vain_change_nothing(clock: VirtualClock) -> None:
    """Each gets a sentence that says what to do; no row is written, no ship leaves (L10)."""
    async with stage(clock) as one:
        player = await one.begin()
        desk, contract = one.application.desks.contract, contract_of(one)
        id_, good = contract.id, contract.good
        before = rows(one, *WORK)
        assert await refusal(desk.deliver(player.id, SHIP), "precondition") == (
            f"Contract {id_} is not accepted yet; `spacetraders contract accept` does it."
        )
        assert f"Contract {id_} is not accepted yet" in await refusal(
            desk.fulfil(player.id, None), "precondition"
        )
        assert await refusal(desk.accept(player.id, "c0ffee"), "not-found") == (
            "This player has no contract c0ffee; `spacetraders contract list` names them."
        )
        assert rows(one, *WORK) == before
        assert (await desk.one(player.id, id_[:6])).id == id_, "by its first characters"
        await desk.accept(player.id, None)
        before = rows(one, *WORK)
        assert await refusal(desk.accept(player.id, None), "precondition") == (
            f"Contract {id_} is accepted already."
        )
        assert await refusal(desk.fulfil(player.id, None), "precondition") == (
            f"Contract {id_} still needs {contract.required} {good}; deliver first."
        )
        assert await refusal(desk.deliver(player.id, SHIP), "precondition") == f"{SHIP} carries no {good}."
        assert await refusal(desk.deliver(player.id, SHIP, good="moon"), "precondition") == (
            f"Contract {id_} asks for {good}, not for MOON."
        )
        await load(one, player, good, 9)
        assert await refusal(desk.deliver(player.id, SHIP, units=10), "precondition") == (
            f"10 {good} cannot be delivered: {SHIP} carries 9, contract {id_} needs {contract.required} more."
        )
        contract.delivered = contract.required
        assert await refusal(desk.deliver(player.id, SHIP), "precondition") == (
            f"Contract {id_} needs no more {good}; `spacetraders contract fulfill` ends it."
        )
        assert rows(one, *WORK) == before
        assert not [request for request in one.line.requests if request.endswith("/navigate")]
        await desk.fulfil(player.id, None)
        assert await refusal(desk.fulfil(player.id, id_), "precondition") == (
            f"Contract {id_} is fulfilled already."
        )
        assert "no open contract" in await refusal(desk.deliver(player.id, SHIP), "precondition")


@in_virtual_time
async def test_an_offer_that_has_run_out_is_open_no_more(clock: VirtualClock) -> None:
    """After a day nobody can accept it, and it is named no longer."""
    async with stage(clock) as one:
        player = await one.begin()
        await clock.sleep(25 * 3600)
        sentence = await refusal(one.application.desks.contract.accept(player.id, None), "precondition")
        assert "no open contract" in sentence


@in_virtual_time
async def test_an_advance_taken_back_is_told_as_credits_that_left(clock: VirtualClock) -> None:
    """The game does so where the deadline is missed; no step of ours explains it."""
    async with stage(clock) as one:
        player = await one.begin()
        contract_of(one).deadline = clock.now() + timedelta(hours=1)  # a week of passes teaches nothing
        await one.application.desks.contract.accept(player.id, None)
        await clock.sleep(3_700)
        await one.application.desks.contract.all(player.id)
        await clock.sleep(700)
        hold = (await one.application.desks.ledger.show(player.id, 1)).hold
        assert hold is not None
        assert hold.amount == -contract_of(one).on_accepted


@in_virtual_time
async def test_a_site_is_supplied_with_what_it_misses(clock: VirtualClock) -> None:
    """The bill afterwards says so; nobody pays."""
    async with stage(clock) as one:
        player = await one.begin()
        desk = one.application.desks.construction
        site = await desk.show(player.id)
        assert site.waypoint == site_of(one)
        await load(one, player, MATERIAL, 30)
        done = await desk.supply(player.id, SHIP, site.waypoint.lower(), MATERIAL.lower(), 12)
        line = done.site.material(MATERIAL)
        assert line is not None
        assert (done.units, line.fulfilled) == (12, 12)
        assert (await one.application.ship(player.id, SHIP)).hold.of(MATERIAL) == 18


@in_virtual_time
async def test_orders_about_sites_in_vain_change_nothing(clock: VirtualClock) -> None:
    """A place where nothing is built, a material it does not need, more than is there (L10)."""
    async with stage(clock) as one:
        player = await one.begin()
        desk, site, home = one.application.desks.construction, site_of(one), one.world.universe.headquarters
        await one.application.find_markets(player.id, "COPPER", None)
        before = rows(one, *WORK)
        assert await refusal(desk.show(player.id, home), "not-found") == f"Nothing is being built at {home}."
        await refusal(desk.show(player.id, "moon"), "invalid")
        assert await refusal(desk.supply(player.id, SHIP), "precondition") == (
            f"{SHIP} carries no FAB_MATS and ADVANCED_CIRCUITRY."
        )
        assert await refusal(desk.supply(player.id, SHIP, good="copper"), "precondition") == (
            f"{site} is built of FAB_MATS, ADVANCED_CIRCUITRY and QUANTUM_STABILIZERS, not of COPPER."
        )
        await load(one, player, MATERIAL, 5)
        assert await refusal(desk.supply(player.id, SHIP, units=6), "precondition") == (
            f"6 FAB_MATS cannot be supplied: {SHIP} carries 5, {site} needs 1600 more."
        )
        assert "X1-ZZ9-A1 is not in" in await refusal(desk.supply(player.id, SHIP, "X1-ZZ9-A1"), "invalid")
        await load(one, player, "QUANTUM_STABILIZERS", 1)
        assert await refusal(desk.supply(player.id, SHIP, good="quantum_stabilizers"), "precondition") == (
            f"{site} needs no more QUANTUM_STABILIZERS."
        )
        assert rows(one, *WORK) == before
        assert not [request for request in one.line.requests if request.endswith("/navigate")]


@pytest.mark.parametrize("order", ["deliver", "supply"])
@in_virtual_time
async def test_a_ship_at_work_is_left_alone(clock: VirtualClock, order: str) -> None:
    """Its factory is named; it is not taken from it."""
    async with stage(clock, ships=()) as one:
        player = await accepted(one)
        factory_id = await one.produce(player, "ELECTRONICS")
        laden = await one.until(EventKind.LEG_LADEN)
        desks = one.application.desks
        orders: dict[str, Any] = {"deliver": desks.contract.deliver, "supply": desks.construction.supply}
        sentence = await refusal(orders[order](player.id, str(laden.ship)), "precondition")
        assert sentence.startswith(
            f"{laden.ship} is at work for factory {factory_id}, which makes ELECTRONICS;"
        )


@in_virtual_time
async def test_the_contract_and_the_ships_of_another_player_do_not_exist(clock: VirtualClock) -> None:
    """Neither shown, nor worked on, nor flown with (L11)."""
    async with stage(clock) as one:
        await accepted(one)
        other = await one.application.register_player("OTHER", one.world.universe.factions[0])
        desks = one.application.desks
        await desks.contract.accept(other.id, None)
        foreign = contract_of(one).id
        assert foreign not in [contract.id for contract in await desks.contract.all(other.id)]
        await refusal(desks.contract.one(other.id, foreign), "not-found")
        assert SHIP in await refusal(desks.contract.deliver(other.id, SHIP), "not-found")
        assert SHIP in await refusal(desks.construction.supply(other.id, SHIP), "not-found")
