"""``python -m bench.ablation``: play some cases without each rule; writes docs/reference/ablation.md."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.ablation.cases import parts
from bench.ablation.rows import ALL, EVERY, play_all
from bench.ablation.rules import check
from bench.ablation.table import Row, judge, page

RESULTS = Path("build/bench/ablation.json")
PAGE = Path("docs/reference/ablation.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 where every row that was asked for was measured."""
    options = _parser().parse_args(arguments)
    check([*EVERY.values()])
    if options.list:
        sys.stdout.writelines(f"{name}\n" for name in EVERY)
        return 0
    rows = _kept(options.output) if options.resume else {}
    asked = [ALL, *(options.rules or EVERY)]
    left = [name for name in asked if name not in rows]
    try:
        for row in play_all(left, options.parts, options.jobs):
            rows[row.rule] = row
            _keep(options.output, rows)
            _tell(f"{row.rule or 'all rules'}: {row.crash or f'{row.cpu_seconds:.0f} s of work'}")
    except KeyboardInterrupt:
        _tell("interrupted")
    whole = all(name in rows for name in asked)
    if ALL in rows and not rows[ALL].crash:
        text = page(list(EVERY.values()), rows)
        if whole and not options.rules and not options.parts:
            PAGE.write_text(text)
        else:
            sys.stdout.write(text)
    return 0 if whole and not any(rows[name].crash for name in asked) else 1


def _kept(target: Path) -> dict[str, Row]:
    """The rows of an earlier run of the same code, without those that crashed."""
    if not target.exists():
        return {}
    rows = [Row(**one) for one in json.loads(target.read_text())["rows"]]
    return {row.rule: row for row in rows if not row.crash}


def _keep(target: Path, rows: Mapping[str, Row]) -> None:
    document: dict[str, object] = {"rows": [asdict(row) for row in rows.values()]}
    if ALL in rows:
        judged = {name: judge(rows[ALL].figures, row.figures) for name, row in rows.items() if name != ALL}
        document["summary"] = {
            name: {"mean": round(one.mean, 2), "most": round(one.most, 2), "met": one.is_met}
            for name, one in judged.items()
        }
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=1) + "\n")


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.ablation", description=__doc__)
    parser.add_argument("--rules", type=_of(EVERY), default=(), metavar="R,...", help="only these rows")
    parser.add_argument("--parts", type=_of(parts()), default=(), metavar="P,...", help="only these cases")
    parser.add_argument("--jobs", type=int, default=1, help="rows at the same time")
    parser.add_argument("--output", type=Path, default=RESULTS, help=f"default: {RESULTS}")
    parser.add_argument("--resume", action="store_true", help="go on where a run of the same code ended")
    parser.add_argument("--list", action="store_true", help="name the rows and play none")
    return parser


class _of:
    """Names, with commas between them, that all are among those known."""

    def __init__(self, known: Mapping[str, object]) -> None:
        self._known = known

    def __call__(self, text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        for name in names:
            if name not in self._known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(self._known)}")
        return names


if __name__ == "__main__":
    sys.exit(main())
