"""Containers: what the engine must keep alive, and what each of them wrote."""

from collections.abc import Collection, Hashable
from dataclasses import replace
from datetime import datetime
from itertools import compress, product
from types import MappingProxyType
from typing import Any

from sqlalchemy import JSON, Connection, Row, Select, bindparam, func, select, type_coerce

from goodsfactory.adapters.store.claims import SqlClaims
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import CONTAINER_LOGS, CONTAINERS
from goodsfactory.domain.container import Container, ContainerLog, ContainerStatus, ContainerType
from goodsfactory.domain.errors import Bug, Conflict, IllegalTransition
from goodsfactory.ports.store import Containers

_Statuses = Collection[ContainerStatus]
_Types = Collection[ContainerType]
_T = CONTAINERS.c
_THIS = _T.id == bindparam("container")
_ALIVE = _T.status.in_([status.value for status in ContainerStatus if not status.is_over])
_BY_ID = select(CONTAINERS).where(_THIS)
_ALL = select(CONTAINERS).order_by(_T.number)
_FILTERS = (
    _T.player_id == bindparam("player"),
    _T.status.in_(bindparam("statuses", expanding=True)),
    _T.type.in_(bindparam("types", expanding=True)),
)
_NEWEST = (
    select(CONTAINERS)
    .where(
        _T.player_id == bindparam("player"),
        _T.status == bindparam("only"),
        _T.type.in_(bindparam("types", expanding=True)),
    )
    .order_by(_T.number.desc())
    .limit(bindparam("most"))
)
_COMPLETED_SINCE = (
    select(CONTAINERS)
    .where(
        _T.player_id == bindparam("player"),
        _T.status == ContainerStatus.COMPLETED.value,
        _T.type.in_(bindparam("types", expanding=True)),
        _T.number > select(_T.number).where(_THIS).scalar_subquery(),
        type_coerce(_T.metadata, JSON)["ship"].as_string() == bindparam("whose"),
    )
    .order_by(_T.number.desc())
    .limit(1)
)
_OVER = (
    select(CONTAINERS)
    .where(_T.status == bindparam("only"), _T.number < bindparam("before"))
    .order_by(_T.number.desc())
    .limit(bindparam("most"))
)
_OVER_OF_PLAYER = _OVER.where(_T.player_id == bindparam("player"))
_ANY_NUMBER = 2**62
_INSERT = CONTAINERS.insert()
_BEGIN = (
    CONTAINERS.update()
    .where(_THIS, _ALIVE)
    .values(
        status=ContainerStatus.RUNNING.value,
        epoch=_T.epoch + 1,
        restart_count=_T.restart_count + bindparam("restarts"),
        heartbeat_at=bindparam("now", type_=_T.heartbeat_at.type),
        updated_at=bindparam("now", type_=_T.updated_at.type),
    )
)
_END = (
    CONTAINERS.update()
    .where(_THIS, _ALIVE)
    .values(
        status=bindparam("outcome"),
        exit_reason=bindparam("reason"),
        updated_at=bindparam("now", type_=_T.updated_at.type),
    )
)
_HEARTBEAT = (
    CONTAINERS.update()
    .where(_THIS, _ALIVE)
    .values(
        iteration=bindparam("passes"),
        last_effect=func.coalesce(bindparam("effect", type_=_T.last_effect.type), _T.last_effect),
        heartbeat_at=bindparam("now", type_=_T.heartbeat_at.type),
        updated_at=bindparam("now", type_=_T.updated_at.type),
    )
)
_LOG = CONTAINER_LOGS.insert()
_LOGS = (
    select(CONTAINER_LOGS)
    .where(CONTAINER_LOGS.c.container_id == bindparam("container"))
    .order_by(CONTAINER_LOGS.c.number.desc())
    .limit(bindparam("most"))
)
_LOGS_OF_LEVEL = _LOGS.where(CONTAINER_LOGS.c.level == bindparam("only"))


# Made once: building a query costs more than running it.
_QUERIES: dict[tuple[bool, ...], Select[Any]] = {
    asked: _ALL.where(*compress(_FILTERS, asked)) for asked in product((False, True), repeat=3)
}
"""(of one player, in given states, of given types) → query."""


def _container(row: Row[Any]) -> Container:
    return Container(
        id=row.id,
        type=ContainerType(row.type),
        player_id=row.player_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=ContainerStatus(row.status),
        metadata=MappingProxyType(row.metadata),
        iteration=row.iteration,
        max_iterations=row.max_iterations,
        restart_count=row.restart_count,
        epoch=row.epoch,
        heartbeat_at=row.heartbeat_at,
        last_effect=row.last_effect,
        exit_reason=row.exit_reason,
    )


def _line(row: Row[Any]) -> ContainerLog:
    return ContainerLog(
        container_id=row.container_id,
        at=row.at,
        level=row.level,
        message=row.message,
        metadata=MappingProxyType(row.metadata),
    )


