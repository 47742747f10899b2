"""Check README and docs by doing what they say: `python -m checks.docs [PAGE ...]`.

For each page, in a fresh folder with the files in `tests/data/docs` and a copy of `specs`, in the order of the page:

- every command of the `sh` blocks runs, and its exit code and output are as shown. A block without `$` shows commands
  only, which must succeed. In output, `…` stands for the rest of a line, and a line `…` for any lines;
- every Python block runs;
- every diagram, in Mermaid or YAML, is drawn; every other YAML and TOML block is read;
- a block after a line that ends with "`NAME`:" becomes a file of that name;
- every relative link leads to a file, and its anchor to a heading.

What cannot run here is in `NOT_RUN`, with the reason. The exit code is 1 if there are findings.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec import Struct

from diagramkit.sources.readers import SPEC
from diagramkit.style import font
from tests.support.project import ROOT

FILES = ROOT / "tests/data/docs"
FOLDERS = {
    "specs": "specs",
    "cdk.out": "tests/data/infrastructure/5-cdk.out",
    "infra": "tests/data/infrastructure/6-terraform",
}
OTHER_FILES = {
    "template.yaml": "docs/infrastructure/shop.yaml",
    "docs/architecture.md": "tests/data/docs/docs/guide.md",
}
"""Folders and files of the project that commands find besides `FILES`, by the names that pages use."""
PAGES = (
    *("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"),
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")),
)
NOT_RUN = {
    ("README.md", "python3 -m venv"): "installs packages; .ci/run does it",
    ("README.md", "source .venv"): "belongs to the installation",
    ("README.md", "pip install ."): "installs packages; .ci/run does it",
    ("README.md", ".venv/bin/pip"): "runs all tests; .ci/run does it",
    ("CONTRIBUTING.md", ""): "programs for developers, which take minutes; .ci/run runs most of them",
    ("docs/ci.md", "docker"): "needs Docker",
    ("docs/editor.md", "pip install"): "installs packages",
    ("docs/editor.md", "diagramkit serve"): "runs until it is stopped; checks/pages drives it",
    ("docs/icons.md", "diagramkit icons add"): "fetches packages; checks/packs.py does it",
    ("docs/rendering.md", "diagramkit render [SOURCE"): "a synopsis, not a command",
    ("docs/slides.md", "pip install"): "installs packages",
    ("docs/sites.md", "%load_ext"): "a command of notebooks; tests/publish runs it",
    ("docs/api.md", ""): "signatures, generated from the code",
}
"""Commands and blocks that are not run, by page and beginning, and the reason. An empty beginning is the whole page."""
OTHER_YAML = {
    ("docs/ci.md", "permissions"): "a workflow of GitHub",
    ("docs/ci.md", "strategy"): "a workflow of GitHub",
    ("docs/ci.md", "repos"): "a configuration of pre-commit",
    ("docs/infrastructure.md", "import"): "a part of a spec",
    ("docs/infrastructure.md", "types"): "a table of rules",
    ("docs/sites.md", "plugins"): "a configuration of MkDocs",
}
"""YAML blocks that are no specs, by page and first key, and what they are. They are only parsed."""
_TIMEOUT = 120  # Seconds of one command.
_FILE_NAME = re.compile(r"`([\w./-]+\.\w+)`:?$")
_TITLE_MARKS = re.compile(r"[^\w\- ]")


class Finding(Struct, frozen=True):
    """Something that is not as a page says."""

    page: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.message}"


class Walk:
    """The walk through one page, in its own folder. `used` collects the entries of the tables that apply."""

    def __init__(self, page: str, folder: Path, used: set[tuple[str, str]], root: Path = ROOT) -> None:
        self.page, self.used, self.root = page, used, root
        self.count = 0
        self._environment = _environment(folder)
        self._work = folder / "work"
        shutil.copytree(FILES, self._work)
        for name, path in FOLDERS.items():
            shutil.copytree(ROOT / path, self._work / name)
        for name, path in OTHER_FILES.items():
            shutil.copy(ROOT / path, self._work / name)

    def findings(self) -> Iterator[Finding]:
        """Do what the page says, and yield what is not as it says."""
        tokens = MarkdownIt("commonmark").enable("table").parse((self.root / self.page).read_text("utf-8"))
        yield from _broken_links(self.page, tokens, self.root)
        before = ""
        for token in tokens:
            if token.type == "inline":
                before = token.content.rstrip()
            if token.type == "fence":
                line = (token.map or [0])[0] + 1
                if name := _FILE_NAME.search(before):
                    (self._work / name[1]).write_text(token.content, "utf-8")
                yield from (
                    Finding(self.page, line, message) for message in self._block(token.info.strip(), token.content)
                )
                before = ""

    def _block(self, language: str, text: str) -> Iterator[str]:
        """Yield what is wrong with one block."""
        if self._entry(NOT_RUN, "") or (language == "python" and self._entry(NOT_RUN, text)):
            return
        if language == "sh":
            yield from self._commands(text)
        elif language == "python":
            yield from self._run(["python", "-c", text], text.splitlines()[0], 0, None)
        elif language in ("yaml", "yml"):
            yield from self._yaml(text)
        elif language == "mermaid":
            yield from self._draw(text, "mmd")
        elif language == "toml":
            yield from self._settings(text)

    def _commands(self, text: str) -> Iterator[str]:
        """Run the commands of a block, and compare what they print if the block shows that."""
        shows_output = text.startswith("$ ")
        parts = re.split(r"(?m)^\$ ", text)[1:] if shows_output else text.splitlines(keepends=True)
        for part in parts:
            command, _, output = part.partition("\n")
            if not command.strip() or self._entry(NOT_RUN, command):
                continue
            fails = 2 if re.search(r": error(\[[\w-]+\])?: ", output) else 0
            yield from self._run(["bash", "-c", command], command, fails, output if shows_output else None)

    def _run(self, words: list[str], name: str, exit_code: int, expected: str | None) -> Iterator[str]:
        self.count += 1
        try:
            done = subprocess.run(
                words,
                cwd=self._work,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            yield f"'{name}' does not end within {_TIMEOUT} s"
            return
        if done.returncode != exit_code:
            yield f"'{name}' ends with {done.returncode}, not {exit_code}: {done.stdout.strip()[-500:]}"
        elif expected is not None and not _matches(expected, done.stdout):
            yield f"'{name}' prints something else:\n{done.stdout}"

    def _yaml(self, text: str) -> Iterator[str]:
        """Draw a spec, or with a theme; only parse other YAML."""
        data = yaml.safe_load(text)
        first_key = next(iter(data))
        if first_key == "base":
            (self._work / "theme.yaml").write_text(text, "utf-8")
            shutil.copy(font._bundled_file("Regular"), self._work / data["font"])
            command = ["diagramkit", "render", "shop.mmd", "--theme", "theme.yaml", "-o", "themed.svg"]
            yield from self._run(command, "theme.yaml", 0, "themed.svg: written\n")
        elif not self._entry(OTHER_YAML, first_key) and not SPEC.is_source(text):
            yield f"the YAML that begins with '{first_key}' is neither a spec nor listed in OTHER_YAML"
        elif SPEC.is_source(text):
            yield from self._draw(text, "yaml")

    def _draw(self, text: str, extension: str) -> Iterator[str]:
        """Draw a diagram, which must give neither errors nor warnings."""
        path = self._work / f"block-{self.count}.{extension}"
        path.write_text(text, "utf-8")
        command = ["diagramkit", "render", path.name, "-o", f"{path.name}.svg"]
        yield from self._run(command, path.name, 0, f"{path.name}.svg: written\n")

    def _settings(self, text: str) -> Iterator[str]:
        """Read settings as a command does, in a folder of their own."""
        tomllib.loads(text)
        folder = self._work / f"settings-{self.count}"
        folder.mkdir()
        (folder / "diagramkit.toml").write_text(text, "utf-8")
        yield from self._run(["bash", "-c", f"cd {folder.name} && diagramkit config"], "diagramkit.toml", 0, None)

    def _entry(self, table: dict[tuple[str, str], str], text: str) -> bool:
        """Return whether a table has an entry for a text of this page."""
        found = [key for key in table if key[0] == self.page and text.startswith(key[1]) and bool(key[1]) == bool(text)]
        self.used.update(found)
        return bool(found)


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of commands: `diagramkit` and `python` are those that run this program."""
    programs = folder / "bin"
    programs.mkdir()
    for name, command in (("diagramkit", f'"{sys.executable}" -m diagramkit'), ("python", f'"{sys.executable}"')):
        (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (programs / name).chmod(0o755)
    kept = {name: os.environ[name] for name in ("HOME", "DIAGRAMKIT_CACHE", "LANG") if name in os.environ}
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "DIAGRAMKIT_DATA": str(folder / "data")}


