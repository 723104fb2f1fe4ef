from collections.abc import AsyncIterator

import grpc
import grpc.aio

from goodsfactory.api import goodsfactory_pb2

class FactoryServiceStub:
    def __init__(self, channel: grpc.Channel) -> None: ...
    StartFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.StartFactoryRequest, goodsfactory_pb2.Factory]
    StopFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory]
    PauseFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory]
    ResumeFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory]
    GetFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory]
    ListFactories: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ListFactoriesRequest, goodsfactory_pb2.ListFactoriesResponse
    ]
    WatchEvents: grpc.UnaryStreamMultiCallable[goodsfactory_pb2.WatchEventsRequest, goodsfactory_pb2.Event]
    RegisterPlayer: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.RegisterPlayerRequest, goodsfactory_pb2.Player
    ]
    AddPlayer: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.AddPlayerRequest, goodsfactory_pb2.Player]
    ListPlayers: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ListPlayersRequest, goodsfactory_pb2.ListPlayersResponse
    ]
    UsePlayer: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.UsePlayerRequest, goodsfactory_pb2.Player]
    ListFleet: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ListFleetRequest, goodsfactory_pb2.ListFleetResponse
    ]
    ExplainShip: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ExplainShipRequest, goodsfactory_pb2.Eligibility
    ]
    PlanSale: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.SellCargoRequest, goodsfactory_pb2.PlanSaleResponse
    ]
    SellCargo: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.SellCargoRequest, goodsfactory_pb2.SellCargoResponse
    ]
    FindMarkets: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.FindMarketsRequest, goodsfactory_pb2.FindMarketsResponse
    ]
    ShowMarket: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.ShowMarketRequest, goodsfactory_pb2.Market]
    GetStatistics: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.GetStatisticsRequest, goodsfactory_pb2.Statistics
    ]
    Shutdown: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ShutdownRequest, goodsfactory_pb2.ShutdownResponse
    ]

class FactoryServiceServicer:
    async def StartFactory(
        self,
        request: goodsfactory_pb2.StartFactoryRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.StartFactoryRequest, goodsfactory_pb2.Factory],
    ) -> goodsfactory_pb2.Factory: ...
    async def StopFactory(
        self,
        request: goodsfactory_pb2.FactoryRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory],
    ) -> goodsfactory_pb2.Factory: ...
    async def PauseFactory(
        self,
        request: goodsfactory_pb2.FactoryRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory],
    ) -> goodsfactory_pb2.Factory: ...
    async def ResumeFactory(
        self,
        request: goodsfactory_pb2.FactoryRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory],
    ) -> goodsfactory_pb2.Factory: ...
    async def GetFactory(
        self,
        request: goodsfactory_pb2.FactoryRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.Factory],
    ) -> goodsfactory_pb2.Factory: ...
    async def ListFactories(
        self,
        request: goodsfactory_pb2.ListFactoriesRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ListFactoriesRequest, goodsfactory_pb2.ListFactoriesResponse
        ],
    ) -> goodsfactory_pb2.ListFactoriesResponse: ...
    def WatchEvents(
        self,
        request: goodsfactory_pb2.WatchEventsRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.WatchEventsRequest, goodsfactory_pb2.Event],
    ) -> AsyncIterator[goodsfactory_pb2.Event]: ...
    async def RegisterPlayer(
        self,
        request: goodsfactory_pb2.RegisterPlayerRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.RegisterPlayerRequest, goodsfactory_pb2.Player],
    ) -> goodsfactory_pb2.Player: ...
    async def AddPlayer(
        self,
        request: goodsfactory_pb2.AddPlayerRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.AddPlayerRequest, goodsfactory_pb2.Player],
    ) -> goodsfactory_pb2.Player: ...
    async def ListPlayers(
        self,
        request: goodsfactory_pb2.ListPlayersRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ListPlayersRequest, goodsfactory_pb2.ListPlayersResponse
        ],
    ) -> goodsfactory_pb2.ListPlayersResponse: ...
    async def UsePlayer(
        self,
        request: goodsfactory_pb2.UsePlayerRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.UsePlayerRequest, goodsfactory_pb2.Player],
    ) -> goodsfactory_pb2.Player: ...
    async def ListFleet(
        self,
        request: goodsfactory_pb2.ListFleetRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ListFleetRequest, goodsfactory_pb2.ListFleetResponse
        ],
    ) -> goodsfactory_pb2.ListFleetResponse: ...
    async def ExplainShip(
        self,
        request: goodsfactory_pb2.ExplainShipRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ExplainShipRequest, goodsfactory_pb2.Eligibility],
    ) -> goodsfactory_pb2.Eligibility: ...
    async def PlanSale(
        self,
        request: goodsfactory_pb2.SellCargoRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.SellCargoRequest, goodsfactory_pb2.PlanSaleResponse
        ],
    ) -> goodsfactory_pb2.PlanSaleResponse: ...
    async def SellCargo(
        self,
        request: goodsfactory_pb2.SellCargoRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.SellCargoRequest, goodsfactory_pb2.SellCargoResponse
        ],
    ) -> goodsfactory_pb2.SellCargoResponse: ...
    async def FindMarkets(
        self,
        request: goodsfactory_pb2.FindMarketsRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.FindMarketsRequest, goodsfactory_pb2.FindMarketsResponse
        ],
    ) -> goodsfactory_pb2.FindMarketsResponse: ...
    async def ShowMarket(
        self,
        request: goodsfactory_pb2.ShowMarketRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ShowMarketRequest, goodsfactory_pb2.Market],
    ) -> goodsfactory_pb2.Market: ...
    async def GetStatistics(
        self,
        request: goodsfactory_pb2.GetStatisticsRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.GetStatisticsRequest, goodsfactory_pb2.Statistics],
    ) -> goodsfactory_pb2.Statistics: ...
    async def Shutdown(
        self,
        request: goodsfactory_pb2.ShutdownRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ShutdownRequest, goodsfactory_pb2.ShutdownResponse
        ],
    ) -> goodsfactory_pb2.ShutdownResponse: ...

