"""The calls about quotes (package goodsfactory.v1), answered by the application."""

from typing import TYPE_CHECKING, Any

from goodsfactory.api import goodsfactory_pb2, goodsfactory_pb2_grpc
from goodsfactory.daemon.services_factory import factory_request
from goodsfactory.daemon.services_messages import json_text
from goodsfactory.domain.instants import instant_if_known

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application


class QuoteService(goodsfactory_pb2_grpc.QuoteServiceServicer):
    """As the proto says."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._now = application.game_time

    async def QuoteFactory(
        self, request: goodsfactory_pb2.QuoteFactoryRequest, context: Any
    ) -> goodsfactory_pb2.Quote:
        wanted = request.factory
        asked = factory_request(wanted, self._application.settings.strategy)
        player = await self._application.resolve_player(wanted.player_id, wanted.agent_symbol or None)
        quote = await self._application.quotes.quote(
            player.id,
            wanted.target_good,
            wanted.system_symbol or None,
            asked,
            cargo_ships=request.cargo_ships if request.HasField("cargo_ships") else None,
            simulate=request.simulate,
        )
        return goodsfactory_pb2.Quote(
            target_good=quote.target_good,
            system_symbol=quote.system_symbol,
            credits=round(quote.credits.expected),
            seconds=quote.seconds.expected,
            document=json_text(quote.to_json()),
            now=instant_if_known(self._now(player.id)),
        )

    async def ReportFactory(
        self, request: goodsfactory_pb2.FactoryRef, context: Any
    ) -> goodsfactory_pb2.FactoryOutcome:
        player = await self._application.resolve_player(request.player_id, request.agent_symbol or None)
        report = await self._application.quotes.report(player.id, request.factory_id)
        return goodsfactory_pb2.FactoryOutcome(
            factory_id=report.factory.id,
            status=report.factory.status.value,
            document=json_text(report.to_json()),
            now=instant_if_known(self._now(player.id)),
        )
