"""Icons whose elements use each other: what drawing them takes is limited, and a panic of native code is reported."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from diagramkit import panics, pipeline
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons import pixels
from diagramkit.icons.packs.clean import UnsafeIconError, Vector, clean, read
from diagramkit.options import Options
from diagramkit.serve import drafts
from diagramkit.sources import readers
from diagramkit.writers import png
from tests.support.icon_packs import HEAD

SPEC = "title: A\ndiagram: |\n  graph LR\n    A --> B\nicons:\n  A: bomb.svg\n"
MANY = "uses some of them again and again"
DEEP = "has references that lead too deep, or in a circle"
PATH = '<path d="M0 0h8v8z"/>'


def bomb(levels: int, width: int = 10) -> str:
    """Return an SVG of a kilobyte that draws `width ** levels` paths."""
    groups = [f'<g id="a0">{PATH}</g>']
    for level in range(1, levels + 1):
        groups.append(f'<g id="a{level}">' + f'<use xlink:href="#a{level - 1}"/>' * width + "</g>")
    return f"{HEAD}{''.join(groups)}</svg>"


def chain(element: str, attribute: str, count: int) -> str:
    """Return an SVG with elements that refer to each other, each of them twice to the next."""
    parts = [
        f'<{element} id="a{number}"><g {attribute}="url(#a{number - 1})">{PATH}</g>'
        f'<g {attribute}="url(#a{number - 1})">{PATH}</g></{element}>'
        for number in range(1, count)
    ]
    return f'{HEAD}<{element} id="a0">{PATH}</{element}>{"".join(parts)}{PATH}</svg>'


@pytest.mark.parametrize(
    ("svg", "message"),
    [
        (bomb(6), MANY),
        (bomb(60, 2), MANY),
        (chain("mask", "mask", 20), MANY),
        (chain("pattern", "fill", 20), MANY),
        (chain("clipPath", "clip-path", 20), MANY),
        (bomb(200, 1), DEEP),
        (f'{HEAD}<g id="a"><use xlink:href="#a"/>{PATH}</g></svg>', DEEP),
        (f'{HEAD}<g id="a"><use xlink:href="#b"/></g><g id="b"><use href="#a"/></g>{PATH}</svg>', DEEP),
        (f'{HEAD}<mask id="m"><g mask="url(#m)">{PATH}</g></mask>{PATH}</svg>', DEEP),
        (f'{HEAD}<style>.m{{mask:url(#m)}}</style><mask id="m"><g class="m">{PATH}</g></mask>{PATH}</svg>', DEEP),
    ],
    ids=["use", "binary", "mask", "pattern", "clip path", "deep", "self", "circle", "mask in itself", "style sheet"],
)
def test_an_icon_that_expands_without_limit_is_rejected(svg: str, message: str) -> None:
    with pytest.raises(UnsafeIconError, match=message):
        clean(svg.encode(), "x")


@pytest.mark.parametrize(
    ("element", "part", "attribute"),
    [
        ("clipPath", "<path/>", "clip-path"),
        ("filter", "<feOffset/>", "filter"),
        ("linearGradient", "<stop/>", "fill"),
        ("mask", "<path/>", "mask"),
        ("pattern", "<path/>", "fill"),
        ("radialGradient", "<stop/>", "stroke"),
    ],
)
def test_an_element_that_is_drawn_through_a_url_counts_each_time(element: str, part: str, attribute: str) -> None:
    """Each of the 195 paths draws 102 elements; the others are the two outermost, the element and its parts."""
    for count, quote in ((7, ""), (7, "'"), (8, "")):
        svg = (
            f'{HEAD}<{element} id="a">{part * 100}</{element}>'
            + f'<path {attribute}="url({quote}#a{quote})"/>' * 195
            + "<path/>" * count
            + "</svg>"
        )
        if count == 7:
            clean(svg.encode(), "x")
        else:
            with pytest.raises(UnsafeIconError, match=MANY):
                clean(svg.encode(), "x")


def test_an_id_that_is_used_twice_hides_nothing() -> None:
    """Renderers differ in which of the elements they take, so all of them count."""
    for position in (0, len(HEAD)):
        text = bomb(5)
        hidden = text[: len(HEAD)] + '<g id="a4"/>' * (position == 0) + text[len(HEAD) : -6] + "</svg>"
        with pytest.raises(UnsafeIconError, match=MANY):
            clean(hidden.encode(), "x")


def test_references_lead_128_levels_deep_in_whatever_order_they_are_defined() -> None:
    for order in (1, -1):
        groups = [f'<g id="a{level}"><use xlink:href="#a{level - 1}"/></g>' for level in range(1, 63)][::order]
        uses = "".join(groups)
        clean(f'{HEAD}<g id="a0">{PATH}</g>{uses}</svg>'.encode(), "x")
        with pytest.raises(UnsafeIconError, match=DEEP):
            clean(f'{HEAD}<g id="a0"><g>{PATH}</g></g>{uses}</svg>'.encode(), "x")


def test_icons_that_use_their_elements_a_few_times_are_accepted_and_drawn() -> None:
    for svg in (bomb(3), bomb(4, 8), bomb(40, 1), chain("mask", "mask", 3)):
        assert pixels.rasterize(clean(svg.encode(), "x"), 48).size == (48, 48)


@pytest.mark.parametrize(
    "command",
    [
        ["render", "a.yaml"],
        ["render", "a.yaml", "--jobs", "2"],
        ["render", "a.yaml", "--gallery"],
        ["gallery", "a.yaml"],
        ["deck", "a.yaml"],
        ["wiki", "a.yaml", "--to", "github"],
        ["export", "a.yaml", "--to", "drawio"],
        ["render", "a.yaml", "-f", "pdf"],
    ],
    ids=" ".join,
)
def test_every_command_reports_an_icon_bomb(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    Path("bomb.svg").write_text(bomb(7), "utf-8")
    Path("a.yaml").write_text(SPEC, "utf-8")
    assert main(command) == 2
    assert f"bomb.svg:1:1: error[bad-icon]: this icon draws more than 20000 elements, because it {MANY}" in (
        capsys.readouterr().err
    )


def test_embed_reports_an_icon_bomb_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bomb.svg").write_text(bomb(7), "utf-8")
    text = '```mermaid\ngraph LR\n  A@{ icon: "file:bomb.svg" } --> B\n```\n'
    Path("a.md").write_text(text, "utf-8")
    main(["embed", "a.md"])
    assert "Panic" not in capsys.readouterr().err


def test_a_pack_with_an_icon_bomb_is_not_installed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("pack").mkdir()
    Path("pack/bomb.svg").write_text(bomb(7), "utf-8")
    assert main(["icons", "add", "pack"]) == 2
    assert f"error[bad-icon]: this icon draws more than 20000 elements, because it {MANY}" in capsys.readouterr().err


# An installed pack, which was cleaned when it was added, may have been made by hand.


def install(svg: str) -> None:
    digest = hashlib.sha256(svg.encode()).hexdigest()
    icons = {"bomb": {"file": "bomb.svg", "sha256": digest, "dark": False, "inset": [0, 0, 0]}}
    index = {"name": "p", "version": "1", "source": "s", "licence": "x", "official": False, "icons": icons}
    Path("icons/p-1").mkdir(parents=True)
    Path("icons/p-1/bomb.svg").write_text(svg, "utf-8")
    Path("icons/p-1/pack.json").write_text(json.dumps(index), "utf-8")
    pack = hashlib.sha256(f"{digest} bomb\n".encode()).hexdigest()
    lines = f'[[packs]]\nname = "p"\nversion = "1"\nsource = "s"\ndigest = "{pack}"\n'
    Path("diagramkit.toml").write_text(lines, "utf-8")


def test_a_cleaned_icon_is_checked_again_when_it_is_read() -> None:
    with pytest.raises(UnsafeIconError, match=MANY):
        read(installed_bomb())


def installed_bomb() -> str:
    vector = Vector((0, 0, 48, 48), bomb(7)[len(HEAD) : -6])
    return vector.text()


@pytest.mark.parametrize(
    "command",
    [
        ["render", "a.yaml"],
        ["gallery", "a.yaml"],
        ["deck", "a.yaml"],
        ["wiki", "a.yaml", "--to", "github"],
        ["export", "a.yaml", "--to", "drawio"],
    ],
    ids=" ".join,
)
def test_every_command_reports_a_bomb_in_an_installed_pack(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    install(installed_bomb())
    Path("a.yaml").write_text(SPEC.replace("bomb.svg", '"p:bomb"'), "utf-8")
    assert main(command) == 2
    assert "error[bad-icon]: this icon " in capsys.readouterr().err


# Panics


class PanicException(BaseException):
    """Has the name of PyO3's class, which cannot be imported."""


