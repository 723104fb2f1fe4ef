"""The factory a command is about."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.factory_view import OVER
from goodsfactory.cli.failure import Failure

if TYPE_CHECKING:
    from goodsfactory.api.client import Client
    from goodsfactory.api.goodsfactory_pb2 import Factory

FactoryArgument = Annotated[
    str | None,
    typer.Argument(metavar="[FACTORY]", help="Factory id, or its first characters; the newest if left out."),
]


def find_factory(client: "Client", text: str | None) -> "Factory":
    """The factory a user means: by id, by its first characters, or the newest, a running one first."""
    factories = client.factories()
    if text is None:
        running = [one for one in factories if one.status not in OVER]
        if not factories:
            raise Failure(
                "There are no factories; start one with `spacetraders goods produce GOOD`.", code="not-found"
            )
        return (running or factories)[-1]
    matching = [one for one in factories if one.factory_id.startswith(text)]
    exact = [one for one in matching if one.factory_id == text]
    if len(exact or matching) != 1:
        how_many = "No factory's id begins" if not matching else f"The ids of {len(matching)} factories begin"
        raise Failure(
            f"{how_many} with {text}; `spacetraders goods list` shows yours.",
            code="invalid" if matching else "not-found",
        )
    return (exact or matching)[0]
