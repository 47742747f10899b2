"""Import, edit, import, edit: what people edited survives, and what cannot survive is reported.

The expectations here compare plain YAML: the last import, the edited spec, the new import and the result. They share
no code with the merge.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagramkit.cli import main
from diagramkit.sources import spec as specs
from tests.support.import_edits import Data, RandomTemplate, SpecEditor, edge_ends, edge_label, groups_of

SPEC = Path("specs/t.yaml")
ROUNDS = 4


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()


@pytest.mark.parametrize("seed", range(20))
def test_edits_survive_imports(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    run_sequence(seed, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 1200, 20))
def test_edits_survive_many_imports(first: int, capsys: pytest.CaptureFixture[str]) -> None:
    for seed in range(first, first + 20):
        for folder in ("specs", ".diagramkit"):
            shutil.rmtree(folder, ignore_errors=True)
        run_sequence(seed, capsys)


def run_sequence(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Import a random template, and several times edit the spec, change the template and import again."""
    source = random.Random(seed)
    template, editor = RandomTemplate(source), SpecEditor(source)
    before = generated(template.text)
    Path("t.yaml").write_text(template.text, "utf-8")
    assert main(["import", "t.yaml"]) == 0
    if not SPEC.exists():  # Nothing in this template is drawn.
        return
    for _ in range(ROUNDS):
        edited_text = editor.edit(SPEC.read_bytes().decode("utf-8"))
        SPEC.write_bytes(edited_text.encode("utf-8"))
        specs.read(edited_text.replace("\r\n", "\n"), "edited")
        for _ in range(source.randint(0, 3)):
            template.change()
        after = generated(template.text)
        Path("t.yaml").write_text(template.text, "utf-8")
        capsys.readouterr()
        check_code = main(["import", "--check"])
        findings = capsys.readouterr().err
        assert SPEC.read_bytes().decode("utf-8") == edited_text
        code = main(["import", "t.yaml"])
        messages = capsys.readouterr().err
        text = SPEC.read_bytes().decode("utf-8")
        check_round(yaml.safe_load(edited_text), before, after, text, messages)
        check_texts(edited_text, text, messages)
        check_intentions(editor, after, yaml.safe_load(text), messages)
        assert code == ("warning[" in messages)
        assert check_code == ("stale-import" in findings)
        assert check_code or text == edited_text, findings
        if before == after:
            assert (text, check_code, messages) == (edited_text, 0, "")
        assert main(["import", "--check"]) == 0, capsys.readouterr().err
        assert main(["import"]) == 0
        assert SPEC.read_bytes().decode("utf-8") == text
        before = after


def generated(template: str) -> Data:
    """Return the spec of a template as it is generated without any edits."""
    folder = Path("fresh")
    folder.mkdir(exist_ok=True)
    (folder / "t.yaml").write_text(template, "utf-8")
    main(["import", "fresh/t.yaml", "-o", "fresh/specs"])
    path = folder / "specs/t.yaml"
    data = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {"nodes": {}}
    shutil.rmtree(folder)
    shutil.rmtree(".diagramkit/import/fresh", ignore_errors=True)
    return dict(data)


class Version:
    """A version of the spec by keys that do not depend on ids: the address of a resource, else the id."""

    def __init__(self, data: Data) -> None:
        self.groups = groups_of(data)
        everything = {**data["nodes"], **self.groups}
        self.key = {name: each.get("resource", f"own {name}") for name, each in everything.items()}
        self.nodes = {self.key[name]: node for name, node in data["nodes"].items()}
        self.frames = {self.key[name]: group for name, group in self.groups.items()}
        self.place = {
            self.key[node]: self.key[name] for name, group in self.groups.items() for node in group.get("nodes", ())
        }
        self._add_parents(data, None)
        self.edges: dict[tuple[str, str], list[Any]] = {}
        for edge in data.get("edges", ()):
            source, target = edge_ends(edge)
            self.edges.setdefault((self.key[source], self.key[target]), []).append(edge)

    def _add_parents(self, place: Data, parent: str | None) -> None:
        for name, group in place.get("groups", {}).items():
            if parent:
                self.place[self.key[name]] = parent
            self._add_parents(group, self.key[name])

    def place_among(self, key: str, visible: set[str]) -> str | None:
        """Return the innermost group around something that is one of the visible ones."""
        place = self.place.get(key)
        while place is not None and place not in visible:
            place = self.place.get(place)
        return place


