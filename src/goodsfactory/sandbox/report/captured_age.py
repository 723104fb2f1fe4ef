"""P11 for a captured system: beside young systems that were let alone for as long as it had been."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from goodsfactory.domain.market import TradeType
from goodsfactory.sandbox.captured import load_universe
from goodsfactory.sandbox.report.laboratory import EPOCH, everything, home
from goodsfactory.sandbox.report.system_properties import label_shares

_STAMP = re.compile(rb'"(submittedOn|timestamp)"\s*:\s*"([^"]+)"')
_DAY = timedelta(days=1)
_OLDEST = 30
"""Days after which a system left alone changes no more."""
_TOLERANCE = 0.15
"""Share by which the labels of one system may differ from the mean: 35 exports are a small sample."""


def age_in_days(captured: Path) -> int | None:
    """Whole days from a system's first chart to the last stamp; None without a chart, or a trade or look.

    The charts of a home are those of the reset (economy.md §8.4).
    """
    folder = captured.parent if captured.is_file() else captured
    stamps = [
        (stamp, kind)
        for path in folder.glob("*.json")
        for kind, found in _STAMP.findall(path.read_bytes())
        if (stamp := _instant(found)) is not None
    ]
    charted = [stamp for stamp, kind in stamps if kind == b"submittedOn"]
    was_read = any(kind == b"timestamp" for _, kind in stamps)
    return round((max(stamps)[0] - min(charted)) / _DAY) if charted and was_read else None


def beside_its_age(captured: Path, seeds: Sequence[int]) -> dict[str, object]:
    """Shares of labels of a captured system and of young ones of its age, and whether they agree.

    A system whose exports have grown was worked, and one without dates has no age: neither is judged, and
    ``why`` says so. Raises ValueError when the folder cannot be read.
    """
    age = age_in_days(captured)
    universe = load_universe(captured, seed=0, epoch=EPOCH)
    goods = [good for _, good in everything(universe, EPOCH)]
    if age is None:
        return _unjudged(None, "no file tells when it was charted and when it was read")
    if any(good.growths for good in goods if good.type is TradeType.EXPORT):
        return _unjudged(age, "its exports have grown: it was worked, and P11 is about systems left alone")
    later = EPOCH + min(age, _OLDEST) * _DAY
    young = [label_shares(good for _, good in everything(home(seed), later)) for seed in seeds]
    rows = [
        _row(figure, share, [one[figure] for one in young]) for figure, share in label_shares(goods).items()
    ]
    return {"age_days": age, "figures": rows, "pass": all(row["pass"] for row in rows), "why": None}


def _row(figure: str, captured: float, young: Sequence[float]) -> Mapping[str, object]:
    mean = statistics.mean(young)
    return {
        "figure": figure,
        "captured": round(captured, 3),
        "young": round(mean, 3),
        "pass": abs(captured - mean) <= _TOLERANCE,
    }


def _unjudged(age: int | None, why: str) -> dict[str, object]:
    return {"age_days": age, "figures": [], "pass": None, "why": why}


def _instant(text: bytes) -> datetime | None:
    try:
        stamp = datetime.fromisoformat(text.decode())
    except ValueError:
        return None
    return stamp if stamp.tzinfo is not None else None
