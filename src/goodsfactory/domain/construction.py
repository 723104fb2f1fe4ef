"""Building sites: a bill of materials that ships fill (api-facts §14)."""

from dataclasses import dataclass

from goodsfactory.domain.goods import Good


@dataclass(frozen=True)
class Material:
    """One line of the bill, in units."""

    good: Good
    required: int
    fulfilled: int

    @property
    def missing(self) -> int:
        return max(0, self.required - self.fulfilled)


@dataclass(frozen=True)
class ConstructionSite:
    """``materials`` is empty where nothing is being built."""

    waypoint: str
    materials: tuple[Material, ...]
    complete: bool

    def material(self, good: Good) -> Material | None:
        """The line of a good; None where the site needs none of it."""
        return next((line for line in self.materials if line.good == good), None)
