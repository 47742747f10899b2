"""Random hostile sources: Mermaid, specs, Markdown and icons with contents that tend to break programs.

Such contents are markup, escapes, control characters, bidirectional text, links that execute code, and very long words.
Every function takes a random number generator, so that the same seed gives the same source.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import yaml

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
NAMES = (
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


def random_text(rng: random.Random) -> str:
    """Return one to three tricks in a row."""
    return "".join(rng.choice(TRICKS) for _ in range(rng.randrange(1, 4)))


def random_mermaid(rng: random.Random) -> str:
    """Return hostile Mermaid."""

    def label() -> str:
        text = random_text(rng)
        return f'"{text.replace(chr(34), "#quot;")} "' if rng.random() < 0.98 else text

    count = rng.randrange(1, 9)
    lines = [rng.choice(("graph LR", "flowchart TB", "graph", "flowchart-elk RL", "graph TD;"))]
    if rng.random() < 0.2:
        lines = ["---", f"title: {json.dumps(random_text(rng))}", "---", *lines]
    for number in range(count):
        opening, closing = rng.choice(
            (("[", "]"), ("(", ")"), ("{", "}"), ("[(", ")]"), ("((", "))"), ("{{", "}}"), (">", "]"), ("[/", "/]"))
        )
        lines.append(f"  n{number}{opening}{label()}{closing}")
    for _ in range(rng.randrange(0, 2 * count)):
        source, target = rng.randrange(count), rng.randrange(count)
        link_label = f"|{label()}|" if rng.random() < 0.5 else ""
        lines.append(
            f"  n{source} {rng.choice(('-->', '---', '-.->', '==>', '<-->', '--x', 'o--o'))}{link_label} n{target}"
        )
    if rng.random() < 0.4:
        lines += [f"  subgraph g [{label()}]", "    n0", "  end"]
    if rng.random() < 0.3:
        lines.append(f'  click n0 "{rng.choice(_LINKS)}" "{random_text(rng).replace(chr(34), "")}"')
    if rng.random() < 0.3:
        lines.append(f"  style n0 {rng.choice(_STYLES)}")
    if rng.random() < 0.2:
        lines.append(f"  n0@{{ icon: {json.dumps(_random_icon_reference(rng))} }}")
    if rng.random() < 0.03:
        lines.append(f"  {rng.choice(TRICKS)}")
    return "\n".join(lines) + "\n"


def random_spec(rng: random.Random) -> str:
    """Return a hostile spec."""
    nodes = {
        f"n{number}": random_text(rng) if rng.random() < 0.5 else _random_node(rng)
        for number in range(rng.randrange(1, 7))
    }
    names = list(nodes)
    edges = [{f"{rng.choice(names)} -> {rng.choice(names)}": random_text(rng)} for _ in range(rng.randrange(5))]
    content: dict[str, object] = {
        "title": random_text(rng),
        "category": random_text(rng),
        "nodes": nodes,
        "edges": edges,
    }
    if rng.random() < 0.4:
        content["groups"] = {"g": {"label": random_text(rng), "nodes": rng.sample(names, 1)}}
    for name in ("components", "best_practices"):
        if rng.random() < 0.3:
            content[name] = [random_text(rng)]
    for name in ("description", "notes"):
        if rng.random() < 0.3:
            content[name] = random_text(rng)
    if rng.random() < 0.2:
        content["icons"] = {names[0]: _random_icon_reference(rng)}
    if rng.random() < 0.1:
        content[random_text(rng)] = random_text(rng)
    text: str = yaml.safe_dump(content, allow_unicode=rng.random() < 0.7, sort_keys=False)
    if rng.random() < 0.1:
        index = rng.randrange(len(text))
        text = text[:index] + rng.choice(TRICKS) + text[index:]
    return text


def _random_node(rng: random.Random) -> dict[str, str]:
    node = {"label": random_text(rng)}
    if rng.random() < 0.3:
        node["link"] = rng.choice(_LINKS)
    if rng.random() < 0.3:
        node["icon"] = _random_icon_reference(rng)
    return node


def _random_icon_reference(rng: random.Random) -> str:
    return rng.choice(_ICONS) if rng.random() < 0.3 else "aws.compute.Lambda"


def random_markdown(rng: random.Random) -> str:
    """Return a hostile Markdown document with diagrams."""
    parts = [
        rng.choice(
            (
                f"# {random_text(rng)}\n",
                f"{random_text(rng)}\n",
                "~~~~\n",
                "> q\n",
                "<!--\n",
                f"---\ntitle: {random_text(rng)}\n---\n",
            )
        )
        for _ in range(rng.randrange(3))
    ]
    for _ in range(rng.randrange(1, 3)):
        parts.insert(rng.randrange(len(parts) + 1), f"\n~~~~~~mermaid\n{random_mermaid(rng)}~~~~~~\n")
    return "\n".join(parts)


def random_icon(rng: random.Random) -> str:
    """Return a hostile SVG icon."""
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
        tag = rng.choice(tags[:10] if rng.random() < 0.9 else tags)
        attributes = "".join(f' {name}="{rng.choice(values)}"' for name in rng.sample(names, rng.randrange(3)))
        children = "" if depth > 2 else "".join(element(depth + 1) for _ in range(rng.randrange(3)))
        return f"<{tag}{attributes}>{children}</{tag}>"

    body = "".join(element(0) for _ in range(rng.randrange(1, 4)))
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f'<svg {namespaces} viewBox="0 0 9 9">{body}<path d="M0 0h9v9z"/></svg>'


GENERATORS: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    (".mmd", random_mermaid),
    (".mmd", random_mermaid),
    (".yaml", random_spec),
    (".md", random_markdown),
)
