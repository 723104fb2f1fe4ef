from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartGoodsFactoryRequest(_message.Message):
    __slots__ = ("player_id", "target_good", "system_symbol", "agent_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    target_good: str
    system_symbol: str
    agent_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., target_good: _Optional[str] = ..., system_symbol: _Optional[str] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class StartGoodsFactoryResponse(_message.Message):
    __slots__ = ("factory_id", "target_good", "status", "message", "nodes_total")
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    NODES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    factory_id: str
    target_good: str
    status: str
    message: str
    nodes_total: int
    def __init__(self, factory_id: _Optional[str] = ..., target_good: _Optional[str] = ..., status: _Optional[str] = ..., message: _Optional[str] = ..., nodes_total: _Optional[int] = ...) -> None: ...

class StopGoodsFactoryRequest(_message.Message):
    __slots__ = ("player_id", "factory_id")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    factory_id: str
    def __init__(self, player_id: _Optional[int] = ..., factory_id: _Optional[str] = ...) -> None: ...

class StopGoodsFactoryResponse(_message.Message):
    __slots__ = ("factory_id", "status", "message")
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    factory_id: str
    status: str
    message: str
    def __init__(self, factory_id: _Optional[str] = ..., status: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class GetFactoryStatusRequest(_message.Message):
    __slots__ = ("player_id", "factory_id")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    factory_id: str
    def __init__(self, player_id: _Optional[int] = ..., factory_id: _Optional[str] = ...) -> None: ...

class GetFactoryStatusResponse(_message.Message):
    __slots__ = ("factory_id", "target_good", "status", "dependency_tree", "quantity_acquired", "total_cost", "nodes_completed", "nodes_total", "system_symbol", "ships_used", "market_queries", "parallel_levels", "estimated_speedup")
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DEPENDENCY_TREE_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_ACQUIRED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COST_FIELD_NUMBER: _ClassVar[int]
    NODES_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    NODES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIPS_USED_FIELD_NUMBER: _ClassVar[int]
    MARKET_QUERIES_FIELD_NUMBER: _ClassVar[int]
    PARALLEL_LEVELS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_SPEEDUP_FIELD_NUMBER: _ClassVar[int]
    factory_id: str
    target_good: str
    status: str
    dependency_tree: str
    quantity_acquired: int
    total_cost: int
    nodes_completed: int
    nodes_total: int
    system_symbol: str
    ships_used: int
    market_queries: int
    parallel_levels: int
    estimated_speedup: float
    def __init__(self, factory_id: _Optional[str] = ..., target_good: _Optional[str] = ..., status: _Optional[str] = ..., dependency_tree: _Optional[str] = ..., quantity_acquired: _Optional[int] = ..., total_cost: _Optional[int] = ..., nodes_completed: _Optional[int] = ..., nodes_total: _Optional[int] = ..., system_symbol: _Optional[str] = ..., ships_used: _Optional[int] = ..., market_queries: _Optional[int] = ..., parallel_levels: _Optional[int] = ..., estimated_speedup: _Optional[float] = ...) -> None: ...

class HealthCheckRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class HealthCheckResponse(_message.Message):
    __slots__ = ("status", "version", "active_containers")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    status: str
    version: str
    active_containers: int
    def __init__(self, status: _Optional[str] = ..., version: _Optional[str] = ..., active_containers: _Optional[int] = ...) -> None: ...

class ContainerInfo(_message.Message):
    __slots__ = ("container_id", "container_type", "status", "player_id", "created_at", "updated_at", "current_iteration", "max_iterations", "restart_count")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    UPDATED_AT_FIELD_NUMBER: _ClassVar[int]
    CURRENT_ITERATION_FIELD_NUMBER: _ClassVar[int]
    MAX_ITERATIONS_FIELD_NUMBER: _ClassVar[int]
    RESTART_COUNT_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    container_type: str
    status: str
    player_id: int
    created_at: str
    updated_at: str
    current_iteration: int
    max_iterations: int
    restart_count: int
    def __init__(self, container_id: _Optional[str] = ..., container_type: _Optional[str] = ..., status: _Optional[str] = ..., player_id: _Optional[int] = ..., created_at: _Optional[str] = ..., updated_at: _Optional[str] = ..., current_iteration: _Optional[int] = ..., max_iterations: _Optional[int] = ..., restart_count: _Optional[int] = ...) -> None: ...

class ListContainersRequest(_message.Message):
    __slots__ = ("player_id", "status", "limit", "page_token")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    status: str
    limit: int
    page_token: str
    def __init__(self, player_id: _Optional[int] = ..., status: _Optional[str] = ..., limit: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListContainersResponse(_message.Message):
    __slots__ = ("containers", "next_page_token")
    CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    containers: _containers.RepeatedCompositeFieldContainer[ContainerInfo]
    next_page_token: str
    def __init__(self, containers: _Optional[_Iterable[_Union[ContainerInfo, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetContainerRequest(_message.Message):
    __slots__ = ("container_id",)
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    def __init__(self, container_id: _Optional[str] = ...) -> None: ...

class GetContainerResponse(_message.Message):
    __slots__ = ("container", "metadata")
    CONTAINER_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    container: ContainerInfo
    metadata: str
    def __init__(self, container: _Optional[_Union[ContainerInfo, _Mapping]] = ..., metadata: _Optional[str] = ...) -> None: ...

class StopContainerRequest(_message.Message):
    __slots__ = ("container_id",)
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    def __init__(self, container_id: _Optional[str] = ...) -> None: ...

class StopContainerResponse(_message.Message):
    __slots__ = ("container_id", "status", "message")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    status: str
    message: str
    def __init__(self, container_id: _Optional[str] = ..., status: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class GetContainerLogsRequest(_message.Message):
    __slots__ = ("container_id", "limit", "level")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    limit: int
    level: str
    def __init__(self, container_id: _Optional[str] = ..., limit: _Optional[int] = ..., level: _Optional[str] = ...) -> None: ...

class ContainerLogEntry(_message.Message):
    __slots__ = ("timestamp", "level", "message", "metadata")
    TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    timestamp: str
    level: str
    message: str
    metadata: str
    def __init__(self, timestamp: _Optional[str] = ..., level: _Optional[str] = ..., message: _Optional[str] = ..., metadata: _Optional[str] = ...) -> None: ...

class GetContainerLogsResponse(_message.Message):
    __slots__ = ("logs",)
    LOGS_FIELD_NUMBER: _ClassVar[int]
    logs: _containers.RepeatedCompositeFieldContainer[ContainerLogEntry]
    def __init__(self, logs: _Optional[_Iterable[_Union[ContainerLogEntry, _Mapping]]] = ...) -> None: ...

class ListShipsRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class ShipInfo(_message.Message):
    __slots__ = ("symbol", "location", "nav_status", "fuel_current", "fuel_capacity", "cargo_units", "cargo_capacity", "engine_speed")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    NAV_STATUS_FIELD_NUMBER: _ClassVar[int]
    FUEL_CURRENT_FIELD_NUMBER: _ClassVar[int]
    FUEL_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CARGO_UNITS_FIELD_NUMBER: _ClassVar[int]
    CARGO_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    ENGINE_SPEED_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    location: str
    nav_status: str
    fuel_current: int
    fuel_capacity: int
    cargo_units: int
    cargo_capacity: int
    engine_speed: int
    def __init__(self, symbol: _Optional[str] = ..., location: _Optional[str] = ..., nav_status: _Optional[str] = ..., fuel_current: _Optional[int] = ..., fuel_capacity: _Optional[int] = ..., cargo_units: _Optional[int] = ..., cargo_capacity: _Optional[int] = ..., engine_speed: _Optional[int] = ...) -> None: ...

class ListShipsResponse(_message.Message):
    __slots__ = ("ships",)
    SHIPS_FIELD_NUMBER: _ClassVar[int]
    ships: _containers.RepeatedCompositeFieldContainer[ShipInfo]
    def __init__(self, ships: _Optional[_Iterable[_Union[ShipInfo, _Mapping]]] = ...) -> None: ...

class GetShipRequest(_message.Message):
    __slots__ = ("ship_symbol", "player_id", "agent_symbol")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    player_id: int
    agent_symbol: str
    def __init__(self, ship_symbol: _Optional[str] = ..., player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class CargoItem(_message.Message):
    __slots__ = ("symbol", "name", "units")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    name: str
    units: int
    def __init__(self, symbol: _Optional[str] = ..., name: _Optional[str] = ..., units: _Optional[int] = ...) -> None: ...

class ShipDetail(_message.Message):
    __slots__ = ("symbol", "location", "nav_status", "fuel_current", "fuel_capacity", "cargo_units", "cargo_capacity", "cargo_inventory", "engine_speed", "role")
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    NAV_STATUS_FIELD_NUMBER: _ClassVar[int]
    FUEL_CURRENT_FIELD_NUMBER: _ClassVar[int]
    FUEL_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CARGO_UNITS_FIELD_NUMBER: _ClassVar[int]
    CARGO_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CARGO_INVENTORY_FIELD_NUMBER: _ClassVar[int]
    ENGINE_SPEED_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    location: str
    nav_status: str
    fuel_current: int
    fuel_capacity: int
    cargo_units: int
    cargo_capacity: int
    cargo_inventory: _containers.RepeatedCompositeFieldContainer[CargoItem]
    engine_speed: int
    role: str
    def __init__(self, symbol: _Optional[str] = ..., location: _Optional[str] = ..., nav_status: _Optional[str] = ..., fuel_current: _Optional[int] = ..., fuel_capacity: _Optional[int] = ..., cargo_units: _Optional[int] = ..., cargo_capacity: _Optional[int] = ..., cargo_inventory: _Optional[_Iterable[_Union[CargoItem, _Mapping]]] = ..., engine_speed: _Optional[int] = ..., role: _Optional[str] = ...) -> None: ...

class GetShipResponse(_message.Message):
    __slots__ = ("ship",)
    SHIP_FIELD_NUMBER: _ClassVar[int]
    ship: ShipDetail
    def __init__(self, ship: _Optional[_Union[ShipDetail, _Mapping]] = ...) -> None: ...

class NavigateShipRequest(_message.Message):
    __slots__ = ("ship_symbol", "destination", "player_id", "agent_symbol")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    destination: str
    player_id: int
    agent_symbol: str
    def __init__(self, ship_symbol: _Optional[str] = ..., destination: _Optional[str] = ..., player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class NavigateShipResponse(_message.Message):
    __slots__ = ("container_id", "ship_symbol", "destination", "status", "estimated_time_seconds")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_TIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    ship_symbol: str
    destination: str
    status: str
    estimated_time_seconds: int
    def __init__(self, container_id: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., destination: _Optional[str] = ..., status: _Optional[str] = ..., estimated_time_seconds: _Optional[int] = ...) -> None: ...

class DockShipRequest(_message.Message):
    __slots__ = ("ship_symbol", "player_id", "agent_symbol")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    player_id: int
    agent_symbol: str
    def __init__(self, ship_symbol: _Optional[str] = ..., player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class DockShipResponse(_message.Message):
    __slots__ = ("container_id", "ship_symbol", "status")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    ship_symbol: str
    status: str
    def __init__(self, container_id: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., status: _Optional[str] = ...) -> None: ...

class OrbitShipRequest(_message.Message):
    __slots__ = ("ship_symbol", "player_id", "agent_symbol")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    player_id: int
    agent_symbol: str
    def __init__(self, ship_symbol: _Optional[str] = ..., player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class OrbitShipResponse(_message.Message):
    __slots__ = ("container_id", "ship_symbol", "status")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    ship_symbol: str
    status: str
    def __init__(self, container_id: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., status: _Optional[str] = ...) -> None: ...

class RefuelShipRequest(_message.Message):
    __slots__ = ("ship_symbol", "player_id", "agent_symbol", "units")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    player_id: int
    agent_symbol: str
    units: int
    def __init__(self, ship_symbol: _Optional[str] = ..., player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., units: _Optional[int] = ...) -> None: ...

class RefuelShipResponse(_message.Message):
    __slots__ = ("container_id", "ship_symbol", "fuel_added", "credits_cost", "status")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FUEL_ADDED_FIELD_NUMBER: _ClassVar[int]
    CREDITS_COST_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    ship_symbol: str
    fuel_added: int
    credits_cost: int
    status: str
    def __init__(self, container_id: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., fuel_added: _Optional[int] = ..., credits_cost: _Optional[int] = ..., status: _Optional[str] = ...) -> None: ...

class MarketAssignment(_message.Message):
    __slots__ = ("markets",)
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    markets: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, markets: _Optional[_Iterable[str]] = ...) -> None: ...

class ScoutMarketsRequest(_message.Message):
    __slots__ = ("ship_symbols", "system_symbol", "markets", "iterations", "player_id", "agent_symbol")
    SHIP_SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    ITERATIONS_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ship_symbols: _containers.RepeatedScalarFieldContainer[str]
    system_symbol: str
    markets: _containers.RepeatedScalarFieldContainer[str]
    iterations: int
    player_id: int
    agent_symbol: str
    def __init__(self, ship_symbols: _Optional[_Iterable[str]] = ..., system_symbol: _Optional[str] = ..., markets: _Optional[_Iterable[str]] = ..., iterations: _Optional[int] = ..., player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class ScoutMarketsResponse(_message.Message):
    __slots__ = ("container_ids", "assignments", "reused_containers")
    class AssignmentsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: MarketAssignment
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[MarketAssignment, _Mapping]] = ...) -> None: ...
    CONTAINER_IDS_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    REUSED_CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    container_ids: _containers.RepeatedScalarFieldContainer[str]
    assignments: _containers.MessageMap[str, MarketAssignment]
    reused_containers: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, container_ids: _Optional[_Iterable[str]] = ..., assignments: _Optional[_Mapping[str, MarketAssignment]] = ..., reused_containers: _Optional[_Iterable[str]] = ...) -> None: ...
