from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartFactoryRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "target_good", "system_symbol", "strategy", "units", "terminal", "ships", "exclude", "fail_if_no_ship", "priority", "batches", "continuous", "force")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    STRATEGY_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    TERMINAL_FIELD_NUMBER: _ClassVar[int]
    SHIPS_FIELD_NUMBER: _ClassVar[int]
    EXCLUDE_FIELD_NUMBER: _ClassVar[int]
    FAIL_IF_NO_SHIP_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    BATCHES_FIELD_NUMBER: _ClassVar[int]
    CONTINUOUS_FIELD_NUMBER: _ClassVar[int]
    FORCE_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    target_good: str
    system_symbol: str
    strategy: str
    units: int
    terminal: str
    ships: _containers.RepeatedScalarFieldContainer[str]
    exclude: _containers.RepeatedScalarFieldContainer[str]
    fail_if_no_ship: bool
    priority: float
    batches: int
    continuous: bool
    force: bool
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., target_good: _Optional[str] = ..., system_symbol: _Optional[str] = ..., strategy: _Optional[str] = ..., units: _Optional[int] = ..., terminal: _Optional[str] = ..., ships: _Optional[_Iterable[str]] = ..., exclude: _Optional[_Iterable[str]] = ..., fail_if_no_ship: _Optional[bool] = ..., priority: _Optional[float] = ..., batches: _Optional[int] = ..., continuous: _Optional[bool] = ..., force: _Optional[bool] = ...) -> None: ...

class FactoryRef(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "factory_id")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    factory_id: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., factory_id: _Optional[str] = ...) -> None: ...

class QuoteFactoryRequest(_message.Message):
    __slots__ = ("factory", "cargo_ships", "simulate")
    FACTORY_FIELD_NUMBER: _ClassVar[int]
    CARGO_SHIPS_FIELD_NUMBER: _ClassVar[int]
    SIMULATE_FIELD_NUMBER: _ClassVar[int]
    factory: StartFactoryRequest
    cargo_ships: int
    simulate: bool
    def __init__(self, factory: _Optional[_Union[StartFactoryRequest, _Mapping]] = ..., cargo_ships: _Optional[int] = ..., simulate: _Optional[bool] = ...) -> None: ...

class Quote(_message.Message):
    __slots__ = ("target_good", "system_symbol", "credits", "seconds", "document", "now")
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    SECONDS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    target_good: str
    system_symbol: str
    credits: int
    seconds: float
    document: str
    now: str
    def __init__(self, target_good: _Optional[str] = ..., system_symbol: _Optional[str] = ..., credits: _Optional[int] = ..., seconds: _Optional[float] = ..., document: _Optional[str] = ..., now: _Optional[str] = ...) -> None: ...

class FactoryOutcome(_message.Message):
    __slots__ = ("factory_id", "status", "document", "now")
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    factory_id: str
    status: str
    document: str
    now: str
    def __init__(self, factory_id: _Optional[str] = ..., status: _Optional[str] = ..., document: _Optional[str] = ..., now: _Optional[str] = ...) -> None: ...

class Factory(_message.Message):
    __slots__ = ("factory_id", "player_id", "target_good", "system_symbol", "status", "quantity_acquired", "total_cost", "nodes_completed", "nodes_total", "ships_used", "error", "document", "now", "as_of_seq", "warnings")
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_ACQUIRED_FIELD_NUMBER: _ClassVar[int]
    TOTAL_COST_FIELD_NUMBER: _ClassVar[int]
    NODES_COMPLETED_FIELD_NUMBER: _ClassVar[int]
    NODES_TOTAL_FIELD_NUMBER: _ClassVar[int]
    SHIPS_USED_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    AS_OF_SEQ_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    factory_id: str
    player_id: int
    target_good: str
    system_symbol: str
    status: str
    quantity_acquired: int
    total_cost: int
    nodes_completed: int
    nodes_total: int
    ships_used: _containers.RepeatedScalarFieldContainer[str]
    error: str
    document: str
    now: str
    as_of_seq: int
    warnings: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, factory_id: _Optional[str] = ..., player_id: _Optional[int] = ..., target_good: _Optional[str] = ..., system_symbol: _Optional[str] = ..., status: _Optional[str] = ..., quantity_acquired: _Optional[int] = ..., total_cost: _Optional[int] = ..., nodes_completed: _Optional[int] = ..., nodes_total: _Optional[int] = ..., ships_used: _Optional[_Iterable[str]] = ..., error: _Optional[str] = ..., document: _Optional[str] = ..., now: _Optional[str] = ..., as_of_seq: _Optional[int] = ..., warnings: _Optional[_Iterable[str]] = ...) -> None: ...

class ListFactoriesRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "statuses", "id_prefix", "limit", "page_token")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    ID_PREFIX_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    statuses: _containers.RepeatedScalarFieldContainer[str]
    id_prefix: str
    limit: int
    page_token: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., statuses: _Optional[_Iterable[str]] = ..., id_prefix: _Optional[str] = ..., limit: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListFactoriesResponse(_message.Message):
    __slots__ = ("factories", "next_page_token", "trouble")
    FACTORIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    factories: _containers.RepeatedCompositeFieldContainer[Factory]
    next_page_token: str
    trouble: str
    def __init__(self, factories: _Optional[_Iterable[_Union[Factory, _Mapping]]] = ..., next_page_token: _Optional[str] = ..., trouble: _Optional[str] = ...) -> None: ...

class WatchEventsRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "factory_id", "after_seq", "stored_only", "since_seconds")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_SEQ_FIELD_NUMBER: _ClassVar[int]
    STORED_ONLY_FIELD_NUMBER: _ClassVar[int]
    SINCE_SECONDS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    factory_id: str
    after_seq: int
    stored_only: bool
    since_seconds: float
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., factory_id: _Optional[str] = ..., after_seq: _Optional[int] = ..., stored_only: _Optional[bool] = ..., since_seconds: _Optional[float] = ...) -> None: ...

class Event(_message.Message):
    __slots__ = ("seq", "kind", "at", "message", "player_id", "factory_id", "good", "ship", "container_id", "data")
    SEQ_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    SHIP_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    DATA_FIELD_NUMBER: _ClassVar[int]
    seq: int
    kind: str
    at: str
    message: str
    player_id: int
    factory_id: str
    good: str
    ship: str
    container_id: str
    data: str
    def __init__(self, seq: _Optional[int] = ..., kind: _Optional[str] = ..., at: _Optional[str] = ..., message: _Optional[str] = ..., player_id: _Optional[int] = ..., factory_id: _Optional[str] = ..., good: _Optional[str] = ..., ship: _Optional[str] = ..., container_id: _Optional[str] = ..., data: _Optional[str] = ...) -> None: ...

class RegisterPlayerRequest(_message.Message):
    __slots__ = ("agent_symbol", "faction", "account_token")
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FACTION_FIELD_NUMBER: _ClassVar[int]
    ACCOUNT_TOKEN_FIELD_NUMBER: _ClassVar[int]
    agent_symbol: str
    faction: str
    account_token: str
    def __init__(self, agent_symbol: _Optional[str] = ..., faction: _Optional[str] = ..., account_token: _Optional[str] = ...) -> None: ...

class AddPlayerRequest(_message.Message):
    __slots__ = ("token", "agent_symbol")
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    token: str
    agent_symbol: str
    def __init__(self, token: _Optional[str] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class ListPlayersRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListPlayersResponse(_message.Message):
    __slots__ = ("players", "parked", "trouble", "past")
    PLAYERS_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    PAST_FIELD_NUMBER: _ClassVar[int]
    players: _containers.RepeatedCompositeFieldContainer[Player]
    parked: _containers.RepeatedCompositeFieldContainer[Player]
    trouble: str
    past: _containers.RepeatedCompositeFieldContainer[Player]
    def __init__(self, players: _Optional[_Iterable[_Union[Player, _Mapping]]] = ..., parked: _Optional[_Iterable[_Union[Player, _Mapping]]] = ..., trouble: _Optional[str] = ..., past: _Optional[_Iterable[_Union[Player, _Mapping]]] = ...) -> None: ...

class UsePlayerRequest(_message.Message):
    __slots__ = ("agent_symbol",)
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    agent_symbol: str
    def __init__(self, agent_symbol: _Optional[str] = ...) -> None: ...

class Player(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "reset_date", "base_url", "headquarters", "is_default", "created_at", "outcome", "trouble")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    RESET_DATE_FIELD_NUMBER: _ClassVar[int]
    BASE_URL_FIELD_NUMBER: _ClassVar[int]
    HEADQUARTERS_FIELD_NUMBER: _ClassVar[int]
    IS_DEFAULT_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    reset_date: str
    base_url: str
    headquarters: str
    is_default: bool
    created_at: str
    outcome: str
    trouble: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., reset_date: _Optional[str] = ..., base_url: _Optional[str] = ..., headquarters: _Optional[str] = ..., is_default: _Optional[bool] = ..., created_at: _Optional[str] = ..., outcome: _Optional[str] = ..., trouble: _Optional[str] = ...) -> None: ...

class ListFleetRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class ListFleetResponse(_message.Message):
    __slots__ = ("ships", "now", "trouble")
    SHIPS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    ships: _containers.RepeatedCompositeFieldContainer[FleetShip]
    now: str
    trouble: str
    def __init__(self, ships: _Optional[_Iterable[_Union[FleetShip, _Mapping]]] = ..., now: _Optional[str] = ..., trouble: _Optional[str] = ...) -> None: ...

class FleetShip(_message.Message):
    __slots__ = ("symbol", "role", "system_symbol", "location", "nav_status", "flight_mode", "arrival", "fuel_current", "fuel_capacity", "cargo_capacity", "cargo", "engine_speed", "container_id", "operation", "observed_at", "keeps", "unread")
    class CargoEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    NAV_STATUS_FIELD_NUMBER: _ClassVar[int]
    FLIGHT_MODE_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_FIELD_NUMBER: _ClassVar[int]
    FUEL_CURRENT_FIELD_NUMBER: _ClassVar[int]
    FUEL_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CARGO_CAPACITY_FIELD_NUMBER: _ClassVar[int]
    CARGO_FIELD_NUMBER: _ClassVar[int]
    ENGINE_SPEED_FIELD_NUMBER: _ClassVar[int]
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    OPERATION_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_AT_FIELD_NUMBER: _ClassVar[int]
    KEEPS_FIELD_NUMBER: _ClassVar[int]
    UNREAD_FIELD_NUMBER: _ClassVar[int]
    symbol: str
    role: str
    system_symbol: str
    location: str
    nav_status: str
    flight_mode: str
    arrival: str
    fuel_current: int
    fuel_capacity: int
    cargo_capacity: int
    cargo: _containers.ScalarMap[str, int]
    engine_speed: int
    container_id: str
    operation: str
    observed_at: str
    keeps: str
    unread: str
    def __init__(self, symbol: _Optional[str] = ..., role: _Optional[str] = ..., system_symbol: _Optional[str] = ..., location: _Optional[str] = ..., nav_status: _Optional[str] = ..., flight_mode: _Optional[str] = ..., arrival: _Optional[str] = ..., fuel_current: _Optional[int] = ..., fuel_capacity: _Optional[int] = ..., cargo_capacity: _Optional[int] = ..., cargo: _Optional[_Mapping[str, int]] = ..., engine_speed: _Optional[int] = ..., container_id: _Optional[str] = ..., operation: _Optional[str] = ..., observed_at: _Optional[str] = ..., keeps: _Optional[str] = ..., unread: _Optional[str] = ...) -> None: ...

class ExplainShipRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbol", "factory_id")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbol: str
    factory_id: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., factory_id: _Optional[str] = ...) -> None: ...

class Eligibility(_message.Message):
    __slots__ = ("ship_symbol", "eligible", "reasons", "notes")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ELIGIBLE_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    eligible: bool
    reasons: _containers.RepeatedScalarFieldContainer[str]
    notes: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ship_symbol: _Optional[str] = ..., eligible: _Optional[bool] = ..., reasons: _Optional[_Iterable[str]] = ..., notes: _Optional[_Iterable[str]] = ...) -> None: ...

class SellCargoRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbol", "good", "waypoint", "confirmed", "confirmed_goods", "kept_goods")
    class ConfirmedGoodsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_GOODS_FIELD_NUMBER: _ClassVar[int]
    KEPT_GOODS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbol: str
    good: str
    waypoint: str
    confirmed: bool
    confirmed_goods: _containers.ScalarMap[str, str]
    kept_goods: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., good: _Optional[str] = ..., waypoint: _Optional[str] = ..., confirmed: _Optional[bool] = ..., confirmed_goods: _Optional[_Mapping[str, str]] = ..., kept_goods: _Optional[_Iterable[str]] = ...) -> None: ...

class PlannedSale(_message.Message):
    __slots__ = ("good", "units", "waypoint", "reason", "expected", "cost", "loss")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    LOSS_FIELD_NUMBER: _ClassVar[int]
    good: str
    units: int
    waypoint: str
    reason: str
    expected: int
    cost: int
    loss: int
    def __init__(self, good: _Optional[str] = ..., units: _Optional[int] = ..., waypoint: _Optional[str] = ..., reason: _Optional[str] = ..., expected: _Optional[int] = ..., cost: _Optional[int] = ..., loss: _Optional[int] = ...) -> None: ...

class PlanSaleResponse(_message.Message):
    __slots__ = ("ship_symbol", "sales", "confirmation")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    sales: _containers.RepeatedCompositeFieldContainer[PlannedSale]
    confirmation: str
    def __init__(self, ship_symbol: _Optional[str] = ..., sales: _Optional[_Iterable[_Union[PlannedSale, _Mapping]]] = ..., confirmation: _Optional[str] = ...) -> None: ...

class Sale(_message.Message):
    __slots__ = ("good", "units", "revenue", "waypoint", "kept", "kept_reason")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    KEPT_REASON_FIELD_NUMBER: _ClassVar[int]
    good: str
    units: int
    revenue: int
    waypoint: str
    kept: int
    kept_reason: str
    def __init__(self, good: _Optional[str] = ..., units: _Optional[int] = ..., revenue: _Optional[int] = ..., waypoint: _Optional[str] = ..., kept: _Optional[int] = ..., kept_reason: _Optional[str] = ...) -> None: ...

class SellCargoResponse(_message.Message):
    __slots__ = ("ship_symbol", "sales", "revenue", "confirmation")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SALES_FIELD_NUMBER: _ClassVar[int]
    REVENUE_FIELD_NUMBER: _ClassVar[int]
    CONFIRMATION_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    sales: _containers.RepeatedCompositeFieldContainer[Sale]
    revenue: int
    confirmation: str
    def __init__(self, ship_symbol: _Optional[str] = ..., sales: _Optional[_Iterable[_Union[Sale, _Mapping]]] = ..., revenue: _Optional[int] = ..., confirmation: _Optional[str] = ...) -> None: ...

class FindMarketsRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "good", "system_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    good: str
    system_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., good: _Optional[str] = ..., system_symbol: _Optional[str] = ...) -> None: ...

class FindMarketsResponse(_message.Message):
    __slots__ = ("good", "listings", "now", "system_symbol")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    LISTINGS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    good: str
    listings: _containers.RepeatedCompositeFieldContainer[Listing]
    now: str
    system_symbol: str
    def __init__(self, good: _Optional[str] = ..., listings: _Optional[_Iterable[_Union[Listing, _Mapping]]] = ..., now: _Optional[str] = ..., system_symbol: _Optional[str] = ...) -> None: ...

class Listing(_message.Message):
    __slots__ = ("waypoint", "good", "type", "trade_volume", "supply", "activity", "ask", "bid", "observed_at")
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    TRADE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    SUPPLY_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    BID_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_AT_FIELD_NUMBER: _ClassVar[int]
    waypoint: str
    good: str
    type: str
    trade_volume: int
    supply: str
    activity: str
    ask: int
    bid: int
    observed_at: str
    def __init__(self, waypoint: _Optional[str] = ..., good: _Optional[str] = ..., type: _Optional[str] = ..., trade_volume: _Optional[int] = ..., supply: _Optional[str] = ..., activity: _Optional[str] = ..., ask: _Optional[int] = ..., bid: _Optional[int] = ..., observed_at: _Optional[str] = ...) -> None: ...

class ShowMarketRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "waypoint")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    waypoint: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., waypoint: _Optional[str] = ...) -> None: ...

class Market(_message.Message):
    __slots__ = ("waypoint", "listings", "observed_at", "now")
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    LISTINGS_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_AT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    waypoint: str
    listings: _containers.RepeatedCompositeFieldContainer[Listing]
    observed_at: str
    now: str
    def __init__(self, waypoint: _Optional[str] = ..., listings: _Optional[_Iterable[_Union[Listing, _Mapping]]] = ..., observed_at: _Optional[str] = ..., now: _Optional[str] = ...) -> None: ...

class GetStatisticsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Statistics(_message.Message):
    __slots__ = ("requests_sent", "requests_retried", "requests_limited", "requests_by_purpose", "open_intents", "running_containers", "max_parallel_workers", "document", "now", "ledger_sum", "server_balance", "spending_holds", "uptime_seconds", "waiting_containers")
    class RequestsByPurposeEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    REQUESTS_SENT_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_RETRIED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_LIMITED_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_BY_PURPOSE_FIELD_NUMBER: _ClassVar[int]
    OPEN_INTENTS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    MAX_PARALLEL_WORKERS_FIELD_NUMBER: _ClassVar[int]
    DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    LEDGER_SUM_FIELD_NUMBER: _ClassVar[int]
    SERVER_BALANCE_FIELD_NUMBER: _ClassVar[int]
    SPENDING_HOLDS_FIELD_NUMBER: _ClassVar[int]
    UPTIME_SECONDS_FIELD_NUMBER: _ClassVar[int]
    WAITING_CONTAINERS_FIELD_NUMBER: _ClassVar[int]
    requests_sent: int
    requests_retried: int
    requests_limited: int
    requests_by_purpose: _containers.ScalarMap[str, int]
    open_intents: int
    running_containers: int
    max_parallel_workers: int
    document: str
    now: str
    ledger_sum: int
    server_balance: int
    spending_holds: _containers.RepeatedCompositeFieldContainer[SpendingHold]
    uptime_seconds: float
    waiting_containers: int
    def __init__(self, requests_sent: _Optional[int] = ..., requests_retried: _Optional[int] = ..., requests_limited: _Optional[int] = ..., requests_by_purpose: _Optional[_Mapping[str, int]] = ..., open_intents: _Optional[int] = ..., running_containers: _Optional[int] = ..., max_parallel_workers: _Optional[int] = ..., document: _Optional[str] = ..., now: _Optional[str] = ..., ledger_sum: _Optional[int] = ..., server_balance: _Optional[int] = ..., spending_holds: _Optional[_Iterable[_Union[SpendingHold, _Mapping]]] = ..., uptime_seconds: _Optional[float] = ..., waiting_containers: _Optional[int] = ...) -> None: ...

class SpendingHold(_message.Message):
    __slots__ = ("agent_symbol", "amount", "since", "reason")
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    agent_symbol: str
    amount: int
    since: str
    reason: str
    def __init__(self, agent_symbol: _Optional[str] = ..., amount: _Optional[int] = ..., since: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ShutdownRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ShutdownResponse(_message.Message):
    __slots__ = ("message",)
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    message: str
    def __init__(self, message: _Optional[str] = ...) -> None: ...

class FlyShipRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbol", "destination")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbol: str
    destination: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., destination: _Optional[str] = ...) -> None: ...

class JettisonCargoRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbol", "good", "units")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbol: str
    good: str
    units: int
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ...) -> None: ...

class JettisonCargoResponse(_message.Message):
    __slots__ = ("ship_symbol", "good", "units", "left")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    good: str
    units: int
    left: int
    def __init__(self, ship_symbol: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ..., left: _Optional[int] = ...) -> None: ...

class BuyShipRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_type", "waypoint", "max_price")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_TYPE_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    MAX_PRICE_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_type: str
    waypoint: str
    max_price: int
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_type: _Optional[str] = ..., waypoint: _Optional[str] = ..., max_price: _Optional[int] = ...) -> None: ...

class PlanShipPurchaseResponse(_message.Message):
    __slots__ = ("ship_type", "waypoint", "price", "present")
    SHIP_TYPE_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    PRESENT_FIELD_NUMBER: _ClassVar[int]
    ship_type: str
    waypoint: str
    price: int
    present: str
    def __init__(self, ship_type: _Optional[str] = ..., waypoint: _Optional[str] = ..., price: _Optional[int] = ..., present: _Optional[str] = ...) -> None: ...

class BuyShipResponse(_message.Message):
    __slots__ = ("ship_type", "waypoint", "price", "ship_symbol")
    SHIP_TYPE_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    PRICE_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ship_type: str
    waypoint: str
    price: int
    ship_symbol: str
    def __init__(self, ship_type: _Optional[str] = ..., waypoint: _Optional[str] = ..., price: _Optional[int] = ..., ship_symbol: _Optional[str] = ...) -> None: ...

class ListContractsRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class ListContractsResponse(_message.Message):
    __slots__ = ("contracts", "now")
    CONTRACTS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    contracts: _containers.RepeatedCompositeFieldContainer[Contract]
    now: str
    def __init__(self, contracts: _Optional[_Iterable[_Union[Contract, _Mapping]]] = ..., now: _Optional[str] = ...) -> None: ...

class ContractRef(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "contract_id")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    contract_id: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., contract_id: _Optional[str] = ...) -> None: ...

class Contract(_message.Message):
    __slots__ = ("contract_id", "faction", "type", "status", "on_accepted", "on_fulfilled", "accept_by", "deadline", "owed")
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    FACTION_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ON_ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    ON_FULFILLED_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_BY_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_FIELD_NUMBER: _ClassVar[int]
    OWED_FIELD_NUMBER: _ClassVar[int]
    contract_id: str
    faction: str
    type: str
    status: str
    on_accepted: int
    on_fulfilled: int
    accept_by: str
    deadline: str
    owed: _containers.RepeatedCompositeFieldContainer[ContractGood]
    def __init__(self, contract_id: _Optional[str] = ..., faction: _Optional[str] = ..., type: _Optional[str] = ..., status: _Optional[str] = ..., on_accepted: _Optional[int] = ..., on_fulfilled: _Optional[int] = ..., accept_by: _Optional[str] = ..., deadline: _Optional[str] = ..., owed: _Optional[_Iterable[_Union[ContractGood, _Mapping]]] = ...) -> None: ...

class ContractGood(_message.Message):
    __slots__ = ("good", "destination", "required", "fulfilled")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_FIELD_NUMBER: _ClassVar[int]
    good: str
    destination: str
    required: int
    fulfilled: int
    def __init__(self, good: _Optional[str] = ..., destination: _Optional[str] = ..., required: _Optional[int] = ..., fulfilled: _Optional[int] = ...) -> None: ...

class ContractPayment(_message.Message):
    __slots__ = ("contract", "credits")
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    CREDITS_FIELD_NUMBER: _ClassVar[int]
    contract: Contract
    credits: int
    def __init__(self, contract: _Optional[_Union[Contract, _Mapping]] = ..., credits: _Optional[int] = ...) -> None: ...

class DeliverContractRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbol", "contract_id", "good", "units")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_ID_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbol: str
    contract_id: str
    good: str
    units: int
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., contract_id: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ...) -> None: ...

class DeliverContractResponse(_message.Message):
    __slots__ = ("ship_symbol", "good", "units", "contract")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    good: str
    units: int
    contract: Contract
    def __init__(self, ship_symbol: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ..., contract: _Optional[_Union[Contract, _Mapping]] = ...) -> None: ...

class ConstructionRef(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "waypoint")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    waypoint: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., waypoint: _Optional[str] = ...) -> None: ...

class Construction(_message.Message):
    __slots__ = ("waypoint", "complete", "materials")
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    MATERIALS_FIELD_NUMBER: _ClassVar[int]
    waypoint: str
    complete: bool
    materials: _containers.RepeatedCompositeFieldContainer[ConstructionMaterial]
    def __init__(self, waypoint: _Optional[str] = ..., complete: _Optional[bool] = ..., materials: _Optional[_Iterable[_Union[ConstructionMaterial, _Mapping]]] = ...) -> None: ...

class ConstructionMaterial(_message.Message):
    __slots__ = ("good", "required", "fulfilled")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    REQUIRED_FIELD_NUMBER: _ClassVar[int]
    FULFILLED_FIELD_NUMBER: _ClassVar[int]
    good: str
    required: int
    fulfilled: int
    def __init__(self, good: _Optional[str] = ..., required: _Optional[int] = ..., fulfilled: _Optional[int] = ...) -> None: ...

class SupplyConstructionRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbol", "waypoint", "good", "units")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbol: str
    waypoint: str
    good: str
    units: int
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., waypoint: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ...) -> None: ...

class SupplyConstructionResponse(_message.Message):
    __slots__ = ("ship_symbol", "good", "units", "construction")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    CONSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    good: str
    units: int
    construction: Construction
    def __init__(self, ship_symbol: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ..., construction: _Optional[_Union[Construction, _Mapping]] = ...) -> None: ...

class GetLedgerRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "limit", "page_token", "before")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    limit: int
    page_token: str
    before: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., limit: _Optional[int] = ..., page_token: _Optional[str] = ..., before: _Optional[str] = ...) -> None: ...

class Ledger(_message.Message):
    __slots__ = ("agent_symbol", "rows", "ledger_sum", "server_balance", "balance_at", "hold", "stock_cost", "next_page_token", "now", "closing_sum", "trouble")
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    ROWS_FIELD_NUMBER: _ClassVar[int]
    LEDGER_SUM_FIELD_NUMBER: _ClassVar[int]
    SERVER_BALANCE_FIELD_NUMBER: _ClassVar[int]
    BALANCE_AT_FIELD_NUMBER: _ClassVar[int]
    HOLD_FIELD_NUMBER: _ClassVar[int]
    STOCK_COST_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    CLOSING_SUM_FIELD_NUMBER: _ClassVar[int]
    TROUBLE_FIELD_NUMBER: _ClassVar[int]
    agent_symbol: str
    rows: _containers.RepeatedCompositeFieldContainer[LedgerRow]
    ledger_sum: int
    server_balance: int
    balance_at: str
    hold: SpendingHold
    stock_cost: int
    next_page_token: str
    now: str
    closing_sum: int
    trouble: str
    def __init__(self, agent_symbol: _Optional[str] = ..., rows: _Optional[_Iterable[_Union[LedgerRow, _Mapping]]] = ..., ledger_sum: _Optional[int] = ..., server_balance: _Optional[int] = ..., balance_at: _Optional[str] = ..., hold: _Optional[_Union[SpendingHold, _Mapping]] = ..., stock_cost: _Optional[int] = ..., next_page_token: _Optional[str] = ..., now: _Optional[str] = ..., closing_sum: _Optional[int] = ..., trouble: _Optional[str] = ...) -> None: ...

class ListStockRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class ListStockResponse(_message.Message):
    __slots__ = ("rows", "now")
    ROWS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    rows: _containers.RepeatedCompositeFieldContainer[StockRow]
    now: str
    def __init__(self, rows: _Optional[_Iterable[_Union[StockRow, _Mapping]]] = ..., now: _Optional[str] = ...) -> None: ...

class StockRow(_message.Message):
    __slots__ = ("ship_symbol", "good", "units", "cost", "kind", "factory_id", "since", "location")
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    ship_symbol: str
    good: str
    units: int
    cost: int
    kind: str
    factory_id: str
    since: str
    location: str
    def __init__(self, ship_symbol: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ..., cost: _Optional[int] = ..., kind: _Optional[str] = ..., factory_id: _Optional[str] = ..., since: _Optional[str] = ..., location: _Optional[str] = ...) -> None: ...

class LedgerRow(_message.Message):
    __slots__ = ("at", "kind", "amount", "ship", "good", "units", "unit_price", "waypoint", "factory_id", "balance_after")
    AT_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    SHIP_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    UNITS_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    BALANCE_AFTER_FIELD_NUMBER: _ClassVar[int]
    at: str
    kind: str
    amount: int
    ship: str
    good: str
    units: int
    unit_price: int
    waypoint: str
    factory_id: str
    balance_after: int
    def __init__(self, at: _Optional[str] = ..., kind: _Optional[str] = ..., amount: _Optional[int] = ..., ship: _Optional[str] = ..., good: _Optional[str] = ..., units: _Optional[int] = ..., unit_price: _Optional[int] = ..., waypoint: _Optional[str] = ..., factory_id: _Optional[str] = ..., balance_after: _Optional[int] = ...) -> None: ...

class AcceptLedgerRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ...) -> None: ...

class AcceptLedgerResponse(_message.Message):
    __slots__ = ("booked", "resumed", "ledger_sum")
    BOOKED_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    LEDGER_SUM_FIELD_NUMBER: _ClassVar[int]
    booked: int
    resumed: bool
    ledger_sum: int
    def __init__(self, booked: _Optional[int] = ..., resumed: _Optional[bool] = ..., ledger_sum: _Optional[int] = ...) -> None: ...

class ExplainFactoryRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "factory_id", "good")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    factory_id: str
    good: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., factory_id: _Optional[str] = ..., good: _Optional[str] = ...) -> None: ...

class FactoryExplanation(_message.Message):
    __slots__ = ("factory_id", "target_good", "system_symbol", "status", "error", "paused_at", "notes", "nodes", "now", "hibernates", "parked_since")
    FACTORY_ID_FIELD_NUMBER: _ClassVar[int]
    TARGET_GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    PAUSED_AT_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    HIBERNATES_FIELD_NUMBER: _ClassVar[int]
    PARKED_SINCE_FIELD_NUMBER: _ClassVar[int]
    factory_id: str
    target_good: str
    system_symbol: str
    status: str
    error: str
    paused_at: str
    notes: _containers.RepeatedScalarFieldContainer[str]
    nodes: _containers.RepeatedCompositeFieldContainer[NodeExplanation]
    now: str
    hibernates: bool
    parked_since: str
    def __init__(self, factory_id: _Optional[str] = ..., target_good: _Optional[str] = ..., system_symbol: _Optional[str] = ..., status: _Optional[str] = ..., error: _Optional[str] = ..., paused_at: _Optional[str] = ..., notes: _Optional[_Iterable[str]] = ..., nodes: _Optional[_Iterable[_Union[NodeExplanation, _Mapping]]] = ..., now: _Optional[str] = ..., hibernates: _Optional[bool] = ..., parked_since: _Optional[str] = ...) -> None: ...

