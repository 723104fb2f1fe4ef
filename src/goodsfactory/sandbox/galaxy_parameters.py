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

    spacing: so many systems as the square of a number lie within ``spacing`` times that number, in map units.
        Systems scattered evenly at a spacing of 500 lie as far apart as live ones (424 by the median, gates
        613; operations.md §7.1). Here they lie closer, because in a galaxy of 60 each of ten homes needs its
        five links, which would be too long otherwise.
    home_every: of the innermost systems each so-manieth is some faction's home (*assumed*).
    core: number of innermost systems that all have a gate (*assumed*: the smallest galaxy needs some).
    gate_share: share of the systems that have one (3,101 of 6,996, operations.md §7.1).
    link_ranks: to the how-manieth nearest gate a link leads, by share of links: what the lengths of 6,827
        live links mean (p5 338 map units, median 1,230, p90 2,868; §7.1, §10 S2).
    degrees: links of a gate outside the homes, each as likely as another (3 to 6, median 4 to 5, §7.1).
    most_gates: no gate is chosen that has so many (at most 9, §7.1).
    home_gates: connections of a home system's gate (api-facts §6, captured system: 5).
    wall_every: of the gates outside the homes each so-manieth is unfinished (306 of 3,101 in all, 8 % of the
        neighbours of finished ones, §3.1).
    wall_homes: one home in so many lies beside an unfinished gate (§3.1).
    stabilized: chance that the quantum stabilizer of such a gate has been delivered (*assumed*).
    uncharted: chance that a waypoint outside the home systems has not been charted (*assumed*).
    frontier_yard: chance that a settled system outside has a shipyard (*assumed*).
    """

    spacing: float = 360.0
    home_every: int = 6
    core: int = 4
    gate_share: float = 0.44
    link_ranks: tuple[tuple[float, float], ...] = (
        *((0.0, 1), (0.30, 1), (0.50, 2.5), (0.75, 7), (0.90, 15), (1.0, 40)),
    )
    degrees: tuple[int, ...] = (3, 3, 3, 4, 5)
    most_gates: int = 7
    home_gates: int = 5
    wall_every: int = 11
    wall_homes: int = 3
    stabilized: float = 0.5
    uncharted: float = 0.6
    frontier_yard: float = 0.15
