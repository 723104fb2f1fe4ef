"""A thin typed client of the daemon: one method a call, messages out, two exceptions."""

import os
import socket as sockets
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from goodsfactory.api.address import default_socket, distrusted, serves_somebody_else
from goodsfactory.api.errors import DaemonError, DaemonUnreachable

if TYPE_CHECKING:
    from goodsfactory.api import daemon_pb2, goodsfactory_pb2

Answer = TypeVar("Answer")

DEADLINE = 60.0
"""Real seconds a call may take: a few game requests queue behind the rate limit of the game."""

_CLOSING_SECONDS = 1.0
"""Real seconds after which a connection that does not close is left to the end of the process."""

_ANOTHER = (
    "make a directory with `mkdir -m 700 DIRECTORY` and give --socket DIRECTORY/NAME to daemon and client."
)


@dataclass(frozen=True)
class Identity:
    """For whom a call is made: the default player while nothing is said."""

    player_id: int = 0
    agent_symbol: str | None = None


class Client:
    """Calls of one identity over one unix socket. Every method raises DaemonError or DaemonUnreachable.

    Use it as a context manager. Creating it fails at once where nobody listens.
    """

    def __init__(self, socket: Path | None = None, identity: Identity | None = None) -> None:
        self._socket = socket or default_socket(os.environ)
        self._identity = identity or Identity()
        _knock(self._socket)
        # Half of what a short command costs is importing these: only a call that is made pays for them.
        import grpc

        from goodsfactory.api import daemon_pb2, daemon_pb2_grpc, goodsfactory_pb2, goodsfactory_pb2_grpc

        self._rpc_error = grpc.RpcError
        self._wire = daemon_pb2
        self._own = goodsfactory_pb2
        # A fleet's history outgrows the 4 MB that gRPC takes by default; the sender is our own daemon.
        options = (("grpc.max_receive_message_length", -1),)
        self._channel = grpc.insecure_channel(f"unix:{self._socket}", options)
        self._daemon = daemon_pb2_grpc.DaemonServiceStub(self._channel)
        self._factory = goodsfactory_pb2_grpc.FactoryServiceStub(self._channel)
        self._orders = goodsfactory_pb2_grpc.OrderServiceStub(self._channel)
        self._quotes = goodsfactory_pb2_grpc.QuoteServiceStub(self._channel)
        self._insight = goodsfactory_pb2_grpc.InsightServiceStub(self._channel)
        self._scouts = goodsfactory_pb2_grpc.ScoutServiceStub(self._channel)

    @property
    def identity(self) -> Identity:
        """For whom it asks."""
        return self._identity

    @property
    def socket(self) -> Path:
        """Where it asks."""
        return self._socket

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection, within a second.

        gRPC waits for the end of each call, and nobody hears the end of one that an interrupt cut short.
        """
        closing = threading.Thread(target=self._channel.close, daemon=True)
        closing.start()
        closing.join(_CLOSING_SECONDS)

    # -- factories ---------------------------------------------------------------------------------------

    def start_factory(
        self,
        target_good: str,
        *,
        system_symbol: str | None = None,
        strategy: str | None = None,
        units: int | None = None,
        terminal: str | None = None,
        ships: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        fail_if_no_ship: bool = False,
        priority: float | None = None,
        batches: int | None = None,
        continuous: bool = False,
        force: bool = False,
    ) -> "goodsfactory_pb2.Factory":
        """Start making a good; the answer already names the nodes.

        What cannot be sold or kept, or no ship can work for, is refused without ``force``.
        """
        request = self._own.StartFactoryRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            target_good=target_good,
            system_symbol=system_symbol,
            strategy=strategy,
            units=units,
            terminal=terminal,
            ships=ships,
            exclude=exclude,
            fail_if_no_ship=fail_if_no_ship,
            priority=priority,
            batches=batches,
            continuous=continuous,
            force=force,
        )
        return self._ask(self._factory.StartFactory, request)

    def stop_factory(self, factory_id: str) -> "goodsfactory_pb2.Factory":
        return self._ask(self._factory.StopFactory, self._factory_ref(factory_id))

    def pause_factory(self, factory_id: str) -> "goodsfactory_pb2.Factory":
        """Give out no new leg until it is resumed; pausing twice changes nothing."""
        return self._ask(self._factory.PauseFactory, self._factory_ref(factory_id))

    def resume_factory(self, factory_id: str) -> "goodsfactory_pb2.Factory":
        return self._ask(self._factory.ResumeFactory, self._factory_ref(factory_id))

    def factory(self, factory_id: str) -> "goodsfactory_pb2.Factory":
        return self._ask(self._factory.GetFactory, self._factory_ref(factory_id))

    def factory_page(
        self,
        statuses: tuple[str, ...] = (),
        *,
        id_prefix: str | None = None,
        limit: int | None = None,
        page_token: str | None = None,
    ) -> "goodsfactory_pb2.ListFactoriesResponse":
        """The newest factories, oldest first; ``page_token`` of an answer asks for older ones."""
        request = self._own.ListFactoriesRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            statuses=statuses,
            id_prefix=id_prefix,
            limit=limit,
            page_token=page_token,
        )
        return self._ask(self._factory.ListFactories, request)

    def factories(self, statuses: tuple[str, ...] = ()) -> "list[goodsfactory_pb2.Factory]":
        """All of them, page by page, oldest first."""
        page = self.factory_page(statuses)
        found = list(page.factories)
        while page.next_page_token:
            page = self.factory_page(statuses, page_token=page.next_page_token)
            found[:0] = page.factories
        return found

    def quote_factory(
        self,
        target_good: str,
        *,
        system_symbol: str | None = None,
        strategy: str | None = None,
        units: int | None = None,
        terminal: str | None = None,
        batches: int | None = None,
        priority: float | None = None,
        cargo_ships: int | None = None,
        simulate: bool = False,
    ) -> "goodsfactory_pb2.Quote":
        """What making a good would take; nothing is spent. Takes as long as its replays do."""
        wanted = self._own.StartFactoryRequest(
            **self._me,
            target_good=target_good,
            system_symbol=system_symbol,
            strategy=strategy,
            units=units,
            terminal=terminal,
            batches=batches,
            priority=priority,
        )
        request = self._own.QuoteFactoryRequest(factory=wanted, cargo_ships=cargo_ships, simulate=simulate)
        return self._ask(self._quotes.QuoteFactory, request, deadline=None)

    def report_factory(self, factory_id: str) -> "goodsfactory_pb2.FactoryOutcome":
        """The quote of a factory beside what it took."""
        return self._ask(self._quotes.ReportFactory, self._factory_ref(factory_id))

    @contextmanager
    def events(
        self,
        factory_id: str | None = None,
        *,
        after_seq: int = 0,
        stored_only: bool = False,
        since_seconds: float | None = None,
    ) -> "Iterator[Iterator[goodsfactory_pb2.Event]]":
        """Open a stream of events; leaving the context ends it, also while another thread reads it.

        It begins after ``after_seq``, or with the events of the last ``since_seconds`` of game time.
        """
        request = self._own.WatchEventsRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            factory_id=factory_id,
            after_seq=after_seq,
            stored_only=stored_only,
            since_seconds=since_seconds,
        )
        stream: Any = self._factory.WatchEvents(request)
        try:
            yield self._explained(stream)
        finally:
            stream.cancel()

    # -- players -----------------------------------------------------------------------------------------

    def register_player(
        self, agent_symbol: str, faction: str, *, account_token: str | None = None
    ) -> "goodsfactory_pb2.Player":
        request = self._own.RegisterPlayerRequest(
            agent_symbol=agent_symbol, faction=faction, account_token=account_token
        )
        return self._ask(self._factory.RegisterPlayer, request)

    def add_player(self, token: str, *, agent_symbol: str | None = None) -> "goodsfactory_pb2.Player":
        request = self._own.AddPlayerRequest(token=token, agent_symbol=agent_symbol)
        return self._ask(self._factory.AddPlayer, request)

    def players(self) -> "goodsfactory_pb2.ListPlayersResponse":
        return self._ask(self._factory.ListPlayers, self._own.ListPlayersRequest())

    def use_player(self, agent_symbol: str) -> "goodsfactory_pb2.Player":
        return self._ask(self._factory.UsePlayer, self._own.UsePlayerRequest(agent_symbol=agent_symbol))

    # -- ships and markets -------------------------------------------------------------------------------

    def fleet(self) -> "goodsfactory_pb2.ListFleetResponse":
        request = self._own.ListFleetRequest(
            player_id=self._identity.player_id, agent_symbol=self._identity.agent_symbol
        )
        return self._ask(self._factory.ListFleet, request)

    def explain_ship(self, ship_symbol: str, factory_id: str | None = None) -> "goodsfactory_pb2.Eligibility":
        request = self._own.ExplainShipRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            ship_symbol=ship_symbol,
            factory_id=factory_id,
        )
        return self._ask(self._factory.ExplainShip, request)

    def plan_sale(
        self,
        ship_symbol: str,
        *,
        good: str | None = None,
        waypoint: str | None = None,
        confirmed_goods: Mapping[str, str] | None = None,
        kept_goods: Sequence[str] = (),
    ) -> "goodsfactory_pb2.PlanSaleResponse":
        """What ``sell_cargo`` would do now; nothing moves."""
        request = self._sale_of(ship_symbol, good, waypoint, confirmed_goods, kept_goods)
        return self._ask(self._factory.PlanSale, request)

    def sell_cargo(
        self,
        ship_symbol: str,
        *,
        good: str | None = None,
        waypoint: str | None = None,
        confirmed: bool = False,
        confirmed_goods: Mapping[str, str] | None = None,
        kept_goods: Sequence[str] = (),
    ) -> "goodsfactory_pb2.SellCargoResponse":
        """Returns when the ship has flown and sold, however long that takes.

        A sale that is expected to bring less than the cargo cost is refused unless it is ``confirmed``, or
        its good is one of the ``confirmed_goods`` at the market named there. Where that shows only after
        another good was sold, ``confirmation`` asks for the rest. ``kept_goods`` stay aboard.
        """
        request = self._sale_of(ship_symbol, good, waypoint, confirmed_goods, kept_goods)
        request.confirmed = confirmed
        return self._ask(self._factory.SellCargo, request, deadline=None)

    def fly_ship(self, ship_symbol: str, destination: str) -> "goodsfactory_pb2.FleetShip":
        """Returns when the ship is there, however long that takes."""
        request = self._own.FlyShipRequest(**self._me, ship_symbol=ship_symbol, destination=destination)
        return self._ask(self._orders.FlyShip, request, deadline=None)

    def dock_ship(self, ship_symbol: str) -> str:
        """The ship's status then."""
        request = self._wire.DockShipRequest(**self._me, ship_symbol=ship_symbol)
        return self._ask(self._daemon.DockShip, request).status

    def orbit_ship(self, ship_symbol: str) -> str:
        """The ship's status then."""
        request = self._wire.OrbitShipRequest(**self._me, ship_symbol=ship_symbol)
        return self._ask(self._daemon.OrbitShip, request).status

    def refuel_ship(self, ship_symbol: str, units: int | None = None) -> "daemon_pb2.RefuelShipResponse":
        """Fill the tank, or by so many units of it."""
        request = self._wire.RefuelShipRequest(**self._me, ship_symbol=ship_symbol, units=units)
        return self._ask(self._daemon.RefuelShip, request, deadline=None)

    def jettison(self, ship_symbol: str, good: str, units: int) -> "goodsfactory_pb2.JettisonCargoResponse":
        """Throw cargo away."""
        request = self._own.JettisonCargoRequest(**self._me, ship_symbol=ship_symbol, good=good, units=units)
        return self._ask(self._orders.JettisonCargo, request, deadline=None)

    def find_markets(
        self, good: str, system_symbol: str | None = None
    ) -> "goodsfactory_pb2.FindMarketsResponse":
        request = self._own.FindMarketsRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            good=good,
            system_symbol=system_symbol,
        )
        return self._ask(self._factory.FindMarkets, request)

    def market(self, waypoint: str) -> "goodsfactory_pb2.Market":
        request = self._own.ShowMarketRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            waypoint=waypoint,
        )
        return self._ask(self._factory.ShowMarket, request)

    # -- why, and how it became so ----------------------------------------------------------------------

    def explain_factory(
        self, factory_id: str, good: str | None = None
    ) -> "goodsfactory_pb2.FactoryExplanation":
        """Every node, or the one of ``good``."""
        request = self._own.ExplainFactoryRequest(**self._me, factory_id=factory_id, good=good)
        return self._ask(self._insight.ExplainFactory, request)

    def trend(
        self,
        good: str,
        *,
        waypoint: str | None = None,
        system_symbol: str | None = None,
        hours: float | None = None,
    ) -> "goodsfactory_pb2.Trend":
        """How a good went at every market of a system, or at one."""
        request = self._own.ShowTrendRequest(
            **self._me, good=good, waypoint=waypoint, system_symbol=system_symbol, hours=hours
        )
        return self._ask(self._insight.ShowTrend, request)

    def examine(self) -> "goodsfactory_pb2.Examination":
        """What is amiss with the daemon, its server and its agents."""
        return self._ask(self._insight.Examine, self._own.ExamineRequest())

    # -- standing scouts ---------------------------------------------------------------------------------

    def start_scouting(
        self,
        *,
        ships: tuple[str, ...] = (),
        system_symbol: str | None = None,
        markets: tuple[str, ...] = (),
        rounds: int | None = None,
    ) -> "goodsfactory_pb2.Scouting":
        """The scouts that answer the wish, with their shares; of every market where none is named."""
        request = self._own.StartScoutingRequest(
            **self._me, ship_symbols=ships, system_symbol=system_symbol, markets=markets, iterations=rounds
        )
        return self._ask(self._scouts.StartScouting, request)

    def scouting(self, system_symbol: str | None = None) -> "goodsfactory_pb2.Scouting":
        request = self._own.GetScoutingRequest(**self._me, system_symbol=system_symbol)
        return self._ask(self._scouts.GetScouting, request)

    def stop_scouting(
        self, *, ships: tuple[str, ...] = (), system_symbol: str | None = None
    ) -> "goodsfactory_pb2.StopScoutingResponse":
        request = self._own.StopScoutingRequest(**self._me, ship_symbols=ships, system_symbol=system_symbol)
        return self._ask(self._scouts.StopScouting, request)

    # -- orders by hand ----------------------------------------------------------------------------------

    def plan_ship_purchase(
        self, ship_type: str, *, waypoint: str | None = None
    ) -> "goodsfactory_pb2.PlanShipPurchaseResponse":
        request = self._own.BuyShipRequest(**self._me, ship_type=ship_type, waypoint=waypoint)
        return self._ask(self._orders.PlanShipPurchase, request)

    def buy_ship(
        self, ship_type: str, *, waypoint: str | None = None, max_price: int | None = None
    ) -> "goodsfactory_pb2.BuyShipResponse":
        """Buy at most one ship, for ``max_price`` credits at most."""
        request = self._own.BuyShipRequest(
            **self._me, ship_type=ship_type, waypoint=waypoint, max_price=max_price
        )
        return self._ask(self._orders.BuyShip, request, deadline=None)

    def contracts(self) -> "goodsfactory_pb2.ListContractsResponse":
        return self._ask(self._orders.ListContracts, self._own.ListContractsRequest(**self._me))

    def contract(self, contract_id: str | None = None) -> "goodsfactory_pb2.Contract":
        """The only open one where none is named."""
        return self._ask(self._orders.GetContract, self._contract_ref(contract_id))

    def accept_contract(self, contract_id: str | None = None) -> "goodsfactory_pb2.ContractPayment":
        return self._ask(self._orders.AcceptContract, self._contract_ref(contract_id), deadline=None)

    def fulfill_contract(self, contract_id: str | None = None) -> "goodsfactory_pb2.ContractPayment":
        return self._ask(self._orders.FulfillContract, self._contract_ref(contract_id), deadline=None)

    def deliver_contract(
        self,
        ship_symbol: str,
        *,
        contract_id: str | None = None,
        good: str | None = None,
        units: int | None = None,
    ) -> "goodsfactory_pb2.DeliverContractResponse":
        """Returns when the ship has flown and delivered, however long that takes."""
        request = self._own.DeliverContractRequest(
            **self._me, ship_symbol=ship_symbol, contract_id=contract_id, good=good, units=units
        )
        return self._ask(self._orders.DeliverContract, request, deadline=None)

    def construction(self, waypoint: str | None = None) -> "goodsfactory_pb2.Construction":
        """The jump gate of the player's system where no site is named."""
        request = self._own.ConstructionRef(**self._me, waypoint=waypoint)
        return self._ask(self._orders.GetConstruction, request)

    def supply_construction(
        self,
        ship_symbol: str,
        *,
        waypoint: str | None = None,
        good: str | None = None,
        units: int | None = None,
    ) -> "goodsfactory_pb2.SupplyConstructionResponse":
        """Returns when the ship has flown and supplied, however long that takes."""
        request = self._own.SupplyConstructionRequest(
            **self._me, ship_symbol=ship_symbol, waypoint=waypoint, good=good, units=units
        )
        return self._ask(self._orders.SupplyConstruction, request, deadline=None)

    def stock(self) -> "goodsfactory_pb2.ListStockResponse":
        """Goods aboard that belong to no leg any more, with what they cost."""
        return self._ask(self._orders.ListStock, self._own.ListStockRequest(**self._me))

    def ledger(
        self, limit: int | None = None, page_token: str | None = None, *, before: str | None = None
    ) -> "goodsfactory_pb2.Ledger":
        """The newest rows, oldest first, and how the books stand; ``page_token`` asks for older rows.

        ``before`` is an instant or a day: only older rows, and the sum up to them.
        """
        request = self._own.GetLedgerRequest(**self._me, limit=limit, page_token=page_token, before=before)
        return self._ask(self._orders.GetLedger, request)

    def accept_ledger(self) -> "goodsfactory_pb2.AcceptLedgerResponse":
        return self._ask(self._orders.AcceptLedger, self._own.AcceptLedgerRequest(**self._me))

    # -- containers and the daemon itself ----------------------------------------------------------------

    def containers(
        self, status: str | None = None, *, limit: int | None = None, page_token: str | None = None
    ) -> "daemon_pb2.ListContainersResponse":
        """The containers of the identity's player; of every player where none is named.

        All that are not over, and the newest ``limit`` that are; ``page_token`` asks for older ones.
        """
        player_id = self._identity.player_id
        if not player_id and self._identity.agent_symbol:
            player_id = self._number_of(self._identity.agent_symbol)
        request = self._wire.ListContainersRequest(
            player_id=player_id or None, status=status, limit=limit, page_token=page_token
        )
        return self._ask(self._daemon.ListContainers, request)

    def container(self, container_id: str) -> "daemon_pb2.GetContainerResponse":
        request = self._wire.GetContainerRequest(container_id=container_id)
        return self._ask(self._daemon.GetContainer, request)

    def stop_container(self, container_id: str) -> "daemon_pb2.StopContainerResponse":
        request = self._wire.StopContainerRequest(container_id=container_id)
        return self._ask(self._daemon.StopContainer, request)

    def container_logs(
        self, container_id: str, *, limit: int | None = None, level: str | None = None
    ) -> "list[daemon_pb2.ContainerLogEntry]":
        """The newest lines, oldest first."""
        request = self._wire.GetContainerLogsRequest(container_id=container_id, limit=limit, level=level)
        return list(self._ask(self._daemon.GetContainerLogs, request).logs)

    def health(self) -> "daemon_pb2.HealthCheckResponse":
        return self._ask(self._daemon.HealthCheck, self._wire.HealthCheckRequest())

    def statistics(self) -> "goodsfactory_pb2.Statistics":
        return self._ask(self._factory.GetStatistics, self._own.GetStatisticsRequest())

    def shutdown(self) -> str:
        """Ask the daemon to end; everything it was doing stays resumable."""
        return self._ask(self._factory.Shutdown, self._own.ShutdownRequest()).message

    # -- how a call is made ------------------------------------------------------------------------------

    def _number_of(self, agent_symbol: str) -> int:
        """The player with a call sign, for calls of the contract that know players by number alone."""
        answer = self.players()
        for player in (*answer.players, *answer.parked, *answer.past):
            if player.agent_symbol.upper() == agent_symbol.upper():
                return player.player_id
        message = f"There is no player {agent_symbol.upper()}; `spacetraders player list` names them."
        raise DaemonError(message, code="not-found")

    @property
    def _me(self) -> dict[str, Any]:
        """The fields by which every request says for whom it is made."""
        return {"player_id": self._identity.player_id, "agent_symbol": self._identity.agent_symbol}

    def _contract_ref(self, contract_id: str | None) -> "goodsfactory_pb2.ContractRef":
        return self._own.ContractRef(**self._me, contract_id=contract_id)

    def _factory_ref(self, factory_id: str) -> "goodsfactory_pb2.FactoryRef":
        return self._own.FactoryRef(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            factory_id=factory_id,
        )

    def _sale_of(
        self,
        ship_symbol: str,
        good: str | None,
        waypoint: str | None,
        confirmed_goods: Mapping[str, str] | None,
        kept_goods: Sequence[str],
    ) -> "goodsfactory_pb2.SellCargoRequest":
        return self._own.SellCargoRequest(
            player_id=self._identity.player_id,
            agent_symbol=self._identity.agent_symbol,
            ship_symbol=ship_symbol,
            good=good,
            waypoint=waypoint,
            confirmed_goods=confirmed_goods,
            kept_goods=kept_goods,
        )

    def _ask(
        self, method: Callable[..., Answer], request: Any, *, deadline: float | None = DEADLINE
    ) -> Answer:
        try:
            return method(request, timeout=deadline)
        except self._rpc_error as error:
            raise self._told(error) from None

    def _explained(self, stream: Iterator[Answer]) -> Iterator[Answer]:
        try:
            yield from stream
        except self._rpc_error as error:
            raise self._told(error) from None

    def _told(self, error: Any) -> DaemonError:
        status = error.code().name
        codes = [str(value) for key, value in error.trailing_metadata() or () if key == "error-code"]
        if codes:
            kind = DaemonUnreachable if codes[0] == "stopping" else DaemonError
            return kind(error.details() or status, code=codes[0])
        if status == "UNAVAILABLE":
            return DaemonUnreachable(_nobody_at(self._socket))
        if status == "DEADLINE_EXCEEDED":
            return DaemonError(f"The daemon did not answer within {DEADLINE:.0f} s.", code="deadline")
        return DaemonError(error.details() or status, code=status.lower().replace("_", "-"))


def _nobody_at(socket: Path) -> str:
    return f"No daemon answers on {socket}; start one with `spacetraders daemon run`."


def _knock(socket: Path) -> None:
    """Fail before the expensive imports where nobody listens, or somebody who must be told nothing.

    What is looked at here stays as it is until the first call: only the directory's owner could change it.
    """
    try:
        trouble = distrusted(socket.parent)
        if trouble is not None:
            raise DaemonUnreachable(f"{socket.parent} {trouble}, so nothing is sent there; {_ANOTHER}")
        if socket.lstat().st_uid != os.geteuid() or not stat.S_ISSOCK(socket.lstat().st_mode):
            raise DaemonUnreachable(f"{socket} is no socket of yours, so nothing is sent there; {_ANOTHER}")
        with sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM) as knocker:
            knocker.settimeout(5)
            knocker.connect(str(socket))
            foreign = serves_somebody_else(knocker)
    except OSError:
        raise DaemonUnreachable(_nobody_at(socket)) from None
    if foreign:
        raise DaemonUnreachable(f"Another user listens on {socket}, so nothing is sent there; {_ANOTHER}")
