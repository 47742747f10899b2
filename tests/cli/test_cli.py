"""The command line as a user runs it: the files it writes, and the errors it reports."""

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
from tests.support.command_line import MERMAID, files, run
from tests.support.project import ROOT

SPEC = "title: Shop\ncategory: Web Apps\ndiagram: |\n  graph LR\n    A[ALB] --> B[Lambda]\n"
EXCERPT_LINE = re.compile(r"^ +\d* \| ")
ERROR_LINE = re.compile(r"^\S[^\n]*?:\d+:\d+: error\[[a-z0-9-]+\]: \S.*$")


def test_render_writes_mermaid_svg_and_png_side_by_side(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SPEC, "utf-8")
    assert main(["render", "shop.yaml"]) == 0
    written = files(tmp_path / "output")
    assert list(written) == ["web-apps/shop.mmd", "web-apps/shop.png", "web-apps/shop.svg"]
    assert written["web-apps/shop.mmd"] == b"graph LR\n  A[ALB] --> B[Lambda]\n"


def test_the_committed_output_is_33_files_for_11_patterns() -> None:
    pictures = [path for path in files(ROOT / "output") if path.count("/") == 1]
    assert len(pictures) == 33
    assert {Path(path).suffix for path in pictures} == {".mmd", ".svg", ".png"}


@pytest.mark.parametrize(
    "source",
    [b"graph LR\r\n  A --> B\r\n", b"\xef\xbb\xbfgraph LR\n A-->B", b"graph LR;A-->B;\n\n\n"],
)
def test_a_mermaid_file_is_copied_byte_for_byte(tmp_path: Path, source: bytes) -> None:
    (tmp_path / "a.mmd").write_bytes(source)
    assert main(["render", "a.mmd"]) == 0
    assert (tmp_path / "output/a.mmd").read_bytes() == source


def test_each_fence_in_markdown_is_drawn_except_unsupported_diagrams(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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


def test_an_error_in_a_fence_has_its_position_in_the_markdown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "n.md").write_text("---\na: b\n---\n\n- x\n\n  ```mermaid\n  graph LR\n    A -> B\n  ```\n")
    assert main(["render", "n.md"]) == 2
    assert capsys.readouterr().err.startswith("n.md:9:7: error[mermaid-arrow]")


def test_sources_in_subfolders_are_drawn_into_the_same_subfolders(tmp_path: Path) -> None:
    (tmp_path / "in/deep down").mkdir(parents=True)
    (tmp_path / "in/.hidden").mkdir()
    (tmp_path / "in/deep down/a b.mmd").write_text(MERMAID)
    (tmp_path / "in/c.yaml").write_text(SPEC)
    (tmp_path / "in/.hidden/x.mmd").write_text("no diagram at all")
    assert main(["render", "in", "-f", "svg"]) == 0
    assert list(files(tmp_path / "output")) == ["deep-down/a-b.svg", "web-apps/c.svg"]


def test_a_source_is_read_from_standard_input_and_a_picture_written_to_standard_output() -> None:
    svg = run("render", "-", "-f", "svg", "-o", "-", stdin=MERMAID.encode())
    assert svg.returncode == 0
    assert svg.stdout.startswith(b"<svg ")
    assert svg.stderr == b""
    png = run("render", "-", "-f", "png", "--scale", "1", "-o", "-", stdin=SPEC.encode())
    with Image.open(io.BytesIO(png.stdout)) as image:
        assert image.format == "PNG"


def test_a_second_run_leaves_current_files_alone_and_check_reports_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ")[1] for line in lines] == [
        "error[stale-output]:",
        "error[missing-output]:",
    ]
    assert not (tmp_path / "output/a.png").exists()


def test_other_sources_are_drawn_if_one_has_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    (tmp_path / "b.mmd").write_text("graph LR\nA -> B")
    assert main(["render", "a.mmd", "b.mmd", "-f", "svg"]) == 2
    assert list(files(tmp_path / "output")) == ["a.svg"]


