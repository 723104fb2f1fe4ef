"""Why things are as they are (service InsightService of package goodsfactory.v1)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.api import goodsfactory_pb2, goodsfactory_pb2_grpc
from goodsfactory.daemon.reports import next_look
from goodsfactory.daemon.services_messages import event_message, good_at_market
from goodsfactory.daemon.trends import USUAL_HOURS
from goodsfactory.domain.instants import instant, instant_if_known
from goodsfactory.domain.leg import Leg
from goodsfactory.domain.player import Player

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application
    from goodsfactory.daemon.explanations import FactoryExplanation, ToldNode
    from goodsfactory.daemon.trends import MarketTrend, Trend
    from goodsfactory.planning.decision import Candidate

ATTEMPTS_TOLD = 10


class InsightService(goodsfactory_pb2_grpc.InsightServiceServicer):
    """As the proto says."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._now = application.game_time

    async def ExplainFactory(
        self, request: goodsfactory_pb2.ExplainFactoryRequest, context: Any
    ) -> goodsfactory_pb2.FactoryExplanation:
        player = await self._player(request)
        told = await self._application.insight.explanations.of_factory(
            player.id, request.factory_id, request.good or None
        )
        return explanation_message(told, self._now(player.id))

    async def ShowTrend(
        self, request: goodsfactory_pb2.ShowTrendRequest, context: Any
    ) -> goodsfactory_pb2.Trend:
        player = await self._player(request)
        trend = await self._application.insight.trends.of_good(
            player.id,
            request.good,
            waypoint=request.waypoint or None,
            system=request.system_symbol or None,
            hours=request.hours if request.HasField("hours") else USUAL_HOURS,
        )
        return trend_message(trend, self._now(player.id))

    async def Examine(
        self, request: goodsfactory_pb2.ExamineRequest, context: Any
    ) -> goodsfactory_pb2.Examination:
        findings = await self._application.insight.doctor.examine()
        return goodsfactory_pb2.Examination(
            findings=[
                goodsfactory_pb2.Finding(
                    check=one.check, verdict=one.verdict.value, text=one.text, remedy=one.remedy
                )
                for one in findings
            ],
            now=instant_if_known(self._now()),
        )

    async def _player(self, request: Any) -> Player:
        player: Player = await self._application.resolve_player(
            request.player_id, request.agent_symbol or None
        )
        return player


def explanation_message(
    told: "FactoryExplanation", now: datetime | None
) -> goodsfactory_pb2.FactoryExplanation:
    factory = told.factory
    return goodsfactory_pb2.FactoryExplanation(
        factory_id=factory.id,
        target_good=factory.target_good,
        system_symbol=factory.system_symbol,
        status=factory.status.value,
        error=factory.error,
        paused_at=instant_if_known(factory.paused_at),
        hibernates=factory.hibernation is not None,
        parked_since=instant(told.parked.since) if told.parked else None,
        notes=told.notes,
        nodes=[_node(one, told, now) for one in told.nodes],
        now=instant_if_known(now),
    )


def trend_message(trend: "Trend", now: datetime | None) -> goodsfactory_pb2.Trend:
    return goodsfactory_pb2.Trend(
        good=trend.good,
        system_symbol=trend.system,
        since=instant(trend.since),
        now=instant_if_known(now),
        markets=[_market_trend(one) for one in trend.markets],
    )


def _market_trend(one: "MarketTrend") -> goodsfactory_pb2.MarketTrend:
    output = one.output
    return goodsfactory_pb2.MarketTrend(
        waypoint=one.waypoint,
        type=one.type.value,
        sightings=[
            goodsfactory_pb2.Sighting(
                observed_at=instant(seen.observed_at),
                ask=seen.listing.ask,
                bid=seen.listing.bid,
                supply=seen.listing.supply.value,
                activity=seen.listing.activity.value if seen.listing.activity else None,
                trade_volume=seen.listing.trade_volume,
            )
            for seen in one.sightings
        ],
        per_half_hour=round(output.per_tick, 2) if output else None,
        measured_seconds=output.span.total_seconds() if output else 0.0,
    )


def _node(
    one: "ToldNode", told: "FactoryExplanation", now: datetime | None
) -> goodsfactory_pb2.NodeExplanation:
    why, over = one.explanation, told.factory.status.is_over
    progress, node = why.progress, why.node
    return goodsfactory_pb2.NodeExplanation(
        good=node.good,
        acquisition=node.acquisition.value,
        state=progress.state.value,
        reason=progress.reason,
        since=instant(progress.since),
        next_check=instant_if_known(next_look(told.factory, progress)),
        checks=progress.checks,
        quantity=progress.quantity,
        cost=progress.cost,
        decision=node.reason,
        inputs=[child.good for child in node.children],
        sources=[_option(candidate, node.good, told) for candidate in why.sources],
        sites=[_option(candidate, node.good, told) for candidate in why.sites],
        tried=[_attempt(leg, None if over else now) for leg in why.tried[:ATTEMPTS_TOLD]],
        stock=why.stock,
        tried_total=len(why.tried) + why.tried_before,
        retries=[
            goodsfactory_pb2.Retry(output=retry.output, failures=retry.failures, at=instant(retry.at))
            for retry in why.retries
        ],
        refusals=[
            goodsfactory_pb2.Refusal(
                at=instant(event.at),
                rule=str(event.data.get("rule", "")),
                ship_symbol=event.ship,
                reason=event.message,
            )
            for event in one.refusals
        ],
        ships=[
            goodsfactory_pb2.Eligibility(
                ship_symbol=ship, eligible=answer.eligible, reasons=answer.reasons, notes=answer.notes
            )
            for ship, answer in why.ships.items()
        ],
        events=[event_message(event) for event in one.events],
    )


def _option(candidate: "Candidate", good: str, told: "FactoryExplanation") -> goodsfactory_pb2.MarketOption:
    return goodsfactory_pb2.MarketOption(
        listing=good_at_market(told.markets[candidate.waypoint], good),
        distance=candidate.distance,
        verdict=candidate.verdict,
    )


def _attempt(leg: Leg, now: datetime | None) -> goodsfactory_pb2.Attempt:
    """``now`` is None where nothing is tried again."""
    waits = now is not None and leg.not_before is not None and leg.not_before > now
    return goodsfactory_pb2.Attempt(
        at=instant(leg.ended_at or leg.moved_at or leg.assigned_at or leg.created_at),
        leg_id=leg.id,
        state=leg.state.value,
        ship_symbol=leg.ship,
        source=leg.source,
        destination=leg.destination,
        reason=leg.failure or leg.reason,
        not_before=instant_if_known(leg.not_before) if waits else None,
    )
