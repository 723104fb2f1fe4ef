"""The calls that existing clients know (package daemon), answered by the application."""

from typing import TYPE_CHECKING, Any

from goodsfactory.api import daemon_pb2, daemon_pb2_grpc
from goodsfactory.daemon.factories import Refuse
from goodsfactory.daemon.paging import PAGE, page_size, read_number_token
from goodsfactory.daemon.scouting_orders import ScoutWish
from goodsfactory.daemon.services_messages import (
    PARKED,
    clamped,
    container_message,
    container_metadata,
    log_message,
    ship_detail_message,
    ship_message,
    status_message,
)
from goodsfactory.domain.container import ContainerStatus, ContainerType
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import FactoryRequest
from goodsfactory.planning.decision import counted

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application

MOST_LINES = 10_000
LOG_LINES = 100
"""Lines of a container's log that are given when the caller does not say how many."""

_AFTER_STOP = {
    ContainerType.COORDINATOR: "its factory is stopped and its ships are free",
    ContainerType.PLANNER: "another one plans in its place from now on, and no ship stops",
    ContainerType.WORKER: "its ship is free, and its load is planned anew",
    ContainerType.SCOUT: "its ship is free, and looks that are still wanted are planned anew",
    ContainerType.STANDING_SCOUT: "its ship is free",
}
"""What it means that a container of the type was stopped."""


