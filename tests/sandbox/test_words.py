"""No universe says a word that the game's document does not have."""

import pytest
from tests.sandbox.enums import read_galaxy


@pytest.mark.parametrize(("seed", "systems"), [(1, 60), *((seed, 6) for seed in range(2, 11))])
def test_every_word_is_the_documents(seed: int, systems: int) -> None:
    """Every place, ship type, part, faction, survey, event and offer of a galaxy is read.

    The large one has frontier yards, and building sites outside the homes.
    """
    reader = read_galaxy(seed, systems=systems)
    assert reader.found == []
    assert reader.answers > {6: 400, 60: 4_000}[systems]
