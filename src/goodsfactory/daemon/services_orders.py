"""Orders by hand (service OrderService of package goodsfactory.v1), answered by the desks."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.api import goodsfactory_pb2, goodsfactory_pb2_grpc
from goodsfactory.daemon.paging import read_instant, read_number_token
from goodsfactory.daemon.services_messages import fleet_message, hold_message
from goodsfactory.domain.construction import ConstructionSite
from goodsfactory.domain.contract import Contract
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.instants import instant, instant_if_known
from goodsfactory.domain.money import LedgerEntry
from goodsfactory.domain.player import Player

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application
    from goodsfactory.daemon.ledger_orders import LedgerView

LEDGER_ROWS = 20
MOST_ROWS = 10_000
"""Rows of the ledger that are given when the caller does not say how many."""


class OrderService(goodsfactory_pb2_grpc.OrderServiceServicer):
    """As the proto says."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._now = application.game_time
        self._desks = application.desks

    async def PlanShipPurchase(
        self, request: goodsfactory_pb2.BuyShipRequest, context: Any
    ) -> goodsfactory_pb2.PlanShipPurchaseResponse:
        player = await self._player(request)
        plan = await self._desks.yard.plan(player.id, request.ship_type, request.waypoint or None)
        return goodsfactory_pb2.PlanShipPurchaseResponse(
            ship_type=plan.ship_type, waypoint=plan.waypoint, price=plan.price, present=plan.present
        )

    async def BuyShip(
        self, request: goodsfactory_pb2.BuyShipRequest, context: Any
    ) -> goodsfactory_pb2.BuyShipResponse:
        most = request.max_price if request.HasField("max_price") else None
        player = await self._player(request)
        bought = await self._desks.yard.buy(player.id, request.ship_type, request.waypoint or None, most)
        return goodsfactory_pb2.BuyShipResponse(
            ship_type=bought.ship_type,
            waypoint=bought.waypoint,
            price=bought.price,
            ship_symbol=bought.ship.symbol if bought.ship else None,
        )

    async def FlyShip(
        self, request: goodsfactory_pb2.FlyShipRequest, context: Any
    ) -> goodsfactory_pb2.FleetShip:
        player = await self._player(request)
        ship = await self._desks.ship.fly(player.id, request.ship_symbol, request.destination)
        return fleet_message(ship, None, None, self._now(player.id))

    async def JettisonCargo(
        self, request: goodsfactory_pb2.JettisonCargoRequest, context: Any
    ) -> goodsfactory_pb2.JettisonCargoResponse:
        player = await self._player(request)
        symbol, good = request.ship_symbol.upper(), request.good.upper()
        gone = await self._desks.ship.jettison(player.id, symbol, good, request.units)
        left = gone.hold.of(good) if gone.hold else None
        return goodsfactory_pb2.JettisonCargoResponse(
            ship_symbol=symbol, good=good, units=gone.units, left=left
        )

    async def ListContracts(
        self, request: goodsfactory_pb2.ListContractsRequest, context: Any
    ) -> goodsfactory_pb2.ListContractsResponse:
        player = await self._player(request)
        contracts = await self._desks.contract.all(player.id)
        now = self._now(player.id)
        return goodsfactory_pb2.ListContractsResponse(
            contracts=[contract_message(contract, now) for contract in contracts], now=instant_if_known(now)
        )

    async def GetContract(
        self, request: goodsfactory_pb2.ContractRef, context: Any
    ) -> goodsfactory_pb2.Contract:
        player = await self._player(request)
        contract = await self._desks.contract.one(player.id, request.contract_id or None)
        return contract_message(contract, self._now(player.id))

    async def AcceptContract(
        self, request: goodsfactory_pb2.ContractRef, context: Any
    ) -> goodsfactory_pb2.ContractPayment:
        player = await self._player(request)
        paid = await self._desks.contract.accept(player.id, request.contract_id or None)
        return goodsfactory_pb2.ContractPayment(
            contract=contract_message(paid.contract, self._now(player.id)),
            credits=paid.credits,
        )

    async def DeliverContract(
        self, request: goodsfactory_pb2.DeliverContractRequest, context: Any
    ) -> goodsfactory_pb2.DeliverContractResponse:
        player = await self._player(request)
        done = await self._desks.contract.deliver(
            player.id,
            request.ship_symbol,
            request.contract_id or None,
            request.good or None,
            request.units if request.HasField("units") else None,
        )
        return goodsfactory_pb2.DeliverContractResponse(
            ship_symbol=done.ship,
            good=done.good,
            units=done.units,
            contract=contract_message(done.contract, self._now(player.id)),
        )

    async def FulfillContract(
        self, request: goodsfactory_pb2.ContractRef, context: Any
    ) -> goodsfactory_pb2.ContractPayment:
        player = await self._player(request)
        paid = await self._desks.contract.fulfil(player.id, request.contract_id or None)
        return goodsfactory_pb2.ContractPayment(
            contract=contract_message(paid.contract, self._now(player.id)),
            credits=paid.credits,
        )

    async def GetConstruction(
        self, request: goodsfactory_pb2.ConstructionRef, context: Any
    ) -> goodsfactory_pb2.Construction:
        player = await self._player(request)
        return construction_message(await self._desks.construction.show(player.id, request.waypoint or None))

    async def SupplyConstruction(
        self, request: goodsfactory_pb2.SupplyConstructionRequest, context: Any
    ) -> goodsfactory_pb2.SupplyConstructionResponse:
        player = await self._player(request)
        done = await self._desks.construction.supply(
            player.id,
            request.ship_symbol,
            request.waypoint or None,
            request.good or None,
            request.units if request.HasField("units") else None,
        )
        return goodsfactory_pb2.SupplyConstructionResponse(
            ship_symbol=done.ship,
            good=done.good,
            units=done.units,
            construction=construction_message(done.site),
        )

    async def GetLedger(
        self, request: goodsfactory_pb2.GetLedgerRequest, context: Any
    ) -> goodsfactory_pb2.Ledger:
        limit = request.limit if request.HasField("limit") else LEDGER_ROWS
        if not 1 <= limit <= MOST_ROWS:
            raise UserError(
                f"The number of ledger rows must be at least 1 and at most {MOST_ROWS:,}, not {limit}."
            )
        before = read_number_token(request.page_token)
        player = await self._player(request)
        until = read_instant(request.before) if request.before else None
        view = await self._desks.ledger.show(player.id, limit, before, until=until)
        return ledger_message(player, view, self._now(player.id))

    async def ListStock(
        self, request: goodsfactory_pb2.ListStockRequest, context: Any
    ) -> goodsfactory_pb2.ListStockResponse:
        player = await self._player(request)
        found = await self._desks.ledger.stock(player.id)
        rows = [
            goodsfactory_pb2.StockRow(
                ship_symbol=row.ship,
                good=row.good,
                units=row.units,
                cost=row.cost,
                kind=row.kind.value,
                factory_id=row.factory_id,
                since=instant(row.since),
                location=ship.nav.waypoint if ship else "",
            )
            for row, ship in found
        ]
        return goodsfactory_pb2.ListStockResponse(rows=rows, now=instant_if_known(self._now(player.id)))

    async def AcceptLedger(
        self, request: goodsfactory_pb2.AcceptLedgerRequest, context: Any
    ) -> goodsfactory_pb2.AcceptLedgerResponse:
        player = await self._player(request)
        accepted = await self._desks.ledger.accept(player.id)
        return goodsfactory_pb2.AcceptLedgerResponse(
            booked=accepted.booked, resumed=accepted.resumed, ledger_sum=accepted.view.ledger_sum
        )

    async def _player(self, request: Any) -> Player:
        player: Player = await self._application.resolve_player(
            request.player_id, request.agent_symbol or None
        )
        return player


