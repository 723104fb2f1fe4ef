"""Requests for a chain that the prices of the day do not shape."""

from typing import Any

from goodsfactory.domain.factory import FactoryRequest, Strategy


def fabricating(**wishes: Any) -> FactoryRequest:
    """A request to make all that can be made, unless ``wishes`` name another strategy.

    A test that is about ships, money or crashes wants the same tree whatever its markets ask.
    """
    return FactoryRequest(**{"strategy": Strategy.PREFER_FABRICATE, **wishes})
