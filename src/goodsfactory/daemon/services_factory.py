"""Our own calls (package goodsfactory.v1), answered by the application."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.api import goodsfactory_pb2, goodsfactory_pb2_grpc
from goodsfactory.daemon.error_status import Stopping
from goodsfactory.daemon.factories import Refuse
from goodsfactory.daemon.paging import factory_token, page_size, read_factory_token
from goodsfactory.daemon.services_messages import (
    event_message,
    factory_message,
    fleet_message,
    good_at_market,
    hold_message,
    json_text,
    market_message,
    planned_sale_message,
    player_message,
    sale_message,
)
from goodsfactory.domain.errors import UserError
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, Strategy, Terminal
from goodsfactory.domain.instants import instant, instant_if_known
from goodsfactory.domain.player import Player

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application

_DAY = 86_400.0
_YEAR = 366 * _DAY
"""Seconds: events of a factory's life are kept for ever, all others as long as the settings say."""

EVENT_BATCH = 500
FACTORIES_LISTED = 100
"""Factories that a list tells when the caller does not say how many."""
LONGEST_SILENCE = 30.0
"""Game seconds after which a stream looks for events although nothing announced any."""


class FactoryService(goodsfactory_pb2_grpc.FactoryServiceServicer):
    """Setting ``stop`` ends the daemon, and open streams with it."""

    def __init__(self, application: "Application", *, stop: asyncio.Event) -> None:
        self._application = application
        self._now = application.game_time
        self._stop = stop

    async def StartFactory(
        self, request: goodsfactory_pb2.StartFactoryRequest, context: Any
    ) -> goodsfactory_pb2.Factory:
        wish = factory_request(request, self._application.settings.strategy)
        player = await self._player(request)
        report = await self._application.start_factory(
            player.id,
            request.target_good,
            request.system_symbol or None,
            wish,
            refuse=Refuse.NOTHING if request.force else Refuse.ALL,
        )
        return factory_message(report)

    async def StopFactory(
        self, request: goodsfactory_pb2.FactoryRef, context: Any
    ) -> goodsfactory_pb2.Factory:
        player = await self._player(request)
        report = await self._application.stop_factory(player.id, request.factory_id)
        return factory_message(report)

    async def PauseFactory(
        self, request: goodsfactory_pb2.FactoryRef, context: Any
    ) -> goodsfactory_pb2.Factory:
        player = await self._player(request)
        report = await self._application.pause_factory(player.id, request.factory_id)
        return factory_message(report)

    async def ResumeFactory(
        self, request: goodsfactory_pb2.FactoryRef, context: Any
    ) -> goodsfactory_pb2.Factory:
        player = await self._player(request)
        report = await self._application.resume_factory(player.id, request.factory_id)
        return factory_message(report)

    async def GetFactory(
        self, request: goodsfactory_pb2.FactoryRef, context: Any
    ) -> goodsfactory_pb2.Factory:
        player = await self._player(request)
        report = await self._application.factory(player.id, request.factory_id)
        return factory_message(report)

    async def ListFactories(
        self, request: goodsfactory_pb2.ListFactoriesRequest, context: Any
    ) -> goodsfactory_pb2.ListFactoriesResponse:
        statuses = [_factory_status(text) for text in request.statuses]
        player = await self._player(request)
        limit = page_size(request.limit if request.HasField("limit") else FACTORIES_LISTED)
        reports = await self._application.factories(
            player.id,
            statuses,
            limit=limit + 1,
            prefix=request.id_prefix,
            before=read_factory_token(request.page_token) if request.page_token else None,
        )
        shown = reports[-limit:]
        more = len(reports) > limit
        return goodsfactory_pb2.ListFactoriesResponse(
            factories=[factory_message(report, with_legs=False) for report in shown],
            next_page_token=factory_token(shown[0].factory.created_at, shown[0].factory.id) if more else None,
            trouble=self._application.roster.trouble(player.id),
        )

    async def WatchEvents(
        self, request: goodsfactory_pb2.WatchEventsRequest, context: Any
    ) -> AsyncIterator[goodsfactory_pb2.Event]:
        player = await self._player(request)
        factory_id = request.factory_id or None
        since = player.created_at
        if factory_id is not None:
            # Refuses a factory that is unknown or another player's before anything is shown.
            since = (await self._application.factory(player.id, factory_id)).factory.created_at
        seq = request.after_seq
        if request.HasField("since_seconds"):
            most = max(_YEAR, self._application.settings.history.keep * _DAY)
            if not 0 <= request.since_seconds <= most:
                raise UserError(
                    f"Events are shown since a time ago, {most / _DAY:g} days at most, not since"
                    f" {request.since_seconds:g} s."
                )
            seq = await self._application.event_before(request.since_seconds, player.id)
        gone = await self._application.events_gone(player.id)
        if gone is not None and seq < gone[0] and since < gone[1]:
            yield _gone(*gone)
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            while not stopping.done():
                # Listening begins before looking, so that no event can slip in between.
                changed = asyncio.ensure_future(self._application.events_changed(LONGEST_SILENCE))
                try:
                    events = await self._application.events(player.id, factory_id, seq, EVENT_BATCH)
                    for event in events:
                        seq = event.seq
                        yield event_message(event)
                    if events:
                        continue
                    if request.stored_only:
                        return
                    await asyncio.wait({changed, stopping}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    changed.cancel()
        finally:
            stopping.cancel()
        raise Stopping("The daemon is stopping; its factories go on when it runs again.")

    async def RegisterPlayer(
        self, request: goodsfactory_pb2.RegisterPlayerRequest, context: Any
    ) -> goodsfactory_pb2.Player:
        enrolment = await self._application.enrol_player(
            request.agent_symbol, request.faction, request.account_token or None
        )
        return player_message(enrolment.player, outcome=enrolment.outcome)

    async def AddPlayer(
        self, request: goodsfactory_pb2.AddPlayerRequest, context: Any
    ) -> goodsfactory_pb2.Player:
        if not request.token:
            raise UserError("A player needs a token; give the agent token of the game's dashboard.")
        enrolment = await self._application.enrol_by_token(request.token, request.agent_symbol or None)
        return player_message(enrolment.player, outcome=enrolment.outcome)

    async def ListPlayers(
        self, request: goodsfactory_pb2.ListPlayersRequest, context: Any
    ) -> goodsfactory_pb2.ListPlayersResponse:
        players = await self._application.players()
        parked = await self._application.roster.parked_players()
        past = await self._application.roster.past_players()
        trouble = self._application.roster.trouble
        return goodsfactory_pb2.ListPlayersResponse(
            players=[player_message(one, trouble=trouble(one.id)) for one in players],
            parked=[player_message(one, trouble=trouble(one.id)) for one in parked],
            past=[player_message(one, trouble=trouble(one.id)) for one in past],
            trouble=None if players else await self._application.roster.why_nobody(),
        )

    async def UsePlayer(
        self, request: goodsfactory_pb2.UsePlayerRequest, context: Any
    ) -> goodsfactory_pb2.Player:
        return player_message(await self._application.use_player(request.agent_symbol))

    async def ListFleet(
        self, request: goodsfactory_pb2.ListFleetRequest, context: Any
    ) -> goodsfactory_pb2.ListFleetResponse:
        player = await self._player(request)
        ships = await self._application.ships(player.id)
        keeps = await self._application.kept_cargo(player.id, [ship for ship, _ in ships])
        now = self._now(player.id)
        return goodsfactory_pb2.ListFleetResponse(
            ships=[
                fleet_message(
                    ship,
                    claim,
                    keeps.get(ship.symbol),
                    now,
                    self._application.roster.why_unread(player.id, ship),
                )
                for ship, claim in ships
            ],
            now=instant_if_known(now),
            trouble=self._application.roster.trouble(player.id),
        )

    async def ExplainShip(
        self, request: goodsfactory_pb2.ExplainShipRequest, context: Any
    ) -> goodsfactory_pb2.Eligibility:
        player = await self._player(request)
        answer = await self._application.explain_ship(
            player.id, request.ship_symbol, request.factory_id or None
        )
        return goodsfactory_pb2.Eligibility(
            ship_symbol=request.ship_symbol.upper(),
            eligible=answer.eligible,
            reasons=answer.reasons,
            notes=answer.notes,
        )

    async def PlanSale(
        self, request: goodsfactory_pb2.SellCargoRequest, context: Any
    ) -> goodsfactory_pb2.PlanSaleResponse:
        player = await self._player(request)
        planned = await self._application.plan_sale(
            player.id,
            request.ship_symbol,
            request.good or None,
            request.waypoint or None,
            confirmed=request.confirmed,
            agreed=request.confirmed_goods,
            keep=request.kept_goods,
        )
        return planned_sale_message(request.ship_symbol.upper(), planned)

    async def SellCargo(
        self, request: goodsfactory_pb2.SellCargoRequest, context: Any
    ) -> goodsfactory_pb2.SellCargoResponse:
        player = await self._player(request)
        sale = await self._application.sell(
            player.id,
            request.ship_symbol,
            request.good or None,
            request.waypoint or None,
            confirmed=request.confirmed,
            agreed=request.confirmed_goods,
            keep=request.kept_goods,
        )
        return sale_message(sale)

    async def FindMarkets(
        self, request: goodsfactory_pb2.FindMarketsRequest, context: Any
    ) -> goodsfactory_pb2.FindMarketsResponse:
        player = await self._player(request)
        found = await self._application.find_markets(player.id, request.good, request.system_symbol or None)
        return goodsfactory_pb2.FindMarketsResponse(
            good=found.good,
            listings=[good_at_market(market, found.good) for market in found.markets],
            now=instant_if_known(self._now(player.id)),
            system_symbol=found.system,
        )

    async def ShowMarket(
        self, request: goodsfactory_pb2.ShowMarketRequest, context: Any
    ) -> goodsfactory_pb2.Market:
        player = await self._player(request)
        return market_message(
            await self._application.market(player.id, request.waypoint),
            self._now(player.id),
        )

    async def GetStatistics(
        self, request: goodsfactory_pb2.GetStatisticsRequest, context: Any
    ) -> goodsfactory_pb2.Statistics:
        numbers = await self._application.statistics()
        held = numbers["spending_holds"]
        return goodsfactory_pb2.Statistics(
            requests_sent=numbers["requests_sent"],
            requests_retried=numbers["requests_retried"],
            requests_limited=numbers["requests_limited"],
            requests_by_purpose=numbers["requests_by_purpose"],
            open_intents=numbers["open_intents"],
            running_containers=numbers["running_containers"],
            max_parallel_workers=numbers["max_parallel_workers"],
            uptime_seconds=numbers["uptime_seconds"],
            waiting_containers=numbers["waiting_containers"],
            ledger_sum=numbers["ledger_sum"],
            server_balance=numbers["server_balance"],
            document=json_text(
                {
                    **numbers,
                    "nodes": await self._application.nodes(),
                    "spending_holds": [vars(hold) for _, hold in held],
                }
            ),
            now=instant_if_known(self._now()),
            spending_holds=[hold_message(agent, hold) for agent, hold in held],
        )

    async def Shutdown(
        self, request: goodsfactory_pb2.ShutdownRequest, context: Any
    ) -> goodsfactory_pb2.ShutdownResponse:
        self._stop.set()
        return goodsfactory_pb2.ShutdownResponse(
            message="The daemon is stopping; its factories go on when it runs again."
        )

    async def _player(self, request: Any) -> Player:
        player: Player = await self._application.resolve_player(
            request.player_id, request.agent_symbol or None
        )
        return player


def _gone(seq: int, before: datetime) -> goodsfactory_pb2.Event:
    """Says that of what a watcher asks for not all is kept."""
    return goodsfactory_pb2.Event(
        seq=0,
        kind="HISTORY_THINNED",
        at=instant(before),
        message=f"of events up to number {seq} only the life of factories is kept (history.keep)",
        data="{}",
    )


def factory_request(request: goodsfactory_pb2.StartFactoryRequest, strategy: Strategy) -> FactoryRequest:
    """What the user asked for, with ``strategy`` where they did not choose. Raises UserError."""
    if request.strategy:
        if request.strategy.lower() not in list(Strategy):
            names = ", ".join(list(Strategy)[:-1])
            raise UserError(
                f"There is no strategy {request.strategy}; choose {names} or {list(Strategy)[-1]}."
            )
        strategy = Strategy(request.strategy.lower())
    terminal = request.terminal.upper() or Terminal.HOLD.value
    if terminal not in list(Terminal):
        raise UserError(f"There is no terminal {request.terminal}; choose {' or '.join(Terminal)}.")
    return FactoryRequest(
        strategy=strategy,
        units=request.units if request.HasField("units") else None,
        terminal=Terminal(terminal),
        priority=request.priority if request.HasField("priority") else 1.0,
        ships=tuple(request.ships),
        exclude=tuple(request.exclude),
        fail_if_no_ship=request.fail_if_no_ship,
        batches=request.batches if request.HasField("batches") else None,
        continuous=request.continuous,
    )


def _factory_status(text: str) -> FactoryStatus:
    if text.upper() not in FactoryStatus.__members__:
        raise UserError(f"{text} is no factory status; it is one of {', '.join(FactoryStatus)}.")
    return FactoryStatus(text.upper())