def check_round(edited_data: Data, before_data: Data, after_data: Data, text: str, messages: str) -> None:
    """Check the result of one import against the three versions that it merged."""
    specs.read(text.replace("\r\n", "\n"), "result")
    before, edited, after, result = map(Version, (before_data, edited_data, after_data, yaml.safe_load(text)))
    gone = {*before.nodes, *before.frames} - {*after.nodes, *after.frames}
    deleted = {*before.nodes, *before.frames} - {*edited.nodes, *edited.frames}
    for kind in ("nodes", "frames"):
        old, mine, new, merged = (getattr(version, kind) for version in (before, edited, after, result))
        assert set(merged) == {key for key in mine if key not in gone} | {key for key in new if key not in deleted}
        for key, each in merged.items():
            for field in ("label", "icon", "kind"):
                values = [version.get(key, {}).get(field) for version in (old, mine, new)]
                expected = merged_value(*values) if key in mine and key in new else values[1] or values[2]
                assert each.get(field) == expected, (key, field)
                if key in mine and key in old and len({*values}) == 3:
                    assert f"{field} '" in messages, (key, field)
        for key in mine:
            if key in gone:
                name = re.escape(key.removeprefix("own "))
                assert re.search(rf"[('/]{name}[)'] (was removed|.*stands for '[^']+' now)", messages)
    order = [key for key in edited.nodes if key in result.nodes]
    assert [key for key in result.nodes if key in edited.nodes] == order
    check_places(before, edited, after, result, messages)
    check_edges(before, edited, after, result, messages)


def merged_value(old: Any, mine: Any, new: Any) -> Any:
    return new if mine == old else mine


def check_places(before: Version, edited: Version, after: Version, result: Version, messages: str) -> None:
    """Check which group everything is in."""
    visible_before = set(edited.frames)
    visible_after = set(result.frames)
    for key in (*result.nodes, *result.frames):
        there, new = result.place.get(key), after.place_among(key, visible_after)
        is_generated = key in after.nodes or key in after.frames
        if key not in {**edited.nodes, **edited.frames}:
            assert there == new, key
            continue
        mine = edited.place.get(key)
        is_mine = not is_generated or mine != before.place_among(key, visible_before)
        if is_mine and (mine is None or mine in result.frames):
            assert there == mine, key
        elif is_mine and is_generated:
            assert there == new, key
            assert "was moved out of its group" in messages
        elif is_mine:
            assert there == edited.place_among(key, visible_after), key
            assert "was moved out of its group" in messages
        else:
            assert there == new, key


def check_edges(before: Version, edited: Version, after: Version, result: Version, messages: str) -> None:
    """Check that there are exactly the edges that should be there."""
    everything = {*result.nodes, *result.frames}
    for ends in {*edited.edges, *after.edges}:
        mine, new, old = edited.edges.get(ends, []), after.edges.get(ends, []), before.edges.get(ends, [])
        there = [edge_label(edge) for edge in result.edges.get(ends, [])]
        if not set(ends) <= everything:
            assert there == [], ends
            continue
        was_visible = all(end in edited.nodes for end in ends)
        if not mine:
            assert len(there) == (0 if old and was_visible else 1), ends
            continue
        is_removed = bool(old) and not new
        for edge in mine:
            is_own = "from" not in edge or "resource" not in edge
            if is_own or not is_removed:
                label = edge_label(edge)
                assert label in there or any(label == edge_label(each) for each in old), (ends, label)
        expected = [edge for edge in mine if not (is_removed and "from" in edge and "resource" in edge)]
        assert len(there) == len(expected), ends
        if is_removed and len(expected) < len(mine):
            assert "was removed, because the template no longer contains it" in messages


def check_texts(edited: str, result: str, messages: str) -> None:
    """Check that comments and other keys are still there; comments of removed lines are reported."""
    for comment in re.findall(r"# comment \d+\.", edited):
        assert comment in result or comment in messages, comment
    before, after = yaml.safe_load(edited), yaml.safe_load(result)
    for key in ("title", "notes", "components"):
        assert before.get(key) == after.get(key)
    assert ("\r\n" in result) == ("\r\n" in edited)
    assert not re.search(r"(?<!\r)\n", result) or "\r\n" not in result


def check_intentions(editor: SpecEditor, after: Data, result: Data, messages: str) -> None:
    """Check what the editor did in all rounds so far."""
    addresses = {node.get("resource") for node in after["nodes"].values()}
    nodes = {node.get("resource"): node for node in result["nodes"].values()}
    for known, field in ((editor.labels, "label"), (editor.icons, "icon")):
        for address in [*known]:
            if address not in addresses:
                del known[address]
            else:
                assert nodes[address][field] == known[address]
    for name, node in editor.own_nodes.items():
        assert result["nodes"][name] == node
    labels = {edge_label(edge): edge_ends(edge) for edge in result.get("edges", ())}
    for label, ends in [*editor.own_edges.items()]:
        if label in labels:
            assert labels[label] == ends
        else:
            assert f"with the label '{label}' was removed" in messages
            assert not set(ends) <= {*result["nodes"], *groups_of(result)}
            del editor.own_edges[label]