class DaemonService(daemon_pb2_grpc.DaemonServiceServicer):
    """As the proto says."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._now = application.game_time

    async def StartGoodsFactory(
        self, request: daemon_pb2.StartGoodsFactoryRequest, context: Any
    ) -> daemon_pb2.StartGoodsFactoryResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        report = await self._application.start_factory(
            player.id,
            request.target_good,
            request.system_symbol or None,
            FactoryRequest(strategy=self._application.settings.strategy),
            refuse=Refuse.IMPOSSIBLE,
        )
        return daemon_pb2.StartGoodsFactoryResponse(
            factory_id=report.factory.id,
            target_good=report.factory.target_good,
            status=report.factory.status.value,
            message=f"Making {report.factory.target_good} from {counted(report.nodes_total, 'node')}.",
            nodes_total=report.nodes_total,
        )

    async def StopGoodsFactory(
        self, request: daemon_pb2.StopGoodsFactoryRequest, context: Any
    ) -> daemon_pb2.StopGoodsFactoryResponse:
        player = await self._application.resolve_player(request.player_id, None)
        report = await self._application.stop_factory(player.id, request.factory_id)
        return daemon_pb2.StopGoodsFactoryResponse(
            factory_id=report.factory.id,
            status=report.factory.status.value,
            message=f"Stopped making {report.factory.target_good}; its ships are free.",
        )

    async def GetFactoryStatus(
        self, request: daemon_pb2.GetFactoryStatusRequest, context: Any
    ) -> daemon_pb2.GetFactoryStatusResponse:
        player = await self._application.resolve_player(request.player_id, None)
        return status_message(await self._application.factory(player.id, request.factory_id))

    async def HealthCheck(
        self, request: daemon_pb2.HealthCheckRequest, context: Any
    ) -> daemon_pb2.HealthCheckResponse:
        running, _ = await self._application.count_running()
        return daemon_pb2.HealthCheckResponse(
            status="degraded" if await self._application.roster.troubles() else "ok",
            version=self._application.version,
            active_containers=running,
        )

    async def ListContainers(
        self, request: daemon_pb2.ListContainersRequest, context: Any
    ) -> daemon_pb2.ListContainersResponse:
        player_id = request.player_id or None
        if player_id is not None:
            player_id = (await self._application.resolve_player(player_id, None)).id
        parked = request.status.upper() == PARKED
        containers, older = await self._application.container_page(
            player_id,
            None if parked else _container_status(request.status),
            parked=parked,
            limit=page_size(request.limit if request.HasField("limit") else PAGE),
            before=read_number_token(request.page_token),
        )
        return daemon_pb2.ListContainersResponse(
            containers=[
                container_message(one, parked=self._application.is_parked(one)) for one in containers
            ],
            next_page_token=None if older is None else str(older),
        )

    async def GetContainer(
        self, request: daemon_pb2.GetContainerRequest, context: Any
    ) -> daemon_pb2.GetContainerResponse:
        container = await self._application.container(request.container_id)
        trouble = await self._application.container_trouble(container.id)
        why = await self._application.why_parked(container)
        return daemon_pb2.GetContainerResponse(
            container=container_message(container, parked=why is not None),
            metadata=container_metadata(container, trouble, parked=why),
        )

    async def StopContainer(
        self, request: daemon_pb2.StopContainerRequest, context: Any
    ) -> daemon_pb2.StopContainerResponse:
        container = await self._application.stop_container(request.container_id)
        return daemon_pb2.StopContainerResponse(
            container_id=container.id,
            status=container.status.value,
            message=f"The {container.type.value} is {container.status.value}; {_AFTER_STOP[container.type]}.",
        )

    async def GetContainerLogs(
        self, request: daemon_pb2.GetContainerLogsRequest, context: Any
    ) -> daemon_pb2.GetContainerLogsResponse:
        limit = request.limit if request.HasField("limit") else LOG_LINES
        if not 1 <= limit <= MOST_LINES:
            raise UserError(
                f"The number of log lines must be at least 1 and at most {MOST_LINES:,}, not {limit}."
            )
        level = request.level.upper() or None
        lines = await self._application.container_logs(request.container_id, limit, level)
        return daemon_pb2.GetContainerLogsResponse(logs=[log_message(line) for line in lines])

    async def ListShips(
        self, request: daemon_pb2.ListShipsRequest, context: Any
    ) -> daemon_pb2.ListShipsResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        ships = await self._application.ships(player.id)
        now = self._now(player.id)
        return daemon_pb2.ListShipsResponse(ships=[ship_message(ship, now) for ship, _ in ships])

    async def GetShip(self, request: daemon_pb2.GetShipRequest, context: Any) -> daemon_pb2.GetShipResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        ship = await self._application.ship(player.id, request.ship_symbol)
        return daemon_pb2.GetShipResponse(ship=ship_detail_message(ship, self._now(player.id)))

    async def NavigateShip(
        self, request: daemon_pb2.NavigateShipRequest, context: Any
    ) -> daemon_pb2.NavigateShipResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        flight = await self._application.navigate(player.id, request.ship_symbol, request.destination)
        arrival = flight.nav.arrival
        now = self._now(player.id)
        left = max(0.0, (arrival - now).total_seconds()) if arrival and now else 0.0
        return daemon_pb2.NavigateShipResponse(
            ship_symbol=request.ship_symbol,
            destination=flight.nav.waypoint,
            status=flight.nav.status.value,
            estimated_time_seconds=round(left),
        )

    async def DockShip(
        self, request: daemon_pb2.DockShipRequest, context: Any
    ) -> daemon_pb2.DockShipResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        nav = await self._application.dock(player.id, request.ship_symbol)
        return daemon_pb2.DockShipResponse(ship_symbol=request.ship_symbol, status=nav.status.value)

    async def OrbitShip(
        self, request: daemon_pb2.OrbitShipRequest, context: Any
    ) -> daemon_pb2.OrbitShipResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        nav = await self._application.orbit(player.id, request.ship_symbol)
        return daemon_pb2.OrbitShipResponse(ship_symbol=request.ship_symbol, status=nav.status.value)

    async def RefuelShip(
        self, request: daemon_pb2.RefuelShipRequest, context: Any
    ) -> daemon_pb2.RefuelShipResponse:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        if request.HasField("units") and request.units < 1:
            raise UserError(f"A ship cannot be refuelled by {request.units} units; give at least 1.")
        done = await self._application.refuel(player.id, request.ship_symbol, request.units or None)
        return daemon_pb2.RefuelShipResponse(
            ship_symbol=request.ship_symbol,
            fuel_added=max(0, done.added),
            credits_cost=clamped(done.cost),
            status="REFUELLED",
        )

    async def ScoutMarkets(
        self, request: daemon_pb2.ScoutMarketsRequest, context: Any
    ) -> daemon_pb2.ScoutMarketsResponse:
        if request.iterations < -1:
            raise UserError(f"A scout goes at least 1 round, or -1 for no end, not {request.iterations}.")
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        wish = ScoutWish(
            tuple(request.ship_symbols),
            request.system_symbol or None,
            tuple(request.markets),
            # 0 is what a client sends that says nothing.
            request.iterations if request.iterations > 0 else None,
        )
        scouting = await self._application.desks.scouting.start(player.id, wish)
        return daemon_pb2.ScoutMarketsResponse(
            container_ids=[scout.container.id for scout in scouting.scouts],
            assignments={
                scout.symbol: daemon_pb2.MarketAssignment(markets=scout.share.markets)
                for scout in scouting.scouts
            },
            reused_containers=sorted(scouting.reused),
        )


def _container_status(text: str) -> ContainerStatus | None:
    """Raises UserError for a word that is no status."""
    if not text:
        return None
    if text.upper() not in ContainerStatus.__members__:
        raise UserError(
            f"{text} is no container status; it is one of {', '.join((*ContainerStatus, PARKED))}."
        )
    return ContainerStatus(text.upper())
