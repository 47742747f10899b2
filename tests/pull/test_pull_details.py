"""Single edits of pictures: what they become in the source, what is listed, and files that are no good."""

from __future__ import annotations

import io
import random
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from diagramkit.cli import main
from diagramkit.graph import Graph
from diagramkit.pull import new_labels, positions
from diagramkit.sources import readers
from tests.support.edited_pictures import DrawioPicture, SlidePicture, opened

SHOP = """\
flowchart LR
    users[Users] --> alb[Application Load Balancer]
    subgraph vpc [VPC]
        alb -->|HTTPS| api[Orders API]
        api --> db[(Aurora)] %%no
        api -.-> cache[ElastiCache]
    end
    subgraph other [Other]
        audit[Audit log]
    end
    api --> audit
""".replace(" %%no", "")

EXTENSIONS = pytest.mark.parametrize("extension", ["drawio", "pptx"])

pytestmark = pytest.mark.usefixtures("_in_project")


@pytest.fixture
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()


def picture_of(text: str = SHOP, extension: str = "drawio", source: str = "shop.mmd") -> DrawioPicture | SlidePicture:
    Path(source).parent.mkdir(exist_ok=True)
    Path(source).write_text(text, "utf-8")
    path = Path(f"picture.{extension}")
    assert main(["export", source, "-o", str(path)]) == 0
    return opened(path)


def pulled(picture: DrawioPicture | SlidePicture, source: str = "shop.mmd", code: int = 0) -> str:
    picture.save()
    assert main(["pull", str(picture.path)]) == code
    return Path(source).read_text("utf-8")


def graph_of(text: str, source: str = "shop.mmd") -> Graph:
    return readers.reader_of(source).read(text, source, "").patterns[-1].graph


@EXTENSIONS
def test_only_the_lines_of_a_change_are_changed(extension: str) -> None:
    text = SHOP.replace("\n", "\r\n").rstrip()
    picture = picture_of(text, extension)
    picture.rename("api", "Orders service")
    expected = text.replace("api[Orders API]", 'api["Orders service"]')
    picture.save()
    assert main(["pull", str(picture.path)]) == 0
    assert Path("shop.mmd").read_bytes().decode() == expected


@EXTENSIONS
def test_a_wrapped_label_is_joined_again_and_a_new_line_break_stays(extension: str) -> None:
    picture = picture_of(extension=extension)
    picture.rename("alb", "Network\nLoad Balancer")
    picture.rename("db", "Aurora\nPostgreSQL")
    graph = graph_of(pulled(picture))
    assert {node.id: node.label for node in graph.nodes}["alb"] == "Network Load Balancer"
    assert {node.id: node.label for node in graph.nodes}["db"] == "Aurora<br/>PostgreSQL"


def test_a_moved_frame_moves_nothing_in_it() -> None:
    picture = picture_of()
    box = picture.box("vpc")
    picture.move("vpc", box[0] + box[2] / 2 + 300, box[1] + box[3] / 2 + 300)
    hints = graph_of(pulled(picture)).hints
    assert {hint.members for hint in hints} <= {("vpc",), ("other",), ("users",)}


@EXTENSIONS
def test_a_shape_that_is_moved_into_another_frame_is_in_that_group(extension: str) -> None:
    picture = picture_of(extension=extension)
    frame = picture.box("other")
    if isinstance(picture, DrawioPicture):
        cell = picture.cell(picture.key("cache"))
        cell.set("parent", picture.key("other"))
    picture.move("cache", frame[0] + frame[2] / 2, frame[1] + frame[3] / 2)
    if isinstance(picture, DrawioPicture):
        geometry = picture.cell(picture.key("cache")).find("mxGeometry")
        assert geometry is not None
        geometry.set("x", "10")
        geometry.set("y", "60")
    graph = graph_of(pulled(picture))
    assert {node.id: node.group for node in graph.nodes}["cache"] == "other"
    assert len(graph.edges) == 5


