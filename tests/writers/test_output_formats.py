"""The table of output formats: every format is documented, offered everywhere, and complete."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest
from sphinx.config import Config as SphinxConfig
from sphinx.errors import ExtensionError

import diagramkit
from diagramkit import pipeline, sources
from diagramkit.cli import main
from diagramkit.graph import Pattern
from diagramkit.integrations import mkdocs, notebook, pages, sphinx
from diagramkit.options import DEFAULTS, Options, PictureOptions
from diagramkit.outputs import DEFAULT_FORMATS, OUTPUTS, output_of, unused_options
from diagramkit.serve import editor_page
from diagramkit.sources import readers
from diagramkit.sources.picture_options import PICTURE_OPTIONS as OPTIONS
from diagramkit.sources.picture_options import SITE_OPTIONS, PictureOption, validated
from diagramkit.sources.value_types import BooleanType, EnumType, NumberType, PatternType, TextType, UnionType
from tests.support.project import ROOT

CROSSED = ROOT / "tests/data/layouts/two-zones.mmd"
SOURCE = "graph LR\n  A[ALB] --> B[Lambda]\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.mmd").write_text(SOURCE, "utf-8")


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_format_is_documented_and_offered(name: str) -> None:
    documents = "".join((ROOT / "docs" / page).read_text("utf-8") for page in ("rendering.md", "exports.md"))
    assert re.search(rf"`(?:[\w,-]*,)?{name}(?:,[\w,-]*)?`|-f [\w,]*\b{name}\b", documents)
    assert name in {offered["name"] for offered in editor_page.language_data()["formats"]}


@pytest.mark.parametrize("name", OUTPUTS)
def test_export_writes_each_format_as_the_table_does(name: str) -> None:
    output = OUTPUTS[name]
    assert main(["export", "x.mmd", "--to", name, "-o", f"out.{output.extension}"]) == 0
    written = Path(f"out.{output.extension}").read_bytes()
    assert written
    assert output.is_text == (b"\0" not in written)


@pytest.mark.parametrize("name", OUTPUTS)
def test_render_writes_a_single_file_in_each_format(name: str) -> None:
    path = f"pictures/shop.{OUTPUTS[name].extension}"
    assert main(["render", "x.mmd", "-f", name, "-o", path]) == 0
    assert [str(written) for written in Path("pictures").iterdir()] == [str(Path(path))]
    expected = pipeline.render(load("x.mmd"), (name,), Options()).outputs[name]
    assert Path(path).read_bytes() == expected
    if output_of(path) is OUTPUTS[name]:  # Then the extension is enough.
        assert main(["render", "x.mmd", "-o", "by-extension" + Path(path).suffix]) == 0
        assert Path("by-extension").with_suffix(Path(path).suffix).read_bytes() == expected


def test_render_writes_every_format_into_a_folder_and_checks_it(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["render", "x.mmd", "-o", "pictures", "-f", ",".join(OUTPUTS)]
    assert main(arguments) == 0
    expected = pipeline.render(load("x.mmd"), tuple(OUTPUTS), Options()).outputs
    files = {name: Path(f"pictures/x.{OUTPUTS[name].ending}") for name in OUTPUTS}
    assert {name: path.read_bytes() for name, path in files.items()} == expected
    assert len(list(Path("pictures").iterdir())) == len(OUTPUTS) + 1  # The manifest.
    assert main([*arguments, "--check"]) == 0
    capsys.readouterr()
    for path in files.values():
        data = path.read_bytes()
        path.write_bytes(data + b" ")
        assert main([*arguments, "--check"]) == 1
        assert f"{path} is not current" in capsys.readouterr().err
        path.write_bytes(data)


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


def sample(option: PictureOption) -> tuple[str, Any]:
    """Return a value of an option other than its default: as a text, and as the value that it stands for."""
    kind = option.type
    if isinstance(kind, PatternType):
        return "natural", kind.parse("natural")
    if isinstance(kind, EnumType):
        return kind.words[-1], kind.words[-1]
    if isinstance(kind, NumberType):
        return f"{kind.minimum:g}", kind.minimum
    if isinstance(kind, TextType):
        return "A sentence", "A sentence"
    value = getattr(DEFAULTS, option.name) is not True and option.name != "title"  # Mermaid's titles are shown.
    return str(value).lower(), (() if option.name == "legend" else value)


@pytest.mark.parametrize("name", ["theme", "background", *PictureOptions.__struct_fields__])
def test_every_option_of_a_picture_is_known_to_the_table(name: str) -> None:
    assert unused_options([name], ["mmd"]) == [name]
    assert unused_options([name], ["svg"]) == []


CHANGES = {
    **{option.name: Options(picture_options=PictureOptions(**{option.name: sample(option)[1]})) for option in OPTIONS},
    "title_text": Options(picture_options=PictureOptions(title_text="A title that is wider than the picture " * 9)),
    "theme": Options("dark"),
    "background": Options(background="#eeeeee"),
    "text": Options(outlines=True),
    "scale": Options(scale=1.0),
    "width": Options(width=300),
    "palette": Options(palette=True),
}
"""Options that differ from the defaults in one option of the command line."""


def titled() -> str:
    """Return a diagram with a title, groups and edges that cross."""
    return f"---\ntitle: Zones\n---\n{CROSSED.read_text('utf-8')}"


@cache
def written(options: Options) -> dict[str, bytes]:
    """Return the file of each format."""
    rendering = pipeline.prepare(readers.pattern_from_text(titled(), "z.mmd"), options)
    return {name: output.write(rendering) for name, output in OUTPUTS.items()}


@pytest.mark.parametrize("name", CHANGES)
def test_a_format_says_whether_an_option_changes_it(name: str) -> None:
    """Otherwise an option that works would be rejected, or one without effect accepted."""
    before, after = written(Options()), written(CHANGES[name])
    assert {output for output in OUTPUTS if before[output] != after[output]} == {
        output.name for output in OUTPUTS.values() if name in output.options
    }


def test_every_option_of_a_format_has_a_change() -> None:
    assert {name for output in OUTPUTS.values() for name in output.options} == CHANGES.keys()


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_picture_option_changes_the_picture_the_same_way_everywhere(option: PictureOption) -> None:
    """An option that is only in the table would be accepted without effect."""
    text, value = sample(option)
    source = titled()
    Path("z.mmd").write_text(source, "utf-8")
    diagram = diagramkit.load("z.mmd")
    expected = diagram.render("svg", **{option.name: value})
    assert expected != diagram.render("svg")
    is_switch = isinstance(option.type, (BooleanType, UnionType))
    flags = (
        [option.flag.replace("--", "--no-") if text == "false" else option.flag] if is_switch else [option.flag, text]
    )
    assert main(["render", "z.mmd", "-o", "z.svg", *flags]) == 0
    assert Path("z.svg").read_bytes() == expected
    cell = notebook.cell(shlex.join(flags), source)
    assert cell is not None
    assert_same(getattr(cell.options.picture_options, option.name), value)
    written = text if is_switch or isinstance(option.type, NumberType) else f"'{text}'"
    Path("diagramkit.toml").write_text(f"{option.name} = {written}\n", "utf-8")
    assert main(["render", "z.mmd", "-o", "toml.svg"]) == 0
    assert Path("toml.svg").read_bytes() == expected
    body = "".join(f"  {line}\n" for line in source.splitlines())
    Path("z.yaml").write_text(f"title: z\n{option.key}: {written}\ndiagram: |\n{body}", "utf-8")
    (spec,) = sources.load(sources.SourceFile("z.yaml")).patterns
    assert_same(getattr(spec.options, option.name), value)
    if option.on_sites:
        assert_same(sphinx.DiagramDirective.option_spec[option.name](text), value)
        assert_same(site_options({option.name: value}, option.name), value)


def assert_same(value: object, expected: object) -> None:
    """Compare two values of an option, with their types: a manifest tells 4 from 4.0."""
    assert value == expected
    assert type(value) is type(expected)


def sphinx_config(settings: dict[str, Any]) -> SphinxConfig:
    config = SphinxConfig({}, {f"diagramkit_{name}": value for name, value in settings.items()})
    for name, default in pages.SETTINGS.items():
        config.add(f"diagramkit_{name}", default, "env", ())
    return config


def site_options(settings: dict[str, Any], name: str) -> Any:
    """Return a picture option for a site with MkDocs, which must be that for a site with Sphinx."""
    plugin = mkdocs.DiagramkitPlugin()
    errors, _ = plugin.load_config(settings)
    assert errors == []
    config = sphinx_config(settings)
    sphinx._validate_settings(None, config)
    values = {key: config[f"diagramkit_{key}"] for key in pages.SETTINGS}
    options = pages.options_from_settings(values, ())
    assert pages.options_from_settings(plugin.config, ()) == options
    return getattr(options.picture_options, name)


SITE_DEFAULTS = {"canvas": "natural", "frame": None, "lines": None, "hops": None, "title": None, "steps": None}
"""What a site draws without settings. None leaves it to a theme and to `DEFAULTS`.

