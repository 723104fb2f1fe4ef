"""The wire contract, field by field, and the stubs made from it."""

import re
import shutil
from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from tests.api import stubs

from goodsfactory.api import daemon_pb2, daemon_pb2_grpc, goodsfactory_pb2

CONTAINER = (
    "container_id=1 container_type=2 status=3 player_id=4:int32 created_at=5 updated_at=6 "
    "current_iteration=7:int32 max_iterations=8:int32 restart_count=9:int32"
)
CONTRACT = {
    "StartGoodsFactoryRequest": "player_id=1:int32 target_good=2 system_symbol=3? agent_symbol=4?",
    "StartGoodsFactoryResponse": "factory_id=1 target_good=2 status=3 message=4 nodes_total=5:int32",
    "StopGoodsFactoryRequest": "player_id=1:int32 factory_id=2",
    "StopGoodsFactoryResponse": "factory_id=1 status=2 message=3",
    "GetFactoryStatusRequest": "player_id=1:int32 factory_id=2",
    "GetFactoryStatusResponse": (
        "factory_id=1 target_good=2 status=3 dependency_tree=4 quantity_acquired=5:int32 total_cost=6:int32 "
        "nodes_completed=7:int32 nodes_total=8:int32 system_symbol=9 ships_used=10:int32 "
        "market_queries=11:int32 parallel_levels=12:int32 estimated_speedup=13:float"
    ),
    "HealthCheckRequest": "",
    "HealthCheckResponse": "status=1 version=2 active_containers=3:int32",
    "ListContainersRequest": "player_id=1:int32? status=2? limit=3:int32? page_token=4?",
    "ListContainersResponse": "containers=1*:ContainerInfo next_page_token=2?",
    "ContainerInfo": CONTAINER,
    "GetContainerRequest": "container_id=1",
    "GetContainerResponse": "container=1:ContainerInfo metadata=2",
    "StopContainerRequest": "container_id=1",
    "StopContainerResponse": "container_id=1 status=2 message=3",
    "GetContainerLogsRequest": "container_id=1 limit=2:int32? level=3?",
    "GetContainerLogsResponse": "logs=1*:ContainerLogEntry",
    "ContainerLogEntry": "timestamp=1 level=2 message=3 metadata=4",
    "ListShipsRequest": "player_id=1:int32? agent_symbol=2?",
    "ListShipsResponse": "ships=1*:ShipInfo",
    "ShipInfo": (
        "symbol=1 location=2 nav_status=3 fuel_current=4:int32 fuel_capacity=5:int32 cargo_units=6:int32 "
        "cargo_capacity=7:int32 engine_speed=8:int32"
    ),
    "GetShipRequest": "ship_symbol=1 player_id=2:int32? agent_symbol=3?",
    "GetShipResponse": "ship=1:ShipDetail",
    "ShipDetail": (
        "symbol=1 location=2 nav_status=3 fuel_current=4:int32 fuel_capacity=5:int32 cargo_units=6:int32 "
        "cargo_capacity=7:int32 cargo_inventory=8*:CargoItem engine_speed=9:int32 role=10"
    ),
    "CargoItem": "symbol=1 name=2 units=3:int32",
    "NavigateShipRequest": "ship_symbol=1 destination=2 player_id=3:int32 agent_symbol=4?",
    "NavigateShipResponse": (
        "container_id=1 ship_symbol=2 destination=3 status=4 estimated_time_seconds=5:int32"
    ),
    "DockShipRequest": "ship_symbol=1 player_id=2:int32 agent_symbol=3?",
    "DockShipResponse": "container_id=1 ship_symbol=2 status=3",
    "OrbitShipRequest": "ship_symbol=1 player_id=2:int32 agent_symbol=3?",
    "OrbitShipResponse": "container_id=1 ship_symbol=2 status=3",
    "RefuelShipRequest": "ship_symbol=1 player_id=2:int32 agent_symbol=3? units=4:int32?",
    "RefuelShipResponse": ("container_id=1 ship_symbol=2 fuel_added=3:int32 credits_cost=4:int32 status=5"),
    "ScoutMarketsRequest": (
        "ship_symbols=1* system_symbol=2 markets=3* iterations=4:int32 player_id=5:int32 agent_symbol=6?"
    ),
    "ScoutMarketsResponse": "container_ids=1* assignments=2*:AssignmentsEntry reused_containers=3*",
    "MarketAssignment": "markets=1*",
}
TYPES = {
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_FLOAT: "float",
}


def described(field: FieldDescriptor) -> tuple[str, int, str, str]:
    mark = "*" if field.is_repeated else "?" if field.has_presence and field.message_type is None else ""
    kind = field.message_type.name if field.message_type else TYPES[field.type]
    return field.name, field.number, mark, kind


def expected(text: str) -> list[tuple[str, int, str, str]]:
    fields = []
    for part in text.split():
        match = re.fullmatch(r"(\w+)=(\d+)(\*?)(?::(\w+))?(\??)", part)
        assert match is not None, part
        name, number, repeated, kind, optional = match.groups()
        fields.append((name, int(number), repeated or optional, kind or "string"))
    return fields


