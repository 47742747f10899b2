"""Embeds pictures in random and damaged Markdown files: `python -m checks.fuzz.embedding`.

Each seed gives two files. The first consists of random pieces: text, lists, quotes, HTML, fences of all kinds, and
marks. The second is the first one after a run, damaged as people and merges do it: lines are removed, repeated, moved,
changed and added. `embed` may refuse a file with an error, but then changes nothing. Otherwise, no line that somebody
else wrote is lost, a second run changes nothing, and `--check` agrees with what a run does. Exit codes are the same
again, except that a file without diagrams is an error only after it is cleaned up. Anything else is a finding.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from checks.fuzz import holds, seeds
from diagramkit import pipeline
from diagramkit.cli import main as run_command
from diagramkit.publish import marks

_FENCES = (
    "```mermaid\ngraph LR\n  A{n} --> B\n```\n",
    "~~~mermaid\ngraph LR\n  A{n} --> B\n~~~\n",
    "````mermaid title=x\ngraph LR\n\n  A{n}[S3] --> B\n````\n",
    "```{{mermaid}}\n---\ntitle: Shop {n}\n---\ngraph LR\n  A --> B\n```\n",
    "```mermaid\nsequenceDiagram\n  A->>B{n}: x\n```\n",
    "```mermaid\ngraph LR\n  A{n} ->\n```\n",
    "```mermaid\ngraph LR\n  A{n} --> B\n",
    "```sh\nrm important{n}.sh\n```\n",
    "```\nplain {n}\n```\n",
)
_PIECES = (
    "A paragraph {n}.\n",
    "Two lines {n}\nwithout a blank line.\n",
    "# Heading {n}\n",
    "- item {n}\n",
    "> quote {n}\n",
    "1. first {n}\n",
    "    code {n}\n",
    "\n",
    "\n\n",
    "---\n",
    "<div>\nhtml {n}\n</div>\n",
    "<details>\n<summary>More {n}</summary>\n\ninside {n}\n\n</details>\n",
    "<details>\n",
    "</details>\n",
    "<!-- a comment {n} -->\n",
    "<!--\n",
    "-->\n",
    "````md\n",
    "[x]: https://example.com/{n}\n",
    "![own picture {n}](own-{n}.png)\n",
    "| a | b |\n|---|---|\n| {n} | 2 |\n",
    "before <!-- diagramkit: end --> behind {n}\n",
    "tab\tand\rreturn {n}\n",
    "\x0c\u2028{n}\n",
    *_FENCES,
    *_FENCES[:4],
)
_MARKS = (
    marks.BEGIN.format("d-1") + "\n",
    marks.BEGIN.format("d-{n}") + "\n",
    marks.END + "\n",
    "- " + marks.BEGIN.format("d-{n}") + "\n",
    "text " + marks.END + "\n",
    marks.END + " text {n}\n",
    "<!--diagramkit: end-->\n",
    "<!-- diagramkit: BEGIN x -->\n",
)
_PREFIXES = ("", "", "", "> ", "- ", "  ", "   ", "1. ", "> - ")
_OWN_LINES = {"", marks.DETAILS_BEGIN, marks.DETAILS_END, marks.SOURCE_SUMMARY, marks.PICTURE_SUMMARY}
_CONTAINER = re.compile(r"(?:[>\s]|[-*+](?=\s)|\d+[.)](?=\s))*")
_OPTIONS: tuple[tuple[str, ...], ...] = ((), (), ("--show", "source"), ("--dark",), ("-f", "png", "--pictures", "a b"))


def random_document(rng: random.Random) -> str:
    """Return a Markdown file of random pieces; some of them are in lists and quotes."""
    parts = []
    for number in range(rng.randint(1, 9)):
        pieces = _MARKS if rng.random() < 0.04 else _PIECES
        text = rng.choice(pieces).format(n=rng.randrange(1000) * 10 + number)
        if prefix := rng.choice(_PREFIXES):
            text = prefix + text.replace("\n", "\n" + _CONTAINER_SPACES.sub(" ", prefix))
            text = text.rstrip(" >")
        parts.append(text)
        if rng.random() < 0.6:
            parts.append("\n")
    result = "".join(parts)
    if rng.random() < 0.1:
        result = result.replace("\n", "\r\n")
    if rng.random() < 0.1:
        result = result.rstrip("\r\n")
    return ("\ufeff" if rng.random() < 0.05 else "") + result


_CONTAINER_SPACES = re.compile(r"[^>\s]")


def damaged(text: str, rng: random.Random) -> str:
    """Return a text after a few edits of its lines, mostly near marks."""
    lines = text.split("\n")
    for _ in range(rng.randint(1, 3)):
        near = [number for number, line in enumerate(lines) if "diagramkit:" in line or "details>" in line]
        place = rng.choice(near) + rng.randint(-1, 1) if near and rng.random() < 0.7 else rng.randrange(len(lines))
        place = min(max(place, 0), len(lines) - 1)
        rng.choice(_EDITS)(lines, place, rng)
        if not lines:
            lines = [""]
    return "\n".join(lines)


def _insert(lines: list[str], place: int, rng: random.Random) -> None:
    prefix = _CONTAINER.match(lines[place])
    text = rng.choice((*_PIECES, *_MARKS)).format(n=rng.randrange(10_000)).rstrip("\n")
    lines[place:place] = [(prefix.group() if prefix and rng.random() < 0.5 else "") + line for line in text.split("\n")]


def _remove(lines: list[str], place: int, _: random.Random) -> None:
    del lines[place]


def _repeat(lines: list[str], place: int, rng: random.Random) -> None:
    end = place + rng.choice((1, 1, 5, 20))
    lines[place:place] = lines[place:end]


def _move(lines: list[str], place: int, rng: random.Random) -> None:
    line = lines.pop(place)
    lines.insert(rng.randint(0, len(lines)), line)


def _append(lines: list[str], place: int, rng: random.Random) -> None:
    lines[place] += rng.choice((" ", " words", "x", "-->", "\\"))


def _shorten(lines: list[str], place: int, rng: random.Random) -> None:
    lines[place] = lines[place][: rng.randint(0, len(lines[place]))]


def _join(lines: list[str], place: int, _: random.Random) -> None:
    lines[place : place + 2] = ["".join(lines[place : place + 2])]


def _indent(lines: list[str], place: int, rng: random.Random) -> None:
    lines[place] = rng.choice(("  ", "    ", "> ", "- ", "<div> ")) + lines[place]


_EDITS: tuple[Callable[[list[str], int, random.Random], None], ...] = (
    _insert,
    _insert,
    _remove,
    _repeat,
    _move,
    _append,
    _shorten,
    _join,
    _indent,
)


def check(text: str, arguments: tuple[str, ...]) -> str:
    """Embed pictures in a text and return the result. Raises `AssertionError` if there is a finding.

    The working directory must be empty; it is empty again afterwards.
    """
    file = Path("d.md")
    file.write_bytes(text.encode())
    try:
        before, _ = _run("--check", *arguments)
        code, errors = _run(*arguments)
        result = file.read_bytes().decode()
        assert before in (0, 1, 2), before
        assert (before == 2) == (code == 2), "--check finds other errors than a run"
        if any(f"error[{name}]" in errors for name in ("foreign-text", "stray-mark", "damaged-mark", "duplicate-mark")):
            assert result == text, "a refused file was changed"
            assert code == 2
        assert before or result == text, "--check did not see a change"
        lost = _foreign_lines(text) - _foreign_lines(result)
        assert not lost, f"lines were lost: {list(lost)}"
        again, errors = _run(*arguments)
        assert file.read_bytes().decode() == result, "a second run changes the text"
        checked, _ = _run("--check", *arguments)
        # What is left of a removed diagram is removed; only then, a file without any other is an error.
        is_cleaned_up = code == 0 and result != text and re.findall(r"error\[(.*)\]", errors) == ["no-diagram"]
        expected = 2 if is_cleaned_up else code
        assert (again, checked) == (expected, expected), f"exit codes: {code}, again {again}, --check {checked}"
    finally:
        for path in sorted(Path().rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    return result


def _run(*arguments: str) -> tuple[int, str]:
    """Run the command on the file and return its exit code and what it printed on standard error."""
    stdout, stderr = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = run_command(["embed", "d.md", *arguments])
    assert "error[internal]" not in stderr.getvalue(), stderr.getvalue()
    return code, stderr.getvalue()


def _foreign_lines(text: str) -> Counter[str]:
    """Return the lines that `embed` cannot have written, without the lists and quotes that contain them."""
    lines = (_CONTAINER.sub("", line, count=1).strip() for line in text.removeprefix("\ufeff").split("\n"))
    return Counter(line for line in lines if not _is_own(line))


def _is_own(line: str) -> bool:
    own_picture = re.fullmatch(r"!\[.*\]\((?:[^()]*/)?d-[\w-]+\.(?:svg|png)\)|<picture>.*</picture>", line)
    return (
        line in _OWN_LINES or bool(own_picture) or bool(re.fullmatch(r"<!-- diagramkit: (begin [\w.-]+|end) -->", line))
    )


def check_seed(seed: int) -> None:
    """Check the two files of a seed. Raises an exception if there is a finding."""
    rng = random.Random(seed)
    arguments = _OPTIONS[seed % len(_OPTIONS)]
    with patch.object(pipeline, "render", holds.fake_render):
        text = check(random_document(rng), arguments)
        check(damaged(text, rng), arguments)


def main(argv: list[str]) -> int:
    """Check as many seeds as the command line says; return 1 if there is a finding, else 0."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        return seeds.main(check_seed, "random and as many damaged files", argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