class NodeExplanation(_message.Message):
    __slots__ = ("good", "acquisition", "state", "reason", "since", "next_check", "checks", "quantity", "cost", "decision", "inputs", "sources", "sites", "tried", "tried_total", "retries", "refusals", "ships", "events", "stock")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    ACQUISITION_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    NEXT_CHECK_FIELD_NUMBER: _ClassVar[int]
    CHECKS_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    COST_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    INPUTS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    SITES_FIELD_NUMBER: _ClassVar[int]
    TRIED_FIELD_NUMBER: _ClassVar[int]
    TRIED_TOTAL_FIELD_NUMBER: _ClassVar[int]
    RETRIES_FIELD_NUMBER: _ClassVar[int]
    REFUSALS_FIELD_NUMBER: _ClassVar[int]
    SHIPS_FIELD_NUMBER: _ClassVar[int]
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    STOCK_FIELD_NUMBER: _ClassVar[int]
    good: str
    acquisition: str
    state: str
    reason: str
    since: str
    next_check: str
    checks: int
    quantity: int
    cost: int
    decision: str
    inputs: _containers.RepeatedScalarFieldContainer[str]
    sources: _containers.RepeatedCompositeFieldContainer[MarketOption]
    sites: _containers.RepeatedCompositeFieldContainer[MarketOption]
    tried: _containers.RepeatedCompositeFieldContainer[Attempt]
    tried_total: int
    retries: _containers.RepeatedCompositeFieldContainer[Retry]
    refusals: _containers.RepeatedCompositeFieldContainer[Refusal]
    ships: _containers.RepeatedCompositeFieldContainer[Eligibility]
    events: _containers.RepeatedCompositeFieldContainer[Event]
    stock: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, good: _Optional[str] = ..., acquisition: _Optional[str] = ..., state: _Optional[str] = ..., reason: _Optional[str] = ..., since: _Optional[str] = ..., next_check: _Optional[str] = ..., checks: _Optional[int] = ..., quantity: _Optional[int] = ..., cost: _Optional[int] = ..., decision: _Optional[str] = ..., inputs: _Optional[_Iterable[str]] = ..., sources: _Optional[_Iterable[_Union[MarketOption, _Mapping]]] = ..., sites: _Optional[_Iterable[_Union[MarketOption, _Mapping]]] = ..., tried: _Optional[_Iterable[_Union[Attempt, _Mapping]]] = ..., tried_total: _Optional[int] = ..., retries: _Optional[_Iterable[_Union[Retry, _Mapping]]] = ..., refusals: _Optional[_Iterable[_Union[Refusal, _Mapping]]] = ..., ships: _Optional[_Iterable[_Union[Eligibility, _Mapping]]] = ..., events: _Optional[_Iterable[_Union[Event, _Mapping]]] = ..., stock: _Optional[_Iterable[str]] = ...) -> None: ...

class MarketOption(_message.Message):
    __slots__ = ("listing", "distance", "verdict")
    LISTING_FIELD_NUMBER: _ClassVar[int]
    DISTANCE_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    listing: Listing
    distance: int
    verdict: str
    def __init__(self, listing: _Optional[_Union[Listing, _Mapping]] = ..., distance: _Optional[int] = ..., verdict: _Optional[str] = ...) -> None: ...

class Attempt(_message.Message):
    __slots__ = ("at", "leg_id", "state", "ship_symbol", "source", "destination", "reason", "not_before")
    AT_FIELD_NUMBER: _ClassVar[int]
    LEG_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    DESTINATION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    NOT_BEFORE_FIELD_NUMBER: _ClassVar[int]
    at: str
    leg_id: str
    state: str
    ship_symbol: str
    source: str
    destination: str
    reason: str
    not_before: str
    def __init__(self, at: _Optional[str] = ..., leg_id: _Optional[str] = ..., state: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., source: _Optional[str] = ..., destination: _Optional[str] = ..., reason: _Optional[str] = ..., not_before: _Optional[str] = ...) -> None: ...

class Retry(_message.Message):
    __slots__ = ("output", "failures", "at")
    OUTPUT_FIELD_NUMBER: _ClassVar[int]
    FAILURES_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    output: str
    failures: int
    at: str
    def __init__(self, output: _Optional[str] = ..., failures: _Optional[int] = ..., at: _Optional[str] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("at", "rule", "ship_symbol", "reason")
    AT_FIELD_NUMBER: _ClassVar[int]
    RULE_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    at: str
    rule: str
    ship_symbol: str
    reason: str
    def __init__(self, at: _Optional[str] = ..., rule: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ShowTrendRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "good", "waypoint", "system_symbol", "hours")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    GOOD_FIELD_NUMBER: _ClassVar[int]
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    good: str
    waypoint: str
    system_symbol: str
    hours: float
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., good: _Optional[str] = ..., waypoint: _Optional[str] = ..., system_symbol: _Optional[str] = ..., hours: _Optional[float] = ...) -> None: ...

class Trend(_message.Message):
    __slots__ = ("good", "system_symbol", "since", "now", "markets")
    GOOD_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    good: str
    system_symbol: str
    since: str
    now: str
    markets: _containers.RepeatedCompositeFieldContainer[MarketTrend]
    def __init__(self, good: _Optional[str] = ..., system_symbol: _Optional[str] = ..., since: _Optional[str] = ..., now: _Optional[str] = ..., markets: _Optional[_Iterable[_Union[MarketTrend, _Mapping]]] = ...) -> None: ...

class MarketTrend(_message.Message):
    __slots__ = ("waypoint", "type", "sightings", "per_half_hour", "measured_seconds")
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    SIGHTINGS_FIELD_NUMBER: _ClassVar[int]
    PER_HALF_HOUR_FIELD_NUMBER: _ClassVar[int]
    MEASURED_SECONDS_FIELD_NUMBER: _ClassVar[int]
    waypoint: str
    type: str
    sightings: _containers.RepeatedCompositeFieldContainer[Sighting]
    per_half_hour: float
    measured_seconds: float
    def __init__(self, waypoint: _Optional[str] = ..., type: _Optional[str] = ..., sightings: _Optional[_Iterable[_Union[Sighting, _Mapping]]] = ..., per_half_hour: _Optional[float] = ..., measured_seconds: _Optional[float] = ...) -> None: ...

