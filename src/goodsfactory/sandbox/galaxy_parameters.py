"""The constants of generated galaxies, each with the place it comes from."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_SYSTEMS = 60
"""Systems of a served sandbox unless told otherwise."""

MOST_SYSTEMS = 20_000
"""The largest galaxy on offer; the real one has about 7,000 to 8,500 systems (api-facts §6)."""


@dataclass(frozen=True, slots=True)
class GalaxyParameters:
    """How systems lie and what those nobody starts in hold. Those marked *assumed* were never measured.

    spacing: systems lie on a spiral of radius ``spacing`` x square root of their number, in map units;
        nearest neighbours are then about 500 apart, a jump cools down in minutes (*assumed*; api-facts §10).
    jitter: how far a system strays from the spiral, as a share of ``spacing`` (*assumed*).
    home_every: of the innermost systems each so-manieth is some faction's home (*assumed*).
    core: number of innermost systems that all have a gate (*assumed*).
    gate_share: share of the other systems that have one (3,100 of 7,000, api-facts §6).
    near_gates: a finished gate connects to so many of its nearest, and to all that chose it (*assumed*).
    home_gates: connections of a home system's gate (api-facts §6, captured system: 5).
    uncharted: chance that a waypoint outside the home systems has not been charted (*assumed*).
    frontier_yard: chance that a settled system outside has a shipyard (*assumed*).
    """

    spacing: float = 300.0
    jitter: float = 0.3
    home_every: int = 6
    core: int = 60
    gate_share: float = 0.44
    near_gates: int = 3
    home_gates: int = 5
    uncharted: float = 0.6
    frontier_yard: float = 0.15
