"""Lives beside a server of nonsense: ``python -m tests.mutations.run --mutations 20000 --seed 1``."""

import argparse
import json
import logging
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import structlog
from tests.mutations.findings import Findings
from tests.mutations.line import MutatingLine
from tests.mutations.story import live

from goodsfactory.adapters.clocks import VirtualClock, run_virtual

IN_ONE_LIFE = 400
"""Mutations: then another universe and another daemon."""


@dataclass
class Harvest:
    """All lives together."""

    lives: int = 0
    mutations: int = 0
    requests: int = 0
    factories: int = 0
    purchases: int = 0
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def add(self, seed: int, findings: Findings, line: MutatingLine) -> None:
        self.lives += 1
        self.mutations += line.mutations
        self.requests += line.requests
        self.factories += findings.factories
        self.purchases += findings.purchases
        self.pairs.update(line.pairs)
        self.kinds.update(line.kinds)
        self.complaints += [f"seed {seed}: {complaint}" for complaint in findings.complaints()]

    def to_json(self) -> dict[str, object]:
        return {
            "lives": self.lives,
            "mutations": self.mutations,
            "requests": self.requests,
            "pairs": len(self.pairs),
            "kinds": len(self.kinds),
            "factories": self.factories,
            "purchases": self.purchases,
            "complaints": len(self.complaints),
        }


def one_life(seed: int, mutations: int = IN_ONE_LIFE) -> tuple[Findings, MutatingLine]:
    """A life in its own virtual time."""

    async def told(clock: VirtualClock) -> tuple[Findings, MutatingLine]:
        return await live(clock, seed=seed, mutations=mutations)

    return run_virtual(told)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    harvest, seed = Harvest(), options.seed
    while harvest.mutations < options.mutations:
        began = time.process_time()
        findings, line = one_life(seed, min(IN_ONE_LIFE, options.mutations - harvest.mutations))
        harvest.add(seed, findings, line)
        sys.stdout.write(f"seed {seed}: {line.mutations} mutations, {time.process_time() - began:.1f} s\n")
        for complaint in findings.complaints():
            sys.stdout.write(f"  {complaint}\n")
        sys.stdout.flush()
        seed += 1
    sys.stdout.write(json.dumps(harvest.to_json()) + "\n")


if __name__ == "__main__":
    main()
