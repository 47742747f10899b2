"""Hostile diagrams from a grammar of tricks, rendered: `python -m tests.fuzz.hostile [COUNT] [FIRST SEED]`.

Each seed makes a Mermaid text or a spec out of what breaks programs (markup, escapes, controls, directions of writing,
links that run, endless words). It is drawn as SVG and, in turn, in every other form. A diagram may be refused with a
`DiagramError`; anything else, and an SVG that holds more than the list allows, is a finding, printed with its seed.
"""

from __future__ import annotations

import ast
import json
import random
import re
import sys
import time
from collections.abc import Callable
from xml.etree import ElementTree

from diagramkit import pipeline
from diagramkit.graph import Pattern
from diagramkit.icons import resolver
from diagramkit.pipeline import Options
from diagramkit.problems import DiagramError, Span
from diagramkit.publish import embed
from diagramkit.sources.mermaid import read
from diagramkit.sources.mermaid.text import Origin
from diagramkit.writers import dot, drawio, pptx, script, structure
from diagramkit.writers.pptx.model import Deck, DiagramSlide

TRICKS = (
    "<script>alert(1)</script>", "]]>", "<![CDATA[", "\"><img src=x onerror=alert(1)>", "&lt;b&gt;", "&#x202e;", "\u202e\u2066abc",
    "\u0000", "\u0007", "\ufffe", "\ud7ff", "javascript:alert(1)", "data:text/html,<b>x</b>", "=cmd|' /C calc'!A0", "\\N \\L \\G \\T",
    "{{7*7}}", "${x}", "%s %n", "'''+__import__('os').system('x')+'''", "\"); import os; (\"", "../../../etc/passwd", "file:///etc/passwd",
    "a" * 3000, "\u0301" * 40, "👩‍👩‍👧‍👦" * 20, "日本語" * 30, "العربية", "x\ty\u2028z", "<foreignObject>", "url(#a)", "expression(alert(1))",
    "Lambda", "S3", "API Gateway<br/>(public)", "#quot;#35;#lt;", "`**b** _i_`", "\\", "\\\\\"", "|", "[", "]", "(", "{", "-->",
)  # fmt: skip
_STYLES = (
    "fill:url(javascript:x),stroke:red", "fill:#f00;stroke:expression(1)", "color:</style><script>", "stroke-width:1e9px", "fill:#12",
    "stroke-dasharray:0 0 0", "font-family:\"x", "background:url(http://x)", "opacity:-1",
)  # fmt: skip
_LINKS = (
    "javascript:alert(1)",
    'https://example.com/?a=1&b="',
    "data:text/html,x",
    "//x",
    "mailto:a@b",
    "JaVaScRiPt:1",
    "\\\\x\\y",
)
ELEMENTS = frozenset(["svg", "title", "desc", "metadata", "defs", "style", "symbol", "rect", "path", "g", "text", "tspan", "circle", "use", "image", "a", "ellipse", "line", "polygon", "polyline", "linearGradient", "radialGradient", "stop", "clipPath", "mask"])  # fmt: skip
_URLS = ("{http://www.w3.org/1999/xlink}href", "href", "src")
_SAFE = re.compile(r"#|https?:|mailto:|data:image/png;base64,|[./?]|[^:]*\Z", re.I)


def text_of(seed: int) -> str:
    """The hostile Mermaid of a seed."""
    dice = random.Random(seed)

    def words() -> str:
        return "".join(dice.choice(TRICKS) for _ in range(dice.randrange(1, 4)))

    def label() -> str:
        said = words()
        return f'"{said.replace(chr(34), "#quot;")}"' if dice.random() < 0.8 else said

    count = dice.randrange(1, 9)
    lines = [dice.choice(("graph LR", "flowchart TB", "graph", "flowchart-elk RL", "graph TD;"))]
    if dice.random() < 0.2:
        lines = ["---", f"title: {json.dumps(words())}", "---", *lines]
    for at in range(count):
        opening, closing = dice.choice((("[", "]"), ("(", ")"), ("{", "}"), ("[(", ")]"), ("((", "))"), ("{{", "}}"), (">", "]"), ("[/", "/]")))  # fmt: skip
        lines.append(f"  n{at}{opening}{label()}{closing}")
    for _ in range(dice.randrange(0, 2 * count)):
        a, b = dice.randrange(count), dice.randrange(count)
        middle = f"|{label()}|" if dice.random() < 0.5 else ""
        lines.append(
            f"  n{a} {dice.choice(('-->', '---', '-.->', '==>', '<-->', '--x', 'o--o'))}{middle} n{b}"
        )
    if dice.random() < 0.4:
        lines += [f"  subgraph g [{label()}]", "    n0", "  end"]
    if dice.random() < 0.3:
        lines.append(f'  click n0 "{dice.choice(_LINKS)}" "{words().replace(chr(34), "")}"')
    if dice.random() < 0.3:
        lines.append(f"  style n0 {dice.choice(_STYLES)}")
    if dice.random() < 0.2:
        lines.append(f"  {dice.choice(TRICKS)}")
    return "\n".join(lines) + "\n"