class Sighting(_message.Message):
    __slots__ = ("observed_at", "ask", "bid", "supply", "activity", "trade_volume")
    OBSERVED_AT_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    BID_FIELD_NUMBER: _ClassVar[int]
    SUPPLY_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    TRADE_VOLUME_FIELD_NUMBER: _ClassVar[int]
    observed_at: str
    ask: int
    bid: int
    supply: str
    activity: str
    trade_volume: int
    def __init__(self, observed_at: _Optional[str] = ..., ask: _Optional[int] = ..., bid: _Optional[int] = ..., supply: _Optional[str] = ..., activity: _Optional[str] = ..., trade_volume: _Optional[int] = ...) -> None: ...

class StartScoutingRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbols", "system_symbol", "markets", "iterations")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    ITERATIONS_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbols: _containers.RepeatedScalarFieldContainer[str]
    system_symbol: str
    markets: _containers.RepeatedScalarFieldContainer[str]
    iterations: int
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbols: _Optional[_Iterable[str]] = ..., system_symbol: _Optional[str] = ..., markets: _Optional[_Iterable[str]] = ..., iterations: _Optional[int] = ...) -> None: ...

class GetScoutingRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "system_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    system_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., system_symbol: _Optional[str] = ...) -> None: ...

class Scouting(_message.Message):
    __slots__ = ("scouts", "markets", "notes", "now")
    SCOUTS_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    scouts: _containers.RepeatedCompositeFieldContainer[Scout]
    markets: _containers.RepeatedCompositeFieldContainer[WatchedMarket]
    notes: _containers.RepeatedScalarFieldContainer[str]
    now: str
    def __init__(self, scouts: _Optional[_Iterable[_Union[Scout, _Mapping]]] = ..., markets: _Optional[_Iterable[_Union[WatchedMarket, _Mapping]]] = ..., notes: _Optional[_Iterable[str]] = ..., now: _Optional[str] = ...) -> None: ...

class Scout(_message.Message):
    __slots__ = ("container_id", "ship_symbol", "system_symbol", "parked", "markets", "location", "arrival", "rounds", "max_rounds", "last_effect", "reason", "reused")
    CONTAINER_ID_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    PARKED_FIELD_NUMBER: _ClassVar[int]
    MARKETS_FIELD_NUMBER: _ClassVar[int]
    LOCATION_FIELD_NUMBER: _ClassVar[int]
    ARRIVAL_FIELD_NUMBER: _ClassVar[int]
    ROUNDS_FIELD_NUMBER: _ClassVar[int]
    MAX_ROUNDS_FIELD_NUMBER: _ClassVar[int]
    LAST_EFFECT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REUSED_FIELD_NUMBER: _ClassVar[int]
    container_id: str
    ship_symbol: str
    system_symbol: str
    parked: bool
    markets: _containers.RepeatedScalarFieldContainer[str]
    location: str
    arrival: str
    rounds: int
    max_rounds: int
    last_effect: str
    reason: str
    reused: bool
    def __init__(self, container_id: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., system_symbol: _Optional[str] = ..., parked: _Optional[bool] = ..., markets: _Optional[_Iterable[str]] = ..., location: _Optional[str] = ..., arrival: _Optional[str] = ..., rounds: _Optional[int] = ..., max_rounds: _Optional[int] = ..., last_effect: _Optional[str] = ..., reason: _Optional[str] = ..., reused: _Optional[bool] = ...) -> None: ...

class WatchedMarket(_message.Message):
    __slots__ = ("waypoint", "ship_symbol", "observed_at", "goods")
    WAYPOINT_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_AT_FIELD_NUMBER: _ClassVar[int]
    GOODS_FIELD_NUMBER: _ClassVar[int]
    waypoint: str
    ship_symbol: str
    observed_at: str
    goods: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, waypoint: _Optional[str] = ..., ship_symbol: _Optional[str] = ..., observed_at: _Optional[str] = ..., goods: _Optional[_Iterable[str]] = ...) -> None: ...

class StopScoutingRequest(_message.Message):
    __slots__ = ("player_id", "agent_symbol", "ship_symbols", "system_symbol")
    PLAYER_ID_FIELD_NUMBER: _ClassVar[int]
    AGENT_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    SHIP_SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_SYMBOL_FIELD_NUMBER: _ClassVar[int]
    player_id: int
    agent_symbol: str
    ship_symbols: _containers.RepeatedScalarFieldContainer[str]
    system_symbol: str
    def __init__(self, player_id: _Optional[int] = ..., agent_symbol: _Optional[str] = ..., ship_symbols: _Optional[_Iterable[str]] = ..., system_symbol: _Optional[str] = ...) -> None: ...

class StopScoutingResponse(_message.Message):
    __slots__ = ("ship_symbols",)
    SHIP_SYMBOLS_FIELD_NUMBER: _ClassVar[int]
    ship_symbols: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, ship_symbols: _Optional[_Iterable[str]] = ...) -> None: ...

class ExamineRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class Examination(_message.Message):
    __slots__ = ("findings", "now")
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    NOW_FIELD_NUMBER: _ClassVar[int]
    findings: _containers.RepeatedCompositeFieldContainer[Finding]
    now: str
    def __init__(self, findings: _Optional[_Iterable[_Union[Finding, _Mapping]]] = ..., now: _Optional[str] = ...) -> None: ...

class Finding(_message.Message):
    __slots__ = ("check", "verdict", "text", "remedy")
    CHECK_FIELD_NUMBER: _ClassVar[int]
    VERDICT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    check: str
    verdict: str
    text: str
    remedy: str
    def __init__(self, check: _Optional[str] = ..., verdict: _Optional[str] = ..., text: _Optional[str] = ..., remedy: _Optional[str] = ...) -> None: ...
