"""Paths and names of files: slugs, names that are not text, atomic writes, sources, and the project of a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from diagramkit import atomic_write, files, markup, project, sources
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.sources import SourceFile, limits, readers, slugs


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("AI/ML Patterns", "ai-ml-patterns"),
        ("  --x--  ", "x"),
        ("", "untitled"),
        ("...", "untitled"),
        ("../../etc/passwd", "etc-passwd"),
        ("Größe & Maß", "große-maß"),
        ("Café", "cafe"),
        ("日本語 図", "日本語-図"),
        ("a_b", "a-b"),
        ("CON", "con-1"),
        ("com1", "com1-1"),
        ("LPT9", "lpt9-1"),
        ("lptx", "lptx"),
        ("lpt9.txt", "lpt9-txt"),
        ("caf\udcc3\udca9", "cafe"),
        ("console", "console"),
        ("C:\\x\\y", "c-x-y"),
        ("a\0b", "a-b"),
        ("x" * 100, "x" * 80),
        ("x" * 79 + " yy", "x" * 79),
        ("A.B", "a-b"),
        ("%2e%2e", "2e-2e"),
        ("nul", "nul-1"),
        ("aux", "aux-1"),
        ("prn", "prn-1"),
        ("Straße", "straße"),
        ("ﬁle", "file"),
    ],
)
def test_a_slug_is_a_valid_file_name_on_every_system(title: str, slug: str) -> None:
    assert slugs.slug(title) == slug


def test_the_index_of_a_folder_has_the_name_that_projects_gave_it() -> None:
    assert slugs.INDEX == "catalogue.yaml"


def test_an_output_name_belongs_to_one_diagram() -> None:
    owners: dict[str, str] = {}
    assert slugs.claim_name(owners, "Shop", Span("a.yaml", 1, 1)) is None
    assert slugs.claim_name(owners, "Shop", Span("a.yaml", 1, 1)) is None
    problem = slugs.claim_name(owners, "shop", Span("b.yaml", 3, 1))
    assert str(problem) == (
        "b.yaml:3:1: error[same-output]: its pictures would have the same name 'shop' as those of a.yaml:1:1; rename "
        "one of the two files, or give it another category"
    )
    assert slugs.claim_name(owners, "shops", Span("b.yaml", 3, 1)) is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are Unicode")
def test_a_file_name_that_is_not_text_is_read_as_utf8() -> None:
    assert slugs.decode_surrogates(os.fsdecode("é".encode())) == "é"
    assert slugs.decode_surrogates("\udcff") == "\ufffd"
    assert slugs.decode_surrogates("\ud800") == "\ud800"
    assert files.as_bytes("é\udcff") == b"\xc3\xa9\xff"
    assert files.as_text(b"\xc3\xa9\xff") == "é\udcff"


# Atomic writes


def test_a_file_is_written_only_if_it_changes_with_the_mode_of_the_process(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "a.txt"
    previous_mask = os.umask(0o027)
    try:
        assert files.write(str(target), b"x")
    finally:
        assert os.umask(previous_mask) == 0o027
    assert target.read_bytes() == b"x"
    if sys.platform != "win32":
        assert target.stat().st_mode & 0o777 == 0o640
    stamp = target.stat().st_mtime_ns
    assert not files.write(str(target), b"x")
    assert target.stat().st_mtime_ns == stamp
    assert files.write(str(target), b"y")
    assert [path.name for path in target.parent.iterdir()] == ["a.txt"]
    assert files.read(str(target)) == b"y"
    assert files.read(str(tmp_path / "none")) is None


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_does_not_change_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    target = tmp_path / "a.txt"
    target.write_bytes(b"old")

    def failing(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(type(error)):
        atomic_write.atomic_write(target, b"new", ".tmp-")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.txt", b"old")]


def test_a_file_is_synced_before_it_is_moved_into_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    sync, move = os.fsync, os.replace

    def syncing(handle: int) -> None:
        assert os.fstat(handle).st_size == 3
        events.append("on the disk")
        sync(handle)

    def moving(source: str, target: Path) -> None:
        assert Path(source).name.startswith(".tmp-")
        assert Path(source).parent == tmp_path
        events.append("in its place")
        move(source, target)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(os, "replace", moving)
    atomic_write.atomic_write(tmp_path / "a.txt", b"abc", ".tmp-")
    assert events == ["on the disk", "in its place"]


# The project


def test_the_project_of_a_folder_is_found_in_its_parents(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "diagramkit.toml").write_text("")
    result = project.find(inner)
    assert (result.root, result.config) == (tmp_path, tmp_path / "diagramkit.toml")
    (tmp_path / "a" / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert project.find(inner).root == tmp_path
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.diagramkit]\ntheme = 'dark'\n")
    result = project.find(inner)
    assert (result.root, result.settings) == (tmp_path / "a", {"theme": "dark"})


def test_the_project_of_a_link_is_that_of_its_target(tmp_path: Path) -> None:
    """Otherwise a link would choose other settings, and another root that sources must not leave."""
    folder = tmp_path / "project" / "sub"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "project" / ".git").mkdir()
    (folder / "a.mmd").write_text("")
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "a.mmd").symlink_to(folder / "a.mmd")
    assert project.find(tmp_path / "link").root == tmp_path / "project"
    assert project.folder_of(str(tmp_path / "link" / "x.mmd")) == folder
    assert project.folder_of(str(tmp_path / "a.mmd")) == folder


@pytest.mark.parametrize(
    "text",
    [
        "[tool.other]\nx = 1 # not [tool.diagramkit]",
        "[tool]\ndiagramkit = 1 # not [tool.diagramkit]",
        "tool = 1 # not [tool.diagramkit]",
        "tool.diagramkit = 1 # not [tool.diagramkit]",
        'x = "[tool.diagramkit"',
    ],
)
def test_a_pyproject_that_only_mentions_the_settings_does_not_have_them(text: str, tmp_path: Path) -> None:
    (tmp_path / "diagramkit.toml").write_text("theme = 'dark'\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/pyproject.toml").write_text(text)
    assert project.find(tmp_path / "a").root == tmp_path
    assert project.root_of(tmp_path / "a") == tmp_path


def test_icon_packs_are_installed_in_the_folder_for_data_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "linux":
        monkeypatch.delenv("DIAGRAMKIT_DATA", raising=False)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        assert project.user_folder() == tmp_path / "diagramkit"
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path / "other"))
    assert project.user_folder() == tmp_path / "other"


@pytest.mark.parametrize(
    ("text", "line", "column"), [("theme = = 3", 1, 9), ("scale = 3\ntheme = x", 2, 9), ("theme =", 1, 1)]
)
def test_a_mistake_in_settings_has_its_place(text: str, line: int, column: int, tmp_path: Path) -> None:
    """If the file ends too early, the reader of TOML says no place, so it is the beginning of the file."""
    (tmp_path / "diagramkit.toml").write_text(text)
    with pytest.raises(DiagramError) as caught:
        project.find(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.span) == ("bad-config", Span("diagramkit.toml", line, column))


def test_settings_that_are_nested_too_deeply_or_no_file_are_reported(tmp_path: Path) -> None:
    for make in (lambda file: file.write_text(f"x = {'[' * 100_000}"), Path.mkdir):
        folder = tmp_path / make.__name__
        folder.mkdir()
        make(folder / "diagramkit.toml")
        with pytest.raises(DiagramError) as caught:
            project.find(folder)
        (problem,) = caught.value.problems
        assert (problem.code, problem.span) == ("bad-config", Span(f"{folder.name}/diagramkit.toml"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("theme = = 3", "diagramkit.toml:1:9: error[bad-config]"),
        ("them = 'dark'", "there is no setting 'them'; did you mean 'theme'?"),
        ("[limits]\nnods = 1", "there is no limit 'nods'; did you mean 'nodes'?"),
        ("[limits]\nnodes = 10000000001", "the limit 'nodes' must be a whole number from 1 to 10,000,000,000"),
        ("limits = 3", "'limits' must be a table, such as [limits] with nodes = 10000"),
        (
            "[limits]\nqqq = 1",
            "there is no limit 'qqq'; known: bytes, nodes, edges, groups, depth, label, pixels, icon, seconds, memory",
        ),
    ],
)
def test_invalid_settings_are_reported(tmp_path: Path, settings: str, message: str) -> None:
    (tmp_path / "diagramkit.toml").write_text(settings)
    limits._for_folder.cache_clear()
    with pytest.raises(DiagramError) as caught:
        limits.for_file(str(tmp_path / "a.mmd"))
    assert message in str(caught.value)
    assert {problem.code for problem in caught.value.problems} == {"bad-config"}
    limits._for_folder.cache_clear()


def test_limits_come_from_the_files_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, nodes in (("a", 1), ("b", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "diagramkit.toml").write_text(f"[limits]\nnodes = {nodes}\n")
    limits._for_folder.cache_clear()
    assert [limits.for_file(str(tmp_path / name / "x.mmd")).nodes for name in "ab"] == [1, 2]
    monkeypatch.chdir(tmp_path / "b")
    assert limits.for_file("-").nodes == limits.current().nodes == 2
    assert limits.for_file("-").edges == limits.Limits().edges


# Sources


def test_sources_in_a_folder_are_found_in_order_without_hidden_ones(
    tmp_path: Path,
) -> None:
    for name in (
        "b.mmd",
        "a.yaml",
        "c.md",
        "d.markdown",
        "e.mermaid",
        ".hidden.mmd",
        "x.txt",
        "sub/z.mmd",
        ".git/y.mmd",
        "node_modules/n.mmd",
    ):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("graph LR\n  A\n", "utf-8")
    names = [Path(file.path).relative_to("in").as_posix() for file in sources.find(["in"])]
    assert names == ["a.yaml", "b.mmd", "c.md", "d.markdown", "e.mermaid", "sub/z.mmd"]


def test_a_missing_source_is_reported_with_the_nearest_name() -> None:
    Path("shop.mmd").write_text("graph LR\n  A\n", "utf-8")
    with pytest.raises(DiagramError) as caught:
        sources.find(["shop.mm"])
    assert str(caught.value).startswith("shop.mm:1:1: error[")
    assert "did you mean 'shop.mmd'?" in str(caught.value)


def test_invalid_utf8_is_reported_at_its_position() -> None:
    Path("a.mmd").write_bytes(b"graph LR\n  A[\xe9]\n")
    with pytest.raises(DiagramError) as caught:
        sources.read_text("a.mmd")
    assert str(caught.value) == "a.mmd:2:5: error[not-utf8]: this is not UTF-8; save the file as UTF-8"


INDEX = """\
catalogue: All of it
contents:
  - {spec: b.yaml, imported: "sha256:1"}
  - category: Some
    patterns:
      - {spec: sub/a.yaml, imported: "sha256:2"}
      - note: nothing