def _matches(expected: str, actual: str) -> bool:
    """Return whether an output is as shown: `…` is the rest of a line, and a line `…` any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in expected.splitlines()
    )
    return re.fullmatch(pattern, actual) is not None


def _broken_links(page: str, tokens: list[Token], root: Path) -> Iterator[Finding]:
    """Yield the relative links of a page that lead nowhere."""
    line = 1
    for token in tokens:
        line = token.map[0] + 1 if token.map else line  # The texts of a table have the line of their row.
        targets = [child.attrGet("href") or child.attrGet("src") for child in token.children or ()]
        targets += re.findall(r"(?:href|src)=\"([^\"]+)\"", token.content if token.type == "html_block" else "")
        for target in targets:
            if not isinstance(target, str) or re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (root / page).parent / name if name else root / page
            if not path.exists():
                yield Finding(page, line, f"there is no '{target}'")
            elif anchor and anchor not in _anchors(path):
                yield Finding(page, line, f"there is no heading for '{target}'")


def _anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    anchors: set[str] = set()
    tokens = MarkdownIt("commonmark").parse(path.read_text("utf-8"))
    for heading, text in pairwise(tokens):
        if heading.type == "heading_open":
            shown = "".join(child.content for child in text.children or ())
            anchor = _TITLE_MARKS.sub("", shown.lower()).replace(" ", "-")
            number = sum(1 for known in anchors if re.fullmatch(rf"{re.escape(anchor)}(-\d+)?", known))
            anchors.add(f"{anchor}-{number}" if number else anchor)
    return anchors


def unused(used: set[tuple[str, str]], pages: list[str]) -> Iterator[Finding]:
    """Yield the entries of the tables that apply to nothing in these pages."""
    for page, beginning in sorted({*NOT_RUN, *OTHER_YAML} - used):
        if page in pages:
            yield Finding(page, 1, f"nothing begins with '{beginning}', which a table of checks/docs.py lists")


def main(arguments: list[str]) -> int:
    """Check the pages, all by default; print the findings and what was not run, and return the exit code."""
    pages, used, findings, count = arguments or list(PAGES), set[tuple[str, str]](), list[Finding](), 0
    for page in pages:
        with tempfile.TemporaryDirectory(prefix="docs-") as folder:
            walk = Walk(page, Path(folder), used)
            findings += walk.findings()
            count += walk.count
    findings += unused(used, pages)
    print("\n".join(map(str, findings)) or f"{len(pages)} pages, {count} commands and blocks: as the pages say")
    print("not run:")
    for page, beginning in sorted(used):
        print(f"  {page}: {beginning or 'the whole page'}: {(NOT_RUN | OTHER_YAML)[page, beginning]}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
