"""Control characters and characters that change the text direction reach no terminal, page or file."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from diagramkit import markup
from diagramkit.cli import main
from diagramkit.diagnostics import Diagnostic, Excerpt, Span, printable
from diagramkit.excerpts import excerpt
from diagramkit.icons.packs import store
from diagramkit.sources import SourceFile, load
from diagramkit.writers import dot

FORBIDDEN = "\x1b\x07\x7f\x9b\x85\u202e\u2066\u2069"
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
NAMES = "U+0007, U+001B, U+007F, U+0085, U+009B, U+202E, U+2066, U+2069"


@pytest.fixture(autouse=True)
def _sources() -> None:
    """Write a Mermaid file, a spec that has the characters as escapes, and a document."""
    mermaid = f'graph LR\n  subgraph g["G{FORBIDDEN}x"]\n    A["a{FORBIDDEN}b"]\n  end\n  A -->|"e{FORBIDDEN}"| B\n'
    Path("a.mmd").write_text(f'---\ntitle: "{json.dumps("T" + FORBIDDEN)[1:-1]}"\n---\n{mermaid}', "utf-8")
    text = json.dumps(f"x{FORBIDDEN}y").replace("\x7f", "\\u007f")
    lines = f"title: {text}\ncategory: {text}\ncomponents: [{text}]\nbest_practices: [{text}]\n"
    Path("s.yaml").write_text(f"{lines}nodes:\n  A: {text}\n  B: B\nedges: [A -> B]\n", "utf-8")
    Path("d.md").write_text(f"# D\n\n```mermaid\n{mermaid}```\n", "utf-8")
    Path("diagramkit.toml").write_text("", "utf-8")


COMMANDS = [
    ["render", "SOURCE", "-f", "svg", "-v"],
    ["check", "SOURCE"],
    ["check", "SOURCE", "--output-format", "json"],
    ["check", "SOURCE", "--output-format", "sarif"],
    ["check", "SOURCE", "--output-format", "github"],
    ["show", "SOURCE"],
    ["show", "SOURCE", "--json"],
    *(["wiki", "SOURCE", "--to", wiki] for wiki in ("confluence", "mediawiki", "github", "notion")),
    *(["export", "SOURCE", "--to", name] for name in ("dot", "json", "python", "mermaid", "drawio", "svg", "report")),
    ["render", "SOURCE", "-f", "svg", "-o", "-"],
    ["icons", "license", "SOURCE"],
]


@pytest.mark.parametrize("source", ["a.mmd", "s.yaml"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_them(command: list[str], source: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([source if word == "SOURCE" else word for word in command]) == 0
    captured = capfd.readouterr()
    assert captured.out
    # In Mermaid, U+0085 has no entity code: that of its number means an ellipsis. Terminals only begin a new line.
    allowed = {"\x85"} if command[-1] == "mermaid" else set()
    assert {*UNSAFE.findall(captured.out + captured.err)} <= allowed


@pytest.mark.parametrize(
    ("name", "template"),
    [
        (
            "t.json",
            {
                "Resources": {
                    f"A{FORBIDDEN}": {"Type": "AWS::Lambda::Function"},
                    f"B{FORBIDDEN}": {
                        "Type": f"AWS::Odd{FORBIDDEN}::Thing",
                        "Properties": {"X": {"Ref": f"A{FORBIDDEN}"}},
                    },
                    "C": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"../{FORBIDDEN}.yaml"}},
                }
            },
        ),
        (
            "compose.yaml",
            {"services": {f"a{FORBIDDEN}": {"image": f"nginx{FORBIDDEN}", "depends_on": ["b"]}, "b": {"image": "x"}}},
        ),
        (
            "k.yaml",
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"name": f"p{FORBIDDEN}", "namespace": FORBIDDEN},
                "spec": {},
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_no_import_prints_or_writes_them(
    name: str, template: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text(json.dumps(template, indent=1).replace("\x7f", "\\u007f"), "utf-8")
    for arguments in ((), ("--check",), ("--level", "all"), ("--focus", f"A{FORBIDDEN}"), ("--split", "stack")):
        assert main(["import", name, *arguments]) in (0, 1, 2)
    captured = capfd.readouterr()
    written = [
        path.read_text("utf-8")
        for path in (*Path("specs").rglob("*"), *Path(".diagramkit").rglob("*.yaml"))
        if path.is_file()
    ]
    assert written or "error[" in captured.err
    assert not UNSAFE.findall("".join((captured.out, captured.err, *written)))


@pytest.mark.parametrize("source", ["a.mmd", "s.yaml"])
@pytest.mark.parametrize(
    "command",
    [
        ["render", "SOURCE", "-f", "svg", "-o", "out"],
        ["gallery", "SOURCE", "-o", "out"],
        ["render", "SOURCE", "-f", "svg", "-o", "out", "--gallery", "--summary", "out/summary.md"],
        ["export", "SOURCE", "-o", "out/x.dot"],
        ["export", "SOURCE", "-o", "out/x.json"],
        ["export", "SOURCE", "-o", "out/x.drawio"],
        ["export", "SOURCE", "-o", "out/x.py"],
    ],
    ids=" ".join,
)
def test_no_file_contains_them(command: list[str], source: str) -> None:
    assert main([source if word == "SOURCE" else word for word in command]) == 0
    written = [path for path in Path("out").rglob("*") if path.is_file()]
    assert written
    for path in written:
        assert UNSAFE.findall(path.read_text("utf-8")) == [], path


def test_embed_adds_none_to_a_document(capfd: pytest.CaptureFixture[str]) -> None:
    before = len(UNSAFE.findall(Path("d.md").read_text("utf-8")))
    assert main(["embed", "d.md", "--dark"]) == 0
    assert len(UNSAFE.findall(Path("d.md").read_text("utf-8"))) == before
    assert f"d.md:4:1: note[control-character]: the outputs leave out {NAMES}" in capfd.readouterr().err


@pytest.mark.parametrize("source", ["a.mmd", "s.yaml"])
def test_the_page_for_confluence_is_well_formed(source: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["wiki", source, "--to", "confluence"]) == 0
    captured = capfd.readouterr()
    page = f'<page xmlns:ac="urn:ac" xmlns:ri="urn:ri">{captured.out}</page>'
    assert ElementTree.fromstring(page).findtext("h2") in ("T", "xy")
    assert "note[control-character]" in captured.err


@pytest.mark.parametrize(("source", "position"), [("a.mmd", "5:16"), ("s.yaml", "1:1"), ("d.md", "5:16")])
def test_a_note_names_what_is_left_out_and_where(source: str, position: str) -> None:
    (note,) = [problem for problem in load(SourceFile(source)).problems if problem.code == "control-character"]
    assert str(note) == (
        f"{source}:{position}: note[control-character]: the outputs leave out {NAMES}, which cannot be seen; remove it "
        "from the source"
    )


@pytest.mark.parametrize(
    "text",
    [
        "title: T\ndiagram: |\n  graph LR\n    %% CHAR\n    A --> B\n",
        "title: 'TCHAR'\nnodes:\n  A: a\n",
        "title: T\ncategory: CCHAR\nnodes:\n  A: a\n",
        "title: T\ncomponents: [CHAR]\nnodes:\n  A: a\n",
        "title: T\nbest_practices: [CHAR]\nnodes:\n  A: a\n",
        "title: T\nnodes:\n  A: aCHAR\n",
        "title: T\nnodes:\n  A: a\nedges: [{from: A, to: A, label: CHAR}]\n",
        "title: T\ngroups:\n  G: {label: gCHAR, nodes: [A]}\nnodes:\n  A: a\n",
    ],
)
def test_there_is_a_note_wherever_a_text_has_one(text: str) -> None:
    Path("t.yaml").write_text(text.replace("CHAR", "\u202e"), "utf-8")
    result = load(SourceFile("t.yaml"))
    assert len(result.patterns) == 1, result.problems
    assert [problem.code for problem in result.problems] == ["control-character"]


def test_a_source_without_them_gets_no_note() -> None:
    Path("ok.mmd").write_text("graph LR\n  A[ä\u200f\u200d é 日本 \U0001f600] --> B\n", "utf-8")
    assert load(SourceFile("ok.mmd")).problems == ()


def test_json_has_escapes_for_them() -> None:
    text = markup.json_text({f"k{FORBIDDEN}": [f"v{FORBIDDEN}", "ä日"]})
    assert UNSAFE.findall(text) == []
    assert "ä日" in text
    assert json.loads(text) == {f"k{FORBIDDEN}": [f"v{FORBIDDEN}", "ä日"]}


def test_dot_has_none_of_them() -> None:
    assert dot._quoted(f'a{FORBIDDEN}\0"\\') == '"a\\"\\\\"'


DIRECTIONS = {*range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def test_exactly_these_characters_are_unsafe_to_print() -> None:
    controls = {code for code in range(0x10000) if unicodedata.category(chr(code)) == "Cc"}
    changed = {code for code in range(0x10000) if printable(chr(code)) != chr(code)}
    assert changed == controls | DIRECTIONS | {0x2028, 0x2029}
    assert printable("\x00\x9f\u2028") == r"\x00\x9f\u2028"


def test_exactly_these_characters_are_left_out_of_outputs() -> None:
    """XML 1.0, section 2.2, and the characters that it discourages there."""
    controls = {code for code in range(0x10000) if unicodedata.category(chr(code)) == "Cc"}
    expected = controls - {9, 10, 13} | DIRECTIONS | {0xFFFE, 0xFFFF} | {*range(0xD800, 0xE000)}
    text = "".join(map(chr, range(0x10000)))
    assert {*map(ord, markup.forbidden_in(text))} == expected
    kept = "".join(chr(code) for code in range(0x10000) if code not in expected)
    assert markup.strip_forbidden(text) == kept
    for escaped in (markup.escape_text(text), markup.escape_html(text), markup.quote_attribute(text)):
        assert not markup.forbidden_in(escaped)


def test_terminal_output_shows_them_as_escapes() -> None:
    assert printable("a\x1b[2J\u202eb\x9b\nc\x7f\u2028") == r"a\x1b[2J\u202eb\x9b\x0ac\x7f\u2028"
    problem = Diagnostic("x", "bad \x1b[31m \u2066 word", Span("f\n::error::.mmd"))
    assert str(problem) == r"f\x0a::error::.mmd:1:1: error[x]: bad \x1b[31m \u2066 word"


@pytest.mark.parametrize(
    ("line", "column", "width", "expected"),
    [
        ("a\x1bb!c", 4, 1, [r" 1 | a\x1bb!c", "   |       ^"]),
        ("\ta\u202e!", 3, 1, [" 1 | \ta\\u202e!", "   | \t ^^^^^^"]),
        ("日\x07xy", 3, 2, [r" 1 | 日\x07xy", "   |       ^^"]),
        ("x" * 80 + "\x1b" * 40 + "!", 121, 1, None),
    ],
)
def test_carets_stand_below_the_marked_part(line: str, column: int, width: int, expected: list[str] | None) -> None:
    shown = excerpt(Diagnostic("x", "m", Span("f"), excerpt=Excerpt(line, column, width)))
    if expected is None:
        assert shown[0][shown[1].index("^")] == "!"
    else:
        assert shown == expected


def test_icon_names_of_packs_are_printable(capfd: pytest.CaptureFixture[str]) -> None:
    Path("pack").mkdir()
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>'
    Path("pack/a\x1b[2J.svg").write_text(svg, "utf-8")
    assert main(["icons", "add", "pack"]) == 2
    assert (
        r"pack:a\x1b[2J.svg:1:1: error[bad-icon]: this icon has a name that cannot be printed" in capfd.readouterr().err
    )
    icons = {"a\x1b": {"file": "a.svg", "sha256": "0", "dark": False, "inset": [0, 0, 0]}}
    index = {"name": "p", "version": "1", "licence": "x\x1b[2J", "official": False, "icons": icons}
    Path("pack/pack.json").write_text(json.dumps(index), "utf-8")
    with pytest.raises(ValueError, match="is not a valid pack index: the name"):
        store.read("pack")
    assert store.details("pack")["licence"] == r"x\x1b[2J"


def test_settings_are_printed_without_them(capfd: pytest.CaptureFixture[str]) -> None:
    Path("diagramkit.toml").write_text('output = "a\\u001bb\\u202e\\u0085"\n', "utf-8")
    assert main(["config"]) == 0
    assert UNSAFE.findall(capfd.readouterr().out) == []