"""
SPEC = "title: T\nnodes: {a: x}\n"


def create_catalog(index: str = INDEX) -> Path:
    folder = Path("in")
    (folder / "sub").mkdir(parents=True)
    for name in ("a.yaml", "b.yaml", "sub/a.yaml"):
        (folder / name).write_text(SPEC, "utf-8")
    (folder / "catalogue.yaml").write_text(index, "utf-8")
    return folder


def test_an_index_determines_the_order_of_its_specs() -> None:
    create_catalog()
    all_files = [
        SourceFile(os.path.join("in", *name.split("/")), folder, in_folder)
        for name, folder, in_folder in (("b.yaml", "", False), ("sub/a.yaml", "sub", False), ("a.yaml", "", True))
    ]
    assert sources.find(["in"]) == all_files
    assert sources.find(["in/catalogue.yaml"]) == all_files[:2]
    assert sources.find(["in", "in/catalogue.yaml"]) == all_files
    assert sources.imported_digests("in/catalogue.yaml") == {"b.yaml": "sha256:1", "sub/a.yaml": "sha256:2"}
    assert sources.imported_digests("in/none.yaml") == {}
    assert sources.catalog_title(["in/a.yaml", "in"]) == "All of it"
    assert sources.catalog_title(["in/sub"]) is None


def test_yaml_of_other_programs_in_a_folder_is_skipped_with_a_note(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wiki").mkdir()
    Path("wiki/mkdocs.yml").write_text("site_name: Wiki\nplugins: [search]\n", "utf-8")
    Path("wiki/a.yaml").write_text(SPEC, "utf-8")
    assert main(["render", "wiki", "-o", "out", "-f", "svg"]) == 0
    assert "wiki/mkdocs.yml:1:1: note[not-a-source]" in capsys.readouterr().err.replace("\\", "/")
    assert [path.name for path in Path("out").glob("*.svg")] == ["a.svg"]
    assert main(["render", "wiki", "-o", "out", "-f", "svg", "--check"]) == 0
    assert main(["check", "wiki"]) == 0
    assert main(["check", "wiki/mkdocs.yml"]) == 2


@pytest.mark.parametrize("name", ["../x.yaml", "/etc/passwd", "sub/../../x.yaml"])
def test_an_index_may_not_name_files_outside_of_its_folder(name: str) -> None:
    folder = create_catalog(f"contents:\n  - spec: {name}\n")
    (folder.parent / "x.yaml").write_text(SPEC, "utf-8")
    for source in ("in", "in/catalogue.yaml"):
        with pytest.raises(DiagramError) as caught:
            sources.find([source])
        index = os.path.join("in", "catalogue.yaml")
        assert (
            str(caught.value)
            == f"{index}:2:11: error[outside]: the index lists a file outside its folder; move the file into the folder"
        )


@pytest.mark.skipif(sys.platform == "win32", reason="links")
@pytest.mark.parametrize("name", ["linked/x.yaml", ".hidden/x.yaml"])
def test_an_index_may_not_lead_out_of_the_project_through_links(name: str, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.yaml").write_text(SPEC, "utf-8")
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "diagramkit.toml").write_text("")
    os.chdir(tmp_path / "project")
    folder = create_catalog(f"contents:\n  - spec: {name}\n")
    if name.startswith("linked"):
        (folder / "linked").symlink_to(tmp_path / "outside")
    else:
        (folder / ".hidden").mkdir()
        (folder / name).symlink_to(tmp_path / "outside" / "x.yaml")
    with pytest.raises(
        DiagramError,
        match=r"in/catalogue.yaml:2:11: error\[outside\]: '.*' is a link that leads out of the project",
    ):
        sources.find(["in"])


def test_an_index_with_a_missing_file_is_reported() -> None:
    create_catalog("contents:\n  - spec: none.yaml\n")
    with pytest.raises(DiagramError, match=r"there is no 'none\.yaml'; remove it from the index or add the file"):
        sources.find(["in"])


def test_duplicate_sources_are_read_once_and_invalid_ones_are_reported() -> None:
    create_catalog()
    Path("x.txt").write_text("x", "utf-8")
    Path("noending").write_text("x", "utf-8")
    Path("empty").mkdir()
    assert len(sources.find(["in/a.yaml", "in/a.yaml"])) == 1
    assert sources.find(["-"]) == [SourceFile("-")]
    for source, message in (
        ("x.txt", "diagramkit cannot read '.txt' files; use one of "),
        ("noending", "diagramkit cannot read 'noending' files"),
        ("empty", "there is no source in this folder (expected .markdown, .md, .mermaid, .mmd, .yaml, .yml;"),
        ("zzz", "there is no such file or folder; check the path"),
        ("none/zzz.yaml", "there is no such file or folder; check the path"),
    ):
        with pytest.raises(DiagramError) as caught:
            sources.find([source])
        assert str(caught.value).startswith(f"{source}:1:1: error[")
        assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("title: T\n", True),
        ("\ufeff\r\n\t nodes: {}\n", True),
        ("category: x", True),
        ("diagram: |", True),
        ("graph LR\n", False),
        ("---\ntitle: x\n---\n", False),
        ("", False),
    ],
)
def test_the_beginning_of_a_text_without_a_name_tells_specs_from_mermaid(text: str, spec: bool) -> None:
    assert (readers.detect_single(text) is readers.SPEC) == spec


def test_patterns_of_texts_and_files_have_names_folders_titles_and_spans() -> None:
    text = "graph LR\r\n  A --> B\r\n"
    pattern = readers.pattern_from_text("\ufeff" + text, "where")
    assert (pattern.name, pattern.folder, pattern.title, pattern.span) == (
        "diagram",
        "",
        "Diagram",
        Span("where"),
    )
    assert readers.pattern_from_text("---\ntitle: T\n---\n" + text, "x").title == "T"
    assert readers.pattern_from_text(SPEC, "s").title == "T"
    Path("My File.mmd").write_text(text, "utf-8", newline="")
    (named,) = sources.load(SourceFile("My File.mmd", "cat")).patterns
    assert (named.name, named.folder, named.title, named.source_text, named.span) == (
        "my-file",
        "cat",
        "My File",
        text,
        Span("My File.mmd"),
    )
    page = (
        f"# T\n\n```mermaid\n{text}```\n\n"
        "- x\n\n  ```mermaid\n  ---\n  title: Second\n  ---\n  graph LR\n    C\n  ```\n\n"
        "```mermaid\npie\n```\n"
    )
    Path("d.md").write_text(page, "utf-8")
    loaded = sources.load(SourceFile("d.md", "f"))
    assert [(item.name, item.folder, item.title, str(item.span)) for item in loaded.patterns] == [
        ("d-1", "f", "d 1", "d.md:4:1"),
        ("d-2", "f", "Second", "d.md:11:3"),
    ]
    (warning,) = loaded.problems
    assert (str(warning.span), warning.severity, warning.code) == (
        "d.md:19:1",
        "warning",
        "unsupported-diagram",
    )
    assert [item.name for item in readers.MARKDOWN.read(page, "<stdin>", "").patterns] == [
        "diagram-1",
        "diagram-2",
    ]
    loaded = readers.MARKDOWN.read(page + "\n```mermaid\ngraph LR\n  A[\n```\n```mermaid\ngraph XX\n```\n", "d.md", "")
    assert [problem.span.line for problem in loaded.errors] == [24, 27]
    assert [item.name for item in loaded.patterns] == ["d-1", "d-2"]


# Escaping of text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a", '"a"'),
        ('a"b', "'a\"b'"),
        ("a\"b'c", '"a&quot;b\'c"'),
        ("<&>", '"&lt;&amp;&gt;"'),
        ("a\nb\tc\r", '"a&#10;b&#9;c&#13;"'),
        ("\x00\u202ex", '"x"'),
    ],
)
def test_attribute_values_are_quoted_and_escaped(text: str, value: str) -> None:
    assert markup.quote_attribute(text) == value


def test_text_is_escaped_between_tags_and_in_markdown() -> None:
    assert markup.escape_text('<b>&"\x07\ufffe') == '&lt;b&gt;&amp;"'
    assert markup.escape_markdown("[x](y)\n*a* | `b`\\ <c> #d &e; _f_") == (
        "\\[x\\](y) \\*a\\* \\| \\`b\\`\\\\ \\<c\\> \\#d \\&e; \\_f\\_"
    )
    assert markup.strip_forbidden("a\x00\u2066b") == "ab"
