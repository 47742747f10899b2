"""Renders random hostile sources: `python -m tests.fuzz.hostile [COUNT] [FIRST SEED] [--keep FOLDER]`.

Each seed gives a file with contents that tend to break programs (markup, escapes, control characters, bidirectional
text, links that execute code, very long words): Mermaid, a spec or Markdown, sometimes with a hostile file name. The
command renders it in a temporary project in which nothing else may be written, and one of the other output formats is
written as well. A source may be rejected with an error that has a position. Anything else is a finding, and so is an
SVG with contents that are not allowed; it is printed with its seed. The SVGs are kept for `tests/pages/hostile.mjs`,
which loads them in a browser.
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
from diagramkit.options import Options
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
_MAX_SECONDS = 60  # For one seed.


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


# The other output formats


def _check_script(pattern: Pattern) -> None:
    icons = resolver.resolve(pattern, pipeline.catalog_of(pattern, Options()))
    text = script.write(pattern, icons)
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    assert all(isinstance(call.func, ast.Name) for call in calls), (
        "the script calls something that is not a plain function"
    )


def _check_deck(pattern: Pattern) -> None:
    slide = DiagramSlide(pattern.title, pipeline.draw(pattern, Options()), pattern.title)
    assert pptx.write(Deck(pattern.title, (slide,), 960, 540)).startswith(b"PK")


def _check_drawio(pattern: Pattern) -> None:
    ElementTree.fromstring(drawio.write([drawio.DrawioPage(pattern.title, pipeline.draw(pattern, Options()))]))


def _check_json(pattern: Pattern) -> None:
    icons = resolver.resolve(pattern, pipeline.catalog_of(pattern, Options()))
    json.loads(structure.write(pattern, icons, pipeline.draw(pattern, Options())))


def _check_embedding(pattern: Pattern) -> None:
    page = f"x\n\n~~~~~~mermaid\n{pattern.source_text}~~~~~~\n"
    first = embed.embed(page, "x.md", embed.EmbedOptions(), Options())
    if not first.problems:
        assert embed.embed(first.text, "x.md", embed.EmbedOptions(), Options()).text == first.text


def _check_outlined_svg(pattern: Pattern) -> None:
    svg.check(pipeline.render(pattern, ("svg",), Options("auto", outlines=True)).outputs["svg"])


CHECKS: tuple[Callable[[Pattern], object], ...] = (
    _check_script,
    _check_drawio,
    _check_json,
    _check_embedding,
    _check_deck,
    dot.write,
    _check_outlined_svg,
    lambda pattern: pipeline.render(pattern, ("png", "webp"), Options(scale=0.5)),
)


# Rendering


def render_seed(seed: int, keep: Path | None = None) -> int:
    """Render the source of a seed, write it in one other format, and return the number of pictures.

    Raises an exception if there is a finding. `keep` is a folder for the SVGs.
    """
    rng = random.Random(seed)
    extension, generate = GENERATORS[seed % len(GENERATORS)]
    text = generate(rng)
    name = rng.choice(_NAMES) if rng.random() < 0.2 else "a"
    old_directory = Path.cwd()
    with tempfile.TemporaryDirectory() as outside, _time_limit():
        project = Path(outside, "project")
        (project / "specs").mkdir(parents=True)
        (project / "diagramkit.toml").write_text("")
        source = project / "specs" / f"{name}{extension}"
        source.write_bytes(text.encode("utf-8", "surrogatepass"))
        os.chdir(project)
        try:
            return _render(source, project, seed, keep)
        finally:
            os.chdir(old_directory)


def _render(source: Path, project: Path, seed: int, keep: Path | None) -> int:
    stdout, stderr = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    formats = "svg,png" if seed % 10 == 0 else "svg"
    with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
        code = cli.main(["render", "specs", "-o", "out", "-f", formats])
    assert code in (0, 2), code
    assert "error[internal]" not in stderr.getvalue(), stderr.getvalue()
    assert "Traceback" not in stderr.getvalue()
    assert code == 0 or "error[" in stderr.getvalue(), "the command failed without an error message"
    paths = {path.relative_to(project.parent).parts[:2] for path in project.parent.rglob("*")}
    allowed = {("project",), ("project", "specs"), ("project", "diagramkit.toml"), ("project", "out")}
    assert paths <= allowed, paths - allowed
    assert list((project / "specs").iterdir()) == [source], "a file was written next to the source"
    pictures = sorted((project / "out").rglob("*.svg"))
    for number, path in enumerate(pictures):
        svg.check(path.read_bytes())
        if keep is not None:
            shutil.copy(path, keep / f"{seed}-{number}.svg")
    with contextlib.suppress(DiagramError):
        for pattern in sources.load(sources.find([str(source)])[0]).patterns:
            CHECKS[seed // len(GENERATORS) % len(CHECKS)](pattern)
    return len(pictures)


def clean_seed(seed: int, keep: Path | None = None) -> bool:
    """Clean the icon of a seed, check the result, and return whether the icon was accepted."""
    try:
        text = clean.clean(random_icon(random.Random(seed)).encode(), "p").text()
    except clean.UnsafeIconError:
        return False
    svg_text = text.replace("<svg ", '<svg xmlns:xlink="http://www.w3.org/1999/xlink" ', 1)
    svg.check_icon(svg_text.encode())
    if keep is not None:
        (keep / f"icon-{seed}.svg").write_text(svg_text, "utf-8")
    return True


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return
    signal.signal(signal.SIGALRM, _raise_timeout)
    signal.alarm(_MAX_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


def _raise_timeout(*_: object) -> None:
    raise AssertionError(f"took longer than {_MAX_SECONDS} s")


def main(argv: list[str]) -> int:
    """Render as many seeds as the command line says; return 1 if there is a finding, else 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int, nargs="?", default=300)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args(argv)
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
        arguments.keep = arguments.keep.resolve()
    rendered = icons = findings = pictures = 0
    slowest = (0.0, 0)
    for seed in range(arguments.first, arguments.first + arguments.count):
        start = time.perf_counter()
        try:
            count = render_seed(seed, arguments.keep)
            pictures, rendered = pictures + count, rendered + bool(count)
            icons += clean_seed(seed, arguments.keep)
        except Exception as error:
            findings += 1
            print(f"seed {seed}: {type(error).__name__}: {str(error)[:300]}", flush=True)
        slowest = max(slowest, (time.perf_counter() - start, seed))
    print(
        f"{arguments.count} sources, {rendered} rendered ({pictures} pictures), {icons} icons accepted, "
        f"{findings} findings; the slowest took {slowest[0]:.2f} s (seed {slowest[1]})"
    )
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