def add_FactoryServiceServicer_to_server(
    servicer: FactoryServiceServicer, server: grpc.aio.Server
) -> None: ...

class QuoteServiceStub:
    def __init__(self, channel: grpc.Channel) -> None: ...
    QuoteFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.QuoteFactoryRequest, goodsfactory_pb2.Quote]
    ReportFactory: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.FactoryOutcome]

class QuoteServiceServicer:
    async def QuoteFactory(
        self,
        request: goodsfactory_pb2.QuoteFactoryRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.QuoteFactoryRequest, goodsfactory_pb2.Quote],
    ) -> goodsfactory_pb2.Quote: ...
    async def ReportFactory(
        self,
        request: goodsfactory_pb2.FactoryRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.FactoryRef, goodsfactory_pb2.FactoryOutcome],
    ) -> goodsfactory_pb2.FactoryOutcome: ...

def add_QuoteServiceServicer_to_server(servicer: QuoteServiceServicer, server: grpc.aio.Server) -> None: ...

class OrderServiceStub:
    def __init__(self, channel: grpc.Channel) -> None: ...
    FlyShip: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.FlyShipRequest, goodsfactory_pb2.FleetShip]
    JettisonCargo: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.JettisonCargoRequest, goodsfactory_pb2.JettisonCargoResponse
    ]
    PlanShipPurchase: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.BuyShipRequest, goodsfactory_pb2.PlanShipPurchaseResponse
    ]
    BuyShip: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.BuyShipRequest, goodsfactory_pb2.BuyShipResponse]
    ListContracts: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ListContractsRequest, goodsfactory_pb2.ListContractsResponse
    ]
    GetContract: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.ContractRef, goodsfactory_pb2.Contract]
    AcceptContract: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ContractRef, goodsfactory_pb2.ContractPayment
    ]
    DeliverContract: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.DeliverContractRequest, goodsfactory_pb2.DeliverContractResponse
    ]
    FulfillContract: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ContractRef, goodsfactory_pb2.ContractPayment
    ]
    GetConstruction: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ConstructionRef, goodsfactory_pb2.Construction
    ]
    SupplyConstruction: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.SupplyConstructionRequest, goodsfactory_pb2.SupplyConstructionResponse
    ]
    GetLedger: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.GetLedgerRequest, goodsfactory_pb2.Ledger]
    AcceptLedger: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.AcceptLedgerRequest, goodsfactory_pb2.AcceptLedgerResponse
    ]
    ListStock: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ListStockRequest, goodsfactory_pb2.ListStockResponse
    ]

