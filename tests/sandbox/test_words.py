"""No universe says a word that the game's document does not have."""

import pytest
from tests.sandbox.enums import read_galaxy


@pytest.mark.parametrize("seed", range(1, 11))
def test_every_word_is_the_documents(seed: int) -> None:
    """Every place, ship type, part, faction, survey, event and offer of a galaxy is read."""
    reader = read_galaxy(seed, systems=6)
    assert reader.found == []
    assert reader.answers > 400
