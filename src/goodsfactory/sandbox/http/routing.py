"""Which handler answers which method and path, found in one walk over the path's parts."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

_Endpoint = TypeVar("_Endpoint")


@dataclass(slots=True)
class _Node(Generic[_Endpoint]):
    literal: dict[str, "_Node[_Endpoint]"] = field(default_factory=dict)
    any: "_Node[_Endpoint] | None" = None
    endpoints: dict[str, _Endpoint] = field(default_factory=dict)


class RouteTable(Generic[_Endpoint]):
    """Templates such as ``/my/ships/{shipSymbol}`` and what answers them; a literal part wins over any."""

    def __init__(self, endpoints: Iterable[_Endpoint], key: Callable[[_Endpoint], tuple[str, str]]) -> None:
        self._root: _Node[_Endpoint] = _Node()
        for endpoint in endpoints:
            method, template = key(endpoint)
            node = self._root
            for part in _parts(template):
                if part.startswith("{"):
                    node.any = node.any or _Node()
                    node = node.any
                else:
                    node = node.literal.setdefault(part, _Node())
            node.endpoints[method] = endpoint

    def find(self, method: str, path: str) -> tuple[_Endpoint, list[str]] | None:
        """The endpoint of a request and the parts of the path its template left open, in order."""
        walked = self._walk(path)
        if walked is None or method not in walked[0]:
            return None
        endpoints, open_parts = walked
        return endpoints[method], open_parts

    def methods(self, path: str) -> Collection[str]:
        """The methods there are at a path; none where nothing is."""
        walked = self._walk(path)
        return () if walked is None else walked[0]

    def _walk(self, path: str) -> tuple[dict[str, _Endpoint], list[str]] | None:
        node: _Node[Any] = self._root
        open_parts: list[str] = []
        for part in _parts(path):
            literal = node.literal.get(part)
            if literal is not None:
                node = literal
            elif node.any is not None and part:
                node = node.any
                open_parts.append(part)
            else:
                return None
        return node.endpoints, open_parts


def _parts(path: str) -> list[str]:
    return path.strip("/").split("/")
