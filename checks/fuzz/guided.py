"""Coverage-guided fuzzing of the readers: `python -m checks.fuzz.guided TARGET [--seconds N] [--folder F]`.

It needs `atheris`. TARGET is one of `checks.fuzz.holds.TARGETS`. `--runs N` tries N inputs with a fixed seed, so that
the result for one state of the code is always the same. Fuzzing starts with the diagrams, documents and icons of this
project and with the inputs in FOLDER, where it keeps new ones. It does not stop at a finding: the first of each kind is
printed and written to a file next to FOLDER, and the exit code is 1. After a fix, the file goes to
`tests/data/found/TARGET`, where the tests use it.
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

import atheris  # type: ignore[import-not-found, import-untyped, unused-ignore]  # It has no type information.

_CHILD_VARIABLE = "DIAGRAMKIT_FUZZ"
ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = {
    "mermaid": ("specs/*.mmd", "output/*/*.mmd", "tests/data/**/*.mmd", "tests/data/found/mermaid/*"),
    "yaml": ("specs/**/*.yaml", "tests/data/found/yaml/*"),
    "markdown": ("README.md", "docs/*.md", "tests/data/*.md", "tests/data/found/markdown/*"),
    "pages": ("README.md", "docs/*.md", "tests/data/*.md", "tests/data/found/pages/*"),
    "icon": ("diagramkit/**/*.svg", "tests/data/found/icon/*"),
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


def main(target: str, folder: str) -> int:
    """Fuzz in a child process, because the fuzzer ends its process; return 1 if there is a finding, else 0."""
    before = set(_findings(target, folder))
    command = [sys.executable, "-m", __spec__.name, target, *sys.argv[2:]]
    process = subprocess.run(
        command,
        check=False,
        env={**os.environ, _CHILD_VARIABLE: "1", "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
    )
    new_findings = sorted(set(_findings(target, folder)) - before)
    runs = re.search(r"Done (\d+) runs in (\d+) second", process.stderr)
    finding_lines = [line for line in process.stdout.splitlines() if line.startswith(str(Path(folder).parent))]
    print(
        f"{target}: {runs[1] if runs else 0} runs in {runs[2] if runs else 0} s, {len(new_findings)} findings",
        *finding_lines,
        sep="\n",
        flush=True,
    )
    if not runs:
        print(process.stderr[-2000:], *new_findings, sep="\n")
    return 0 if runs and not new_findings else 1


def _findings(target: str, folder: str) -> list[str]:
    return [str(path) for path in Path(folder).parent.glob(f"{target}-*")]


def fuzz(target: str, limit: tuple[str, ...], folder: str) -> None:
    """Fuzz and end the process. `limit` are the fuzzer's options that determine when it ends."""
    with atheris.instrument_imports(include=["diagramkit"]):
        from checks.fuzz import holds

    corpus, seeds = Path(folder), Path(tempfile.mkdtemp())
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(_seeds(target)):
        (seeds / f"{number}").write_bytes(data)
    dictionary = seeds.parent / f"{seeds.name}.dict"
    dictionary.write_text("\n".join(map(_quoted, _WORDS[target])) + "\n")
    arguments = [
        sys.argv[0],
        str(corpus),
        str(seeds),
        *limit,
        f"-dict={dictionary}",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-max_len=10000",
        f"-artifact_prefix={corpus.parent}/{target}-",
        "-print_final_stats=1",
        "-reload=0",
    ]
    atheris.Setup(arguments, _continue_after_findings(holds.TARGETS[target], f"{corpus.parent}/{target}-"))
    atheris.Fuzz()


def _continue_after_findings(check: Callable[[bytes], None], prefix: str) -> Callable[[bytes], None]:
    """Return a function that calls `check` and records the first finding of each kind instead of raising it.

    The kind is the type of the exception and the last line of this project in its traceback.
    """
    seen: set[str] = set()

    def checked(data: bytes) -> None:
        try:
            check(data)
        except Exception as error:
            frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
            project_frames = [frame for frame in frames if "/diagramkit/" in frame or "/fuzz/" in frame]
            kind = f"{type(error).__name__} {project_frames[-1]}"
            if kind in seen:
                return
            seen.add(kind)
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
    arguments = parser.parse_args()
    limit: tuple[str, ...] = (f"-max_total_time={arguments.seconds}",)
    if arguments.runs:
        limit = (f"-runs={arguments.runs}", "-seed=1")
    folder = arguments.folder or f"build/fuzz/{arguments.target}"
    if os.environ.get(_CHILD_VARIABLE):
        fuzz(arguments.target, limit, folder)
    sys.exit(main(arguments.target, folder))
