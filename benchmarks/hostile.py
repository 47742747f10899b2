"""Times to read hostile sources of growing length: `python -m benchmarks.hostile`.

Each should take about twice as long when its length doubles. The tests count work instead of time
(`robustness/test_effort.py`).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from diagramkit.diagnostics import DiagramError
from diagramkit.icons.packs import clean
from diagramkit.sources import readers, spec

_SIZES = (50_000, 100_000, 200_000)
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'

Case = tuple[Callable[[str], object], Callable[[int], str]]
CASES: dict[str, Case] = {
    "style in one line": (
        lambda text: readers.pattern_from_text(text, "a.mmd"),
        lambda size: "graph LR\n  A" + " style" * (size // 6),
    ),
    "base 60 in a spec": (
        lambda text: spec.read(text, "a.yaml"),
        lambda size: "title: T\nnodes: {a: x}\nnotes: 1" + ":1" * (size // 2),
    ),
    "url and spaces in an icon": (
        lambda text: clean.clean(text.encode(), "p"),
        lambda size: _SVG.format('<path d="M0 0" fill="url(' + " " * size + '"/>'),
    ),
    "style sheet without braces": (
        lambda text: clean.clean(text.encode(), "p"),
        lambda size: _SVG.format("<style>" + "a " * (size // 2) + "</style>"),
    ),
    "long path in an icon": (
        lambda text: clean.clean(text.encode(), "p"),
        lambda size: _SVG.format('<path d="M0 0h' + "1" * size + '"/>'),
    ),
}


def main() -> None:
    """Print the times in milliseconds."""
    print(f"{'source':30}" + "".join(f"{size // 1000:>8} kB" for size in _SIZES))
    for name, (read, make) in CASES.items():
        times = []
        for size in _SIZES:
            text, start = make(size), time.perf_counter()
            with contextlib.suppress(DiagramError, clean.UnsafeIconError):
                read(text)
            times.append(time.perf_counter() - start)
        print(f"{name:30}" + "".join(f"{seconds * 1000:8.1f} ms" for seconds in times))


if __name__ == "__main__":
    main()