class SqlContainers(Containers):
    def __init__(self, connection: Connection, claims: SqlClaims, kept: KeptReads) -> None:
        self._connection = connection
        self._kept = kept
        self._claims = claims

    def add(self, container: Container) -> None:
        row = {
            **vars(container),
            "type": container.type.value,
            "status": container.status.value,
            "metadata": dict(container.metadata),
        }
        self._connection.execute(_INSERT, row)
        self._kept.drop(("ended", container.player_id))
        self._changed(container)

    def get(self, container_id: str) -> Container | None:
        known = self._kept.kept(("container", container_id))
        if isinstance(known, Container):
            return known
        row = self._connection.execute(_BY_ID, {"container": container_id}).first()
        container = None if row is None else _container(row)
        # One that is over is asked for seldom, and goes with age.
        if container is not None and not container.status.is_over:
            self._kept.read(("container", container_id), lambda: container)
        return container

    def find(
        self,
        *,
        player_id: int | None = None,
        statuses: _Statuses = (),
        types: _Types = (),
    ) -> list[Container]:
        """In the order they were added."""
        if player_id is None or not statuses or any(status.is_over for status in statuses):
            return self._read(player_id, statuses, types)
        # Every pass of a planner asks which scouts are out.
        alive: dict[Hashable, list[Container]] = self._kept.read(("alive", player_id), dict)
        asked = (tuple(statuses), tuple(types))
        if asked not in alive:
            alive[asked] = self._read(player_id, statuses, types)
        return list(alive[asked])

    def _read(self, player_id: int | None, statuses: _Statuses, types: _Types) -> list[Container]:
        values: dict[str, Any] = {}
        if player_id is not None:
            values["player"] = player_id
        if statuses:
            values["statuses"] = [status.value for status in statuses]
        if types:
            values["types"] = [type_.value for type_ in types]
        query = _QUERIES[player_id is not None, bool(statuses), bool(types)]
        return [_container(row) for row in self._connection.execute(query, values)]

    def newest(
        self, player_id: int, status: ContainerStatus, types: Collection[ContainerType], *, limit: int
    ) -> list[Container]:
        values = {
            "player": player_id,
            "only": status.value,
            "types": [type_.value for type_ in types],
            "most": limit,
        }

        def read() -> list[Container]:
            return [_container(row) for row in self._connection.execute(_NEWEST, values)]

        if not status.is_over:
            return read()
        ended: dict[Hashable, list[Container]] = self._kept.read(("ended", player_id), dict)
        asked = (status, tuple(types), limit)
        if asked not in ended:
            ended[asked] = read()
        return list(ended[asked])

    def completed_since(self, work: Container, types: Collection[ContainerType]) -> Container | None:
        values = {
            "player": work.player_id,
            "container": work.id,
            "whose": str(work.metadata.get("ship")),
            "types": [type_.value for type_ in types],
        }
        row = self._connection.execute(_COMPLETED_SINCE, values).first()
        return None if row is None else _container(row)

    def over(
        self,
        ends: Collection[ContainerStatus],
        limit: int,
        *,
        player_id: int | None = None,
        before: int | None = None,
    ) -> list[tuple[int, Container]]:
        values: dict[str, Any] = {"before": _ANY_NUMBER if before is None else before, "most": limit}
        if player_id is not None:
            values["player"] = player_id
        query = _OVER if player_id is None else _OVER_OF_PLAYER
        rows = [row for end in ends for row in self._connection.execute(query, {**values, "only": end.value})]
        rows.sort(key=lambda row: row.number)
        return [(row.number, _container(row)) for row in rows[-limit:]]

    def begin(self, container_id: str, now: datetime, *, restarted: bool) -> Container:
        """Raises Conflict for an unknown container and IllegalTransition for one that has ended."""
        begun = self._connection.execute(
            _BEGIN, {"container": container_id, "restarts": int(restarted), "now": now}
        ).rowcount
        self._kept.drop(("container", container_id))
        container = self.get(container_id)
        if container is None:
            raise Conflict(f"There is no container {container_id} to start.")
        self._changed(container)
        if not begun:
            raise IllegalTransition(f"Container {container_id} is {container.status} and cannot run again.")
        return container

    def end(
        self, container_id: str, status: ContainerStatus, now: datetime, *, reason: str | None = None
    ) -> list[str]:
        """The first ending counts: ending a container that is over changes nothing but frees its ships."""
        if not status.is_over:
            raise Bug(f"{status} is not how container {container_id} can end.")
        container = self.get(container_id)
        self._connection.execute(
            _END, {"container": container_id, "outcome": status.value, "reason": reason, "now": now}
        )
        if container is not None:
            self._kept.drop(("container", container_id), ("ended", container.player_id))
            self._changed(container)
        return self._claims.release_all(container_id)

    def heartbeat(self, container_id: str, now: datetime, *, iteration: int, effect: str | None) -> None:
        """Without an ``effect`` the last one stays. A container that is over has no pulse."""
        known = self.get(container_id)
        self._connection.execute(
            _HEARTBEAT, {"container": container_id, "passes": iteration, "effect": effect, "now": now}
        )
        if known is not None and not known.status.is_over:
            self._changed(known)
            last = known.last_effect if effect is None else effect
            beat = replace(known, iteration=iteration, last_effect=last, heartbeat_at=now, updated_at=now)
            self._kept.renew(("container", container_id), beat)

    def _changed(self, container: Container) -> None:
        """Lists of living containers that may have it, or have it otherwise, are read anew."""
        alive = self._kept.kept(("alive", container.player_id))
        if isinstance(alive, dict):
            for asked in [one for one in alive if not one[1] or container.type in one[1]]:
                del alive[asked]

    def log(self, line: ContainerLog) -> None:
        self._connection.execute(_LOG, {**vars(line), "metadata": dict(line.metadata)})

    def logs(self, container_id: str, *, limit: int = 100, level: str | None = None) -> list[ContainerLog]:
        values: dict[str, Any] = {"container": container_id, "most": limit}
        if level is None:
            rows = self._connection.execute(_LOGS, values).all()
        else:
            rows = self._connection.execute(_LOGS_OF_LEVEL, {**values, "only": level}).all()
        return [_line(row) for row in reversed(rows)]
