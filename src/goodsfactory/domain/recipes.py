"""Recipes: which imports a market needs to produce an export."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any

from goodsfactory.domain.goods import RAW_GOODS, Good


class MalformedRecipes(ValueError):
    """The recipe map cannot be used. The message names the entry; correct the file and start again."""


@dataclass(frozen=True)
class RecipeMap:
    """Export → its imports, without quantities: nobody knows ratios (economy.md §6.1).

    ``raw`` names the goods at which recursion ends although they have recipes.
    """

    imports_of: Mapping[Good, tuple[Good, ...]]
    raw: frozenset[Good] = RAW_GOODS
    origin: str = "memory"

    @classmethod
    def from_json(cls, document: Any, *, origin: str, raw: frozenset[Good] = RAW_GOODS) -> "RecipeMap":
        """Read the shape of ``GET /market/supply-chain`` (with or without its ``data`` envelope).

        Raises MalformedRecipes, naming ``origin`` and the first bad entry.
        """
        if isinstance(document, dict) and isinstance(document.get("data"), dict):
            document = document["data"]
        table = document.get("exportToImportMap") if isinstance(document, dict) else None
        if not isinstance(table, dict) or not table:
            raise MalformedRecipes(f"{origin}: expected an object with a non-empty 'exportToImportMap'")
        imports_of: dict[Good, tuple[Good, ...]] = {}
        for good, imports in table.items():
            if not isinstance(imports, list) or not imports:
                raise MalformedRecipes(f"{origin}: the imports of {good} must be a non-empty list of goods")
            if not all(isinstance(item, str) and item for item in imports):
                raise MalformedRecipes(f"{origin}: the imports of {good} must all be names of goods")
            if good in imports:
                raise MalformedRecipes(f"{origin}: {good} is listed as its own import")
            # The live map repeats an import once (MERITIUM of MODULE_WARP_DRIVE_III): a recipe is a set.
            imports_of[good] = tuple(dict.fromkeys(imports))
        return cls(MappingProxyType(imports_of), raw, origin)

    @classmethod
    def from_text(cls, text: str, *, origin: str) -> "RecipeMap":
        """Parse JSON text. Raises MalformedRecipes naming ``origin``, the line and the column."""
        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            raise MalformedRecipes(
                f"{origin}: not JSON ({error.msg} at line {error.lineno}, column {error.colno})"
            ) from None
        except RecursionError:
            raise MalformedRecipes(f"{origin}: it is nested too deeply") from None
        return cls.from_json(document, origin=origin)

    @classmethod
    def bundled(cls) -> "RecipeMap":
        """The copy that ships with the package (129 exports)."""
        text = resources.files("goodsfactory.domain").joinpath("supply_chain.json").read_text("utf-8")
        return cls.from_text(text, origin="bundled recipes")

    @cached_property
    def goods(self) -> frozenset[Good]:
        """Every good the map mentions, as an export or as an import."""
        return frozenset(self.imports_of) | {i for imports in self.imports_of.values() for i in imports}

    def inputs(self, good: Good) -> tuple[Good, ...]:
        """The imports of ``good``; empty where no recipe is known."""
        return self.imports_of.get(good, ())

    def is_raw(self, good: Good) -> bool:
        """True where recursion ends: a mined good, or one without a recipe."""
        return good in self.raw or good not in self.imports_of

    def cycles(self) -> list[tuple[Good, ...]]:
        """Cycles that remain once recursion stops at raw goods, each as the path that closes it."""
        return list(self._cycles())

    def _cycles(self) -> Iterator[tuple[Good, ...]]:
        finished: set[Good] = set()
        for root in sorted(self.imports_of):
            path: list[Good] = []
            stack: list[tuple[Good, int]] = [(root, 0)]
            while stack:
                good, next_input = stack.pop()
                if next_input == 0:
                    if good in path:
                        yield (*path[path.index(good) :], good)
                        continue
                    if good in finished or good in self.raw:
                        continue
                    path.append(good)
                inputs = self.inputs(good)
                if next_input < len(inputs):
                    stack.append((good, next_input + 1))
                    stack.append((inputs[next_input], 0))
                else:
                    path.pop()
                    finished.add(good)

    def validate(self) -> list[str]:
        """Sentences about anything that would make planning wrong; an empty list means sound."""
        complaints = [
            f"{self.origin}: {' ← '.join(cycle)} is a cycle without a raw good in it"
            for cycle in self.cycles()
        ]
        return complaints
