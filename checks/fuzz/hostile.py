"""Renders random hostile sources: `python -m checks.fuzz.hostile [--keep FOLDER]`.

Each seed gives a file of `checks.fuzz.hostile_sources`: Mermaid, a spec or Markdown, sometimes with a hostile name. The
command renders it in a temporary project in which nothing else may be written, and one of the other output formats is
written as well. A source may be rejected with an error that has a position. Anything else is a finding, and so is an
SVG with contents that are not allowed; it is printed with its seed. The SVGs are kept for `checks/pages/hostile.mjs`,
which loads them in a browser.
"""

from __future__ import annotations

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
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from checks.fuzz import hostile_sources, seeds, svg
from diagramkit import cli, pipeline, sources
from diagramkit.diagnostics import DiagramError
from diagramkit.graph import Pattern
from diagramkit.icons import catalog, resolver
from diagramkit.icons.packs import clean
from diagramkit.options import Options
from diagramkit.publish import embed
from diagramkit.writers import dot, drawio, pptx, script, structure
from diagramkit.writers.pptx.deck import Deck, DiagramSlide

_MAX_SECONDS = 60  # For one seed.


# The other output formats


def _check_script(pattern: Pattern) -> None:
    icons = resolver.resolve(pattern, catalog.catalog_of(pattern, Options()))
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
    icons = resolver.resolve(pattern, catalog.catalog_of(pattern, Options()))
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
    extension, generate = hostile_sources.GENERATORS[seed % len(hostile_sources.GENERATORS)]
    text = generate(rng)
    name = rng.choice(hostile_sources.NAMES) if rng.random() < 0.2 else "a"
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
            CHECKS[seed // len(hostile_sources.GENERATORS) % len(CHECKS)](pattern)
    return len(pictures)


def clean_seed(seed: int, keep: Path | None = None) -> bool:
    """Clean the icon of a seed, check the result, and return whether the icon was accepted."""
    try:
        text = clean.clean(hostile_sources.random_icon(random.Random(seed)).encode(), "p").text()
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


def check_seed(seed: int, keep: Path | None = None) -> list[str]:
    """Check the source and the icon of a seed and return what was drawn. Raises an exception if there is a finding."""
    pictures = render_seed(seed, keep)
    return ["rendered"] * bool(pictures) + ["pictures"] * pictures + ["accepted icons"] * clean_seed(seed, keep)


def main(argv: list[str]) -> int:
    """Check as many seeds as the command line says; return 1 if there is a finding, else 0."""
    parser = seeds.parser()
    parser.add_argument("--keep", type=Path, help="keep the SVGs in this folder")
    options = parser.parse_args(argv)
    keep: Path | None = options.keep
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        keep = keep.resolve()
    return seeds.run(lambda seed: check_seed(seed, keep), "sources", options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
