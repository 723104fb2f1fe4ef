"""Standing scouts (service ScoutService of package goodsfactory.v1), answered by their desk."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from goodsfactory.api import goodsfactory_pb2, goodsfactory_pb2_grpc
from goodsfactory.daemon.scouting_orders import ScoutWish
from goodsfactory.domain.instants import instant, instant_if_known
from goodsfactory.domain.player import Player

if TYPE_CHECKING:
    from goodsfactory.daemon.application import Application
    from goodsfactory.daemon.scouting_orders import Scouting, ScoutView

WITHOUT_END = -1


class ScoutService(goodsfactory_pb2_grpc.ScoutServiceServicer):
    """As the proto says."""

    def __init__(self, application: "Application") -> None:
        self._application = application
        self._now = application.game_time
        self._desk = application.desks.scouting

    async def StartScouting(
        self, request: goodsfactory_pb2.StartScoutingRequest, context: Any
    ) -> goodsfactory_pb2.Scouting:
        endless = not request.HasField("iterations") or request.iterations == WITHOUT_END
        wish = ScoutWish(
            tuple(request.ship_symbols),
            request.system_symbol or None,
            tuple(request.markets),
            None if endless else request.iterations,
        )
        player = await self._player(request)
        return scouting_message(await self._desk.start(player.id, wish), self._now(player.id))

    async def GetScouting(
        self, request: goodsfactory_pb2.GetScoutingRequest, context: Any
    ) -> goodsfactory_pb2.Scouting:
        player = await self._player(request)
        return scouting_message(
            await self._desk.show(player.id, request.system_symbol or None),
            self._now(player.id),
        )

    async def StopScouting(
        self, request: goodsfactory_pb2.StopScoutingRequest, context: Any
    ) -> goodsfactory_pb2.StopScoutingResponse:
        player = await self._player(request)
        stopped = await self._desk.stop(player.id, tuple(request.ship_symbols), request.system_symbol or None)
        return goodsfactory_pb2.StopScoutingResponse(ship_symbols=stopped)

    async def _player(self, request: Any) -> Player:
        player: Player = await self._application.resolve_player(
            request.player_id, request.agent_symbol or None
        )
        return player


def scouting_message(scouting: "Scouting", now: datetime | None) -> goodsfactory_pb2.Scouting:
    return goodsfactory_pb2.Scouting(
        scouts=[_scout(one, scouting, now) for one in scouting.scouts],
        markets=[
            goodsfactory_pb2.WatchedMarket(
                waypoint=one.interest.waypoint,
                ship_symbol=one.scout,
                observed_at=instant(one.interest.seen) if one.interest.seen else None,
                goods=one.interest.goods,
            )
            for one in scouting.markets
        ],
        notes=scouting.notes,
        now=instant_if_known(now),
    )


def _scout(one: "ScoutView", scouting: "Scouting", now: datetime | None) -> goodsfactory_pb2.Scout:
    container, ship = one.container, one.ship
    flying = ship is not None and ship.in_transit(now)
    return goodsfactory_pb2.Scout(
        container_id=container.id,
        ship_symbol=one.symbol,
        system_symbol=one.system,
        parked=one.share.parked,
        markets=one.share.markets,
        location=ship.nav.waypoint if ship else "",
        arrival=instant(ship.nav.arrival) if flying and ship and ship.nav.arrival else None,
        rounds=container.iteration,
        max_rounds=container.max_iterations,
        last_effect=container.last_effect,
        reason=one.share.reason,
        reused=container.id in scouting.reused,
    )
