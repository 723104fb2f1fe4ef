"""Quotes: the median of the replays, a band around it, and what may go wrong."""

from dataclasses import replace
from typing import Any

import pytest
from tests.planning.flow_world import listing, market, ship
from tests.planning.forecast.test_replay import markets, tree_of, where
from tests.planning.forecast.test_replay import scene as any_scene
from tests.wishes import fabricating

from goodsfactory.domain.factory import Terminal
from goodsfactory.domain.market import Supply, TradeType
from goodsfactory.domain.quote import Band, Quote, Taken, compare
from goodsfactory.planning.looking.lookout import NO_SCOUT
from goodsfactory.planning.quote.quoting import Before, QuoteOrder, quote
from goodsfactory.planning.quote.replay import Replay
from goodsfactory.planning.quote.scene import Scene

POOR = {"made": Supply.SCARCE, "inputs": Supply.SCARCE}


TARGET = "COPPER"


def scene(**facts: Any) -> Scene:
    """A short chain, so that replays are short too."""
    return any_scene(target=TARGET, **facts)


def quoted(stage: Scene | None = None, **facts: Any) -> Quote:
    return quote(replace(QuoteOrder(stage or scene(), tree_of(TARGET)), **facts))


def test_the_expectation_is_the_median_of_the_replays() -> None:
    """Credits and time are those of the middle replay of each."""
    stage = scene(seen=markets(**POOR))
    outcomes = [Replay(stage, seed).run() for seed in range(5)]
    found = quoted(stage)
    assert found.seconds.expected == sorted(one.seconds for one in outcomes)[2]
    assert found.credits.expected == sorted(one.credits for one in outcomes)[2]
    assert (found.replays, found.finished) == (5, 5)


def test_every_replay_is_within_the_band() -> None:
    """A band is never narrower than what the replays themselves came to."""
    stage = scene(seen=markets(**POOR))
    found = quoted(stage)
    for seed in range(5):
        outcome = Replay(stage, seed).run()
        assert found.seconds.holds(outcome.seconds)
        assert found.credits.holds(outcome.credits)
        assert found.requests.holds(outcome.taken.requests)


def test_unseen_markets_widen_the_band_and_are_named() -> None:
    """What is guessed is told, and shows in the spread."""
    blind = [replace(one, listings=(), observed_at=None) for one in markets()]
    found, sure = quoted(scene(seen=blind)), quoted()
    assert any("nobody has looked at X1-W-C" in caution for caution in found.cautions)
    assert not any("nobody has looked" in caution for caution in sure.cautions)
    widths = [one.credits.high - one.credits.low for one in (found, sure)]
    assert widths[0] > widths[1]


def test_what_was_taken_before_counts() -> None:
    """Beside a factory that runs, all figures count from its start."""
    plain = quoted()
    later = quoted(before=Before(seconds=600, credits=5000, requests=30, ship_hours=0.5))
    assert later.seconds.expected == plain.seconds.expected + 600
    assert later.credits.expected == plain.credits.expected + 5000
    assert later.requests.expected == plain.requests.expected + 30
    assert later.elapsed == 600


def test_profit_is_told_for_both_terminals() -> None:
    """Held output counts by the best bids, sold output by the sale itself."""
    found = quoted()
    assert found.profit["HOLD"] == pytest.approx(found.held_value - found.credits.expected, abs=2e5)
    assert set(found.profit) == {"HOLD", "SELL"}
    sold = quoted(scene(request=fabricating(units=40, terminal=Terminal.SELL)))
    assert sold.profit["SELL"] == round(-sold.credits.expected)
    assert sold.held_value == 0


def test_a_system_without_a_scout_is_a_caution() -> None:
    """Prices that nobody reads grow old; a probe in the system is enough."""
    bare = scene()
    hauliers = [one for one in bare.situation.ships if not one.is_probe]
    alone = quoted(where(bare, ships=hauliers))
    watched = quoted(where(bare, ships=[*hauliers, ship("P1", hold=0)]))
    assert any(caution.startswith(NO_SCOUT) for caution in alone.cautions)
    assert not any(NO_SCOUT in caution for caution in watched.cautions)


def test_a_thin_purse_is_a_caution() -> None:
    """Money that does not reach is told before anything is spent."""
    found = quoted(scene(credits=6_000), replays=1)
    assert any("above the floor" in caution for caution in found.cautions)