def check_svg(data: bytes) -> None:
    """An SVG holds what is on the list, and no address that runs or loads. Raises `AssertionError`."""
    for element in ElementTree.fromstring(data).iter():
        assert element.tag.rpartition("}")[2] in ELEMENTS, element.tag
        for name, value in element.attrib.items():
            assert not name.rpartition("}")[2].lower().startswith("on"), name
            if name in _URLS:
                assert _SAFE.match(value), value
        if element.tag.endswith("style"):
            assert "@import" not in str(element.text)
            assert "url(http" not in str(element.text)


def _script(pattern: Pattern) -> None:
    chosen = resolver.resolve(pattern, pipeline.shelf_of(pattern, Options()))
    calls = [
        node
        for node in ast.walk(ast.parse(script.write(pattern, chosen)))
        if isinstance(node, ast.Call)
    ]
    assert all(isinstance(call.func, ast.Name) for call in calls)


def _deck(pattern: Pattern) -> None:
    slide = DiagramSlide(pattern.title, pipeline.draw(pattern, Options()), pattern.title)
    assert pptx.write(Deck(pattern.title, (slide,), 960, 540)).startswith(b"PK")


def _drawio(pattern: Pattern) -> None:
    ElementTree.fromstring(
        drawio.write([drawio.Page(pattern.title, pipeline.draw(pattern, Options()))])
    )


def _json(pattern: Pattern) -> None:
    chosen = resolver.resolve(pattern, pipeline.shelf_of(pattern, Options()))
    json.loads(structure.write(pattern, chosen, pipeline.draw(pattern, Options())))


def _embedded(pattern: Pattern) -> None:
    page = f"x\n\n~~~~~~mermaid\n{pattern.source_text}~~~~~~\n"
    first = embed.embed(page, "x.md", embed.Wish(), Options())
    if not first.problems:
        assert embed.embed(first.text, "x.md", embed.Wish(), Options()).text == first.text


FORMS: tuple[Callable[[Pattern], object], ...] = (
    _script, _drawio, _json, _embedded, _deck, dot.write,
    lambda pattern: pipeline.render(pattern, ("png",), Options(scale=0.5)),
    lambda pattern: check_svg(pipeline.render(pattern, ("svg",), Options("auto", outlines=True)).outputs["svg"]),
)  # fmt: skip


def one(seed: int) -> bool:
    """Draw the diagram of a seed, and once more in another form; whether it was drawn. Raises what is a finding."""
    text = text_of(seed)
    try:
        graph = read.parse(text, Origin("<hostile>"))
        pattern = Pattern(graph, "hostile", "", graph.title or "x", text, Span("<hostile>"))
        check_svg(pipeline.render(pattern, ("svg",), Options()).outputs["svg"])
        FORMS[seed % len(FORMS)](pattern)
    except DiagramError:
        return False
    return True


def main(count: int, first: int) -> int:
    """Try so many seeds; 1 where there is a finding."""
    drawn = findings = 0
    slowest = (0.0, 0)
    for seed in range(first, first + count):
        start = time.perf_counter()
        try:
            drawn += one(seed)
        except Exception as error:
            findings += 1
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}", flush=True)
        slowest = max(slowest, (time.perf_counter() - start, seed))
    print(
        f"{count} diagrams, {drawn} drawn, {findings} findings; the slowest {slowest[0]:.2f} s (seed {slowest[1]})"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(given + [300, 0][len(given) :])))
