"""Contracts as users work on them by hand: accepted, delivered to, and fulfilled, through the cashier."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from goodsfactory.daemon.hand_claims import held_by_hand
from goodsfactory.daemon.roster import Roster
from goodsfactory.daemon.ship_orders import ShipOrders
from goodsfactory.domain.container import Claim
from goodsfactory.domain.contract import Contract, Owed
from goodsfactory.domain.errors import GoodsFactoryError, NotFound, Refused, UserError
from goodsfactory.domain.geography import system_of
from goodsfactory.domain.goods import Good
from goodsfactory.domain.money import MoneyKind, subject_of
from goodsfactory.domain.ship import Ship
from goodsfactory.planning.decision import in_words
from goodsfactory.ports.clock import Clock
from goodsfactory.ports.store import Store, Transaction
from goodsfactory.ports.waiting import waited_for

_ANOTHERS = (4500, 4506)
"""A contract that exists and is another agent's (api-facts §3.1)."""


@dataclass(frozen=True)
class ContractPaid:
    """A contract accepted or fulfilled, and the credits that brought."""

    contract: Contract
    credits: int


@dataclass(frozen=True)
class Delivered:
    """Units of a good handed over to a contract, and the contract as it is then."""

    ship: str
    good: Good
    units: int
    contract: Contract


@dataclass(frozen=True)
class ContractOrders:
    """``new_id`` names the claim an order holds. A contract left out is the only open one."""

    store: Store
    clock: Clock
    roster: Roster
    ships: ShipOrders
    new_id: Callable[[], str]

    async def all(self, player_id: int) -> list[Contract]:
        """The agent's contracts, oldest first."""
        async with self.roster.ordering(player_id) as crew:
            with waited_for():
                return await crew.api.contracts()

    async def one(self, player_id: int, contract_id: str | None) -> Contract:
        """A contract by its id, or its first characters, or the only open one.

        Raises UserError where that is not one contract.
        """
        if contract_id is not None:
            try:
                async with self.roster.ordering(player_id) as crew:
                    with waited_for():
                        return await crew.api.contract(contract_id)
            except Refused as refused:
                if not isinstance(refused, NotFound) and refused.code not in _ANOTHERS:
                    raise
            begins = [one for one in await self.all(player_id) if one.id.startswith(contract_id)]
            if len(begins) == 1:
                return begins[0]
            told = f"has {len(begins)} contracts whose ids begin with" if begins else "has no contract"
            raise UserError(
                f"This player {told} {contract_id}; `spacetraders contract list` names them.",
                kind="invalid" if begins else "not-found",
            )
        now = self.clock.now()
        found = [contract for contract in await self.all(player_id) if contract.is_open(now)]
        if not found:
            raise UserError(
                "This player has no open contract; `spacetraders contract list` shows all.",
                kind="precondition",
            )
        if len(found) > 1:
            names = in_words(contract.id for contract in found)
            raise UserError(f"More than one contract is open, {names}: say which.")
        return found[0]

    async def accept(self, player_id: int, contract_id: str | None) -> ContractPaid:
        """Accept an offer; its advance comes in."""
        contract = await self.one(player_id, contract_id)
        if contract.accepted:
            raise UserError(f"Contract {contract.id} is accepted already.", kind="precondition")
        return await self._paid(player_id, contract, MoneyKind.ACCEPTANCE)

    async def fulfil(self, player_id: int, contract_id: str | None) -> ContractPaid:
        """End a contract to which all is delivered; its payment comes in."""
        contract = await self.one(player_id, contract_id)
        _check_active(contract)
        missing = [f"{line.missing} {line.good}" for line in contract.owed if line.missing]
        if missing:
            raise UserError(
                f"Contract {contract.id} still needs {in_words(missing)}; deliver first.", kind="precondition"
            )
        return await self._paid(player_id, contract, MoneyKind.FULFILMENT)

    async def deliver(
        self,
        player_id: int,
        symbol: str,
        contract_id: str | None = None,
        good: str | None = None,
        units: int | None = None,
    ) -> Delivered:
        """Fly a free ship to the destination and hand over what it has of the good, or ``units`` of it.

        Raises UserError, before anything moves, where it cannot be.
        """
        contract = await self.one(player_id, contract_id)
        _check_active(contract)
        async with self.ships.held(player_id, symbol) as (crew, ship, duty):
            line = _line_for(contract, ship, good.upper() if good else None)
            handed = _units(contract, line, ship, units)
            await crew.scout.survey(ship.nav.system)
            ship = await crew.pilot.dock(await crew.pilot.go(ship, line.destination, duty))
            order = duty.order(ship.symbol, MoneyKind.DELIVERY, line.good, handed, line.destination)
            await crew.cashier.deliver(replace(order, reference=contract.id))
        told = replace(line, fulfilled=line.fulfilled + handed)
        contract = replace(contract, owed=tuple(told if one is line else one for one in contract.owed))
        return Delivered(ship.symbol, line.good, handed, await self._as_told_now(player_id, contract))

    async def _paid(self, player_id: int, contract: Contract, kind: MoneyKind) -> ContractPaid:
        subject = subject_of(kind, player_id, None, contract.id)
        async with (
            self.roster.ordering(player_id) as crew,
            held_by_hand(self.store, self.clock, self.new_id, player_id, subject, _taken) as duty,
        ):
            order = replace(
                duty.order(None, kind, contract.good, 1, contract.destination),
                reference=contract.id,
                pays=contract.on_accepted if kind is MoneyKind.ACCEPTANCE else contract.on_fulfilled,
            )
            with waited_for():
                if kind is MoneyKind.ACCEPTANCE:
                    trade = await crew.cashier.accept(order)
                    contract = replace(contract, accepted=True)
                else:
                    trade = await crew.cashier.fulfil(order)
                    contract = replace(contract, fulfilled=True)
        return ContractPaid(await self._as_told_now(player_id, contract), trade.total)

    async def _as_told_now(self, player_id: int, contract: Contract) -> Contract:
        """The contract as the game tells it after a step that is done, whatever it answers now."""
        with suppress(GoodsFactoryError):
            return await self.one(player_id, contract.id)
        return contract