def test_a_swap_of_two_pinned_nodes_is_possible() -> None:
    text = SHOP + "    %% diagramkit: pin db 3 1\n    %% diagramkit: pin cache 3 2\n"
    picture = picture_of(text)
    places = {name: picture.box(name) for name in ("db", "cache")}
    first, second = (("db", "cache"), ("cache", "db"))
    for name, other in (first, second):
        box = places[other]
        picture.move(name, box[0] + box[2] / 2, box[1] + box[3] / 2)
    before = {hint.members[0]: hint.values for hint in graph_of(text).hints}
    after = {hint.members[0]: hint.values for hint in graph_of(pulled(picture)).hints}
    assert set(after) == set(before)
    assert after != before


def test_an_edge_that_is_attached_elsewhere_keeps_its_label_and_its_line() -> None:
    picture = picture_of()
    assert isinstance(picture, DrawioPicture)
    number = next(i for i, edge in enumerate(picture.record.edges) if edge.target == "cache")
    picture.cell(picture.record.edges[number].key).set("target", picture.key("audit"))
    edges = [(edge.source, edge.target, edge.stroke) for edge in graph_of(pulled(picture)).edges]
    assert ("api", "audit", "dotted") in edges
    assert ("api", "cache", "dotted") not in edges


def test_new_containers_and_their_contents_are_groups() -> None:
    picture = picture_of()
    assert isinstance(picture, DrawioPicture)
    outer = picture.add_node("Data layer", "vpc", "swimlane;html=1;startSize=20;")
    inner = picture.add_node("Queue", None, "ellipse;html=1;")
    picture.cell(inner).set("parent", outer)
    picture.add_edge(picture.key("api"), inner, "puts")
    graph = graph_of(pulled(picture))
    assert [(group.id, group.parent) for group in graph.groups if group.label == "Data layer"] == [
        ("data_layer", "vpc")
    ]
    queue = next(node for node in graph.nodes if node.label == "Queue")
    assert (queue.id, queue.group, queue.shape) == ("queue", "data_layer", "circle")
    assert ("api", "queue", "puts") in [(edge.source, edge.target, edge.label) for edge in graph.edges]


def test_a_deleted_frame_with_its_contents_is_deleted() -> None:
    picture = picture_of()
    picture.delete("vpc")
    graph = graph_of(pulled(picture))
    assert {node.id for node in graph.nodes} == {"users", "audit"}
    assert [group.id for group in graph.groups] == ["other"]


@EXTENSIONS
def test_what_a_source_cannot_express_is_listed(extension: str, capsys: pytest.CaptureFixture[str]) -> None:
    picture = picture_of(extension=extension)
    if isinstance(picture, DrawioPicture):
        picture.add_node("Free text", None, "text;html=1;")
        picture.add_node("", None, "shape=image;image=data:image/png,x;")
        cell = picture.cell(picture.key("audit"))
        cell.set("style", cell.get("style", "") + "rotation=45;")
        expected = ["the text 'Free text' stands on its own", "an image without a label", "the style of 'audit'"]
    else:
        box = picture.slide.shapes.add_textbox(0, 0, 100, 100)
        box.text_frame.text = "Free text"
        picture.rename("audit", "")
        expected = ["the text 'Free text' stands on its own", "the label of 'audit' was removed"]
    assert pulled(picture, code=1) == SHOP
    printed = capsys.readouterr().err
    for text in expected:
        assert f"warning[not-pulled]: {text}" in printed


