"""The factory a command is about."""

from typing import TYPE_CHECKING, Annotated

import typer

from goodsfactory.cli.completion import factories
from goodsfactory.cli.failure import Failure

if TYPE_CHECKING:
    from goodsfactory.api.client import Client
    from goodsfactory.api.goodsfactory_pb2 import Factory

AT_WORK = ("PENDING", "ACTIVE")
MANY = 10

FactoryArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[FACTORY]",
        help="Factory id, or its first characters; the newest if left out.",
        autocompletion=factories,
    ),
]


def find_factory(client: "Client", text: str | None) -> "Factory":
    """The factory a user means: by id, by its first characters, or the newest, a running one first."""
    if text is None:
        newest = [
            *client.factory_page(limit=1).factories,
            *client.factory_page(statuses=AT_WORK, limit=1).factories,
        ]
        if not newest:
            raise Failure(
                "There are no factories; start one with `spacetraders goods produce GOOD`.", code="not-found"
            )
        return newest[-1]
    # No id is the beginning of another one, and who means one of several need not read them all.
    matching = client.factory_page(id_prefix=text, limit=MANY).factories
    exact = [one for one in matching if one.factory_id == text]
    if len(exact or matching) != 1:
        many = f"{MANY} or more" if len(matching) == MANY else str(len(matching))
        how_many = "No factory's id begins" if not matching else f"The ids of {many} factories begin"
        raise Failure(
            f"{how_many} with {text}; `spacetraders goods list` shows yours.",
            code="invalid" if matching else "not-found",
        )
    return (exact or matching)[0]