INVALID_SOURCES = {
    "missing": ("nope.yaml", None, "no-such-file"),
    "misspelled": ("goood.yaml", None, "did you mean 'good.yaml'?"),
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


@pytest.mark.parametrize("case", INVALID_SOURCES)
def test_invalid_input_is_reported_with_position_and_advice_and_nothing_is_written(tmp_path: Path, case: str) -> None:
    name, content, expected = INVALID_SOURCES[case]
    (tmp_path / "good.yaml").write_text(SPEC)
    (tmp_path / "folder").mkdir()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    before = files(tmp_path)
    process = run("render", name, cwd=tmp_path)
    lines = process.stderr.decode().splitlines()
    assert process.returncode == 2
    assert expected in process.stderr.decode()
    assert lines
    assert all(ERROR_LINE.match(line) for line in lines if not EXCERPT_LINE.match(line)), lines
    assert process.stdout == b""
    assert files(tmp_path) == before


@pytest.mark.parametrize("output", ["taken", "taken/below"])
def test_an_output_folder_that_cannot_be_written_is_reported(tmp_path: Path, output: str) -> None:
    (tmp_path / "taken").write_text("a file")
    (tmp_path / "a.mmd").write_text(MERMAID)
    process = run("render", "a.mmd", "-o", output, cwd=tmp_path)
    assert process.returncode == 2
    (line,) = process.stderr.decode().splitlines()
    assert ERROR_LINE.match(line)
    assert "error[unwritable]" in line
    assert list(files(tmp_path)) == ["a.mmd", "taken"]


def test_a_failed_write_leaves_the_old_file_and_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    (tmp_path / "output").mkdir()
    (tmp_path / "output/a.svg").write_text("old")

    def disk_full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", disk_full)
    assert main(["render", "a.mmd", "-f", "svg"]) == 2
    assert "no space left on device" in capsys.readouterr().err
    assert files(tmp_path / "output") == {"a.svg": b"old"}


def test_two_diagrams_with_the_same_output_name_are_both_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Shop.yaml").write_text(SPEC)
    (tmp_path / "shop.yml").write_text(SPEC)
    assert main(["render", "Shop.yaml", "shop.yml"]) == 2
    errors = capsys.readouterr().err
    assert "error[same-output]" in errors
    assert "Shop.yaml" in errors
    assert "shop.yml" in errors


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
def test_invalid_usage_exits_with_2_and_without_traceback(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    process = run(*arguments, cwd=tmp_path)
    assert process.returncode == 2
    assert b"Traceback" not in process.stderr
    assert b"diagramkit" in process.stderr


def test_a_png_that_is_too_large_is_rejected_before_it_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = "\n".join(f"  n{i} --> n{i + 1}" for i in range(60))
    (tmp_path / "a.mmd").write_text(f"graph LR\n{nodes}\n")
    assert main(["render", "a.mmd", "--scale", "20", "-f", "png"]) == 2
    assert "error[too-large]" in capsys.readouterr().err


def test_a_very_large_picture_is_scaled_down_if_no_scale_is_requested(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.mmd").write_text("graph LR\n" + "\n".join(f"  n{i // 2} --> n{i}" for i in range(2, 250)) + "\n")
    assert main(["render", "b.mmd", "--canvas", "natural", "-f", "png"]) == 0
    assert "pixels per point instead of 2" in capsys.readouterr().err
    with Image.open("output/b.png") as image:
        assert 30e6 < image.width * image.height <= 32.1e6


def test_the_native_engine_reports_a_missing_graphviz(tmp_path: Path) -> None:
    (tmp_path / "a.mmd").write_text(MERMAID)
    process = run("render", "a.mmd", "--engine", "native", cwd=tmp_path, environment={"PATH": ""})
    assert (process.returncode, b"error[no-engine]" in process.stderr) == (2, True)


def test_show_prints_a_diagram_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "s.yaml").write_text(
        "title: T\ndiagram: |\n  graph TD\n  subgraph VPC\n  A[ALB] -.->|x| B[(Thing)]\n  end\n"
    )
    assert main(["show", "s.yaml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "direction": "TB",
        "lanes": False,
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
                "classes": [],
                "line": 5,
                "column": 10,
            }
        ],
        "groups": [
            {
                "id": "VPC",
                "label": "VPC",
                "kind": "vpc",
                "icon": None,
                "parent": None,
                "classes": [],
                "link": None,
                "nodes": ["A", "B"],
            }
        ],
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ["render", "a.mmd", "-o", "~/x"],
        ["render", "a.mmd", "--check", "--diff", "~"],
        ["export", "a.mmd", "-o", "~/a.dot"],
        ["gallery", "a.mmd", "--output=~/x"],
        ["deck", "a.mmd", "-o", "~/a.pptx"],
        ["wiki", "a.mmd", "--to", "github", "-o", "~/x"],
    ],
)
def test_a_folder_named_tilde_is_not_created_by_accident(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.mmd").write_text(MERMAID, "utf-8")
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert "would be a folder named '~'; write the path without quotes" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["a.mmd"]
    assert main(["render", "a.mmd", "-o", "./~/x", "-f", "mmd"]) == 0
    assert Path("~/x/a.mmd").is_file()


def test_show_prints_several_diagrams_as_a_json_array_or_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "n.md").write_text(f"```mermaid\n{MERMAID}```\n\n```mermaid\n{MERMAID}```\n")
    main(["show", "n.md", "--json"])
    assert len(json.loads(capsys.readouterr().out)) == 2
    main(["show", "n.md"])
    assert "aws.compute.Lambda" in capsys.readouterr().out


def test_options_may_come_before_between_and_after_sources(tmp_path: Path) -> None:
    for name in ("a.mmd", "b.mmd"):
        (tmp_path / name).write_text(MERMAID)
    assert main(["render", "a.mmd", "--theme", "dark", "b.mmd", "-f", "svg"]) == 0
    assert sorted(files(tmp_path / "output")) == ["a.svg", "b.svg"]


def test_schema_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["title"]["type"] == "string"


def test_the_python_api_loads_and_renders_diagrams(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC)
    diagram = diagramkit.load("s.yaml")
    assert diagram.title == "Shop"
    diagram.render("png", "a.png")
    assert diagram.render("png") == (tmp_path / "a.png").read_bytes()
    assert diagram._repr_svg_().encode() == diagram.render("svg")
    assert diagram.render("svg", theme="dark") != diagram.render("svg")
    with pytest.raises(ValueError, match="format"):
        diagram.render("gif")
    with pytest.raises(diagramkit.DiagramError, match="no-such-file"):
        diagramkit.load("nope.yaml")
    assert [loaded.title for loaded in diagramkit.load_all(".")] == ["Shop"]


def test_importing_diagramkit_imports_no_slow_modules() -> None:
    code = "import diagramkit, sys; print(*sorted(sys.modules))"
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    imported = set(process.stdout.split())
    assert "diagramkit" in imported
    assert not imported & {"diagrams", "graphviz", "wasmtime", "PIL", "yaml", "fontTools", "resvg"}


def test_drawing_mermaid_imports_only_the_modules_it_needs(tmp_path: Path) -> None:
    """Most of the time for one picture is spent on imports."""
    (tmp_path / "a.mmd").write_text("graph LR\n  A[Lambda] --> B[SQS]\n", "utf-8")
    code = "import sys; from diagramkit.cli import main; main(['render', 'a.mmd', '-q']); print(*sorted(sys.modules))"
    for _ in range(2):  # The first run also fills the cache, which imports more.
        process = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        (tmp_path / "output/a.png").unlink()
    imported = set(process.stdout.split())
    assert "wasmtime" in imported
    assert not imported & {"yaml", "PIL.Image", "importlib.metadata", "urllib.request", "fontTools"}


def test_an_error_is_shown_with_its_source_line_and_carets(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC.replace("-->", "->") + "    日本 => C\n", "utf-8")
    process = run("check", "s.yaml", cwd=tmp_path)
    assert process.returncode == 2
    assert process.stderr.decode("utf-8").splitlines() == [
        "s.yaml:5:12: error[mermaid-arrow]: '->' is not a link in Mermaid; write '-->'",
        " 5 |   A[ALB] -> B[Lambda]",
        "   |          ^^",
        "s.yaml:6:8: error[mermaid-arrow]: '=>' is not a link in Mermaid; write '==>'",
        " 6 |   日本 => C",
        "   |        ^^",
    ]


def test_check_reports_no_error_for_a_valid_spec(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC, "utf-8")
    process = run("check", "s.yaml", cwd=tmp_path)
    assert process.returncode == 0
    assert b"error" not in process.stderr


def test_check_fix_changes_only_the_errors_in_specs_and_markdown(tmp_path: Path) -> None:
    invalid = SPEC.replace("A[ALB] -->", "A[ALB (public)] -> C %% why\n    A -->")
    markdown = "# T\r\n\r\n> ```mermaid\r\n> graph LR\r\n> A -> B %% c\r\n> ```\r\nA -> B\r\n"
    (tmp_path / "s.yaml").write_text(invalid, "utf-8")
    (tmp_path / "d.md").write_bytes(markdown.encode())
    process = run("check", "--fix", "s.yaml", "d.md", cwd=tmp_path)
    assert process.returncode == 0
    assert b"error" not in process.stderr
    assert (tmp_path / "s.yaml").read_text("utf-8") == SPEC.replace(
        "A[ALB] -->", '%% why\n    A["ALB (public)"] --> C\n    A -->'
    )
    fixed = markdown.replace("> A -> B %% c", "> %% c\r\n> A --> B")
    assert (tmp_path / "d.md").read_bytes().decode() == fixed


def test_check_fix_leaves_errors_without_a_fix(tmp_path: Path) -> None:
    text = 'title: T\ndiagram: "graph LR\\nA -> B"\n'
    (tmp_path / "s.yaml").write_text(text, "utf-8")
    assert run("check", "--fix", "s.yaml", cwd=tmp_path).returncode == 2
    assert (tmp_path / "s.yaml").read_text("utf-8") == text


def test_exported_mermaid_reads_as_the_same_diagram(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(SPEC, "utf-8")
    process = run("export", "s.yaml", cwd=tmp_path)
    assert process.returncode == 0
    (tmp_path / "again.mmd").write_bytes(process.stdout)
    again = run("export", "again.mmd", cwd=tmp_path)
    assert again.stdout == process.stdout
    assert b'A["ALB"]' in process.stdout
