"""The command line of the fuzzers that check one seed after another: `[COUNT] [FIRST SEED] [--seconds N]`.

Without a time, all COUNT seeds are checked; without both, as many as fit into five minutes.
"""

from __future__ import annotations

import argparse
import math
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count

_DEFAULT_SECONDS = 300.0

CheckSeed = Callable[[int], Iterable[str] | None]
"""Checks a seed and returns names of what happened, if any. It raises an exception if there is a finding."""


def main(check_seed: CheckSeed, what: str, argv: list[str]) -> int:
    """Check the seeds that the command line says. Return 1 if there is a finding, else 0.

    `what` is what `check_seed` checks, in the plural.
    """
    return run(check_seed, what, parser().parse_args(argv))


def parser() -> argparse.ArgumentParser:
    """Return a parser of the command line, to which a fuzzer may add options of its own."""
    result = argparse.ArgumentParser()
    result.add_argument("count", type=int, nargs="?", help="check this many seeds")
    result.add_argument("first", type=int, nargs="?", default=0, help="the first seed")
    result.add_argument("--seconds", type=float, help="stop after this time")
    return result


def run(check_seed: CheckSeed, what: str, options: argparse.Namespace) -> int:
    """Do what `main` does, with the parsed command line.

    Each finding is printed with its seed and the notes of the exception. In the end, it is printed how many seeds were
    checked, how often each name was returned, and how long the slowest seed took.
    """
    seeds = count(options.first)
    is_limited = options.count is not None
    seconds = options.seconds or (math.inf if is_limited else _DEFAULT_SECONDS)
    start = time.monotonic()
    findings, checked, slowest = 0, 0, (0.0, options.first)
    outcomes: Counter[str] = Counter()
    while not (is_limited and checked >= options.count) and time.monotonic() < start + seconds:
        seed, seed_start = next(seeds), time.monotonic()
        checked += 1
        try:
            outcomes.update(check_seed(seed) or ())
        except Exception as error:
            findings += 1
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:500]} ({place})", flush=True)
            for note in getattr(error, "__notes__", ()):
                print(note, flush=True)
        slowest = max(slowest, (time.monotonic() - seed_start, seed))
    for name, number in sorted(outcomes.items()):
        print(f"{name}: {number}")
    print(f"{checked} {what}, {findings} findings; the slowest took {slowest[0]:.2f} s (seed {slowest[1]})", flush=True)
    return 1 if findings else 0
