"""The one thing a bench without options of its own is asked."""

import argparse


def json_wanted(name: str, about: str | None) -> bool:
    """Whether JSON is asked for on stdout; --help, and whatever is not known, ends the program."""
    parser = argparse.ArgumentParser(prog=f"python -m bench.{name}", description=(about or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the document that is written, on one line")
    return bool(parser.parse_args().json)
