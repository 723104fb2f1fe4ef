"""Surveys: what lies at an asteroid, for how long, and how much of it (api-facts §12)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from goodsfactory.sandbox import draws
from goodsfactory.sandbox.deposits import MINEABLE, deposits
from goodsfactory.sandbox.errors import ErrorCode, Refusal
from goodsfactory.sandbox.reactor import require_rested, rest_after
from goodsfactory.sandbox.ship_parameters import ShipParameters
from goodsfactory.sandbox.ship_parts import Mount
from goodsfactory.sandbox.ships import Ship
from goodsfactory.sandbox.universe import Universe, Waypoint


@dataclass(slots=True)
class Survey:
    """One survey; ``units`` are left before it is exhausted, hidden from players."""

    signature: str
    waypoint: str
    deposits: tuple[str, ...]
    expires: datetime
    size: str
    units: int


@dataclass(frozen=True, slots=True)
class SurveyClaim:
    """A survey as a client sends it back."""

    signature: str
    waypoint: str
    deposits: Sequence[str]
    expires: datetime
    size: str


class Surveys:
    """All surveys of one universe, by signature. Anybody may use any of them."""

    def __init__(self, universe: Universe, parameters: ShipParameters) -> None:
        self._universe = universe
        self._parameters = parameters
        self._known: dict[str, Survey] = {}
        self._made = 0

    def survey(self, ship: Ship, now: datetime) -> list[Survey]:
        """Survey where the ship is. Refuses 4214, 4223, 4000, 4240, 4222."""
        ship.require_arrived(now)
        if ship.docked:
            raise Refusal(
                ErrorCode.SHIP_SURVEY_ORBIT,
                f"Ship survey failed. Ship {ship.symbol} must be in orbit.",
                {"waypointSymbol": ship.waypoint},
            )
        require_rested(ship, now)
        mounts = [mount for mount in ship.type.mounts if mount.symbol.startswith("MOUNT_SURVEYOR")]
        if not mounts:
            message = f"Ship {ship.symbol} has no surveyor."
            raise Refusal(ErrorCode.SHIP_MISSING_SURVEYOR, message, {"shipSymbol": ship.symbol})
        place = self._universe.waypoint(ship.waypoint)
        found = {} if place is None else self._findable(place, mounts)
        if place is None or not found:
            raise Refusal(
                ErrorCode.SHIP_SURVEY_WAYPOINT_TYPE,
                f"Ship survey failed. There is nothing to survey at {ship.waypoint}.",
                {"waypointSymbol": ship.waypoint},
            )
        made = [self._draw(place, found, now) for mount in mounts for _ in range(mount.strength or 1)]
        rest_after(ship, mounts, self._parameters, now)
        return made

    def find(self, signature: str) -> Survey | None:
        """The survey of a signature, expired or not; None for one that was never made or is forgotten."""
        return self._known.get(signature)

    def check(self, ship: Ship, claim: SurveyClaim, now: datetime) -> Survey:
        """The survey a client speaks of. Refuses 4220 (not ours), 4221 (expired), 4224 (exhausted), 4270."""
        data = {"signature": claim.signature}
        known = self._known.get(claim.signature)
        told = (claim.waypoint, tuple(claim.deposits), claim.expires, claim.size)
        if known is None or told != (known.waypoint, known.deposits, known.expires, known.size):
            message = "Ship extract failed. The survey could not be verified."
            raise Refusal(ErrorCode.SHIP_SURVEY_VERIFICATION, message, data)
        if now >= known.expires:
            message = f"Ship extract failed. Survey {known.signature} has expired."
            raise Refusal(ErrorCode.SHIP_SURVEY_EXPIRATION, message, data)
        if known.units <= 0:
            message = f"Ship extract failed. Survey {known.signature} has been exhausted."
            raise Refusal(ErrorCode.SHIP_SURVEY_EXHAUSTED, message, data)
        if known.waypoint != ship.waypoint:
            raise Refusal(
                ErrorCode.SHIP_EXTRACT_INVALID_SURVEY_LOCATION,
                f"Ship extract failed. The survey is for {known.waypoint}, not for {ship.waypoint}.",
                {"waypointSymbol": ship.waypoint, "surveyWaypointSymbol": known.waypoint},
            )
        return known

    def _findable(self, place: Waypoint, mounts: list[Mount]) -> dict[str, int]:
        if place.type not in MINEABLE:
            return {}
        visible = {good for mount in mounts for good in mount.deposits}
        return {good: weight for good, weight in deposits(place).items() if good in visible}

    def _draw(self, place: Waypoint, found: dict[str, int], now: datetime) -> Survey:
        self._made += 1
        rules = self._parameters
        dice = draws.source(self._universe.seed, place.symbol, "survey", self._made)
        size = dice.choices(rules.survey_sizes, [each.weight for each in rules.survey_sizes])[0]
        shortest, longest = rules.survey_lifetime
        seconds = round(dice.uniform(shortest.total_seconds(), longest.total_seconds()))
        listed = dice.choices(list(found), list(found.values()), k=dice.randint(*rules.survey_deposits))
        survey = Survey(
            signature=f"{place.symbol}-{dice.getrandbits(24):06X}",
            waypoint=place.symbol,
            deposits=tuple(listed),
            expires=now + timedelta(seconds=seconds),
            size=size.symbol,
            units=dice.randint(*size.units),
        )
        self._forget(now)
        self._known[survey.signature] = survey
        return survey

    def _forget(self, now: datetime) -> None:
        longest = self._parameters.survey_lifetime[1]
        for signature, survey in list(self._known.items())[:2]:
            if now - survey.expires > longest:
                del self._known[signature]
