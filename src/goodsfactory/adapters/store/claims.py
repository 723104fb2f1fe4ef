"""Claims: the durable right of one container to one ship."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, exists, or_, select

from goodsfactory.adapters.store.kept_reads import KeptReads
from goodsfactory.adapters.store.ships import fleet_order
from goodsfactory.adapters.store.tables import CONTAINERS, SHIP_CLAIMS
from goodsfactory.adapters.store.upsert import DialectInsert, counting, insert_into
from goodsfactory.domain.container import Claim, ContainerStatus
from goodsfactory.ports.store import Claims

_COLUMNS = [column for column in SHIP_CLAIMS.columns if column.name != "universe"]
_BY_SHIP = select(*_COLUMNS).where(
    SHIP_CLAIMS.c.universe == bindparam("universe"), SHIP_CLAIMS.c.ship == bindparam("this_ship")
)
_OF_PLAYER = select(*_COLUMNS).where(SHIP_CLAIMS.c.player_id == bindparam("player"))
_OF_CONTAINER = select(SHIP_CLAIMS.c.ship).where(SHIP_CLAIMS.c.container_id == bindparam("container"))
_RELEASE = delete(SHIP_CLAIMS).where(
    SHIP_CLAIMS.c.ship == bindparam("this_ship"), SHIP_CLAIMS.c.container_id == bindparam("container")
)
_RELEASE_ALL = delete(SHIP_CLAIMS).where(SHIP_CLAIMS.c.container_id == bindparam("container"))
_OVER = [status.value for status in ContainerStatus if status.is_over]


@cache
def _conditional_claim(dialect: str) -> DialectInsert:
    """Take the ship where it is free or ours already, unless the container has ended or moved on.

    One statement, so that two containers can never both read "free" before either writes.
    """
    columns = list(SHIP_CLAIMS.columns)
    asked = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in columns}
    outlived = exists().where(
        CONTAINERS.c.id == asked["container_id"],
        or_(CONTAINERS.c.epoch > asked["epoch"], CONTAINERS.c.status.in_(_OVER)),
    )
    insert = insert_into(dialect, SHIP_CLAIMS)
    statement = insert.from_select(
        [column.name for column in columns], select(*asked.values()).where(~outlived)
    ).on_conflict_do_update(
        index_elements=["universe", "ship"],
        set_={name: insert.excluded[name] for name in ("operation", "epoch", "claimed_at")},
        where=and_(
            SHIP_CLAIMS.c.container_id == insert.excluded.container_id,
            SHIP_CLAIMS.c.epoch <= insert.excluded.epoch,
        ),
    )
    return counting(statement)


def _claim(row: Row[Any]) -> Claim:
    return Claim(**row._mapping)


class SqlClaims(Claims):
    def __init__(self, connection: Connection, universe: str, kept: KeptReads) -> None:
        self._connection = connection
        self._universe = universe
        self._claim = _conditional_claim(connection.dialect.name)
        self._kept = kept
        self._holders: dict[str, int] = {}
        """whose claim, of those that are kept, was last seen on a ship"""

    def claim(self, claim: Claim) -> bool:
        values = {f"new_{name}": value for name, value in vars(claim).items()}
        values["new_universe"] = self._universe
        self._written(claim.ship)
        self._kept.drop(("claims", claim.player_id))
        return self._connection.execute(self._claim, values).rowcount == 1

    def release(self, ship: str, container_id: str) -> bool:
        self._written(ship)
        released = self._connection.execute(_RELEASE, {"this_ship": ship, "container": container_id})
        return released.rowcount > 0

    def release_all(self, container_id: str) -> list[str]:
        ships = self._connection.execute(_OF_CONTAINER, {"container": container_id}).scalars().all()
        if ships:
            self._written(*ships)
            self._connection.execute(_RELEASE_ALL, {"container": container_id})
        return sorted(ships, key=fleet_order)

    def of_ship(self, ship: str) -> Claim | None:
        row = self._connection.execute(_BY_SHIP, {"universe": self._universe, "this_ship": ship}).first()
        return None if row is None else _claim(row)

    def of_player(self, player_id: int) -> list[Claim]:
        return list(self._kept.read(("claims", player_id), lambda: self._read(player_id)))

    def _read(self, player_id: int) -> list[Claim]:
        claims = [_claim(row) for row in self._connection.execute(_OF_PLAYER, {"player": player_id})]
        self._holders.update((claim.ship, player_id) for claim in claims)
        return sorted(claims, key=lambda claim: fleet_order(claim.ship))

    def _written(self, *ships: str) -> None:
        self._kept.drop(*(("claims", self._holders.pop(ship, None)) for ship in ships))
