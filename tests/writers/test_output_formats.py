"""The table of output formats: every format is documented, offered everywhere, and complete."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from diagramkit import pipeline, sources
from diagramkit.cli import main
from diagramkit.graph import Pattern
from diagramkit.integrations import mkdocs, sphinx
from diagramkit.options import Options, PictureOptions
from diagramkit.outputs import FORMATS, OUTPUTS, output_of, unused_options
from diagramkit.serve import app
from diagramkit.sources.picture_options import PAGE_OPTIONS, PICTURE_OPTIONS, PictureOption
from diagramkit.sources.value_types import BooleanType, EnumType, NumberType, PatternType, TextType, UnionType
from tests.support.project import ROOT

SOURCE = "graph LR\n  A[ALB] --> B[Lambda]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.mmd").write_text(SOURCE, "utf-8")


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_format_is_documented_and_offered(name: str) -> None:
    documents = "".join((ROOT / "docs" / page).read_text("utf-8") for page in ("rendering.md", "exports.md"))
    assert re.search(rf"`(?:[\w,-]*,)?{name}(?:,[\w,-]*)?`|-f [\w,]*\b{name}\b", documents)
    assert f'value="{name}"' in app._format_menu()


@pytest.mark.parametrize("name", OUTPUTS)
def test_export_writes_each_format_as_the_table_does(name: str) -> None:
    output = OUTPUTS[name]
    assert main(["export", "x.mmd", "--to", name, "-o", f"out.{output.extension}"]) == 0
    written = Path(f"out.{output.extension}").read_bytes()
    assert written
    assert output.is_text == (b"\0" not in written)


@pytest.mark.parametrize("name", FORMATS)
def test_render_writes_a_file_whose_extension_names_the_format(name: str) -> None:
    assert main(["render", "x.mmd", "-o", f"pictures/shop.{name}"]) == 0
    assert [path.name for path in Path("pictures").iterdir()] == [f"shop.{name}"]
    expected = pipeline.render(load("x.mmd"), (name,), Options()).outputs[name]
    assert Path(f"pictures/shop.{name}").read_bytes() == expected


def load(path: str) -> Pattern:
    (pattern,) = sources.load(sources.SourceFile(path)).patterns
    return pattern


def test_the_extension_of_an_export_names_the_format() -> None:
    assert main(["export", "x.mmd", "-o", "x.py"]) == 0
    assert "from diagrams import" in Path("x.py").read_text("utf-8")
    assert main(["export", "x.mmd", "-o", "y.mmd"]) == 0
    assert Path("y.mmd").read_text("utf-8").startswith("flowchart LR")
    assert output_of("Folder") is None
    assert output_of("a.b/c.unknown") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["render", "x.mmd", "-f", "svg", "--scale", "3"], "--scale has no effect on svg"),
        (["render", "x.mmd", "-f", "mmd", "--theme", "dark"], "--theme has no effect on mmd"),
        (["export", "x.mmd", "--to", "dot", "--canvas", "4:3"], "--canvas has no effect on dot"),
        (["export", "x.mmd", "--to", "drawio", "--text", "paths"], "--text has no effect on drawio"),
        (["render", "x.mmd", "-f", "png", "-o", "x.svg"], "'-o x.svg' is svg, which differs from --format png"),
        (["render", "x.mmd", "-o", "x.svg", "--check"], "--check needs an output folder"),
    ],
)
def test_options_that_an_output_cannot_honor_are_rejected(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_settings_without_effect_on_an_output_are_no_error() -> None:
    Path("diagramkit.toml").write_text("theme = 'dark'\nscale = 3\n", "utf-8")
    assert main(["render", "x.mmd", "-f", "mmd"]) == 0


@pytest.mark.parametrize("name", ["theme", "background", *PictureOptions.__struct_fields__])
def test_every_option_of_a_picture_is_known_to_the_table(name: str) -> None:
    assert unused_options([name], ["mmd"]) == [name]
    assert unused_options([name], ["svg"]) == []


def sample(option: PictureOption) -> tuple[str, Any]:
    """Return a value of an option other than its default: as a text, and as the value that it stands for."""
    kind = option.type
    if isinstance(kind, PatternType):
        return "square", kind.parse("square")
    if isinstance(kind, EnumType):
        return kind.words[-1], kind.words[-1]
    if isinstance(kind, NumberType):
        return f"{kind.minimum:g}", kind.minimum
    if isinstance(kind, TextType):
        return "A sentence", "A sentence"
    value = option.page_default is not True
    return str(value).lower(), (() if option.name == "legend" else value)


@pytest.mark.parametrize("option", PICTURE_OPTIONS, ids=lambda option: option.name)
def test_every_picture_option_changes_the_picture_the_same_way_everywhere(option: PictureOption) -> None:
    """An option that is only in the table would be accepted without effect."""
    text, value = sample(option)
    source = "---\ntitle: Zones\n---\n" + (ROOT / "tests/data/layouts/two-zones.mmd").read_text("utf-8")
    Path("z.mmd").write_text(source, "utf-8")
    (pattern,) = sources.load(sources.SourceFile("z.mmd")).patterns

    def svg(options: PictureOptions) -> str:
        return pipeline.render(pattern, ("svg",), Options(picture_options=options)).outputs["svg"].decode("utf-8")

    expected = svg(PictureOptions(**{option.name: value}))
    assert expected != svg(PictureOptions())
    is_switch = isinstance(option.type, (BooleanType, UnionType))
    flags = (
        [option.flag.replace("--", "--no-") if text == "false" else option.flag] if is_switch else [option.flag, text]
    )
    assert main(["render", "z.mmd", "-o", "z.svg", *flags]) == 0
    assert Path("z.svg").read_text("utf-8") == expected
    written = text if is_switch or isinstance(option.type, NumberType) else f"'{text}'"
    body = "".join(f"  {line}\n" for line in source.splitlines())
    Path("z.yaml").write_text(f"title: z\n{option.key}: {written}\ndiagram: |\n{body}", "utf-8")
    (spec,) = sources.load(sources.SourceFile("z.yaml")).patterns
    assert getattr(spec.options, option.name) == value
    if option in PAGE_OPTIONS:
        assert sphinx._directive_option(option)(text) == value
        setting = mkdocs._config_option(option)
        assert setting.run_validation(value) == value
        assert setting.run_validation(setting.default) == option.page_default


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_format_says_whether_options_of_the_picture_change_it(name: str) -> None:
    """Otherwise an option that works would be rejected, or one without effect accepted."""
    (pattern,) = sources.load(sources.SourceFile("x.mmd")).patterns
    rendering = pipeline.prepare(pattern, Options())
    OUTPUTS[name].write(rendering)
    assert rendering.is_drawn == (OUTPUTS[name].options >= {"theme", *PictureOptions.__struct_fields__})


@pytest.mark.parametrize("option", PICTURE_OPTIONS, ids=lambda option: option.name)
def test_every_picture_option_is_documented(option: PictureOption) -> None:
    rendering, spec, sites = (
        (ROOT / "docs" / name).read_text("utf-8") for name in ("rendering.md", "spec.md", "sites.md")
    )
    assert re.search(rf"--(?:no-)?{option.flag[2:]}\b", rendering)
    assert f"`{option.key}`" in spec
    assert option not in PAGE_OPTIONS or f"`{option.name}`" in sites


def test_the_table_of_picture_options_has_every_field() -> None:
    assert {option.name for option in PICTURE_OPTIONS} == set(PictureOptions.__struct_fields__)


def test_every_writer_is_in_the_table() -> None:
    """A writer that is forgotten there would be unreachable. The rasterizer writes for PNG, `pptx` for decks."""
    table = (ROOT / "diagramkit/outputs.py").read_text("utf-8")
    modules = (ROOT / "diagramkit/writers").glob("*.py")
    writers = {path.stem for path in modules if "\ndef write(" in path.read_text("utf-8")} - {"rasterizer"}
    assert {name for name in writers if not re.search(rf"import [\w, ]*\b{name}\b", table)} == set()
