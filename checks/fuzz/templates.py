"""Imports random infrastructure templates: `python -m checks.fuzz.templates`.

Each seed gives a template of one kind (CloudFormation, Terraform, Compose, Kubernetes or a graph), mostly damaged,
and imports it. Then its spec, sometimes also its record, is edited or damaged, the template is changed, and it is
imported again. An import ends with an exit code that fits what it printed, writes only the spec and its record, and
either leaves both as they are or writes a valid spec. Importing again changes nothing, `--check` agrees, and no
comment is lost without a message. Anything else is a finding, and so is a planted secret in what is written or
printed.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from checks.fuzz import hostile_sources, seeds
from diagramkit import cli
from diagramkit.sources import spec
from tests.support.import_edits import RandomTemplate, SpecEditor
from tests.support.templates import TEMPLATES

SECRET = "hunter2-planted-secret"  # noqa: S105 - it is in the files of `tests/data/infrastructure/secrets`
_FILES = ("small_templates.yaml", "small_compose.yaml", "small_kubernetes.yaml")
_WORDS = (
    "!Ref A",
    "!Sub '${A.Arn}-${B}'",
    "!GetAtt [A, Arn]",
    "!If [A, !Ref B, !Ref C]",
    "!ImportValue x",
    "{Fn::ForEach::X: [a, [b], {c: d}]}",
    "{Fn::Join: [',', [!Ref A, 1]]}",
    "Type: AWS::Lambda::Function",
    "Type: AWS::CloudFormation::Stack",
    "TemplateURL: ../../x.yaml",
    "DependsOn: [A, A]",
    "Properties: [1]",
    "kind: Service",
    "apiVersion: v1",
    "metadata: {name: a, namespace: b}",
    "selector: {app: a}",
    "image: a:1",
    "depends_on: [a]",
    "services:",
    "include: [a.yaml]",
    "extends: {file: ../a.yaml, service: a}",
    'resource "aws_lambda_function" "a" {',
    'module "m" { source = "./.." }',
    "for_each = toset([1])",
    "${aws_sqs_queue.a[0].arn}",
    "count = 99999999",
    "<<EOF",
    "}",
    "{",
    "[",
    "- ",
    "---",
    "*a",
    "&a",
    "<<: *a",
    "!!int ''",
    "2024-13-45",
    "9" * 5000,
    "null",
    "~",
    "''",
    "\ufeff",
)


@lru_cache(maxsize=1)
def _templates() -> tuple[tuple[str, str], ...]:
    """Return the file names and texts of all templates of the tests."""
    small = [
        (each.get("file", "template.yaml"), each["template"])
        for name in _FILES
        for each in yaml.safe_load((TEMPLATES / name).read_text("utf-8"))
    ]
    malformed = [("template.yaml", text) for text in yaml.safe_load((TEMPLATES / "malformed.yaml").read_text("utf-8"))]
    paths = sorted((*TEMPLATES.glob("[0-9]-*.yaml"), *TEMPLATES.glob("[0-9]-*/*.*"), *TEMPLATES.glob("secrets/*")))
    whole = [(path.name, path.read_text("utf-8")) for path in paths if "expected" not in path.name]
    return (*small, *malformed, *whole, *whole)


def _damaged(text: str, rng: random.Random) -> str:
    """Return a text after a few edits of its lines and words."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        lines = text.split("\n")
        place, word = rng.randrange(len(lines)), rng.choice((*_WORDS, *hostile_sources.TRICKS))
        indent = re.match(r"[ \t]*", lines[place])
        action = rng.randrange(8)
        if action == 0:
            del lines[place]
        elif action == 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[place])
        elif action == 2:
            lines.insert(place, (indent.group() if indent else "") + word)
        elif action == 3:
            lines[place] = lines[place][: rng.randint(0, len(lines[place]))]
        elif action == 4:
            lines[place] = re.sub(r"(?<=[:=] ).+", word.replace("\\", r"\\"), lines[place], count=1)
        elif action == 5:
            lines[place] = " " + lines[place]
        else:
            parts = re.split(r"(\w+)", lines[place])
            parts[rng.randrange(len(parts))] = rng.choice((word, "", *re.findall(r"\w+", text)[:40]))
            lines[place] = "".join(parts)
        text = "\n".join(lines) or "x"
    return text


def source(rng: random.Random) -> tuple[str, str]:
    """Return the file name and the text of a template."""
    if rng.random() < 0.3:
        return "template.yaml", RandomTemplate(rng).text
    name, text = rng.choice(_templates())
    return (name, text) if rng.random() < 0.1 else (name, _damaged(text, rng))