@pytest.mark.parametrize("name", CONTRACT)
def test_message_fields_hold_their_numbers_and_types(name: str) -> None:
    """Every message of the contract has exactly the fields that existing clients expect."""
    message = daemon_pb2.DESCRIPTOR.message_types_by_name[name]
    assert [described(field) for field in message.fields] == expected(CONTRACT[name])


def test_the_contract_has_no_message_beside_the_known_ones() -> None:
    """The table above is complete."""
    assert set(daemon_pb2.DESCRIPTOR.message_types_by_name) == set(CONTRACT)


def test_package_and_service_are_named_as_existing_clients_call_them() -> None:
    """The calls are /daemon.DaemonService/… and carry the pair of messages named after them."""
    service = daemon_pb2.DESCRIPTOR.services_by_name["DaemonService"]
    assert service.full_name == "daemon.DaemonService"
    assert [method.name for method in service.methods] == [
        *("StartGoodsFactory", "StopGoodsFactory", "GetFactoryStatus", "HealthCheck"),
        *("ListContainers", "GetContainer", "StopContainer", "GetContainerLogs"),
        *("ListShips", "GetShip", "NavigateShip", "DockShip", "OrbitShip", "RefuelShip", "ScoutMarkets"),
    ]
    for method in service.methods:
        assert method.input_type.name == f"{method.name}Request"
        assert method.output_type.name == f"{method.name}Response"


def test_assignments_of_scouts_are_a_map_from_ship_to_markets() -> None:
    """assignments=2 is map<string, MarketAssignment>."""
    answer = daemon_pb2.ScoutMarketsResponse()
    answer.assignments["SHIP-1"].markets.append("X1-A-B")
    again = daemon_pb2.ScoutMarketsResponse.FromString(answer.SerializeToString())
    assert dict(again.assignments) == {"SHIP-1": daemon_pb2.MarketAssignment(markets=["X1-A-B"])}


def test_a_request_of_an_existing_client_is_read_as_it_was_meant() -> None:
    """Bytes written from the numbers alone become the right fields."""
    written = b"\x08\x07\x12\x06COPPER\x1a\x06X1-GZ7"
    read = daemon_pb2.StartGoodsFactoryRequest.FromString(written)
    assert (read.player_id, read.target_good, read.system_symbol) == (7, "COPPER", "X1-GZ7")
    assert not read.HasField("agent_symbol")


def test_our_own_service_lives_in_its_own_package() -> None:
    """Additions never touch the contract's package."""
    service = goodsfactory_pb2.DESCRIPTOR.services_by_name["FactoryService"]
    assert service.full_name == "goodsfactory.v1.FactoryService"
    watch = service.methods_by_name["WatchEvents"]
    assert (watch.server_streaming, watch.client_streaming) == (True, False)


def test_money_and_sequence_numbers_of_our_own_messages_do_not_overflow() -> None:
    """What grows without end is 64 bits wide."""
    wide = {"quantity_acquired", "total_cost", "seq", "after_seq", "ledger_sum", "server_balance"}
    for message in goodsfactory_pb2.DESCRIPTOR.message_types_by_name.values():
        for field in message.fields:
            if field.name in wide:
                assert field.type == FieldDescriptor.TYPE_INT64, f"{message.name}.{field.name}"


def test_the_committed_stubs_are_current() -> None:
    """Generating from the protos gives exactly what is committed."""
    assert stubs.stale() == []


def test_a_changed_proto_makes_its_stubs_stale(tmp_path: Path) -> None:
    """The check names every stub that a change of a proto should have changed."""
    package = tmp_path / stubs.PACKAGE
    shutil.copytree(stubs.SOURCE / stubs.PACKAGE, package)
    proto = package / "daemon.proto"
    proto.write_text(proto.read_text().replace("string metadata = 4;", "string metadata = 5;"))
    assert stubs.stale(tmp_path) == [
        f"{stubs.PACKAGE}/daemon_pb2.py",
    ]


def test_a_broken_proto_is_reported(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What protoc refuses is an error, and its words are shown."""
    package = tmp_path / stubs.PACKAGE
    shutil.copytree(stubs.SOURCE / stubs.PACKAGE, package)
    (package / "daemon.proto").write_text("syntax = 'proto3'; message {")
    with pytest.raises(RuntimeError, match="protoc refused"):
        stubs.generated(tmp_path)
    assert "daemon.proto" in capfd.readouterr().err


def test_the_servicer_has_a_method_for_every_call() -> None:
    """The generated service code and the descriptor agree."""
    service = daemon_pb2.DESCRIPTOR.services_by_name["DaemonService"]
    assert all(hasattr(daemon_pb2_grpc.DaemonServiceServicer, method.name) for method in service.methods)
    assert issubclass(daemon_pb2.HealthCheckRequest, Message)
