"""Which ship looks at which markets, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from goodsfactory.domain.ship import Ship
from goodsfactory.planning.chart.chart import Chart
from goodsfactory.planning.decision import counted, duration, in_words

CARGO_SHIP_RELUCTANCE = 1.5
"""A second of a ship that could carry goods counts as this many of a probe, which can do nothing else."""


@dataclass(frozen=True)
class MarketWant:
    """A market somebody needs looked at. The larger ``urgency`` goes first where not all can be visited."""

    waypoint: str
    reason: str
    urgency: int = 0


@dataclass(frozen=True)
class ScoutVoyage:
    """Look at ``waypoints`` in this order; no flight where the ship stands at the only one.

    ``factory_id`` is the factory for which the ship goes there to wait; None where it only looks.
    """

    ship: str
    waypoints: tuple[str, ...]
    reason: str
    factory_id: str | None = None


def plan_scouting(
    wants: Sequence[MarketWant],
    ships: Sequence[Ship],
    chart: Chart,
    now: datetime,
    *,
    max_stops: int,
) -> list[ScoutVoyage]:
    """Share the wanted markets among the free ``ships`` so that the last one is seen early.

    A market where a free ship stands is one voyage without a flight (a probe is taken first, it gives up
    nothing). The others go, most urgent first, into the voyage whose end they delay least, wherever they fit
    best in it. A cargo ship gets at most ``max_stops`` so that it comes free soon; a probe as many as there
    are. Wants that fit nobody are left for the next time. The same input gives the same voyages.
    """
    fleet = sorted(ships, key=lambda ship: (not ship.is_probe, ship.symbol))
    open_wants = _once_each(wants)
    voyages: list[ScoutVoyage] = []
    for want in list(open_wants.values()):
        watcher = next((ship for ship in fleet if ship.is_at(want.waypoint, now)), None)
        if watcher is None:
            continue
        fleet.remove(watcher)
        del open_wants[want.waypoint]
        why = f"{watcher.symbol} is at {want.waypoint} already: {want.reason}"
        voyages.append(ScoutVoyage(watcher.symbol, (want.waypoint,), why))
    tours = [_Tour(ship, chart, now) for ship in fleet]
    for want in open_wants.values():
        _assign(want, tours, max_stops)
    return voyages + [tour.voyage() for tour in tours if tour.stops]


def _once_each(wants: Sequence[MarketWant]) -> dict[str, MarketWant]:
    """Most urgent first, then by waypoint; of two wants for one market the more urgent stays."""
    ordered = sorted(wants, key=lambda want: (-want.urgency, want.waypoint))
    found: dict[str, MarketWant] = {}
    for want in ordered:
        found.setdefault(want.waypoint, want)
    return found


@dataclass
class _Tour:
    """A voyage that grows."""

    ship: Ship
    chart: Chart
    now: datetime
    stops: list[MarketWant] = field(default_factory=list)
    seconds: int = 0
    """from now until the last of ``stops`` is reached"""

    def best_insertion(self, want: MarketWant) -> tuple[int, list[MarketWant]] | None:
        """The order with ``want`` in it that ends first, with its seconds; None where no way is known."""
        best: tuple[int, list[MarketWant]] | None = None
        for at in range(len(self.stops) + 1):
            order = [*self.stops[:at], want, *self.stops[at:]]
            seconds = self.chart.seconds(self.ship, [stop.waypoint for stop in order], self.now)
            if seconds is not None and (best is None or seconds < best[0]):
                best = (seconds, order)
        return best

    def voyage(self) -> ScoutVoyage:
        first = self.stops[0]
        why = f"{self.ship.symbol} looks at {counted(len(self.stops), 'market')}, a way of about "
        why += f"{duration(self.seconds)}: "
        why += in_words(dict.fromkeys(stop.reason for stop in self.stops), none=first.reason)
        return ScoutVoyage(self.ship.symbol, tuple(stop.waypoint for stop in self.stops), why)


def _assign(want: MarketWant, tours: Sequence[_Tour], max_stops: int) -> None:
    best: tuple[float, _Tour, tuple[int, list[MarketWant]]] | None = None
    for tour in tours:
        if not tour.ship.is_probe and len(tour.stops) >= max_stops:
            continue
        found = tour.best_insertion(want)
        if found is None:
            continue
        cost = found[0] if tour.ship.is_probe else found[0] * CARGO_SHIP_RELUCTANCE
        if best is None or cost < best[0]:
            best = (cost, tour, found)
    if best is not None:
        best[1].seconds, best[1].stops = best[2]
