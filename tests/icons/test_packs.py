"""Icon packs: adding them, rejecting unsafe ones without leaving files behind, and drawing their icons."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import diagramkit
from diagramkit import data, project
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.catalog import IconCatalog
from diagramkit.icons.packs import fetch, iconify, installed, store
from diagramkit.icons.resolver import resolve
from diagramkit.sources import spec
from tests.support.command_line import run
from tests.support.icon_packs import GOOD, HEAD, contents, pack, png

BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL_ENTITY = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

HOSTILE = {
    "a script": f"{HEAD}<script>alert(1)</script></svg>",
    "a script in removed metadata": f"{HEAD}<metadata><script/></metadata><path d='M0 0h1'/></svg>",
    "an event handler": f'{HEAD}<path onload="alert(1)" d="M0 0h1"/></svg>',
    "an event handler on the root": HEAD.replace("viewBox", 'onload="x()" viewBox') + "<path d='M0 0'/></svg>",
    "a link to a file": f'{HEAD}<use xlink:href="file:///etc/passwd#x"/></svg>',
    "a link to a URL": f'{HEAD}<use href="https://example.com/x.svg#a"/></svg>',
    "a picture from a URL": f'{HEAD}<image href="https://example.com/x.png"/></svg>',
    "a fill from a URL": f'{HEAD}<path fill="url(https://example.com/#a)" d="M0 0h1"/></svg>',
    "a style with a URL": f'{HEAD}<path style="fill:url(//example.com/#a)" d="M0 0h1"/></svg>',
    "a style sheet that loads": f"{HEAD}<style>@import url(x.css);</style><path d='M0 0h1'/></svg>",
    "HTML": f"{HEAD}<foreignObject><b/></foreignObject></svg>",
    "animation": f'{HEAD}<path d="M0 0h1"><set attributeName="href" to="javascript:x"/></path></svg>',
    "a link": f'{HEAD}<a href="javascript:alert(1)"><path d="M0 0h1"/></a></svg>',
    "an entity bomb": BOMB + f"{HEAD}<path d='&b;'/></svg>",
    "an entity from a file": EXTERNAL_ENTITY + f"{HEAD}<path d='&x;'/></svg>",
    "a truncated file": GOOD[:-20],
    "not an SVG": "<html/>",
    "no size": GOOD.replace(' viewBox="0 0 48 48"', ""),
    "deep nesting": HEAD + "<g>" * 200 + "<path d='M0 0h1'/>" + "</g>" * 200 + "</svg>",
}


def huge() -> bytes:
    """Return a PNG whose header declares 50,000 x 50,000 pixels."""
    valid = png(1, 1)
    size = (50_000).to_bytes(4, "big") * 2
    return valid[:16] + size + valid[24:]


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in entries.items():
            archive.writestr(zipfile.ZipInfo(name), raw)
    return path


@pytest.mark.parametrize("case", HOSTILE)
def test_an_unsafe_or_broken_icon_is_reported_and_nothing_is_written(
    home: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(home / "acme", good=GOOD, wrong=HOSTILE[case])
    before = contents(home)
    assert main(["icons", "add", "acme"]) == 2
    assert re.match(
        r"acme:wrong\.svg:1:1: error\[bad-icon\]: this icon .*; nothing was written", capsys.readouterr().err
    )
    assert contents(home) == before
    assert not project.user_folder().exists()


@pytest.mark.parametrize("raw", [huge(), png(8, 8)[:40], b"\x89PNG\r\n\x1a\n"], ids=["huge", "short", "empty"])
def test_a_png_that_is_too_large_or_broken_is_rejected(
    home: Path, raw: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(home / "acme", good=GOOD, wrong=raw)
    assert main(["icons", "add", "acme"]) == 2
    assert "acme:wrong.png:1:1: error[bad-icon]" in capsys.readouterr().err
    assert not project.user_folder().exists()


@pytest.mark.parametrize("name", ["../x.svg", "a/../../x.svg", "/etc/x.svg", "C:\\x.svg", "..\\x.svg", "\\x.svg"])
def test_a_zip_with_paths_outside_of_it_is_rejected(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(home / "evil.zip", {"good.svg": GOOD.encode(), name: GOOD.encode()})
    before = contents(home)
    assert main(["icons", "add", "evil.zip"]) == 2
    err = capsys.readouterr().err
    assert "evil.zip:1:1: error[bad-pack]: contains the path" in err
    assert contents(home) == before
    assert not project.user_folder().exists()


def test_links_in_archives_and_folders_are_rejected(home: Path) -> None:
    info = tarfile.TarInfo("package/x.svg")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(home / "evil.tgz", "w:gz") as archive:
        archive.addfile(info)
    pack(home / "acme", good=GOOD)
    (home / "acme" / "out.svg").symlink_to("/etc/hostname")
    for source in ("evil.tgz", "acme"):
        with pytest.raises(DiagramError, match="contains a link"):
            fetch.fetch(source)


@pytest.mark.parametrize("name", ["cut.zip", "cut.tgz", "cut.json"])
def test_a_truncated_archive_is_rejected(home: Path, name: str) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.svg", GOOD * 50)
    raw = buffer.getvalue()
    if name.endswith("tgz"):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            info = tarfile.TarInfo("a.svg")
            info.size = len(GOOD)
            tar.addfile(info, io.BytesIO(GOOD.encode()))
        raw = buffer.getvalue()
    (home / name).write_bytes(raw[: len(raw) // 2])
    assert main(["icons", "add", name]) == 2
    assert not project.user_folder().exists()


def test_sources_that_are_not_packs_are_reported(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "x.rar").write_bytes(b"?")
    (home / "empty").mkdir()
    for source in (
        "x.rar",
        "empty",
        "nothing.zip",
        "npm:../x",
        "npm:git+https://example.com/x",
        "npm:-g",
    ):
        assert main(["icons", "add", source]) == 2
        assert re.search(r"error\[(bad|no-such)-pack\]", capsys.readouterr().err), source


def test_adding_and_removing_a_pack_preserves_the_rest_of_the_settings(home: Path) -> None:
    pack(home / "acme", billing=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    text = (home / "diagramkit.toml").read_text()
    assert text.startswith("# a comment\n")
    (listed,) = project.find(home).packs
    assert (listed.name, listed.version, listed.source) == ("acme", "0", "acme")
    assert installed.folders(project.find(home)) == (str(project.user_folder() / "icons" / "acme-0"),)
    assert main(["icons", "add", "acme"]) == 0
    assert (home / "diagramkit.toml").read_text() == text
    assert main(["icons", "remove", "acme"]) == 0
    assert (home / "diagramkit.toml").read_text().strip() == "# a comment"


def test_packs_can_be_listed_in_pyproject(tmp_path: Path) -> None:
    before = '[project]\nname = "x"  # its name\n\n[tool.diagramkit]\n'
    (tmp_path / "pyproject.toml").write_text(before)
    pack(tmp_path / "acme", billing=GOOD)
    assert main(["icons", "add", "acme", "--in-project"]) == 0
    assert (tmp_path / "pyproject.toml").read_text().startswith(before)
    assert project.find(tmp_path).packs[0].name == "acme"
    assert (tmp_path / "icons" / "acme-0" / "billing.svg").is_file()


def test_a_changed_pack_or_a_missing_one_whose_source_is_missing_is_an_error_until_it_is_added_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(home / "acme", **{"big-bill": GOOD})
    main(["icons", "add", "acme"])
    (home / "x.mmd").write_text("graph LR\n  A[Big bill] --> B[Lambda]\n")
    installed_folder = project.user_folder() / "icons" / "acme-0"
    (installed_folder / "pack.json").unlink()
    (home / "acme").rename(home / "elsewhere")
    assert main(["render", "x.mmd"]) == 2
    assert "diagramkit.toml:1:1: error[pack-missing]" in capsys.readouterr().err
    assert main(["icons", "add"]) == 2
    assert not (home / "output").exists()
    (home / "elsewhere").rename(home / "acme")
    assert main(["icons", "add"]) == 0
    assert main(["render", "x.mmd"]) == 0
    (installed_folder / "big-bill.svg").write_text(GOOD.replace("ED7100", "000000"))
    assert main(["render", "x.mmd"]) == 0  # The picture is current, so the changed icon is not read.
    # In a new process, because artwork is loaded only once per process.
    process = run("render", "--force", "x.mmd")
    assert process.returncode == 2
    assert b"acme:big-bill:1:1: error[pack-differs]" in process.stderr
    capsys.readouterr()
    pack(home / "acme", **{"big-bill": GOOD.replace("ED7100", "111111")})
    (installed_folder / "pack.json").unlink()
    assert main(["icons", "add"]) == 2
    assert "error[pack-differs]" in capsys.readouterr().err


def test_an_archive_that_changed_is_rejected(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(home / "acme.zip", {"billing.svg": GOOD.encode()})
    assert main(["icons", "add", "acme.zip"]) == 0
    before = contents(project.user_folder())
    zipped(home / "acme.zip", {"billing.svg": GOOD.replace("ED7100", "111111").encode()})
    (project.user_folder() / "icons" / "acme-0" / "pack.json").unlink()
    assert main(["icons", "add"]) == 2
    assert "acme.zip:1:1: error[pack-differs]: the content has changed" in capsys.readouterr().err
    assert set(contents(project.user_folder())) == set(before) - {"icons/acme-0/pack.json"}


def test_the_file_names_of_the_aws_asset_package_are_simplified(home: Path) -> None:
    services = "Asset-Package_01302026/Architecture-Service-Icons_01302026/Arch_Compute"
    resources = "Asset-Package_01302026/Resource-Icons_01302026/Res_General-Icons"
    zipped(
        home / "aws.zip",
        {
            f"{services}/16/Arch_AWS-Lambda_16.svg": GOOD.replace("48", "16").encode(),
            f"{services}/64/Arch_AWS-Lambda_64.svg": GOOD.encode(),
            f"{services}/64/Arch_AWS-Lambda_64@5x.png": png(8, 8),
            f"{services}/64/Arch_AWS-Lambda_64.png": png(8, 8),
            f"{resources}/Res_48_Light/Res_Client_48_Light.svg": GOOD.encode(),
            f"{resources}/Res_48_Dark/Res_Client_48_Dark.svg": GOOD.encode(),
            "__MACOSX/._Arch_AWS-Lambda_64.svg": b"?",
            f"{services}/.DS_Store": b"?",
        },
    )
    main(["icons", "add", "aws.zip"])
    added = store.read(str(project.user_folder() / "icons" / "aws-0"))
    assert set(added.icons) == {"AWS-Lambda", "Client", "Client_48_Dark", "Client_Dark"} - {"Client_48_Dark"}
    assert added.by_key("awslambda") == added.icon("AWS-Lambda")
    assert 'viewBox="0 0 48 48"' in (project.user_folder() / "icons/aws-0/AWS-Lambda.svg").read_text()


@pytest.mark.parametrize(
    "name",
    ["AWSLambda", "Arch_AWS-Lambda_64", "arch-aws-lambda", "architecture-service-aws-lambda"],
)
def test_all_spellings_of_a_name_have_the_same_key(name: str) -> None:
    assert store.key_of(name) == "awslambda"


def official_catalog(home: Path, **more: str) -> IconCatalog:
    """Install a pack that counts as AWS's own, because it has more than a hundred of AWS's names."""
    official_names = [name for ref, name in data.load("icons", "official.yaml").items() if ref.startswith("aws.")]
    services = ["AmazonVPCLattice", "VirtualprivatecloudVPC", "AmazonMemoryDB"]
    pack(home / "own", **dict.fromkeys([*official_names[:150], "AWSLambda", *services], GOOD), **more)
    assert main(["icons", "add", "own"]) == 0
    return IconCatalog(installed.folders(project.find(home)), str(home))


def test_icons_of_an_aws_pack_replace_those_of_diagrams(
    home: Path,
) -> None:
    catalog = official_catalog(home)
    icon = catalog.find("aws.compute.Lambda")
    assert icon
    assert (icon.reference, icon.is_vector) == ("aws.compute.Lambda", True)
    assert catalog.has("aws.network.VpcLattice")
    assert not IconCatalog().has("aws.network.VpcLattice")
    fallback = catalog.find("aws.migration.Snowmobile")
    assert fallback
    assert not fallback.is_vector  # The pack lacks this icon, so it is that of diagrams.
    (home / "x.mmd").write_text("graph LR\n  subgraph VPC\n  A[Lambda] --> B[VPC Lattice]\n  end\n")
    svg = diagramkit.load("x.mmd").render("svg").decode()
    assert "<image" not in svg
    assert svg.count("<symbol") == 3
    assert "group-virtualprivatecloudvpc" in svg


def test_pack_icons_are_chosen_only_by_their_whole_name(home: Path) -> None:
    pack(home / "acme", **{"billing-engine": GOOD, "stream": GOOD})
    main(["icons", "add", "acme"])
    catalog = IconCatalog(installed.folders(project.find(home)), str(home))
    pattern = spec.read(
        "title: T\nnodes: {a: Billing Engine, b: Stream, c: Billing engine cost, d: x}\nicons: {d: 'acme:stream'}\n",
        "s.yaml",
    )
    icons = [choice.icon for choice in resolve(pattern, catalog).values()]
    assert icons == ["acme:billing-engine", None, None, "acme:stream"]


def test_an_iconify_set_can_be_added_as_a_pack(home: Path) -> None:
    icon_set = {
        "prefix": "logos",
        "width": 256,
        "height": 128,
        "lastModified": 1,
        "icons": {"supabase": {"body": '<path id="a" fill="#3ECF8E" d="M0 0h9v9z"/>', "height": 64}},
        "aliases": {"supa": {"parent": "supabase"}, "turned": {"parent": "supabase", "rotate": 1}},
    }
    (home / "logos.json").write_text(json.dumps(icon_set))
    main(["icons", "add", "logos.json"])
    added = store.read(str(project.user_folder() / "icons" / "logos-0"))
    assert list(added.icons) == ["supa", "supabase"]
    assert 'viewBox="0 0 256 64"' in (project.user_folder() / "icons/logos-0/supabase.svg").read_text()
    (home / "x.mmd").write_text('graph LR\n  A@{ icon: "logos:supabase", label: "DB" } --> B\n')
    assert 'id="icon-logos-supabase-' in diagramkit.load("x.mmd").render("svg").decode()


def test_ids_inside_icons_are_unique_in_the_picture(home: Path) -> None:
    body = (
        '<defs><clipPath id="a"><path d="M0 0h48v48z"/></clipPath></defs>'
        '<g clip-path="url(#a)"><path d="M0 0h9v9z"/></g>'
    )
    pack(home / "acme", **dict.fromkeys(("acme-one", "acme-two"), f"{HEAD}{body}</svg>"))
    main(["icons", "add", "acme"])
    (home / "x.yaml").write_text("title: T\nnodes: {a: Acme one, b: Acme two}\n")
    svg = diagramkit.load("x.yaml").render("svg").decode()
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert {"acme-acme-one-a", "acme-acme-two-a"} <= set(ids)
    assert "url(#acme-acme-one-a)" in svg


def diagram_with_icon(tmp_path: Path, icon: str) -> Any:
    """Return the diagram of a spec in `specs/` whose only node names an icon."""
    (tmp_path / "specs").mkdir(exist_ok=True)
    text = f"title: T\nnodes:\n  a: {{label: Vendor, icon: {icon}}}\n"
    (tmp_path / "specs" / "s.yaml").write_text(text)
    return diagramkit.load("specs/s.yaml")


def test_an_icon_file_is_found_relative_to_the_spec(home: Path) -> None:
    pack(home / "specs" / "icons", vendor=GOOD, photo=png(300, 200))
    svg = diagram_with_icon(home, "./icons/vendor.svg").render("svg").decode()
    assert 'fill="#ED7100"' in svg
    assert str(home) not in svg
    pack(home / "art", vendor=GOOD)
    assert "<image" not in diagram_with_icon(home, "../art/vendor.svg").render("svg").decode()
    picture = diagram_with_icon(home, "icons/photo.png").render("svg").decode()
    assert picture.count("<image") == 1
    for kind in ("png", "pdf", "webp"):
        assert diagram_with_icon(home, "./icons/vendor.svg").render(kind)


@pytest.mark.parametrize(
    ("icon", "code"),
    [
        ("../../outside.svg", "icon-outside"),
        ("/etc/x.svg", "icon-outside"),
        ("icons/vendr.svg", "no-such-icon"),
        ("icons/evil.svg", "bad-icon"),
        ("icons/huge.png", "bad-icon"),
        ("icons/link.svg", "icon-outside"),
        ("aws.compute.Lamda", "unknown-icon"),
        ("aws.network.VpcLattice", "icon-without-pack"),
    ],
)
def test_an_icon_file_that_cannot_be_used_is_an_error(
    home: Path, icon: str, code: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (home.parent / "outside.svg").write_text(GOOD)
    pack(home / "specs" / "icons", vendor=GOOD, evil=HOSTILE["a script"], huge=huge())
    (home / "specs" / "icons" / "link.svg").symlink_to(home.parent / "outside.svg")
    with pytest.raises(DiagramError) as raised:
        diagram_with_icon(home, icon).render("svg")
    assert raised.value.problems[0].code == code


@pytest.mark.parametrize(
    "icon",
    [
        "file:../outside.svg/.",
        "file:../outside.svg/",
        "file:../photo",
        "file:{home.parent}/photo",
        "file:photo",
        "file:specs/icons",
        "file:a\\0b",
        "file:",
    ],
)
def test_the_prefix_of_references_reads_no_file_outside_of_the_project(home: Path, icon: str) -> None:
    """What a picture shows of a file is its content, so a source must not choose one outside, whatever its name is."""
    (home.parent / "outside.svg").write_text(GOOD)
    (home.parent / "photo").write_bytes(png(9, 9))
    (home / "photo").symlink_to("../photo")
    name = icon.replace("{home.parent}", str(home.parent))
    (home / "specs").mkdir(exist_ok=True)
    sources = {
        "a.yaml": f'title: T\nnodes: {{a: {{label: A, icon: "{name}"}}}}\n',
        "b.yaml": f'title: T\ndiagram: |\n  graph LR\n    a[A]\nicons: {{a: "{name}"}}\n',
        "c.mmd": f'graph LR\n  a@{{ icon: "{name}", label: "A" }}\n  b@{{ img: "{name}", label: "B" }}\n',
    }
    for file, text in sources.items():
        (home / "specs" / file).write_text(text)
        main(["render", f"{home}/specs/{file}", "-f", "svg", "-o", f"{home}/x.svg"])
        picture = home / "x.svg"
        if picture.exists():
            drawn = picture.read_text("utf-8")
            assert "<image" not in drawn
            assert "#ED7100" not in drawn
            picture.unlink()


@pytest.mark.parametrize("root", ["{home}", "", None])
def test_references_to_files_are_relative_to_the_project(
    root: str | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a project, they are relative to the current folder."""
    pack(home / "art", vendor=GOOD)
    (home.parent / "outside.svg").write_text(GOOD)
    (home / "empty").mkdir()
    monkeypatch.chdir(home / "empty" if root else home)
    catalog = IconCatalog((), root and str(home))
    icon = catalog.find("file:art/vendor.svg")
    assert icon is not None
    assert Path(icon.path).resolve() == (home / "art/vendor.svg").resolve()
    assert icon.state == ((home / "art/vendor.svg").stat().st_mtime_ns, len(GOOD))
    missing = catalog.find("file:art/missing.svg")  # Drawing it reports the error.
    assert missing is not None
    assert missing.state != icon.state
    assert catalog.find("file:../outside.svg") is None
    assert catalog.find(f"file:{home.parent}/outside.svg") is None


