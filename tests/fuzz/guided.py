"""The readers fuzzed, guided by coverage: `python -m tests.fuzz.guided TARGET [--seconds N] [--folder F]`, with `atheris`.

TARGET is one of `tests.fuzz.holds.TARGETS`. With `--runs N` it tries so many inputs, from a seed that is always the same:
what it says of one state of the code does not change from run to run. It begins with the project's own diagrams, documents and icons, goes on
from what FOLDER holds and keeps there what is new. Findings do not end it: the first of each kind is told and left beside
FOLDER as a file, and the exit code is 1. One that is mended goes to `tests/fuzz/found/TARGET`, where the tests find it.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # It has no types.

_INNER = "DIAGRAMKIT_FUZZ"
ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = {
    "mermaid": ("specs/*.mmd", "output/*/*.mmd", "tests/data/**/*.mmd", "tests/fuzz/found/mermaid/*"),
    "yaml": ("specs/**/*.yaml", "tests/fuzz/found/yaml/*"),
    "markdown": ("README.md", "docs/*.md", "tests/data/*.md", "tests/fuzz/found/markdown/*"),
    "pages": ("README.md", "docs/*.md", "tests/data/*.md", "tests/fuzz/found/pages/*"),
    "icon": ("diagramkit/**/*.svg", "tests/fuzz/seeds/*.svg", "tests/fuzz/found/icon/*"),
}
_WORDS = {
    "mermaid": (
        "graph LR",
        "flowchart TB",
        "subgraph ",
        "end",
        "direction ",
        "style ",
        "click ",
        "class ",
        "classDef ",
        "linkStyle ",
        "-->",
        "---",
        "-.->",
        "==>",
        "~~~",
        "@{ shape: ",
        ":::",
        "%%{init: ",
        "}%%",
        "0xffffffff",
        "1e999",
        "null",
        "#quot;",
        "[(",
        ")]",
        "[/",
        "/]",
        "((",
        "accDescr {",
        "architecture-beta",
        "service ",
        "group ",
        "junction ",
        "---\ntitle: ",
        "|",
        "<br/>",
        "&",
    ),
    "yaml": (
        "title: ",
        "nodes:\n",
        "edges:\n",
        "groups:\n",
        "diagram: |\n",
        "label: ",
        "shape: ",
        "icon: ",
        "layout:\n",
        "&a ",
        "*a",
        "? ",
        "- ",
        "|+2\n",
        ">-\n",
        "!!python/object:",
        "<<: ",
        "{",
        "[",
        "'",
        "---\n",
        "...\n",
        "%YAML",
        "!!int ",
        "!!bool ",
        "!!timestamp ",
        "!!binary ",
        "!!float ",
        "2024-13-45",
        "12:30",
        "0x",
        "1e999",
        "9" * 40,
        "[a]: b",
    ),
    "markdown": (
        "```mermaid\n",
        "~~~mermaid\n",
        "````",
        "> ",
        "- ",
        "   ",
        "\t",
        "<!--",
        "-->",
        "<div>",
        "<details>",
        "graph LR\n",
        "A-->B\n",
        "---\n",
        "\\",
        "<!-- diagramkit: ",
        "\r\n",
    ),
    "icon": (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">',
        '<path d="M0 0h9"/>',
        "<style>",
        "url(#",
        'href="#',
        "xlink:href",
        'id="',
        'class="',
        'style="',
        'fill="',
        'mask="',
        'filter="',
        "<g>",
        "</g>",
        "<use ",
        "&#x",
        "\\75rl(",
        "image-set(",
        "javascript:",
        "<![CDATA[",
        "<!DOCTYPE",
        "<?xml",
        "</svg>",
    ),
}
_WORDS["pages"] = (*_WORDS["markdown"], "# ", "## ", "### ", "**Components**\n\n- ", "provider: ")


def main(target: str, length: tuple[str, ...], folder: str) -> int:
    """Fuzz in a process of its own, which the fuzzer ends itself; 1 where something was found.

    `length` is the fuzzer's own options for when to end.
    """
    before = set(_findings(target, folder))
    command = [sys.executable, "-m", __spec__.name, target, *sys.argv[2:]]
    done = subprocess.run(
        command,
        check=False,
        env={**os.environ, _INNER: "1", "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    found = sorted(set(_findings(target, folder)) - before)
    runs = re.search(r"Done (\d+) runs in (\d+) second", done.stderr)
    told = [line for line in done.stdout.splitlines() if line.startswith(str(Path(folder).parent))]
    print(
        f"{target}: {runs[1] if runs else 0} runs in {runs[2] if runs else 0} s, {len(found)} findings",
        *told,
        sep="\n",
        flush=True,
    )
    if not runs:
        print(done.stderr[-2000:], *found, sep="\n")
    return 0 if runs and not found else 1


def _findings(target: str, folder: str) -> list[str]:
    return [str(path) for path in Path(folder).parent.glob(f"{target}-*")]


def fuzz(target: str, length: tuple[str, ...], folder: str) -> None:
    """Fuzz, and end the process."""
    with atheris.instrument_imports(include=["diagramkit"]):
        from tests.fuzz import holds

    kept, seeds = Path(folder), Path(tempfile.mkdtemp())
    kept.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(_seeds(target)):
        (seeds / f"{number}").write_bytes(data)
    (seeds / "words.dict").write_text("\n".join(map(_quoted, _WORDS[target])) + "\n")
    words = seeds.parent / f"{seeds.name}.dict"
    (seeds / "words.dict").rename(words)
    arguments = [
        sys.argv[0],
        str(kept),
        str(seeds),
        *length,
        f"-dict={words}",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-max_len=10000",
        f"-artifact_prefix={kept.parent}/{target}-",
        "-print_final_stats=1",
        "-reload=0",
    ]
    atheris.Setup(arguments, _going_on(holds.TARGETS[target], f"{kept.parent}/{target}-"))
    atheris.Fuzz()


def _going_on(check: Callable[[bytes], None], prefix: str) -> Callable[[bytes], None]:
    """The check, which notes what it finds, by the place where it came from, and goes on."""
    met: set[str] = set()

    def checked(data: bytes) -> None:
        try:
            check(data)
        except Exception as error:
            steps = [f"{step.filename}:{step.lineno}" for step in traceback.extract_tb(error.__traceback__)]
            own = [step for step in steps if "/diagramkit/" in step or "/fuzz/" in step]
            kind = f"{type(error).__name__} {own[-1]}"
            if kind in met:
                return
            met.add(kind)
            digest = hashlib.sha256(data).hexdigest()[:12]
            Path(f"{prefix}{digest}").write_bytes(data)
            print(f"{prefix}{digest}: {kind}: {str(error)[:200]}", flush=True)

    return checked


def _seeds(target: str) -> Iterator[bytes]:
    for pattern in SEEDS[target]:
        for path in sorted(ROOT.glob(pattern)):
            if "node_modules" not in path.parts:
                yield path.read_bytes()


def _quoted(word: str) -> str:
    return '"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"'


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int)
    parser.add_argument("--folder")
    given = parser.parse_args()
    length: tuple[str, ...] = (f"-max_total_time={given.seconds}",)
    if given.runs:
        length = (f"-runs={given.runs}", "-seed=1")
    folder = given.folder or f"build/fuzz/{given.target}"
    if os.environ.get(_INNER):
        fuzz(given.target, length, folder)
    sys.exit(main(given.target, length, folder))
