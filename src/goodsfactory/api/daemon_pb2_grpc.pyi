import grpc
import grpc.aio

from goodsfactory.api import daemon_pb2

class DaemonServiceStub:
    def __init__(self, channel: grpc.Channel) -> None: ...
    StartGoodsFactory: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.StartGoodsFactoryRequest, daemon_pb2.StartGoodsFactoryResponse
    ]
    StopGoodsFactory: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.StopGoodsFactoryRequest, daemon_pb2.StopGoodsFactoryResponse
    ]
    GetFactoryStatus: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.GetFactoryStatusRequest, daemon_pb2.GetFactoryStatusResponse
    ]
    HealthCheck: grpc.UnaryUnaryMultiCallable[daemon_pb2.HealthCheckRequest, daemon_pb2.HealthCheckResponse]
    ListContainers: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.ListContainersRequest, daemon_pb2.ListContainersResponse
    ]
    GetContainer: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.GetContainerRequest, daemon_pb2.GetContainerResponse
    ]
    StopContainer: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.StopContainerRequest, daemon_pb2.StopContainerResponse
    ]
    GetContainerLogs: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.GetContainerLogsRequest, daemon_pb2.GetContainerLogsResponse
    ]
    ListShips: grpc.UnaryUnaryMultiCallable[daemon_pb2.ListShipsRequest, daemon_pb2.ListShipsResponse]
    GetShip: grpc.UnaryUnaryMultiCallable[daemon_pb2.GetShipRequest, daemon_pb2.GetShipResponse]
    NavigateShip: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.NavigateShipRequest, daemon_pb2.NavigateShipResponse
    ]
    DockShip: grpc.UnaryUnaryMultiCallable[daemon_pb2.DockShipRequest, daemon_pb2.DockShipResponse]
    OrbitShip: grpc.UnaryUnaryMultiCallable[daemon_pb2.OrbitShipRequest, daemon_pb2.OrbitShipResponse]
    RefuelShip: grpc.UnaryUnaryMultiCallable[daemon_pb2.RefuelShipRequest, daemon_pb2.RefuelShipResponse]
    ScoutMarkets: grpc.UnaryUnaryMultiCallable[
        daemon_pb2.ScoutMarketsRequest, daemon_pb2.ScoutMarketsResponse
    ]

class DaemonServiceServicer:
    async def StartGoodsFactory(
        self,
        request: daemon_pb2.StartGoodsFactoryRequest,
        context: grpc.aio.ServicerContext[
            daemon_pb2.StartGoodsFactoryRequest, daemon_pb2.StartGoodsFactoryResponse
        ],
    ) -> daemon_pb2.StartGoodsFactoryResponse: ...
    async def StopGoodsFactory(
        self,
        request: daemon_pb2.StopGoodsFactoryRequest,
        context: grpc.aio.ServicerContext[
            daemon_pb2.StopGoodsFactoryRequest, daemon_pb2.StopGoodsFactoryResponse
        ],
    ) -> daemon_pb2.StopGoodsFactoryResponse: ...
    async def GetFactoryStatus(
        self,
        request: daemon_pb2.GetFactoryStatusRequest,
        context: grpc.aio.ServicerContext[
            daemon_pb2.GetFactoryStatusRequest, daemon_pb2.GetFactoryStatusResponse
        ],
    ) -> daemon_pb2.GetFactoryStatusResponse: ...
    async def HealthCheck(
        self,
        request: daemon_pb2.HealthCheckRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.HealthCheckRequest, daemon_pb2.HealthCheckResponse],
    ) -> daemon_pb2.HealthCheckResponse: ...
    async def ListContainers(
        self,
        request: daemon_pb2.ListContainersRequest,
        context: grpc.aio.ServicerContext[
            daemon_pb2.ListContainersRequest, daemon_pb2.ListContainersResponse
        ],
    ) -> daemon_pb2.ListContainersResponse: ...
    async def GetContainer(
        self,
        request: daemon_pb2.GetContainerRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.GetContainerRequest, daemon_pb2.GetContainerResponse],
    ) -> daemon_pb2.GetContainerResponse: ...
    async def StopContainer(
        self,
        request: daemon_pb2.StopContainerRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.StopContainerRequest, daemon_pb2.StopContainerResponse],
    ) -> daemon_pb2.StopContainerResponse: ...
    async def GetContainerLogs(
        self,
        request: daemon_pb2.GetContainerLogsRequest,
        context: grpc.aio.ServicerContext[
            daemon_pb2.GetContainerLogsRequest, daemon_pb2.GetContainerLogsResponse
        ],
    ) -> daemon_pb2.GetContainerLogsResponse: ...
    async def ListShips(
        self,
        request: daemon_pb2.ListShipsRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.ListShipsRequest, daemon_pb2.ListShipsResponse],
    ) -> daemon_pb2.ListShipsResponse: ...
    async def GetShip(
        self,
        request: daemon_pb2.GetShipRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.GetShipRequest, daemon_pb2.GetShipResponse],
    ) -> daemon_pb2.GetShipResponse: ...
    async def NavigateShip(
        self,
        request: daemon_pb2.NavigateShipRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.NavigateShipRequest, daemon_pb2.NavigateShipResponse],
    ) -> daemon_pb2.NavigateShipResponse: ...
    async def DockShip(
        self,
        request: daemon_pb2.DockShipRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.DockShipRequest, daemon_pb2.DockShipResponse],
    ) -> daemon_pb2.DockShipResponse: ...
    async def OrbitShip(
        self,
        request: daemon_pb2.OrbitShipRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.OrbitShipRequest, daemon_pb2.OrbitShipResponse],
    ) -> daemon_pb2.OrbitShipResponse: ...
    async def RefuelShip(
        self,
        request: daemon_pb2.RefuelShipRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.RefuelShipRequest, daemon_pb2.RefuelShipResponse],
    ) -> daemon_pb2.RefuelShipResponse: ...
    async def ScoutMarkets(
        self,
        request: daemon_pb2.ScoutMarketsRequest,
        context: grpc.aio.ServicerContext[daemon_pb2.ScoutMarketsRequest, daemon_pb2.ScoutMarketsResponse],
    ) -> daemon_pb2.ScoutMarketsResponse: ...

def add_DaemonServiceServicer_to_server(servicer: DaemonServiceServicer, server: grpc.aio.Server) -> None: ...