class _Project:
    """A project in the current folder, with a template and what imports write."""

    def __init__(self, name: str, has_secret: bool) -> None:
        self._name, self._has_secret = name, has_secret

    def write_template(self, text: str) -> None:
        """Write the template."""
        Path(self._name).write_bytes(text.encode("utf-8", "surrogatepass"))

    def files(self) -> dict[str, bytes]:
        """Return everything that an import may have written. Raises `AssertionError` if there is something else."""
        files = {path.as_posix(): path.read_bytes() for path in Path().rglob("*") if path.is_file()}
        names = {*files} - {self._name, "diagramkit.toml"}
        outside = {name for name in names if not name.startswith(("specs/", ".diagramkit/import/specs/"))}
        assert not outside, f"written: {outside}"
        return {name: files[name] for name in sorted(names)}

    def run(self, *arguments: str) -> tuple[int, str]:
        """Import and return the exit code and the messages. Raises `AssertionError` if they do not fit."""
        stdout, stderr = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            code = cli.main(["import", *arguments])
        messages = stderr.getvalue()
        assert code in (0, 1, 2), code
        assert "error[internal]" not in messages, messages
        assert "Traceback" not in messages, messages
        assert "error[" in messages or code < 2, "the command failed without an error"
        assert "error[" not in messages or code, "an error is a success"
        written = b"".join(self.files().values())
        assert self._has_secret or SECRET not in messages + written.decode("utf-8"), "a secret was written or printed"
        return code, messages


def check_seed(seed: int) -> None:
    """Import the template of a seed. Raises an exception if there is a finding."""
    rng = random.Random(seed)
    name, text = source(rng)
    is_original = (name, text) in _templates()
    folder = Path.cwd()
    with tempfile.TemporaryDirectory() as outside:
        root = Path(outside, "project")
        root.mkdir()
        (root / "diagramkit.toml").write_text("")
        os.chdir(root)
        try:
            _check(_Project(name, not is_original), rng, name, text)
            assert [path.name for path in root.parent.iterdir()] == ["project"], "written outside of the project"
        finally:
            os.chdir(folder)


def _options(rng: random.Random) -> list[str]:
    choices: tuple[list[str], ...] = (
        ["--level", rng.choice(("overview", "detail", "all"))],
        ["--zones", "each"],
        ["--focus=" + rng.choice(("A", "A:2", "A:x", "module.m", rng.choice(hostile_sources.TRICKS)))],
        ["--hide=" + rng.choice(("A*", "AWS::*", "[", rng.choice(hostile_sources.TRICKS)))],
        ["--split", "stack"],
        ["--strict"],
    )
    return [] if rng.random() < 0.6 else [each for each in rng.choice(choices) if "\0" not in each]


def _check(project: _Project, rng: random.Random, name: str, text: str) -> None:
    project.write_template(text)
    code, _ = project.run(name, *_options(rng))
    written = project.files()
    specs = [path for path in written if path.startswith("specs/")]
    if code == 2 or not specs:
        return
    _check_repeated(project)
    path = Path(rng.choice(specs))
    if rng.random() < 0.5:
        with contextlib.suppress(Exception):  # The editor expects specs with nodes.
            path.write_bytes(SpecEditor(rng).edit(written[str(path)].decode()).encode())
    else:
        commented = re.sub(r"(?m)^(.*\w)$", _with_comments(rng), written[str(path)].decode())
        path.write_bytes(_damaged(commented, rng).encode("utf-8", "replace"))
    record = Path(".diagramkit/import", path)
    if rng.random() < 0.2 and record.exists():
        record.write_bytes(_damaged(record.read_text("utf-8"), rng).encode("utf-8", "replace"))
    if rng.random() < 0.7:
        project.write_template(_damaged(text, rng))
    _check_merge(project, path)


def _with_comments(rng: random.Random) -> Any:
    return lambda match: match[1] + (f"  # note {rng.randrange(10_000)}." if rng.random() < 0.1 else "")


def _check_merge(project: _Project, path: Path) -> None:
    before = project.files()
    checked_code, _ = project.run("--check")
    assert project.files() == before, "--check writes"
    code, messages = project.run(str(path))
    after = project.files()
    if code == 2:
        assert after == before, "files were changed in spite of an error"
        return
    text = after[path.as_posix()].decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
    spec.read(text, str(path))
    for comment in re.findall(r"# note \d+\.", before[path.as_posix()].decode()):
        assert comment in text or comment in messages, f"the comment '{comment}' was lost"
    assert checked_code or after[path.as_posix()] == before[path.as_posix()], "--check found no difference"
    code, messages = project.run(str(path))
    assert not re.search(rf"(?m)^{re.escape(str(path))}:", messages), f"a second import reports changes: {messages}"
    assert project.files() == after, "a second import changes something"


def _check_repeated(project: _Project) -> None:
    """Check that importing again changes nothing, and that `--check` agrees."""
    before = project.files()
    code, messages = project.run()
    assert code < 2, messages
    assert project.files() == before, "importing again changes something"
    code, messages = project.run("--check")
    assert code < 2, messages
    assert "stale-import" not in messages, messages


if __name__ == "__main__":
    sys.exit(seeds.main(check_seed, "templates", sys.argv[1:]))