def _check_active(contract: Contract) -> None:
    if contract.fulfilled:
        raise UserError(f"Contract {contract.id} is fulfilled already.", kind="precondition")
    if not contract.accepted:
        raise UserError(
            f"Contract {contract.id} is not accepted yet; `spacetraders contract accept` does it.",
            kind="precondition",
        )


def _line_for(contract: Contract, ship: Ship, good: Good | None) -> Owed:
    """The line of the contract that the ship can serve."""
    lines = [line for line in contract.owed if good in (None, line.good)]
    if not lines:
        wanted = in_words((line.good for line in contract.owed), none="nothing")
        raise UserError(f"Contract {contract.id} asks for {wanted}, not for {good}.", kind="precondition")
    carried = [line for line in lines if ship.hold.of(line.good)]
    if not carried:
        names = in_words(line.good for line in lines)
        raise UserError(f"{ship.symbol} carries no {names}.", kind="precondition")
    line = next((one for one in carried if one.missing), carried[0])
    if system_of(line.destination) != ship.nav.system:
        raise UserError(
            f"{line.destination} is not in {ship.nav.system}, where {ship.symbol} is.", kind="precondition"
        )
    return line


def _units(contract: Contract, line: Owed, ship: Ship, units: int | None) -> int:
    if not line.missing:
        raise UserError(
            f"Contract {contract.id} needs no more {line.good}; `spacetraders contract fulfill` ends it.",
            kind="precondition",
        )
    aboard = ship.hold.of(line.good)
    if units is None:
        return min(aboard, line.missing)
    if not 1 <= units <= min(aboard, line.missing):
        raise UserError(
            f"{units} {line.good} cannot be delivered: {ship.symbol} carries {aboard},"
            f" contract {contract.id} needs {line.missing} more.",
            kind="precondition",
        )
    return units


def _taken(tx: Transaction, claim: Claim | None) -> UserError:
    return UserError("Another order is at work on this contract; wait for its end.", kind="precondition")
