"""A theme in a file: what it changes, and how mistakes in it are reported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from diagramkit import data, pipeline
from diagramkit.diagnostics import DiagramError
from diagramkit.options import Options
from diagramkit.sources import themefile
from tests.support import faults
from tests.support.drawings import orders
from tests.support.project import ROOT

THEME = """\
base: dark
background: "#101418"
label_background: "#101418"
edge: "#88AACC"
sizes: {icon: 72, label: 14}
groups:
  vpc: {border: "#00FF88", dash: [6, 2]}
"""


def test_a_theme_file_changes_colors_sizes_and_groups(tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(THEME)
    picture = pipeline.draw(orders(), Options(theme=str(file)))
    assert picture.background == "#101418"
    assert {round(node.box.w, 2) for node in picture.nodes} == {72, 57.6}  # With a plate of 72 points behind it.
    vpc = next(group for group in picture.groups if group.kind == "vpc")
    assert (vpc.border, vpc.dash) == ("#00FF88", (6.0, 2.0))


def test_the_theme_in_the_documentation_is_valid(tmp_path: Path) -> None:
    text = (ROOT / "docs/spec.md").read_text("utf-8")
    (example,) = re.findall(r"```yml\n(.*?)```", text, re.S)
    file = tmp_path / "company.yaml"
    file.write_text("\n".join(line for line in example.splitlines() if "font:" not in line))
    loaded, warnings = themefile.load(str(file))
    assert loaded.groups["vpc"].dash == (4.0, 3.0)
    assert warnings == ()
    assert all(f"`{name}`" in text for name in data.load("style", "sizes.yaml"))


def test_a_theme_may_have_its_own_font(tmp_path: Path) -> None:
    from diagramkit.style import font

    bold = Path(font.bundled().file).with_name("SourceSansPro-Bold.ttf")
    (tmp_path / "own.ttf").write_bytes(bold.read_bytes())
    (tmp_path / "company.yaml").write_text("font: own.ttf\n")
    picture = pipeline.draw(orders(), Options(theme=str(tmp_path / "company.yaml")))
    default = pipeline.draw(orders(), Options())
    widths = [next(node for node in p.nodes if node.id == "CF").texts[0].box.w for p in (picture, default)]
    assert widths[0] > widths[1]
    assert faults.find_faults(picture) == []


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("bakground: '#000000'", "1:1", "did you mean 'background'"),
        ("text: black", "1:7", "error[wrong-value]: 'text' must be a color such as '#1A2B3C', not 'black'"),
        ("muted: '#1A2B3CC'", "1:8", "error[wrong-value]: 'muted' must be a color such as '#1A2B3C', not '#1A2B3CC'"),
        ("text: none", "1:7", "error[wrong-value]: 'text' must be a color"),
        ("plate: red", "1:8", "'plate' must be a color such as '#1A2B3C', or none, not 'red'"),
        ("groups: {vpc: {border: none}}", "1:24", "'groups.vpc.border' must be a color such as '#1A2B3C', not 'none'"),
        ("groups: {vpc: {tile: none}}", "1:22", "'groups.vpc.tile' must be a color"),
        ("groups: {vpc: {dash: [0.05, 1]}}", "1:23", "a number from 0.1 to 100"),
        ("groups: {vpc: {dash: [1, 100.5]}}", "1:26", "a number from 0.1 to 100"),
        ("sizes: {icon: -4}", "1:15", "a number from 0.1 to 400"),
        ("sizes: {icon: 400.5}", "1:15", "a number from 0.1 to 400"),
        ("text: [}", "1:8", "error[yaml-syntax]"),
        ("text: '#000000'\ntext: '#111111'", "2:1", "error[duplicate-key]"),
        ("font: ../other.ttf", "1:7", "error[bad-font]: '../other.ttf' is not in the theme's folder; copy"),
        ("font: company.yaml", "1:7", "error[bad-font]: 'company.yaml' cannot be used: not a valid TrueType or Open"),
        ("font: missing.ttf", "1:7", "error[bad-font]: 'missing.ttf' cannot be used: no such file or directory"),
        ('font: "a\\0b"', "1:7", "error[bad-font]: 'a\\x00b' is not the path of a file"),
        ("groups: {vcp: {border: '#000000'}}", "1:10", "did you mean 'vpc'"),
    ],
)
def test_mistakes_in_a_theme_are_reported_with_their_position(
    text: str, position: str, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(text + "\n")
    with pytest.raises(DiagramError) as error:
        themefile.load(str(file))
    assert f"company.yaml:{position}: error" in str(error.value)
    assert message in str(error.value)
    assert error.value.problems[0].excerpt or "[bad-font]" in message, "the message shows the line"


@pytest.mark.parametrize("text", ["", "plate: none", "groups: {vpc: {fill: none, tile: '#000000', dash: [0.1, 100]}}"])
def test_a_color_behind_something_may_be_none(text: str, tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(f"base: light\n{text}\n")
    loaded, warnings = themefile.load(str(file))
    assert warnings == ()
    if "groups" in text:
        vpc = loaded.groups["vpc"]
        assert (vpc.fill, vpc.tile, vpc.dash) == (None, "#000000", (0.1, 100.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bakground: '#101418'\nmuted: black\n", [("bakground", "background"), None]),
        ("groups:\n\tvpc: {fill: none}\n", [("\t", "  ")]),
    ],
)
def test_a_mistake_in_a_theme_has_a_fix_that_was_tried(
    text: str, expected: list[tuple[str, str] | None], tmp_path: Path
) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(text)
    with pytest.raises(DiagramError) as error:
        themefile.load(str(file))
    assert [problem.fix and (problem.fix.old, problem.fix.new) for problem in error.value.problems] == expected


def test_a_theme_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"text: '#000000' # \xe9\n")
    for name, reason in (("latin.yaml", "it is not UTF-8"), ("none.yaml", "no such file or directory")):
        with pytest.raises(DiagramError) as error:
            themefile.load(str(tmp_path / name))
        message = f"error[unreadable-file]: the theme cannot be read: {reason}; name another file, or use light, dark"
        assert message in str(error.value)


def test_a_theme_with_low_contrast_gives_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "pale.yaml"
    file.write_text(
        'muted: "#BBBBBB"\ngroups: {vpc: {fill: "#FFEEEE"}, region: {fill: "#EEFFEE"}, account: {fill: "#EEEEFF"}}\n'
    )
    _, warnings = themefile.load(str(file))
    assert {(warning.code, warning.severity, warning.span.line) for warning in warnings} == {
        ("low-contrast", "warning", 1)
    }
    shown = [warning.message for warning in warnings]
    assert len(shown) == 6
    assert shown == sorted(shown, key=lambda message: message.partition(" on ")[2]), "the same in every run"