def test_an_address_is_no_file_and_the_prefix_of_references_is_not_for_sources(home: Path) -> None:
    catalog = IconCatalog((), str(home))
    assert all(catalog.is_file(name) for name in ("a.svg", "../A.PNG", "file:a"))
    assert not catalog.is_file("aws.compute.Lambda")
    assert not catalog.is_file("https://example.com/a.svg")
    pack(home / "art", vendor=GOOD)
    with pytest.raises(DiagramError) as raised:
        diagram_with_icon(home, "file:art/vendor.svg").render("svg")
    assert raised.value.problems[0].code == "no-such-icon"


def test_npm_is_run_only_for_valid_package_names() -> None:
    for name in ("npm:x y", "npm:@a", "npm:x@^1 || 2", "npm:./x", "npm:x;ls"):
        with pytest.raises(DiagramError, match="is not an npm package name"):
            fetch.fetch(name)


def test_an_iconify_set_is_recognized_by_its_structure() -> None:
    assert iconify.prefix([("a.json", b"{}")]) is None
    assert iconify.prefix([("a.json", b'{"prefix": "x", "icons": {"a": 1}}')]) is None
    assert iconify.prefix([("a.json", b'{"prefix": "x", "icons": {}}')]) == "x"


def test_invalid_settings_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.mmd").write_text("graph LR\n  A --> B\n")
    for text, message in (
        ("a = ]", "diagramkit.toml:1:5: error[bad-config]: invalid TOML"),
        ("pcks = []", "there is no setting 'pcks'; did you mean 'packs'?"),
        ("[[packs]]\nname = 'x'", "invalid entry 1 under 'packs'"),
    ):
        (tmp_path / "diagramkit.toml").write_text(text)
        assert main(["render", "x.mmd"]) == 2
        assert message in capsys.readouterr().err