A picture on a page has the width of the page: an option whose default suits a picture of its own needs another one.
"""


def test_every_option_of_a_site_has_a_decided_default() -> None:
    assert SITE_DEFAULTS.keys() == {option.name for option in SITE_OPTIONS}


@pytest.mark.parametrize("option", SITE_OPTIONS, ids=lambda option: option.name)
def test_an_unset_setting_of_a_site_has_its_default(option: PictureOption) -> None:
    for settings in ({}, {option.name: None}, {option.name: ""}):
        assert_same(site_options(settings, option.name), SITE_DEFAULTS[option.name])


def test_options_of_one_picture_only_are_no_settings_of_sites() -> None:
    assert {option.name for option in OPTIONS} - {option.name for option in SITE_OPTIONS} == {
        "caption",
        "footer",
        "legend",
        "title_text",
    }


WRONG: dict[str, list[Any]] = {
    "theme": ["solarized", 3],
    "background": ["pinkish", "#ff", "#FF000080", 3, True],
    **{
        option.name: [{}, [1], *([] if isinstance(option.type, TextType) else ["wrong"]), 1 << 40] for option in OPTIONS
    },
}
WRONG["legend"].remove({})  # A legend may be a mapping.


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_reported_by_the_api_and_by_sites(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        diagramkit.load("x.mmd").render("svg", **{name: value})
    if name in pages.SETTINGS:
        errors, _ = mkdocs.DiagramkitPlugin().load_config({name: value})
        assert [key for key, _ in errors] == [name]
        with pytest.raises(ExtensionError, match=f"diagramkit_{name}: .*{name}"):
            sphinx._validate_settings(None, sphinx_config({name: value}))
        with pytest.raises(ValueError, match=r"expected|one of|choose from"):
            sphinx.DiagramDirective.option_spec[name](str(value))


def test_a_legend_is_given_to_the_api_as_pairs() -> None:
    diagram = diagramkit.load("x.mmd")
    with_pairs = diagram.render("svg", legend=(("solid", "replication"),))
    assert b"replication" in with_pairs
    assert with_pairs == diagram.render("svg", legend={"solid": "replication"})
    with pytest.raises(ValueError, match=r"'legend\.solid' must be a text"):
        diagram.render("svg", legend=(("solid", 3),))


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_defaults_are_valid_and_have_the_declared_type(option: PictureOption) -> None:
    declared = get_type_hints(PictureOptions)[option.name]
    for value in (getattr(DEFAULTS, option.name), option.site_default, sample(option)[1]):
        assert_same(msgspec.convert(value, declared), value)
        assert_same(validated(option.name, value), value)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_picture_option_is_documented(option: PictureOption) -> None:
    rendering, spec = ((ROOT / "docs" / name).read_text("utf-8") for name in ("rendering.md", "spec.md"))
    assert re.search(rf"--(?:no-)?{option.flag[2:]}\b", rendering)
    assert f"`{option.key}`" in spec


def test_documents_list_the_settings_of_sites_and_the_formats() -> None:
    readme, rendering, exports, sites = (
        (ROOT / name).read_text("utf-8")
        for name in ("README.md", "docs/rendering.md", "docs/exports.md", "docs/sites.md")
    )
    lists = re.findall(r"(?:Settings:|Options:.*? and) `theme`(.*?)\.(?: |\n)", sites)
    assert len(lists) == 2
    assert [set(re.findall(r"`(\w+)`", text)) for text in lists] == [pages.SETTINGS.keys() - {"theme"}] * 2
    ((pictures, defaults, others),) = re.findall(
        r"^\| `-f ([\w,]+)` .*\(default: `([\w,]+)`\).* all of \[`export`\]\(exports.md\): (.*?)\.", rendering, re.M
    )
    exported = re.findall(r"`([\w-]+)`", others)
    assert sorted([*pictures.split(","), *exported]) == sorted(OUTPUTS)
    assert tuple(defaults.split(",")) == DEFAULT_FORMATS
    assert set(re.findall(r"`(\w+)`", exports.partition("available too:")[2].partition("(")[0])) == {
        *pictures.split(",")
    }
    assert set(re.findall(r"^\| `(\w[\w-]*)` \|", exports, re.M)) == {*exported}
    assert all(OUTPUTS[name].title in readme for name in pictures.split(",") if name != "mmd")


def test_the_table_of_picture_options_has_every_field() -> None:
    assert {option.name for option in OPTIONS} == set(PictureOptions.__struct_fields__)


def test_every_writer_is_in_the_table() -> None:
    """A writer that is forgotten there would be unreachable. The rasterizer writes for PNG, `pptx` for decks."""
    table = (ROOT / "diagramkit/outputs.py").read_text("utf-8")
    modules = (ROOT / "diagramkit/writers").glob("*.py")
    writers = {path.stem for path in modules if "\ndef write(" in path.read_text("utf-8")} - {"rasterizer"}
    assert {name for name in writers if not re.search(rf"import [\w, ]*\b{name}\b", table)} == set()