def contract_message(contract: Contract, now: datetime | None) -> goodsfactory_pb2.Contract:
    return goodsfactory_pb2.Contract(
        contract_id=contract.id,
        faction=contract.faction,
        type=contract.type,
        status=_status(contract, now),
        on_accepted=contract.on_accepted,
        on_fulfilled=contract.on_fulfilled,
        accept_by=instant(contract.accept_by) if contract.accept_by else None,
        deadline=instant(contract.deadline),
        owed=[
            goodsfactory_pb2.ContractGood(
                good=line.good,
                destination=line.destination,
                required=line.required,
                fulfilled=line.fulfilled,
            )
            for line in contract.owed
        ],
    )


def construction_message(site: ConstructionSite) -> goodsfactory_pb2.Construction:
    return goodsfactory_pb2.Construction(
        waypoint=site.waypoint,
        complete=site.complete,
        materials=[
            goodsfactory_pb2.ConstructionMaterial(
                good=line.good, required=line.required, fulfilled=line.fulfilled
            )
            for line in site.materials
        ],
    )


def ledger_message(player: Player, view: "LedgerView", now: datetime | None) -> goodsfactory_pb2.Ledger:
    balance = view.balance
    return goodsfactory_pb2.Ledger(
        agent_symbol=player.agent_symbol,
        rows=[_row(entry) for entry in view.entries],
        ledger_sum=view.ledger_sum,
        server_balance=balance.credits if balance else None,
        balance_at=instant(balance.observed_at) if balance else None,
        now=instant_if_known(now),
        hold=hold_message(player.agent_symbol, view.hold) if view.hold else None,
        stock_cost=view.stock_cost,
        next_page_token=None if view.older is None else str(view.older),
        closing_sum=view.closing,
        trouble=view.trouble,
    )


def _row(entry: LedgerEntry) -> goodsfactory_pb2.LedgerRow:
    return goodsfactory_pb2.LedgerRow(
        at=instant(entry.at),
        kind=entry.kind.value,
        amount=entry.amount,
        ship=entry.ship,
        good=entry.good,
        units=entry.units,
        unit_price=entry.unit_price,
        waypoint=entry.waypoint,
        factory_id=entry.factory_id,
        balance_after=entry.balance_after,
    )


def _status(contract: Contract, now: datetime | None) -> str:
    if contract.fulfilled:
        return "FULFILLED"
    if now is not None and not contract.is_open(now):
        return "EXPIRED"
    return "ACCEPTED" if contract.accepted else "OFFERED"
