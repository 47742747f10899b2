"""The command line as a user meets it: what it writes, what it refuses, and how it says so."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import diagramkit
from diagramkit.cli import main
from tests.conftest import ROOT

SPEC = "title: Shop\ncategory: Web Apps\ndiagram: |\n  graph LR\n    A[ALB] --> B[Lambda]\n"
MERMAID = "graph LR\n  A[ALB] --> B[Lambda]\n"
EXCERPT = re.compile(r"^ +\d* \| ")
LINE = re.compile(r"^\S[^\n]*?:\d+:\d+: error\[[a-z0-9-]+\]: \S.*$")


def run(
    *arguments: str,
    stdin: bytes = b"",
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "diagramkit", *arguments],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    )


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".diagramkit.json"
    }


def test_render_writes_mermaid_svg_and_png_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SPEC, "utf-8")
    assert main(["render", "shop.yaml"]) == 0
    made = files(tmp_path / "output")
    assert list(made) == ["web-apps/shop.mmd", "web-apps/shop.png", "web-apps/shop.svg"]
    assert made["web-apps/shop.mmd"] == b"graph LR\n  A[ALB] --> B[Lambda]\n"


def test_the_committed_output_is_33_files_for_11_patterns() -> None:
    made = [path for path in files(ROOT / "output") if path.count("/") == 1]
    assert len(made) == 33
    assert {Path(path).suffix for path in made} == {".mmd", ".svg", ".png"}


@pytest.mark.parametrize(
    "source",
    [b"graph LR\r\n  A --> B\r\n", b"\xef\xbb\xbfgraph LR\n A-->B", b"graph LR;A-->B;\n\n\n"],
)
def test_a_mermaid_file_is_copied_byte_for_byte(tmp_path: Path, source: bytes) -> None:
    (tmp_path / "a.mmd").write_bytes(source)
    assert main(["render", "a.mmd"]) == 0
    assert (tmp_path / "output/a.mmd").read_bytes() == source


def test_markdown_with_several_fences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.md").write_text(
        f"# N\n\n```mermaid\n{MERMAID}```\n\n- item\n\n  ```mermaid\n  graph TB\n    C --> D\n  ```\n"
        "\n```mermaid\nsequenceDiagram\n  A->>B: hi\n```\n\n```python\nx\n```\n",
        "utf-8",
    )
    assert main(["render", "notes.md", "-f", "mmd"]) == 0
    assert files(tmp_path / "output") == {
        "notes-1.mmd": MERMAID.encode(),
        "notes-2.mmd": b"graph TB\n  C --> D\n",
    }
    assert "notes.md:16:1: warning[unsupported-diagram]" in capsys.readouterr().err


def test_an_error_in_a_fence_points_into_the_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.md").write_text("---\na: b\n---\n\n- x\n\n  ```mermaid\n  graph LR\n    A -> B\n  ```\n")
    assert main(["render", "n.md"]) == 2
    assert capsys.readouterr().err.startswith("n.md:9:7: error[mermaid-arrow]")


def test_a_folder_is_walked_and_keeps_its_folders(tmp_path: Path) -> None:
    (tmp_path / "in/deep down").mkdir(parents=True)
    (tmp_path / "in/.hidden").mkdir()
    (tmp_path / "in/deep down/a b.mmd").write_text(MERMAID)
    (tmp_path / "in/c.yaml").write_text(SPEC)
    (tmp_path / "in/.hidden/x.mmd").write_text("no diagram at all")
    assert main(["render", "in", "-f", "svg"]) == 0
    assert list(files(tmp_path / "output")) == ["deep-down/a-b.svg", "web-apps/c.svg"]


def test_standard_input_and_output() -> None:
    done = run("render", "-", "-f", "svg", "-o", "-", stdin=MERMAID.encode())
    assert done.returncode == 0
    assert done.stdout.startswith(b"<svg ")
    assert done.stderr == b""
    picture = run("render", "-", "-f", "png", "--scale", "1", "-o", "-", stdin=SPEC.encode())
    with Image.open(io.BytesIO(picture.stdout)) as image:
        assert image.format == "PNG"


def test_a_second_run_leaves_files_alone_and_check_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    main(["render", "a.mmd"])
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "output").iterdir()}
    assert main(["render", "a.mmd"]) == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "output").iterdir()} == before
    assert main(["render", "a.mmd", "--check"]) == 0
    (tmp_path / "output/a.png").unlink()
    (tmp_path / "output/a.svg").write_text("old")
    capsys.readouterr()
    assert main(["render", "a.mmd", "--check"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[1] for line in said] == [
        "error[stale-output]:",
        "error[missing-output]:",
    ]
    assert not (tmp_path / "output/a.png").exists()


def test_one_bad_source_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    (tmp_path / "b.mmd").write_text("graph LR\nA -> B")
    assert main(["render", "a.mmd", "b.mmd", "-f", "svg"]) == 2
    assert list(files(tmp_path / "output")) == ["a.svg"]


BAD = {
    "missing": ("nope.yaml", None, "no-such-file"),
    "misspelt": ("goood.yaml", None, "did you mean 'good.yaml'?"),
    "empty": ("s.yaml", b"", "empty-file"),
    "not-utf8": ("s.yaml", b"title: \xff\xfe", "s.yaml:1:8: error[not-utf8]"),
    "not-yaml": ("s.yaml", b"title: [", "yaml-syntax"),
    "control-character": ("s.yaml", b"title: \x01", "yaml-syntax"),
    "wrong-shape": ("s.yaml", b"- a\n- b\n", "wrong-type"),
    "unknown-key": ("s.yaml", b"title: T\nnodse: {a: b}\n", "did you mean 'nodes'?"),
    "unknown-node": ("s.yaml", b"title: T\nnodes: {a: b}\nedges: [a -> c]\n", "unknown-node"),
    "duplicate-id": (
        "s.yaml",
        b"title: T\nnodes:\n  a: b\n  a: c\n",
        "s.yaml:4:3: error[duplicate-key]",
    ),
    "mermaid": (
        "s.yaml",
        b"title: T\ndiagram: |\n  graph LR\n    A -> B\n",
        "s.yaml:4:7: error[mermaid-arrow]",
    ),
    "unknown-icon": ("s.yaml", b"title: T\nnodes: {a: b}\nicons: {a: aws.x.Y}\n", "unknown-icon"),
    "not-a-diagram": ("s.mmd", b"hello", "mermaid-syntax"),
    "format": ("s.docx", b"x", "unknown-format"),
    "empty-folder": ("folder", None, "no-sources"),
    "no-fence": ("s.md", b"# Nothing\n", "no-diagram"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_that_says_where_and_what_to_do(tmp_path: Path, case: str) -> None:
    name, content, expected = BAD[case]
    (tmp_path / "good.yaml").write_text(SPEC)
    (tmp_path / "folder").mkdir()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = files(tmp_path)
    done = run("render", name, cwd=tmp_path)
    said = done.stderr.decode().splitlines()
    assert done.returncode == 2
    assert expected in done.stderr.decode()
    assert said
    assert all(LINE.match(line) for line in said if not EXCERPT.match(line)), said
    assert done.stdout == b""
    assert files(tmp_path) == before


@pytest.mark.parametrize("output", ["taken", "taken/below"])
def test_an_output_folder_that_cannot_be_written(tmp_path: Path, output: str) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "a.mmd").write_text(MERMAID)
    done = run("render", "a.mmd", "-o", output, cwd=tmp_path)
    assert done.returncode == 2
    said = done.stderr.decode().splitlines()
    assert len(said) == 1
    assert LINE.match(said[0])
    assert "error[unwritable]" in said[0]
    assert list(files(tmp_path)) == ["a.mmd", "taken"]


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    (tmp_path / "output").mkdir()
    (tmp_path / "output/a.svg").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert main(["render", "a.mmd", "-f", "svg"]) == 2
    assert "no space left on device" in capsys.readouterr().err
    assert files(tmp_path / "output") == {"a.svg": b"old"}


def test_two_diagrams_with_one_name_are_both_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Shop.yaml").write_text(SPEC)
    (tmp_path / "shop.yml").write_text(SPEC)
    assert main(["render", "Shop.yaml", "shop.yml"]) == 2
    said = capsys.readouterr().err
    assert "error[same-output]" in said
    assert "Shop.yaml" in said
    assert "shop.yml" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "--scale", "0"],
        ["render", "--scale", "x"],
        ["render", "--jobs", "0"],
        ["render", "-f", "sgv"],
        ["render", "--theme", "pink"],
        ["paint"],
        [],
        ["render", "a.mmd", "-o", "-", "-f", "svg,png"],
        ["render", "a.mmd", "-o", "-", "--check"],
    ],
)
def test_bad_usage_exits_with_2_and_no_traceback(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"diagramkit" in done.stderr


def test_a_png_too_large_is_refused_before_it_is_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = "\n".join(f"  n{i} --> n{i + 1}" for i in range(60))
    (tmp_path / "a.mmd").write_text(f"graph LR\n{nodes}\n")
    assert main(["render", "a.mmd", "--scale", "20", "-f", "png"]) == 2
    assert "error[too-large]" in capsys.readouterr().err


def test_a_very_large_picture_has_fewer_pixels_where_none_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.mmd").write_text("graph LR\n" + "\n".join(f"  n{i // 2} --> n{i}" for i in range(2, 250)) + "\n")
    assert main(["render", "b.mmd", "--canvas", "natural", "-f", "png"]) == 0
    assert "pixels a point in its PNG, not 2" in capsys.readouterr().err
    with Image.open("output/b.png") as image:
        assert 30e6 < image.width * image.height <= 32.1e6


def test_without_graphviz_the_native_engine_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    done = run("render", "a.mmd", "--engine", "native", cwd=tmp_path, environment={"PATH": ""})
    assert (done.returncode, b"error[no-engine]" in done.stderr) == (2, True)


def test_show_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.yaml").write_text(
        "title: T\ndiagram: |\n  graph TD\n  subgraph VPC\n  A[ALB] -.->|x| B[(Thing)]\n  end\n"
    )
    assert main(["show", "s.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "direction": "TB",
        "nodes": [
            {
                "id": "A",
                "label": "ALB",
                "shape": "square",
                "drawn_as": "square",
                "group": "VPC",
                "classes": [],
                "style": {},
                "link": None,
                "line": 5,
                "column": 3,
                "icon": "aws.network.ElbApplicationLoadBalancer",
                "icon_reason": "alias: ALB",
                "icon_sure": "certain",
            },
            {
                "id": "B",
                "label": "Thing",
                "shape": "cylinder",
                "drawn_as": "cylinder",
                "group": "VPC",
                "classes": [],
                "style": {},
                "link": None,
                "line": 5,
                "column": 18,
                "icon": None,
                "icon_reason": "none; drawn as the shape cylinder",
                "icon_sure": "none",
            },
        ],
        "edges": [
            {
                "from": "A",
                "to": "B",
                "label": "x",
                "style": "dotted",
                "tail": "none",
                "head": "arrow",
                "length": 1,
                "id": None,
                "line": 5,
                "column": 10,
            }
        ],
        "groups": [{"id": "VPC", "label": "VPC", "kind": "vpc", "parent": None, "nodes": ["A", "B"]}],
    }


def test_show_of_several_is_an_array_and_for_people_it_is_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "n.md").write_text(f"```mermaid\n{MERMAID}```\n\n```mermaid\n{MERMAID}```\n")
    main(["show", "n.md", "--json"])
    assert len(json.loads(capsys.readouterr().out)) == 2
    main(["show", "n.md"])
    assert "aws.compute.Lambda" in capsys.readouterr().out


def test_options_may_stand_before_between_and_behind_sources(tmp_path: Path) -> None:
    for name in ("a.mmd", "b.mmd"):
        (tmp_path / name).write_text(MERMAID)
    assert main(["render", "a.mmd", "--theme", "dark", "b.mmd", "-f", "svg"]) == 0
    assert sorted(files(tmp_path / "output")) == ["a.svg", "b.svg"]


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["title"]["type"] == "string"


def test_the_python_api(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC)
    diagram = diagramkit.load("s.yaml")
    assert diagram.title == "Shop"
    assert diagram.render("png", "a.png") == (tmp_path / "a.png").read_bytes()
    assert diagram._repr_svg_().encode() == diagram.render("svg")
    assert diagram.render("svg", theme="dark") != diagram.render("svg")
    with pytest.raises(ValueError, match="format"):
        diagram.render("gif")
    with pytest.raises(diagramkit.DiagramError, match="no-such-file"):
        diagramkit.load("nope.yaml")
    assert [found.title for found in diagramkit.load_all(".")] == ["Shop"]


def test_importing_diagramkit_loads_nothing_heavy() -> None:
    code = "import diagramkit, sys; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    loaded = set(done.stdout.split())
    assert "diagramkit" in loaded
    assert not loaded & {"diagrams", "graphviz", "wasmtime", "PIL", "yaml", "fontTools", "resvg"}


def test_drawing_mermaid_loads_only_what_it_needs(tmp_path: Path) -> None:
    """What is loaded is most of what one picture takes."""
    (tmp_path / "a.mmd").write_text("graph LR\n  A[Lambda] --> B[SQS]\n", "utf-8")
    code = "import sys; from diagramkit.cli import main; main(['render', 'a.mmd', '-q']); print(*sorted(sys.modules))"
    for _ in range(2):  # What is kept for the next run takes more to make.
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        (tmp_path / "output/a.png").unlink()
    loaded = set(done.stdout.split())
    assert "wasmtime" in loaded
    assert not loaded & {"yaml", "PIL.Image", "importlib.metadata", "urllib.request", "fontTools"}


def test_a_mistake_is_shown_with_its_line_and_a_caret(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC.replace("-->", "->") + "    日本 => C\n", "utf-8")
    done = run("check", "s.yaml", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode("utf-8").splitlines() == [
        "s.yaml:5:12: error[mermaid-arrow]: '->' is not a link in Mermaid; write '-->'",
        " 5 |   A[ALB] -> B[Lambda]",
        "   |          ^^",
        "s.yaml:6:8: error[mermaid-arrow]: '=>' is not a link in Mermaid; write '==>'",
        " 6 |   日本 => C",
        "   |        ^^",
    ]


def test_check_says_nothing_against_what_can_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC, "utf-8")
    done = run("check", "s.yaml", cwd=tmp_path)
    assert done.returncode == 0
    assert b"error" not in done.stderr


def test_check_fix_mends_within_specs_and_markdown_and_leaves_the_rest(tmp_path: Path) -> None:
    wrong = SPEC.replace("A[ALB] -->", "A[ALB (public)] -> C %% why\n    A -->")
    markdown = "# T\r\n\r\n> ```mermaid\r\n> graph LR\r\n> A -> B %% c\r\n> ```\r\nA -> B\r\n"
    (tmp_path / "s.yaml").write_text(wrong, "utf-8")
    (tmp_path / "d.md").write_bytes(markdown.encode())
    done = run("check", "--fix", "s.yaml", "d.md", cwd=tmp_path)
    assert done.returncode == 0
    assert b"error" not in done.stderr
    assert (tmp_path / "s.yaml").read_text("utf-8") == SPEC.replace(
        "A[ALB] -->", '%% why\n    A["ALB (public)"] --> C\n    A -->'
    )
    mended = markdown.replace("> A -> B %% c", "> %% c\r\n> A --> B")
    assert (tmp_path / "d.md").read_bytes().decode() == mended


def test_check_fix_leaves_what_it_cannot_mend(tmp_path: Path) -> None:
    text = 'title: T\ndiagram: "graph LR\\nA -> B"\n'
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    assert run("check", "--fix", "s.yaml", cwd=tmp_path).returncode == 1
    assert (tmp_path / "s.yaml").read_text("utf-8") == text


def test_export_writes_mermaid_that_reads_as_the_same_diagram(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC, "utf-8")
    done = run("export", "s.yaml", cwd=tmp_path)
    assert done.returncode == 0
    (tmp_path / "again.mmd").write_bytes(done.stdout)
    again = run("export", "again.mmd", cwd=tmp_path)
    assert again.stdout == done.stdout
    assert b'A["ALB"]' in done.stdout
