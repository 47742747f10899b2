"""Hostile sources from a grammar of tricks, rendered: `python -m tests.fuzz.hostile [COUNT] [FIRST SEED] [--keep FOLDER]`.

Each seed makes a file out of what breaks programs (markup, escapes, controls, directions of writing, links that run,
endless words): Mermaid, a spec or Markdown, at times of a hostile name. It is rendered by the command, in a project
that nothing may be written beside, and in turn in every other form. A source may be refused with an error at its
place; anything else, and an SVG that holds more than the list allows, is a finding, told with its seed. The SVGs are
kept for `tests/pages/hostile.mjs`, which loads them in a browser.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import yaml

from diagramkit import cli, pipeline, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Pattern
from diagramkit.icons import resolver
from diagramkit.icons.packs import clean
from diagramkit.pipeline import Options
from diagramkit.publish import embed
from diagramkit.writers import dot, drawio, pptx, script, structure
from diagramkit.writers.pptx.deck import Deck, DiagramSlide
from tests.fuzz import svg

TRICKS = (
    "<script>alert(1)</script>",
    "]]>",
    "<![CDATA[",
    '"><img src=x onerror=alert(1)>',
    "&lt;b&gt;",
    "&#x202e;",
    "\u202e\u2066abc",
    "\u0000",
    "\u0007",
    "\ufffe",
    "\ud7ff",
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    "=cmd|' /C calc'!A0",
    "\\N \\L \\G \\T",
    "{{7*7}}",
    "${x}",
    "%s %n",
    "'''+__import__('os').system('x')+'''",
    '"); import os; ("',
    "../../../etc/passwd",
    "file:///etc/passwd",
    "a" * 3000,
    "\u0301" * 40,
    "👩‍👩‍👧‍👦" * 20,
    "日本語" * 30,
    "العربية",
    "x\ty\u2028z",
    "<foreignObject>",
    "url(#a)",
    "expression(alert(1))",
    "Lambda",
    "S3",
    "API Gateway<br/>(public)",
    "#quot;#35;#lt;",
    "`**b** _i_`",
    "\\",
    '\\\\"',
    "|",
    "[",
    "]",
    "(",
    "{",
    "-->",
    "</title></svg>",
    "<svg onload=alert(1)>",
    "<img src=http://x.invalid/a>",
    "<a href='javascript:alert(1)'>x</a>",
    "&#106;avascript:alert(1)",
    "<style>@import url(//x.invalid)",
    "<!--",
    "-->",
    "<?xml-stylesheet href='//x.invalid'?>",
    "<!DOCTYPE x [<!ENTITY a 'b'>]>",
    "CON",
    "x:y|z?*",
    "\u202egnp.exe",
    "\ufeff",
    "label=<<b>x</b>>",
    ']; image="/etc/passwd"; [',
    "$(touch x)",
    "`touch x`",
    "*a",
    "!!python/object:x",
    "~",
    "no",
    "1.0",
)
_STYLES = (
    "fill:url(javascript:x),stroke:red",
    "fill:#f00;stroke:expression(1)",
    "color:</style><script>",
    "stroke-width:1e9px",
    "fill:#12",
    "stroke-dasharray:0 0 0",
    'font-family:"x',
    "background:url(http://x.invalid)",
    "opacity:-1",
    "fill:url(//x.invalid#a)",
    "fill:\\75rl(x)",
)
_LINKS = (
    "javascript:alert(1)",
    'https://example.com/?a=1&b="',
    "data:text/html,x",
    "//x",
    "mailto:a@b",
    "JaVaScRiPt:1",
    "\\\\x\\y",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "/\\x",
    "vbscript:x",
    "./a.svg",
    "#x",
    "file:///etc/passwd",
    "?x=<script>",
)
_NAMES = (
    "a",
    "con",
    "a b",
    "-o",
    "ü",
    "\u202ea",
    "..a",
    "a\nb",
    "a'b\"c",
    "x" * 180,
    "%2e%2e",
    "$x",
    "a;b",
    "a.mmd",
    ".a.",
)
_ICONS = (
    "../../../etc/passwd",
    "./x.svg",
    "aws.compute.Lambda",
    "none",
    "file:///etc/passwd",
    "http://x.invalid/a.svg",
    "/etc/passwd",
    "./../../a.png",
    "aws.x",
    "\u0000",
)
_SECONDS = 60  # That one seed may take.

Dice = random.Random


def words(dice: Dice) -> str:
    """Some tricks in a row."""
    return "".join(dice.choice(TRICKS) for _ in range(dice.randrange(1, 4)))


def mermaid_of(dice: Dice) -> str:
    """Hostile Mermaid."""

    def label() -> str:
        said = words(dice)
        return f'"{said.replace(chr(34), "#quot;")} "' if dice.random() < 0.98 else said

    count = dice.randrange(1, 9)
    lines = [dice.choice(("graph LR", "flowchart TB", "graph", "flowchart-elk RL", "graph TD;"))]
    if dice.random() < 0.2:
        lines = ["---", f"title: {json.dumps(words(dice))}", "---", *lines]
    for at in range(count):
        opening, closing = dice.choice(
            (("[", "]"), ("(", ")"), ("{", "}"), ("[(", ")]"), ("((", "))"), ("{{", "}}"), (">", "]"), ("[/", "/]"))
        )
        lines.append(f"  n{at}{opening}{label()}{closing}")
    for _ in range(dice.randrange(0, 2 * count)):
        a, b = dice.randrange(count), dice.randrange(count)
        middle = f"|{label()}|" if dice.random() < 0.5 else ""
        lines.append(f"  n{a} {dice.choice(('-->', '---', '-.->', '==>', '<-->', '--x', 'o--o'))}{middle} n{b}")
    if dice.random() < 0.4:
        lines += [f"  subgraph g [{label()}]", "    n0", "  end"]
    if dice.random() < 0.3:
        lines.append(f'  click n0 "{dice.choice(_LINKS)}" "{words(dice).replace(chr(34), "")}"')
    if dice.random() < 0.3:
        lines.append(f"  style n0 {dice.choice(_STYLES)}")
    if dice.random() < 0.2:
        lines.append(f"  n0@{{ icon: {json.dumps(_icon(dice))} }}")
    if dice.random() < 0.03:
        lines.append(f"  {dice.choice(TRICKS)}")
    return "\n".join(lines) + "\n"


def spec_of(dice: Dice) -> str:
    """A hostile spec."""
    nodes = {f"n{at}": words(dice) if dice.random() < 0.5 else _node(dice) for at in range(dice.randrange(1, 7))}
    names = list(nodes)
    edges = [{f"{dice.choice(names)} -> {dice.choice(names)}": words(dice)} for _ in range(dice.randrange(5))]
    said: dict[str, object] = {"title": words(dice), "category": words(dice), "nodes": nodes, "edges": edges}
    if dice.random() < 0.4:
        said["groups"] = {"g": {"label": words(dice), "nodes": dice.sample(names, 1)}}
    for name in ("components", "best_practices"):
        if dice.random() < 0.3:
            said[name] = [words(dice)]
    for name in ("description", "notes"):
        if dice.random() < 0.3:
            said[name] = words(dice)
    if dice.random() < 0.2:
        said["icons"] = {names[0]: _icon(dice)}
    if dice.random() < 0.1:
        said[words(dice)] = words(dice)
    text: str = yaml.safe_dump(said, allow_unicode=dice.random() < 0.7, sort_keys=False)
    if dice.random() < 0.1:
        at = dice.randrange(len(text))
        text = text[:at] + dice.choice(TRICKS) + text[at:]
    return text


def _node(dice: Dice) -> dict[str, str]:
    node = {"label": words(dice)}
    if dice.random() < 0.3:
        node["link"] = dice.choice(_LINKS)
    if dice.random() < 0.3:
        node["icon"] = _icon(dice)
    return node


def _icon(dice: Dice) -> str:
    return dice.choice(_ICONS) if dice.random() < 0.3 else "aws.compute.Lambda"


def markdown_of(dice: Dice) -> str:
    """A hostile document with diagrams in it."""
    parts = [
        dice.choice(
            (f"# {words(dice)}\n", f"{words(dice)}\n", "~~~~\n", "> q\n", "<!--\n", f"---\ntitle: {words(dice)}\n---\n")
        )
        for _ in range(dice.randrange(3))
    ]
    for _ in range(dice.randrange(1, 3)):
        parts.insert(dice.randrange(len(parts) + 1), f"\n~~~~~~mermaid\n{mermaid_of(dice)}~~~~~~\n")
    return "\n".join(parts)


def icon_of(dice: Dice) -> str:
    """A hostile icon."""
    values = (
        "red",
        "url(#a)",
        "url(http://x.invalid/a)",
        "url(//x.invalid#a)",
        "\\75rl(//x.invalid)",
        "image-set('//x.invalid' 1x)",
        "1",
        "M0 0h9v9z",
        "javascript:alert(1)",
        "u\\72l(x)",
        "src('//x.invalid')",
        "cross-fade(url(//x.invalid))",
        "rgb(1,2,3)",
        "none",
        "a",
        "var(--x)",
    )
    names = (
        "fill",
        "stroke",
        "mask",
        "filter",
        "clip-path",
        "d",
        "style",
        "class",
        "id",
        "href",
        "xlink:href",
        "onload",
        "transform",
        "x",
        "width",
        "height",
    )
    tags = (
        "path",
        "rect",
        "g",
        "use",
        "circle",
        "linearGradient",
        "stop",
        "mask",
        "style",
        "a",
        "image",
        "svg",
        "defs",
        "filter",
        "feImage",
    )

    def element(depth: int) -> str:
        tag = dice.choice(tags[:10] if dice.random() < 0.9 else tags)
        written = "".join(f' {name}="{dice.choice(values)}"' for name in dice.sample(names, dice.randrange(3)))
        inside = "" if depth > 2 else "".join(element(depth + 1) for _ in range(dice.randrange(3)))
        return f"<{tag}{written}>{inside}</{tag}>"

    body = "".join(element(0) for _ in range(dice.randrange(1, 4)))
    return f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">{body}<path d="M0 0h9v9z"/></svg>'


MAKERS: tuple[tuple[str, Callable[[Dice], str]], ...] = (
    (".mmd", mermaid_of),
    (".mmd", mermaid_of),
    (".yaml", spec_of),
    (".md", markdown_of),
)


# The other forms


def _script(pattern: Pattern) -> None:
    chosen = resolver.resolve(pattern, pipeline.catalog_of(pattern, Options()))
    text = script.write(pattern, chosen)
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert all(isinstance(call.func, ast.Name) for call in calls), "the script calls something else"


def _deck(pattern: Pattern) -> None:
    slide = DiagramSlide(pattern.title, pipeline.draw(pattern, Options()), pattern.title)
    assert pptx.write(Deck(pattern.title, (slide,), 960, 540)).startswith(b"PK")


def _drawio(pattern: Pattern) -> None:
    ElementTree.fromstring(drawio.write([drawio.DrawioPage(pattern.title, pipeline.draw(pattern, Options()))]))


def _json(pattern: Pattern) -> None:
    chosen = resolver.resolve(pattern, pipeline.catalog_of(pattern, Options()))
    json.loads(structure.write(pattern, chosen, pipeline.draw(pattern, Options())))


def _embedded(pattern: Pattern) -> None:
    page = f"x\n\n~~~~~~mermaid\n{pattern.source_text}~~~~~~\n"
    first = embed.embed(page, "x.md", embed.EmbedOptions(), Options())
    if not first.problems:
        assert embed.embed(first.text, "x.md", embed.EmbedOptions(), Options()).text == first.text


def _outlined(pattern: Pattern) -> None:
    svg.check(pipeline.render(pattern, ("svg",), Options("auto", outlines=True)).outputs["svg"])


FORMS: tuple[Callable[[Pattern], object], ...] = (
    _script,
    _drawio,
    _json,
    _embedded,
    _deck,
    dot.write,
    _outlined,
    lambda pattern: pipeline.render(pattern, ("png", "webp"), Options(scale=0.5)),
)


# The rendering


def one(seed: int, keep: Path | None = None) -> int:
    """Render the source of a seed, and once more in another form; the number of pictures. Raises what is a
    finding."""
    dice = random.Random(seed)
    ending, make = MAKERS[seed % len(MAKERS)]
    text = make(dice)
    name = dice.choice(_NAMES) if dice.random() < 0.2 else "a"
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as outside, _in_time():
        project = Path(outside, "project")
        (project / "specs").mkdir(parents=True)
        (project / "diagramkit.toml").write_text("")
        source = project / "specs" / f"{name}{ending}"
        source.write_bytes(text.encode("utf-8", "surrogatepass"))
        os.chdir(project)
        try:
            return _render(source, project, seed, keep)
        finally:
            os.chdir(before)


def _render(source: Path, project: Path, seed: int, keep: Path | None) -> int:
    said, told = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    formats = "svg,png" if seed % 10 == 0 else "svg"
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(told):
        code = cli.main(["render", "specs", "-o", "out", "-f", formats])
    assert code in (0, 2), code
    assert "error[internal]" not in told.getvalue(), told.getvalue()
    assert "Traceback" not in told.getvalue()
    assert code == 0 or "error[" in told.getvalue(), "failed without a word"
    there = {path.relative_to(project.parent).parts[:2] for path in project.parent.rglob("*")}
    allowed = {("project",), ("project", "specs"), ("project", "diagramkit.toml"), ("project", "out")}
    assert there <= allowed, there - allowed
    assert list((project / "specs").iterdir()) == [source], "something was written beside the source"
    pictures = sorted((project / "out").rglob("*.svg"))
    for number, path in enumerate(pictures):
        svg.check(path.read_bytes())
        if keep is not None:
            shutil.copy(path, keep / f"{seed}-{number}.svg")
    with contextlib.suppress(DiagramError):
        for pattern in sources.load(sources.find([str(source)])[0]).patterns:
            FORMS[seed // len(MAKERS) % len(FORMS)](pattern)
    return len(pictures)


def icon(seed: int, keep: Path | None = None) -> bool:
    """Clean the icon of a seed; whether it was taken."""
    try:
        text = clean.clean(icon_of(random.Random(seed)).encode(), "p").text()
    except clean.UnsafeIconError:
        return False
    whole = text.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)
    svg.check_icon(whole.encode())
    if keep is not None:
        (keep / f"icon-{seed}.svg").write_text(whole, "utf-8")
    return True


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def _late(*_: object) -> None:
    raise AssertionError(f"took longer than {_SECONDS} s")


def main(arguments: list[str]) -> int:
    """Try so many seeds; 1 where there is a finding."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=300)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args(arguments)
    if given.keep:
        given.keep.mkdir(parents=True, exist_ok=True)
        given.keep = given.keep.resolve()
    drawn = icons = findings = pictures = 0
    slowest = (0.0, 0)
    for seed in range(given.first, given.first + given.count):
        start = time.perf_counter()
        try:
            made = one(seed, given.keep)
            pictures, drawn = pictures + made, drawn + bool(made)
            icons += icon(seed, given.keep)
        except Exception as error:
            findings += 1
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}", flush=True)
        slowest = max(slowest, (time.perf_counter() - start, seed))
    print(
        f"{given.count} sources, {drawn} drawn ({pictures} pictures), {icons} icons taken, {findings} findings; "
        f"the slowest {slowest[0]:.2f} s (seed {slowest[1]})"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