class OrderServiceServicer:
    async def FlyShip(
        self,
        request: goodsfactory_pb2.FlyShipRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.FlyShipRequest, goodsfactory_pb2.FleetShip],
    ) -> goodsfactory_pb2.FleetShip: ...
    async def JettisonCargo(
        self,
        request: goodsfactory_pb2.JettisonCargoRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.JettisonCargoRequest, goodsfactory_pb2.JettisonCargoResponse
        ],
    ) -> goodsfactory_pb2.JettisonCargoResponse: ...
    async def PlanShipPurchase(
        self,
        request: goodsfactory_pb2.BuyShipRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.BuyShipRequest, goodsfactory_pb2.PlanShipPurchaseResponse
        ],
    ) -> goodsfactory_pb2.PlanShipPurchaseResponse: ...
    async def BuyShip(
        self,
        request: goodsfactory_pb2.BuyShipRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.BuyShipRequest, goodsfactory_pb2.BuyShipResponse],
    ) -> goodsfactory_pb2.BuyShipResponse: ...
    async def ListContracts(
        self,
        request: goodsfactory_pb2.ListContractsRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ListContractsRequest, goodsfactory_pb2.ListContractsResponse
        ],
    ) -> goodsfactory_pb2.ListContractsResponse: ...
    async def GetContract(
        self,
        request: goodsfactory_pb2.ContractRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ContractRef, goodsfactory_pb2.Contract],
    ) -> goodsfactory_pb2.Contract: ...
    async def AcceptContract(
        self,
        request: goodsfactory_pb2.ContractRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ContractRef, goodsfactory_pb2.ContractPayment],
    ) -> goodsfactory_pb2.ContractPayment: ...
    async def DeliverContract(
        self,
        request: goodsfactory_pb2.DeliverContractRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.DeliverContractRequest, goodsfactory_pb2.DeliverContractResponse
        ],
    ) -> goodsfactory_pb2.DeliverContractResponse: ...
    async def FulfillContract(
        self,
        request: goodsfactory_pb2.ContractRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ContractRef, goodsfactory_pb2.ContractPayment],
    ) -> goodsfactory_pb2.ContractPayment: ...
    async def GetConstruction(
        self,
        request: goodsfactory_pb2.ConstructionRef,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ConstructionRef, goodsfactory_pb2.Construction],
    ) -> goodsfactory_pb2.Construction: ...
    async def SupplyConstruction(
        self,
        request: goodsfactory_pb2.SupplyConstructionRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.SupplyConstructionRequest, goodsfactory_pb2.SupplyConstructionResponse
        ],
    ) -> goodsfactory_pb2.SupplyConstructionResponse: ...
    async def GetLedger(
        self,
        request: goodsfactory_pb2.GetLedgerRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.GetLedgerRequest, goodsfactory_pb2.Ledger],
    ) -> goodsfactory_pb2.Ledger: ...
    async def AcceptLedger(
        self,
        request: goodsfactory_pb2.AcceptLedgerRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.AcceptLedgerRequest, goodsfactory_pb2.AcceptLedgerResponse
        ],
    ) -> goodsfactory_pb2.AcceptLedgerResponse: ...
    async def ListStock(
        self,
        request: goodsfactory_pb2.ListStockRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ListStockRequest, goodsfactory_pb2.ListStockResponse
        ],
    ) -> goodsfactory_pb2.ListStockResponse: ...

def add_OrderServiceServicer_to_server(servicer: OrderServiceServicer, server: grpc.aio.Server) -> None: ...

class InsightServiceStub:
    def __init__(self, channel: grpc.Channel) -> None: ...
    ExplainFactory: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.ExplainFactoryRequest, goodsfactory_pb2.FactoryExplanation
    ]
    ShowTrend: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.ShowTrendRequest, goodsfactory_pb2.Trend]
    Examine: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.ExamineRequest, goodsfactory_pb2.Examination]

class InsightServiceServicer:
    async def ExplainFactory(
        self,
        request: goodsfactory_pb2.ExplainFactoryRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.ExplainFactoryRequest, goodsfactory_pb2.FactoryExplanation
        ],
    ) -> goodsfactory_pb2.FactoryExplanation: ...
    async def ShowTrend(
        self,
        request: goodsfactory_pb2.ShowTrendRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ShowTrendRequest, goodsfactory_pb2.Trend],
    ) -> goodsfactory_pb2.Trend: ...
    async def Examine(
        self,
        request: goodsfactory_pb2.ExamineRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.ExamineRequest, goodsfactory_pb2.Examination],
    ) -> goodsfactory_pb2.Examination: ...

def add_InsightServiceServicer_to_server(
    servicer: InsightServiceServicer, server: grpc.aio.Server
) -> None: ...

class ScoutServiceStub:
    def __init__(self, channel: grpc.Channel) -> None: ...
    StartScouting: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.StartScoutingRequest, goodsfactory_pb2.Scouting
    ]
    GetScouting: grpc.UnaryUnaryMultiCallable[goodsfactory_pb2.GetScoutingRequest, goodsfactory_pb2.Scouting]
    StopScouting: grpc.UnaryUnaryMultiCallable[
        goodsfactory_pb2.StopScoutingRequest, goodsfactory_pb2.StopScoutingResponse
    ]

class ScoutServiceServicer:
    async def StartScouting(
        self,
        request: goodsfactory_pb2.StartScoutingRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.StartScoutingRequest, goodsfactory_pb2.Scouting],
    ) -> goodsfactory_pb2.Scouting: ...
    async def GetScouting(
        self,
        request: goodsfactory_pb2.GetScoutingRequest,
        context: grpc.aio.ServicerContext[goodsfactory_pb2.GetScoutingRequest, goodsfactory_pb2.Scouting],
    ) -> goodsfactory_pb2.Scouting: ...
    async def StopScouting(
        self,
        request: goodsfactory_pb2.StopScoutingRequest,
        context: grpc.aio.ServicerContext[
            goodsfactory_pb2.StopScoutingRequest, goodsfactory_pb2.StopScoutingResponse
        ],
    ) -> goodsfactory_pb2.StopScoutingResponse: ...

def add_ScoutServiceServicer_to_server(servicer: ScoutServiceServicer, server: grpc.aio.Server) -> None: ...
