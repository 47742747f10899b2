"""The command line of the fuzzers that check one seed after another."""

from __future__ import annotations

import argparse
import time
import traceback
from collections.abc import Callable


def main(check_seed: Callable[[int], None], what: str, argv: list[str]) -> int:
    """Check seeds, `COUNT` of them or as many as fit into `--seconds`. Return 1 if there is a finding, else 0.

    `check_seed` raises an exception if there is a finding; `what` is what it checks, in the plural.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=10_000_000)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("--seconds", type=float, default=300.0)
    options = parser.parse_args(argv)
    end, findings, checked = time.monotonic() + options.seconds, 0, 0
    for seed in range(options.first, options.first + options.count):
        if time.monotonic() > end:
            break
        checked += 1
        try:
            check_seed(seed)
        except Exception as error:
            findings += 1
            frame = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:200]} ({place})", flush=True)
    print(f"{checked} {what}, {findings} findings", flush=True)
    return 1 if findings else 0