def panicking(*_: Any) -> None:
    raise PanicException("called `Result::unwrap()` on an\n `Err` value: NodesLimitReached")


def test_a_panic_while_an_icon_is_drawn_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resvg.render", panicking)
    vector = clean(f"{HEAD}{PATH}</svg>".encode(), "x")
    with pytest.raises(UnsafeIconError, match=r"^cannot be drawn: called `Result::unwrap"):
        pixels.rasterize(vector, 48)
    Path("ok.svg").write_text(f"{HEAD}{PATH}</svg>", "utf-8")
    pattern = readers.SPEC.read(SPEC.replace("bomb.svg", "ok.svg"), "a.yaml", "").patterns[0]
    os.environ["DIAGRAMKIT_CACHE"] = str(Path("cache").resolve())
    with pytest.raises(DiagramError, match=r"ok.svg:1:1: error\[bad-icon\]: this icon cannot be drawn"):
        pipeline.render(pattern, ("png",), Options())


def test_a_panic_while_a_picture_is_drawn_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resvg.render", panicking)
    monkeypatch.setattr("diagramkit.writers.rasterizer.available", lambda: False)
    pattern = readers.pattern_from_text("graph LR\n  A --> B\n", "a.mmd")
    with pytest.raises(DiagramError, match=r"a.mmd:1:1: error\[not-drawn\]: the PNG cannot be drawn \(called"):
        pipeline.render(pattern, ("png",), Options())
    with pytest.raises(DiagramError, match="not-drawn"):
        drafts.export_draft(drafts.Draft("graph LR\n  A --> B\n"), "png", Options())
    with pytest.raises(ValueError, match="NodesLimitReached"):
        png.from_svg('<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>')