@EXTENSIONS
def test_a_change_of_both_is_a_conflict_and_the_source_stays(
    extension: str, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = picture_of(extension=extension)
    picture.rename("api", "Orders service")
    picture.rename("cache", "Redis")
    changed = SHOP.replace("Orders API", "Orders backend").replace("audit[Audit log]", "audit[Trail]")
    Path("shop.mmd").write_text(changed, "utf-8")
    assert pulled(picture, code=1) == changed.replace("cache[ElastiCache]", 'cache["Redis"]')
    assert "warning[pull-conflict]: the label of 'api' is 'Orders service' in the picture" in capsys.readouterr().err


@EXTENSIONS
def test_the_right_fence_of_a_document_is_changed(extension: str) -> None:
    document = f"# One\n\n```mermaid\n{SHOP}```\n\n> ```mermaid\n> flowchart TB\n>   a[First] --> b[Second]\n> ```\n"
    Path("docs").mkdir()
    Path("docs/page.md").write_text(document, "utf-8")
    assert main(["render", "docs/page.md", "-o", "out", "--format", extension]) == 0
    picture = opened(Path(f"out/page-2.{extension}"))
    assert picture.record.source == "docs/page.md"
    picture.rename("a", "Other")
    assert pulled(picture, "docs/page.md") == document.replace("a[First]", 'a["Other"]')


@EXTENSIONS
def test_pages_of_several_sources_go_to_their_files(extension: str) -> None:
    Path("a.mmd").write_text("graph LR\n  x[One] --> y[Two]\n", "utf-8")
    Path("b.yaml").write_text("title: B\nnodes:\n  x: One  # first\n  y: Two\nedges: [x -> y]\n", "utf-8")
    path = Path(f"all.{extension}")
    command = "export" if extension == "drawio" else "deck"
    assert main([command, "a.mmd", "b.yaml", "-o", str(path)]) == 0
    _replace_in(path, "Two", "Three")
    assert main(["pull", str(path)]) == 0
    assert Path("a.mmd").read_text("utf-8") == 'graph LR\n  x[One] --> y["Three"]\n'
    assert "  y: Three\n" in Path("b.yaml").read_text("utf-8")
    assert "  x: One  # first\n" in Path("b.yaml").read_text("utf-8")


def _replace_in(path: Path, old: str, new: str) -> None:
    """Replace the text of labels in a file."""
    if path.suffix == ".drawio":
        path.write_text(path.read_text("utf-8").replace(f'value="{old}"', f'value="{new}"'), "utf-8")
        return
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if re.match(r"ppt/slides/slide\d+\.xml", name):
                data = data.replace(f"<a:t>{old}</a:t>".encode(), f"<a:t>{new}</a:t>".encode())
            target.writestr(name, data)
    path.write_bytes(buffer.getvalue())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_file_that_libreoffice_saved_has_the_same_changes(tmp_path: Path) -> None:
    picture = picture_of(extension="pptx")
    assert pulled(picture) == SHOP
    _convert(picture.path, tmp_path)
    assert main(["pull", str(tmp_path / "lo" / "picture.pptx")]) == 0
    assert Path("shop.mmd").read_text("utf-8") == SHOP
    picture.rename("api", "Orders service")
    picture.delete("cache")
    picture.save()
    _convert(picture.path, tmp_path)
    assert main(["pull", str(tmp_path / "lo" / "picture.pptx")]) == 0
    graph = graph_of(Path("shop.mmd").read_text("utf-8"))
    assert {node.id: node.label for node in graph.nodes}["api"] == "Orders service"
    assert "cache" not in {node.id for node in graph.nodes}
    assert len(graph.edges) == 4


def _convert(path: Path, tmp_path: Path) -> None:
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pptx", "--outdir", str(tmp_path / "lo"), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)


# Files that are no good

EMPTY_ZIP = b"PK\x05\x06" + bytes(18)
BOMB = '<!DOCTYPE a [<!ENTITY x "xxxx"><!ENTITY y "&x;&x;">]><mxfile><diagram>&y;</diagram></mxfile>'


@pytest.mark.parametrize(
    ("name", "data", "code", "message"),
    [
        ("a.drawio", b"no xml", "bad-picture", "not well-formed"),
        ("a.drawio", BOMB.encode(), "bad-picture", "declares entities"),
        ("a.drawio", b"<svg/>", "bad-picture", "not a draw.io file"),
        ("a.drawio", b"<mxfile><diagram>!!</diagram></mxfile>", "bad-picture", "page is damaged"),
        ("a.drawio", b"\xff\xfe", "bad-picture", "not UTF-8"),
        ("a.drawio", b"<mxGraphModel><root/></mxGraphModel>", "no-origin", "does not say which source"),
        ("a.drawio", ("<a>" * 300 + "</a>" * 300).encode(), "bad-picture", "nested too deeply"),
        ("a.pptx", b"PK\x03\x04", "bad-picture", "not a zip file"),
        ("missing.drawio", None, "unreadable", "no such file"),
        ("../", None, "unreadable", "this is not a file; name a .drawio or .pptx file"),
        ("a.drawio", b"x" * 50_000_001, "bad-picture", "it is too large"),
        ("a.pptx", EMPTY_ZIP, "bad-picture", "it is not a PowerPoint file"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error(
    name: str, data: bytes | None, code: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if data is not None:
        Path(name).write_bytes(data)
    assert main(["pull", name]) == 2
    printed = capsys.readouterr().err
    assert f"error[{code}]" in printed
    assert message in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_pulled_or_an_error_and_never_a_crash(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(seed)
    extension = "drawio" if seed % 3 else "pptx"
    picture_of(extension=extension)
    path = Path(f"picture.{extension}")
    if extension == "drawio":
        path.write_text(_damaged(path.read_text("utf-8"), dice), "utf-8")
    else:
        with zipfile.ZipFile(path) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        name = dice.choice(
            [each for each in parts if each.startswith(("ppt/slides/", "docProps/", "ppt/presentation"))]
        )
        parts[name] = _damaged(parts[name].decode("utf-8"), dice).encode("utf-8")
        with zipfile.ZipFile(path, "w") as archive:
            for each, data in parts.items():
                archive.writestr(each, data)
    assert main(["pull", str(path)]) in (0, 1, 2)
    printed = capsys.readouterr().err
    assert "internal" not in printed
    assert main(["check", "shop.mmd"]) == 0


def _damaged(text: str, dice: random.Random) -> str:
    """Return XML in which some attributes have the values of others, or absurd ones."""
    for _ in range(dice.randint(1, 5)):
        attributes = list(re.finditer(r'\w+="([^"]*)"', text))
        if not attributes:
            break
        first, second = dice.choice(attributes), dice.choice(attributes)
        value = dice.choice([second[1], "", "-99999999999999", "1e400", "nan", "node-1"])
        text = text[: first.start(1)] + value + text[first.end(1) :]
    return text


def test_a_zip_bomb_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile("a.pptx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ppt/_rels/presentation.xml.rels", b" " * 60_000_000)
    assert main(["pull", "a.pptx"]) == 2
    assert "its contents are too large" in capsys.readouterr().err


@pytest.mark.parametrize(
    "source", ["../outside.mmd", "/etc/hosts", "a/../../b.mmd", "gone.mmd", "..\\\\b.mmd", "", "a\\u0000b", "x" * 5000]
)
def test_a_picture_cannot_name_a_file_outside_of_its_project(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("../outside.mmd").write_text(SHOP, "utf-8")
    picture = picture_of()
    picture.save()
    text = picture.path.read_text("utf-8")
    assert "&quot;source&quot;:&quot;shop.mmd&quot;" in text
    picture.path.write_text(text.replace("&quot;shop.mmd&quot;", f"&quot;{source}&quot;"), "utf-8")
    assert main(["pull", str(picture.path)]) == 2
    assert "error[no-origin]" in capsys.readouterr().err
    assert Path("../outside.mmd").read_text("utf-8") == SHOP


def test_a_link_out_of_the_project_is_no_source_of_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    """Messages would show lines of the file that the link leads to, and labels in it."""
    picture = picture_of()
    picture.save()
    Path("shop.mmd").unlink()
    for text in ("flowchart LR\n  users[SECRET\n", SHOP.replace("Users", "SECRET")):
        Path("../outside.mmd").write_text(text, "utf-8")
        Path("shop.mmd").unlink(missing_ok=True)
        Path("shop.mmd").symlink_to("../outside.mmd")
        assert main(["pull", str(picture.path)]) == 2
        printed = capsys.readouterr()
        assert "error[no-origin]: this picture names a source outside of its project" in printed.err
        assert "SECRET" not in printed.err + printed.out
    Path("sources").mkdir()
    Path("sources/shop.mmd").write_text(SHOP, "utf-8")
    Path("shop.mmd").unlink()
    Path("shop.mmd").symlink_to("sources/shop.mmd")
    assert main(["pull", str(picture.path)]) == 0


def test_a_source_that_moved_can_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    picture = picture_of()
    picture.rename("api", "Orders service")
    picture.save()
    Path("moved").mkdir()
    Path("shop.mmd").rename("moved/here.mmd")
    assert main(["pull", str(picture.path)]) == 2
    assert "name it with --source" in capsys.readouterr().err
    assert main(["pull", str(picture.path), "--source", "moved/here.mmd"]) == 0
    assert "Orders service" in Path("moved/here.mmd").read_text("utf-8")


def test_a_picture_from_standard_input_names_no_source(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(SHOP.encode()), "utf-8")
    monkeypatch.setattr("sys.stdin", stream)
    assert main(["export", "-", "-o", "a.drawio"]) == 0
    assert main(["pull", "a.drawio"]) == 2
    assert "error[no-origin]" in capsys.readouterr().err


def test_no_path_of_the_machine_is_in_a_picture(tmp_path: Path) -> None:
    picture_of(source="sub/shop.mmd")
    Path("elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "b.drawio"
    assert main(["export", str(tmp_path / "sub" / "shop.mmd"), "-o", str(path)]) == 0
    assert path.read_bytes() == Path("picture.drawio").read_bytes()
    assert str(tmp_path) not in path.read_text("utf-8")


# Positions and labels


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        ("LR", {"a": (1, 1), "b": (2, 1), "c": (2, 2)}),
        ("RL", {"a": (2, 1), "b": (1, 1), "c": (1, 2)}),
        ("TB", {"a": (1, 1), "b": (1, 2), "c": (2, 2)}),
        ("BT", {"a": (2, 1), "b": (2, 2), "c": (1, 2)}),
    ],
)
def test_ranks_run_along_the_flow_and_lines_across(direction: str, expected: dict[str, tuple[int, int]]) -> None:
    boxes = {"a": (0.0, 0.0, 60.0, 60.0), "b": (100.0, 10.0, 40.0, 40.0), "c": (100.0, 100.0, 60.0, 60.0)}
    assert positions.ranks_and_lines(boxes, direction) == expected


def test_what_moves_with_most_others_was_not_moved() -> None:
    before = {name: (100.0 * number, 0.0, 60.0, 60.0) for number, name in enumerate("abcd")}
    after = {name: (box[0] + 7, box[1] + 9, 60.0, 60.0) for name, box in before.items()}
    assert positions.moved(before, after) == set()
    after["c"] = (0.0, 200.0, 60.0, 60.0)
    assert positions.moved(before, after) == {"c"}
    resized = {**before, "d": (300.0, 0.0, 90.0, 60.0)}
    assert positions.moved(before, resized) == set()


@pytest.mark.parametrize(
    ("text", "written", "label", "expected"),
    [
        ("New name", "Old name", "Old name", "New name"),
        ("Very new\nname", "Very old\nname", "Very old name", "Very new name"),
        ("Very\nold name", "Very old\nname", "Very old name", "Very<br/>old name"),
        ("A\nC", "A\nB", "A<br/>B", "A<br/>C"),
        ("a < b & c", "x", "x", "a < b & c"),
        ("see <b>", "x", "x", "see &lt;b&gt;"),
    ],
)
def test_a_text_becomes_a_label(text: str, written: str, label: str, expected: str) -> None:
    assert new_labels.label_of(text, written, label) == expected