def test_no_ship_is_a_caution() -> None:
    """Without a cargo ship nothing finishes, and both are told."""
    found = quoted(scene(ships=0), replays=1)
    assert found.finished == 0
    assert found.cautions[0] == "no ship that carries cargo may work for it"
    assert "did not finish" in found.cautions[1]


def test_what_is_hopeless_is_not_tried_again_and_again() -> None:
    """After two replays in vain a quote says so; the terminal that was not asked for is not tried either."""
    found = quoted(scene(ships=0))
    assert (found.replays, found.finished) == (2, 0)
    assert set(found.profit) == {"HOLD"}


def test_output_without_a_sink_is_a_caution() -> None:
    """Nobody would buy it: known before it is made."""
    nowhere = [one for one in markets() if one.waypoint in ("X1-W-C", "X1-W-O")]
    found = quoted(scene(seen=nowhere))
    assert any("nobody buys COPPER" in caution for caution in found.cautions)
    assert found.held_value == 0


def test_a_scarce_source_is_a_caution() -> None:
    """An input that nobody sells now is named."""
    dry = [one for one in markets() if one.waypoint != "X1-W-O"]
    dry.append(market("X1-W-O", listing("COPPER_ORE", supply=Supply.SCARCE)))
    assert any("COPPER_ORE cannot be bought now" in one for one in quoted_dry(dry).cautions)


def quoted_dry(seen: list[Any]) -> Quote:
    stage = scene(seen=seen)
    tree = tree_of(TARGET)

    def without_source(node: Any) -> Any:
        children = tuple(without_source(child) for child in node.children)
        source = None if node.good == "COPPER_ORE" else node.source
        return replace(node, source=source, children=children)

    return quote(QuoteOrder(stage, without_source(tree), replays=1))


def test_only_a_simulation_tells_its_story() -> None:
    """The timeline is that of the replay of median length, in order of time."""
    assert quoted().timeline == ()
    moments = [moment.seconds for moment in quoted(timeline=True).timeline]
    assert moments
    assert moments == sorted(moments)


def test_a_quote_survives_being_kept() -> None:
    """What is written as JSON reads back as the same quote."""
    found = quoted(timeline=True)
    assert Quote.from_json(found.to_json()) == found


def test_a_comparison_says_what_differed() -> None:
    """Goods that cost much more or less than quoted are named, the largest first."""
    found = quoted()
    bought = {node.good: (node.units, node.cost) for node in found.nodes}
    copper = found.node("COPPER")
    assert copper is not None
    bought["COPPER_ORE"] = (80, bought["COPPER_ORE"][1] + copper.cost)
    taken = Taken(found.seconds.high + 1, round(found.credits.expected), None, 0.2, 40, bought)
    figures, differences = compare(found, taken)
    by_name = {figure.name: figure for figure in figures}
    assert by_name["seconds"].to_json()["within_band"] is False
    assert by_name["credits"].error == pytest.approx(0, abs=1e-3)
    assert "requests" not in by_name
    assert [sentence.split(":")[0] for sentence in differences] == ["COPPER_ORE"]


def test_what_nobody_can_tell_is_not_judged() -> None:
    """The clock went back meanwhile: no error, no band, and the rest is compared as ever."""
    taken = Taken(None, 1_000, None, None, 40, {})
    for one in (taken, taken.each(2.0)):
        told = {each["figure"]: each for each in (figure.to_json() for figure in compare(quoted(), one)[0])}
        for name in ("seconds", "ship_hours"):
            assert (told[name]["came"], told[name]["error"], told[name]["within_band"]) == (None, None, None)
        assert told["credits"]["error"] is not None


def test_a_band_holds_its_ends() -> None:
    """Both ends belong to a band."""
    band = Band(1, 2, 3)
    assert [band.holds(value) for value in (0.9, 1, 3, 3.1)] == [False, True, True, False]


def test_an_importer_is_no_source() -> None:
    """A market that only imports the output is where it is sold, not a market to look at first."""
    seen = [*markets(), market("X1-W-Y", listing("COPPER", TradeType.IMPORT), seen=None)]
    assert not any("X1-W-Y" in caution for caution in quoted(scene(seen=seen)).cautions)