def test_only_panics_become_errors() -> None:
    for error in (KeyboardInterrupt(), SystemExit(), OSError()):
        with pytest.raises(type(error)), panics.as_errors():
            raise error
    with pytest.raises(panics.PanicError, match=r"^x y$"), panics.as_errors():
        raise PanicException("x\n  y")


# Icons in installed packs are checked again


@pytest.mark.parametrize(
    "svg",
    [
        bomb(3),
        f'{HEAD}<style>.a{{fill:#f00}}</style><g id="b" class="a"><path fill="url(#b)" d="M0 &lt;&quot;8"/></g></svg>',
        HEAD.replace("<svg", '<svg fill="none" style="opacity:.5"') + f"{PATH}</svg>",
        HEAD.replace("0 0 48 48", "-1e-7 0.1234567 100000 3") + f"{PATH}</svg>",
    ],
)
def test_a_cleaned_icon_is_read_without_change(svg: str) -> None:
    vector = clean(svg.encode(), "x")
    assert read(vector.text()) == vector


@pytest.mark.parametrize(
    "content",
    [
        "<script>alert(1)</script>",
        '<path d="M0 0h8" onclick="alert(1)"/>',
        '<image href="http://x/"/>',
        '<use xlink:href="http://x/a.svg#a"/>',
        '<path fill="url(http://x)"/>',
        "<style>@import 'http://x'</style>",
        "<foreignObject/>",
        "<!-- x -->",
        "</svg><script>alert(1)</script><svg>",
        "<path",
        "<text>A</text>",
        '<path d="M0 0h8" class="a"/>',
    ],
)
def test_a_forged_icon_in_an_installed_pack_is_rejected(content: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = Vector((0, 0, 48, 48), PATH + content).text()
    with pytest.raises(UnsafeIconError):
        read(text)
    install(text)
    Path("a.yaml").write_text(SPEC.replace("bomb.svg", '"p:bomb"'), "utf-8")
    assert main(["render", "a.yaml", "-f", "svg"]) == 2
    assert "error[bad-icon]: this icon " in capsys.readouterr().err
    assert not Path("output/a.svg").exists()


@pytest.mark.parametrize("box", ["0 0 nan 8", "0 0 8", "0 0 1e9 8", "a b c d", "0 0 0 0"])
def test_a_forged_size_in_an_installed_pack_is_rejected(box: str) -> None:
    with pytest.raises(UnsafeIconError):
        read(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{PATH}</svg>')