def test_removing_a_pack_from_pyproject_preserves_the_others(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.diagramkit]\n")
    for name in ("acme", "other"):
        pack(tmp_path / name, billing=GOOD)
        assert main(["icons", "add", name]) == 0
    assert main(["icons", "add", "acme"]) == 0
    assert main(["icons", "remove", "acme"]) == 0
    assert [listed.name for listed in project.find(tmp_path).packs] == ["other"]
    assert main(["icons", "remove", "other"]) == 0
    assert (tmp_path / "pyproject.toml").read_text().strip() == "[tool.diagramkit]"


def test_icons_with_similar_names_get_different_files(tmp_path: Path) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", **{"big bill": GOOD, "big+bill": GOOD.replace("ED7100", "112233")})
    assert main(["icons", "add", "acme"]) == 0
    folder = project.user_folder() / "icons" / "acme-0"
    assert sorted(path.name for path in folder.glob("*.svg")) == ["big-bill-2.svg", "big-bill.svg"]


@pytest.mark.parametrize(
    ("package_json", "license_name"),
    [
        ('{"license": {"spdx": "MIT"}}', "MIT"),
        ('{"license": {"title": "Apache 2.0"}}', "Apache 2.0"),
        ('{"license": 3}', "not said"),
        ("{", "not said"),
        ("[]", "not said"),
    ],
)
def test_the_license_of_a_pack_is_read_from_its_package_json(
    tmp_path: Path, package_json: str, license_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", billing=GOOD)
    (tmp_path / "acme" / "package.json").write_text(package_json)
    assert main(["icons", "add", "acme"]) == 0
    assert store.details(str(project.user_folder() / "icons" / "acme-0"))["licence"] == license_name


def test_the_search_and_the_credits_include_icons_of_packs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", frobnicator=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    capsys.readouterr()
    assert main(["icons", "frobnicator"]) == 0
    assert "acme:frobnicator" in capsys.readouterr().out
    (tmp_path / "x.mmd").write_text('graph LR\n  A[x] --> B[Lambda]\n  A@{ icon: "acme:frobnicator" }\n')
    assert main(["icons", "licence", "x.mmd"]) == 0
    assert "pack acme" in capsys.readouterr().out
