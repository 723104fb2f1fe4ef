"""Goods factories and the progress of their nodes."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, or_, select

from goodsfactory.adapters.store.code_points import code_points
from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.tables import GOODS_FACTORIES, NODES
from goodsfactory.adapters.store.upsert import upsert
from goodsfactory.domain.errors import Conflict
from goodsfactory.domain.factory import FactoryRequest, FactoryStatus, GoodsFactory, Hibernation, Trial, Work
from goodsfactory.domain.goods import Good
from goodsfactory.domain.supply_chain import NodeProgress, NodeState, SupplyChainNode
from goodsfactory.ports.store import Factories

_T = GOODS_FACTORIES.c
_THIS = (_T.id == bindparam("factory"), _T.player_id == bindparam("player"))
_BY_KEY = select(GOODS_FACTORIES).where(*_THIS)
_ALL = select(GOODS_FACTORIES).order_by(_T.created_at, code_points(_T.id))
_OF_PLAYER = _T.player_id == bindparam("player")
_IN_STATUS = _T.status.in_(bindparam("statuses", expanding=True))
# (of one player, in given states) -> query
_QUERIES: dict[tuple[bool, bool], Select[Any]] = {
    (False, False): _ALL,
    (True, False): _ALL.where(_OF_PLAYER),
    (False, True): _ALL.where(_IN_STATUS),
    (True, True): _ALL.where(_OF_PLAYER, _IN_STATUS),
}
_OLDER = or_(
    _T.created_at < bindparam("before"),
    and_(_T.created_at == bindparam("before"), code_points(_T.id) < bindparam("before_id")),
)
_BEGINS = func.substr(_T.id, 1, bindparam("length")) == bindparam("prefix")
_NEWEST = (
    select(GOODS_FACTORIES)
    .where(_OF_PLAYER, _T.status == bindparam("only"))
    .order_by(_T.created_at.desc(), code_points(_T.id).desc())
    .limit(bindparam("most"))
)
# (before another one, with a prefix) -> query; one of them for each status reads no row that is not asked for
_PAGES: dict[tuple[bool, bool], Select[Any]] = {
    (False, False): _NEWEST,
    (True, False): _NEWEST.where(_OLDER, _T.created_at <= bindparam("before")),
    (False, True): _NEWEST.where(_BEGINS),
    (True, True): _NEWEST.where(_OLDER, _T.created_at <= bindparam("before"), _BEGINS),
}
_INSERT = GOODS_FACTORIES.insert()
_UPDATE = GOODS_FACTORIES.update().where(*_THIS)
_OWNER = select(_T.player_id).where(_T.id == bindparam("factory"))
_NODES = select(NODES).where(NODES.c.factory_id == bindparam("factory")).order_by(code_points(NODES.c.good))


def _factory(row: Row[Any]) -> GoodsFactory:
    metadata = row.metadata or {}
    return GoodsFactory(
        id=row.id,
        player_id=row.player_id,
        target_good=row.target_good,
        system_symbol=row.system_symbol,
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=FactoryStatus(row.status),
        tree=None
        if row.dependency_tree is None
        else SupplyChainNode.from_json(json.loads(row.dependency_tree)),
        request=FactoryRequest.from_json(metadata.get("request", {})),
        error=metadata.get("error"),
        quantity_acquired=row.quantity_acquired,
        total_cost=row.total_cost,
        started_at=row.started_at,
        completed_at=row.completed_at,
        paused_at=_moment(metadata.get("paused_at")),
        hibernation=_hibernation(metadata, row.updated_at),
        trial=_trial(metadata.get("trial")),
        work=_work(metadata.get("work")),
        ships_used=row.ships_used,
        market_queries=row.market_queries,
        parallel_levels=row.parallel_levels,
        estimated_speedup=row.estimated_speedup,
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _plain(value: Hibernation | Trial | Work | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in vars(value).items()}


def _hibernation(metadata: dict[str, Any], updated_at: datetime) -> Hibernation | None:
    if metadata.get("ending"):
        # Written before factories hibernated: it is tried again at once.
        return Hibernation(updated_at, updated_at, metadata["ending"])
    kept = metadata.get("hibernation")
    if kept is None:
        return None
    since, until = (datetime.fromisoformat(kept[name]) for name in ("since", "until"))
    return Hibernation(since, until, kept["why"])


def _trial(kept: dict[str, Any] | None) -> Trial | None:
    if kept is None:
        return None
    since, seen = (datetime.fromisoformat(kept[name]) for name in ("since", "seen"))
    return Trial(since, kept["seconds"], seen, kept["failures"])


def _work(kept: dict[str, Any] | None) -> Work | None:
    if kept is None:
        return None
    return Work(kept["seconds"], kept["ships"], datetime.fromisoformat(kept["since"]))


def _row(factory: GoodsFactory) -> dict[str, Any]:
    return {
        "id": factory.id,
        "player_id": factory.player_id,
        "target_good": factory.target_good,
        "system_symbol": factory.system_symbol,
        "dependency_tree": None if factory.tree is None else json.dumps(factory.tree.to_json()),
        "status": factory.status.value,
        "metadata": {
            "request": factory.request.to_json(),
            "error": factory.error,
            "paused_at": None if factory.paused_at is None else factory.paused_at.isoformat(),
            "hibernation": _plain(factory.hibernation),
            "trial": _plain(factory.trial),
            "work": _plain(factory.work),
        },
        "quantity_acquired": factory.quantity_acquired,
        "total_cost": factory.total_cost,
        "created_at": factory.created_at,
        "updated_at": factory.updated_at,
        "started_at": factory.started_at,
        "completed_at": factory.completed_at,
        "ships_used": factory.ships_used,
        "market_queries": factory.market_queries,
        "parallel_levels": factory.parallel_levels,
        "estimated_speedup": factory.estimated_speedup,
    }


def _progress(row: Row[Any]) -> NodeProgress:
    return NodeProgress(
        factory_id=row.factory_id,
        good=row.good,
        state=NodeState(row.state),
        reason=row.reason,
        since=row.since,
        next_check=row.next_check,
        quantity=row.quantity,
        cost=row.cost,
        checks=row.checks,
        ships=tuple(json.loads(row.ships)),
        look_at=tuple(json.loads(row.look_at)),
    )


def _node_row(node: NodeProgress, player_id: int) -> dict[str, Any]:
    return {
        "factory_id": node.factory_id,
        "good": node.good,
        "player_id": player_id,
        "state": node.state.value,
        "reason": node.reason,
        "since": node.since,
        "next_check": node.next_check,
        "quantity": node.quantity,
        "cost": node.cost,
        "checks": node.checks,
        "ships": json.dumps(node.ships),
        "look_at": json.dumps(node.look_at),
    }


class SqlFactories(Factories):
    """Factories of every player; who may see which is the caller's question (``get`` asks for the owner)."""

    def __init__(self, connection: Connection, kept: KeptReads) -> None:
        self._connection = connection
        self._save_node = upsert(connection, NODES)
        self._kept = kept

    def add(self, factory: GoodsFactory) -> None:
        self._connection.execute(_INSERT, _row(factory))
        self._kept.drop(("factory", factory.id, factory.player_id), ("factories", factory.player_id))

    def get(self, factory_id: str, player_id: int) -> GoodsFactory | None:
        def read() -> GoodsFactory | None:
            row = self._connection.execute(_BY_KEY, {"factory": factory_id, "player": player_id}).first()
            return None if row is None else _factory(row)

        return self._kept.read(("factory", factory_id, player_id), read)

    def find(
        self, *, player_id: int | None = None, statuses: Collection[FactoryStatus] = ()
    ) -> list[GoodsFactory]:
        values: dict[str, Any] = {}
        if player_id is not None:
            values["player"] = player_id
        if statuses:
            values["statuses"] = [status.value for status in statuses]
        query = _QUERIES[player_id is not None, bool(statuses)]

        def read() -> list[GoodsFactory]:
            return [_factory(row) for row in self._connection.execute(query, values)]

        if player_id is None:
            return read()  # one id may be of several players
        found: dict[tuple[FactoryStatus, ...], dict[str, GoodsFactory]]
        found = self._kept.read(("factories", player_id), dict)
        asked = tuple(statuses)
        if asked not in found:
            found[asked] = {factory.id: factory for factory in read()}
        return list(found[asked].values())

    def newest(
        self,
        player_id: int,
        limit: int,
        *,
        statuses: Collection[FactoryStatus] = (),
        prefix: str = "",
        before: tuple[datetime, str] | None = None,
    ) -> list[GoodsFactory]:
        query = _PAGES[before is not None, bool(prefix)]
        values: dict[str, Any] = {"player": player_id, "most": limit}
        if before is not None:
            values |= {"before": before[0], "before_id": before[1]}
        if prefix:
            values |= {"prefix": prefix, "length": len(prefix)}
        rows = [
            row
            for status in statuses or tuple(FactoryStatus)
            for row in self._connection.execute(query, {**values, "only": status.value})
        ]
        rows.sort(key=lambda row: (row.created_at, row.id))
        return [_factory(row) for row in rows[-limit:]]

    def update(self, factory: GoodsFactory) -> None:
        row = _row(factory)
        key = {"factory": row.pop("id"), "player": row.pop("player_id")}
        if not self._connection.execute(_UPDATE, {**row, **key}).rowcount:
            raise Conflict(f"There is no factory {factory.id} of player {factory.player_id} to update.")
        self._written(factory)

    def save_nodes(self, nodes: Iterable[NodeProgress]) -> None:
        news: dict[str, dict[Good, NodeProgress]] = {}
        for node in nodes:
            news.setdefault(node.factory_id, {})[node.good] = node
        for factory_id, changed in news.items():
            owner = self._owner(factory_id)
            rows = [_node_row(node, owner) for node in changed.values()]
            self._connection.execute(self._save_node, rows)
            known = self._kept.kept(("nodes", factory_id))
            if isinstance(known, dict):
                known.update(changed)

    def nodes(self, factory_id: str) -> list[NodeProgress]:
        def read() -> dict[Good, NodeProgress]:
            rows = self._connection.execute(_NODES, {"factory": factory_id})
            return {row.good: _progress(row) for row in rows}

        kept = self._kept.read(("nodes", factory_id), read)
        return [kept[good] for good in sorted(kept)]

    def _owner(self, factory_id: str) -> int:
        def read() -> int:
            owner = self._connection.execute(_OWNER, {"factory": factory_id}).scalar()
            if owner is None:
                raise Conflict(f"There is no factory {factory_id} whose nodes could be kept.")
            return int(owner)

        return self._kept.read(("owner", factory_id), read)

    def _written(self, factory: GoodsFactory) -> None:
        """An agent's factories change on every pass of one of them: the others are not read again."""
        self._kept.renew(("factory", factory.id, factory.player_id), factory)
        scope = ("factories", factory.player_id)
        found = self._kept.kept(scope)
        for asked, factories in found.items() if isinstance(found, dict) else ():
            if asked and factory.status not in asked:
                factories.pop(factory.id, None)
            elif factory.id in factories:
                factories[factory.id] = factory
            else:
                self._kept.drop(scope)  # its place is among the others
