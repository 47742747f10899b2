"""Each value of real templates, replaced by one of another type: the template is read, or its problem is reported."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.fuzz import holds
from diagramkit import infrastructure, sources
from diagramkit.diagnostics import DiagramError
from tests.support.templates import TEMPLATES

WRONG: tuple[Any, ...] = (1, "x", "module.x", [], {}, None, [{}], {"a": [1]}, [["a", "b"]])


def documents() -> Iterator[tuple[str, Any]]:
    """Yield the name and the content of a template of each kind that is JSON, or YAML without tags."""
    for name in (
        "6-terraform/plan.json",
        "6-terraform/state.json",
        "5-cdk.out/manifest.json",
        "5-cdk.out/App.template.json",
    ):
        yield name, json.loads((TEMPLATES / name).read_text("utf-8"))
    for name in ("small_compose.yaml", "small_kubernetes.yaml"):
        entries = yaml.safe_load((TEMPLATES / name).read_text("utf-8"))
        for number, entry in enumerate(entries):
            for document in [*yaml.safe_load_all(entry["template"])][:1]:
                yield f"{name} {number}: {entry.get('file', 'k.yaml')}", document


DOCUMENTS = dict(documents())


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where the values in a value are, each of them once."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in entries:
        yield (*path, key)
        yield from places(child, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy of a value in which another one is at a place."""
    result = copy.deepcopy(value)
    parent = result
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = new
    return result


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_value_of_a_wrong_type_is_ignored_or_reported(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TEMPLATES / Path(name).parent if "/" in name else TEMPLATES)
    file = Path(name.rpartition(": ")[2]).name
    found = [*places(DOCUMENTS[name])]
    step = max(1, len(found) // 150)  # The large ones repeat themselves.
    for number, path in enumerate(found[::step]):
        for wrong in (WRONG[number % len(WRONG)], WRONG[(number + 3) % len(WRONG)], WRONG[(number + 5) % len(WRONG)]):
            text = json.dumps(replaced(DOCUMENTS[name], path, wrong), indent=1)
            try:
                drawn = infrastructure.load(text, file, sources.read_text)
            except DiagramError as error:
                assert error.problems[0].code not in ("internal", "system"), (path, wrong)
                continue
            holds._check_consistency(drawn.graph)


@pytest.mark.parametrize(
    "name", ["6-terraform/main.tf", "2-three-tier.yaml", "3-events.yaml", "4-ecs-nested/main.yaml"]
)
@pytest.mark.parametrize("change", ["removed", "cut", "doubled", "emptied", "quoted"])
def test_a_line_that_is_damaged_is_ignored_or_reported(name: str, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TEMPLATES / Path(name).parent)
    lines = Path(Path(name).name).read_text("utf-8").split("\n")
    for number, line in enumerate(lines):
        changed = {
            "removed": [],
            "cut": [line[: len(line) // 2]],
            "doubled": [line, line],
            "emptied": [line.partition(":")[0] + ":" if ":" in line else line.partition("=")[0] + "= null"],
            "quoted": [line.replace("[", '"[').replace("{", '"{')],
        }[change]
        text = "\n".join([*lines[:number], *changed, *lines[number + 1 :]])
        try:
            drawn = infrastructure.load(text, Path(name).name, lambda path: Path(path).read_text("utf-8"))
        except DiagramError as error:
            assert error.problems[0].code not in ("internal", "system"), (number, line)
            continue
        holds._check_consistency(drawn.graph)
