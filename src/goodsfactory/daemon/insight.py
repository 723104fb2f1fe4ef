"""What faces ask about how things became as they are."""

from dataclasses import dataclass

from goodsfactory.daemon.doctor import Doctor
from goodsfactory.daemon.explanations import Explanations
from goodsfactory.daemon.market_reader import MarketReader
from goodsfactory.daemon.trends import Trends


@dataclass(frozen=True)
class Insight:
    """One part for each question."""

    explanations: Explanations
    markets: MarketReader
    trends: Trends
    doctor: Doctor
