"""Ships as last observed."""

from datetime import UTC, datetime, timedelta

from goodsfactory.domain.ship import Hold, Nav, NavStatus, Ship, Tank

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ship(status: NavStatus, arrives_in: int | None = None, hold: Hold | None = None) -> Ship:
    arrival = None if arrives_in is None else NOW + timedelta(seconds=arrives_in)
    nav = Nav("X1-T", "X1-T-B", status, arrival=arrival)
    return Ship("SHIP-1", "HAULER", nav, Tank(1, 2), hold or Hold(40), 30, NOW)


def test_a_ship_under_way_is_not_yet_at_its_waypoint() -> None:
    """Its waypoint is already the destination (api-facts §8.1)."""
    flying = ship(NavStatus.IN_TRANSIT, 10)
    assert flying.in_transit(NOW)
    assert not flying.is_at("X1-T-B", NOW)


def test_a_ship_arrives_by_the_clock() -> None:
    """The server flips the state by itself at arrival; no call is needed."""
    flying = ship(NavStatus.IN_TRANSIT, 10)
    assert not flying.in_transit(NOW + timedelta(seconds=10))
    assert flying.is_at("X1-T-B", NOW + timedelta(seconds=10))
    assert not flying.is_at("X1-T-A", NOW + timedelta(seconds=10))


def test_an_arrival_of_the_past_does_not_keep_a_standing_ship_in_flight() -> None:
    """Docked and orbiting ships carry the times of their last route."""
    assert not ship(NavStatus.DOCKED, 10).in_transit(NOW)
    assert not ship(NavStatus.IN_ORBIT).in_transit(NOW)


def test_a_flight_without_an_arrival_goes_on_until_the_ship_is_read_again() -> None:
    """Nobody told when it ends: it is nowhere, and not at its goal."""
    lost = ship(NavStatus.IN_TRANSIT)
    assert lost.in_transit(NOW + timedelta(days=1))
    assert not lost.is_at("X1-T-B", NOW + timedelta(days=1))


def test_a_flight_under_way_is_counted_to_the_next_whole_second() -> None:
    """Arrival is in the future until it has passed; an arrival that nobody told counts as none."""
    flying = ship(NavStatus.IN_TRANSIT, 7)
    assert flying.seconds_to_arrival(NOW) == 7
    assert flying.seconds_to_arrival(NOW + timedelta(seconds=6.5)) == 1
    assert flying.seconds_to_arrival(NOW + timedelta(seconds=8)) == 0
    assert ship(NavStatus.DOCKED).seconds_to_arrival(NOW) == 0
    assert ship(NavStatus.IN_TRANSIT).seconds_to_arrival(NOW) == 0


def test_a_hold_counts_its_goods() -> None:
    """Units, room and goods by name."""
    hold = Hold(40, {"IRON": 12, "COPPER": 3})
    assert (hold.units, hold.free, hold.of("IRON"), hold.of("GOLD")) == (15, 25, 12, 0)


def test_a_ship_without_hold_is_a_probe() -> None:
    """It can look and not carry."""
    assert ship(NavStatus.DOCKED, hold=Hold(0)).is_probe
    assert not ship(NavStatus.DOCKED).is_probe
