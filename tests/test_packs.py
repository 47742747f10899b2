"""Packs of icons: what is brought in, what is refused and leaves nothing behind, what is drawn then."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import diagramkit
from diagramkit import data, project
from diagramkit.cli import main
from diagramkit.diagnostics import DiagramError
from diagramkit.icons.catalog import IconCatalog
from diagramkit.icons.packs import add, fetch, iconify, installed, store
from diagramkit.icons.resolver import resolve
from diagramkit.sources import spec
from tests.test_cli import run

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 48 48">'
GOOD = f'{HEAD}<path fill="#ED7100" d="M0 0h48v48H0z"/></svg>'
BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
NOT_HERE = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'

HOSTILE = {
    "a script": f"{HEAD}<script>alert(1)</script></svg>",
    "a script in what is left out": f"{HEAD}<metadata><script/></metadata><path d='M0 0h1'/></svg>",
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
    "an entity from a file": NOT_HERE + f"{HEAD}<path d='&x;'/></svg>",
    "a truncated file": GOOD[:-20],
    "no SVG": "<html/>",
    "no size": GOOD.replace(' viewBox="0 0 48 48"', ""),
    "deep nesting": HEAD + "<g>" * 200 + "<path d='M0 0h1'/>" + "</g>" * 200 + "</svg>",
}


def png(w: int, h: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (w, h), "#ED7100").save(buffer, "PNG")
    return buffer.getvalue()


def huge() -> bytes:
    """A PNG whose header says 50,000 x 50,000."""
    small = png(1, 1)
    size = (50_000).to_bytes(4, "big") * 2
    return small[:16] + size + small[24:]


def pack(folder: Path, **icons: str | bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in icons.items():
        raw = text.encode() if isinstance(text, str) else text
        ending = "png" if raw.startswith(b"\x89PNG") else "svg"
        (folder / f"{name}.{ending}").write_bytes(raw)
    return folder


def zipped(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in entries.items():
            archive.writestr(zipfile.ZipInfo(name), raw)
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def user() -> Path:
    return project.user_folder()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project without any setting."""
    (tmp_path / "diagramkit.toml").write_text("# kept\n")
    return tmp_path


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_or_broken_icon_is_refused_by_name_and_nothing_is_written(
    home: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(home / "acme", good=GOOD, wrong=HOSTILE[what])
    before = everything(home)
    assert main(["icons", "add", "acme"]) == 2
    assert re.match(
        r"acme:wrong\.svg:1:1: error\[bad-icon\]: this icon .*; nothing was written", capsys.readouterr().err
    )
    assert everything(home) == before
    assert not user().exists()


@pytest.mark.parametrize("raw", [huge(), png(8, 8)[:40], b"\x89PNG\r\n\x1a\n"], ids=["huge", "short", "empty"])
def test_a_png_too_large_or_broken_is_refused(home: Path, raw: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    pack(home / "acme", good=GOOD, wrong=raw)
    assert main(["icons", "add", "acme"]) == 2
    assert "acme:wrong.png:1:1: error[bad-icon]" in capsys.readouterr().err
    assert not user().exists()


@pytest.mark.parametrize("name", ["../x.svg", "a/../../x.svg", "/etc/x.svg", "C:\\x.svg", "..\\x.svg", "\\x.svg"])
def test_a_zip_with_names_that_lead_out_is_refused(home: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(home / "evil.zip", {"good.svg": GOOD.encode(), name: GOOD.encode()})
    before = everything(home)
    assert main(["icons", "add", "evil.zip"]) == 2
    err = capsys.readouterr().err
    assert "evil.zip:1:1: error[bad-pack]: holds the name" in err
    assert everything(home) == before
    assert not user().exists()


def test_links_in_archives_and_folders_are_refused(home: Path) -> None:
    info = tarfile.TarInfo("package/x.svg")
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(home / "evil.tgz", "w:gz") as archive:
        archive.addfile(info)
    pack(home / "acme", good=GOOD)
    (home / "acme" / "out.svg").symlink_to("/etc/hostname")
    for source in ("evil.tgz", "acme"):
        with pytest.raises(DiagramError, match="holds a link"):
            fetch.fetch(source)


@pytest.mark.parametrize("name", ["cut.zip", "cut.tgz", "cut.json"])
def test_a_truncated_archive_is_refused(home: Path, name: str) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.svg", GOOD * 50)
    raw = whole.getvalue()
    if name.endswith("tgz"):
        whole = io.BytesIO()
        with tarfile.open(fileobj=whole, mode="w:gz") as tar:
            info = tarfile.TarInfo("a.svg")
            info.size = len(GOOD)
            tar.addfile(info, io.BytesIO(GOOD.encode()))
        raw = whole.getvalue()
    (home / name).write_bytes(raw[: len(raw) // 2])
    assert main(["icons", "add", name]) == 2
    assert not user().exists()


def test_what_is_no_pack_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_pack_is_listed_with_its_hash_and_the_rest_of_the_settings_is_kept(home: Path) -> None:
    pack(home / "acme", billing=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    text = (home / "diagramkit.toml").read_text()
    assert text.startswith("# kept\n")
    (listed,) = project.find(home).packs
    assert (listed.name, listed.version, listed.source) == ("acme", "0", "acme")
    assert installed.folders(project.find(home)) == (str(user() / "icons" / "acme-0"),)
    assert main(["icons", "add", "acme"]) == 0
    assert (home / "diagramkit.toml").read_text() == text
    assert main(["icons", "remove", "acme"]) == 0
    assert (home / "diagramkit.toml").read_text().strip() == "# kept"


def test_a_pyproject_lists_packs_too(tmp_path: Path) -> None:
    before = '[project]\nname = "x"  # its name\n\n[tool.diagramkit]\n'
    (tmp_path / "pyproject.toml").write_text(before)
    pack(tmp_path / "acme", billing=GOOD)
    assert main(["icons", "add", "acme", "--in-project"]) == 0
    assert (tmp_path / "pyproject.toml").read_text().startswith(before)
    assert project.find(tmp_path).packs[0].name == "acme"
    assert (tmp_path / "icons" / "acme-0" / "billing.svg").is_file()


def test_a_pack_that_is_missing_or_differs_stops_the_run_and_is_brought_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack(home / "acme", **{"big-bill": GOOD})
    main(["icons", "add", "acme"])
    (home / "x.mmd").write_text("graph LR\n  A[Big bill] --> B[Lambda]\n")
    there = user() / "icons" / "acme-0"
    (there / "pack.json").unlink()
    assert main(["render", "x.mmd"]) == 2
    assert "diagramkit.toml:1:1: error[pack-missing]" in capsys.readouterr().err
    assert not (home / "output").exists()
    assert main(["icons", "add"]) == 0
    assert main(["render", "x.mmd"]) == 0
    (there / "big-bill.svg").write_text(GOOD.replace("ED7100", "000000"))
    assert main(["render", "x.mmd"]) == 0  # Nothing is drawn of it: what there is is current.
    done = run("render", "--force", "x.mmd")  # In a process of its own: art is loaded once in each.
    assert done.returncode == 2
    assert b"acme:big-bill:1:1: error[pack-differs]" in done.stderr
    capsys.readouterr()
    pack(home / "acme", **{"big-bill": GOOD.replace("ED7100", "111111")})
    (there / "pack.json").unlink()
    assert main(["icons", "add"]) == 2
    assert "error[pack-differs]" in capsys.readouterr().err


def test_an_archive_that_changed_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zipped(home / "acme.zip", {"billing.svg": GOOD.encode()})
    assert main(["icons", "add", "acme.zip"]) == 0
    kept = everything(user())
    zipped(home / "acme.zip", {"billing.svg": GOOD.replace("ED7100", "111111").encode()})
    (user() / "icons" / "acme-0" / "pack.json").unlink()
    assert main(["icons", "add"]) == 2
    assert "acme.zip:1:1: error[pack-differs]: is not what it was" in capsys.readouterr().err
    assert set(everything(user())) == set(kept) - {"icons/acme-0/pack.json"}


def test_the_names_of_awss_asset_package_are_understood(home: Path) -> None:
    base = "Asset-Package_01302026/Architecture-Service-Icons_01302026/Arch_Compute"
    res = "Asset-Package_01302026/Resource-Icons_01302026/Res_General-Icons"
    zipped(
        home / "aws.zip",
        {
            f"{base}/16/Arch_AWS-Lambda_16.svg": GOOD.replace("48", "16").encode(),
            f"{base}/64/Arch_AWS-Lambda_64.svg": GOOD.encode(),
            f"{base}/64/Arch_AWS-Lambda_64@5x.png": png(8, 8),
            f"{base}/64/Arch_AWS-Lambda_64.png": png(8, 8),
            f"{res}/Res_48_Light/Res_Client_48_Light.svg": GOOD.encode(),
            f"{res}/Res_48_Dark/Res_Client_48_Dark.svg": GOOD.encode(),
            "__MACOSX/._Arch_AWS-Lambda_64.svg": b"?",
            f"{base}/.DS_Store": b"?",
        },
    )
    main(["icons", "add", "aws.zip"])
    found = store.read(str(user() / "icons" / "aws-0"))
    assert set(found.icons) == {"AWS-Lambda", "Client", "Client_48_Dark", "Client_Dark"} - {"Client_48_Dark"}
    assert found.by_key("awslambda") == found.icon("AWS-Lambda")
    assert 'viewBox="0 0 48 48"' in (user() / "icons/aws-0/AWS-Lambda.svg").read_text()


@pytest.mark.parametrize(
    "name",
    ["AWSLambda", "Arch_AWS-Lambda_64", "arch-aws-lambda", "architecture-service-aws-lambda"],
)
def test_packs_agree_on_names(name: str) -> None:
    assert store.key_of(name) == "awslambda"


def official(home: Path, **more: str) -> IconCatalog:
    """A pack that counts as AWS's own: it has a hundred of its names."""
    listed = [name for ref, name in data.load("icons", "official.yaml").items() if ref.startswith("aws.")]
    services = ["AmazonVPCLattice", "VirtualprivatecloudVPC", "AmazonMemoryDB"]
    pack(home / "own", **dict.fromkeys([*listed[:150], "AWSLambda", *services], GOOD), **more)
    assert main(["icons", "add", "own"]) == 0
    return IconCatalog(installed.folders(project.find(home)), str(home))


def test_a_pack_of_awss_own_takes_the_place_of_the_classes_by_the_same_reference(
    home: Path,
) -> None:
    shelf = official(home)
    icon = shelf.find("aws.compute.Lambda")
    assert icon
    assert (icon.reference, icon.is_vector) == ("aws.compute.Lambda", True)
    assert shelf.has("aws.network.VpcLattice")
    assert not IconCatalog().has("aws.network.VpcLattice")
    kept = shelf.find("aws.migration.Snowmobile")
    assert kept
    assert not kept.is_vector  # What the pack lacks keeps the picture of diagrams.
    (home / "x.mmd").write_text("graph LR\n  subgraph VPC\n  A[Lambda] --> B[VPC Lattice]\n  end\n")
    svg = diagramkit.load("x.mmd").render("svg").decode()
    assert "<image" not in svg
    assert svg.count("<symbol") == 3
    assert "group-virtualprivatecloudvpc" in svg


def test_icons_of_a_pack_are_found_by_their_whole_name(home: Path) -> None:
    pack(home / "acme", **{"billing-engine": GOOD, "stream": GOOD})
    main(["icons", "add", "acme"])
    shelf = IconCatalog(installed.folders(project.find(home)), str(home))
    pattern = spec.read(
        "title: T\nnodes: {a: Billing Engine, b: Stream, c: Billing engine cost, d: x}\nicons: {d: 'acme:stream'}\n",
        "s.yaml",
    )
    icons = [choice.icon for choice in resolve(pattern, shelf).values()]
    assert icons == ["acme:billing-engine", None, None, "acme:stream"]


def test_an_iconify_set_is_a_pack(home: Path) -> None:
    whole = {
        "prefix": "logos",
        "width": 256,
        "height": 128,
        "lastModified": 1,
        "icons": {"supabase": {"body": '<path id="a" fill="#3ECF8E" d="M0 0h9v9z"/>', "height": 64}},
        "aliases": {"supa": {"parent": "supabase"}, "turned": {"parent": "supabase", "rotate": 1}},
    }
    (home / "logos.json").write_text(json.dumps(whole))
    main(["icons", "add", "logos.json"])
    found = store.read(str(user() / "icons" / "logos-0"))
    assert list(found.icons) == ["supa", "supabase"]
    assert 'viewBox="0 0 256 64"' in (user() / "icons/logos-0/supabase.svg").read_text()
    (home / "x.mmd").write_text('graph LR\n  A@{ icon: "logos:supabase", label: "DB" } --> B\n')
    assert 'id="icon-logos-supabase-' in diagramkit.load("x.mmd").render("svg").decode()


def test_no_icon_shares_an_id_with_another(home: Path) -> None:
    body = '<defs><clipPath id="a"><path d="M0 0h48v48z"/></clipPath></defs><g clip-path="url(#a)"><path d="M0 0h9v9z"/></g>'
    pack(home / "acme", **dict.fromkeys(("acme-one", "acme-two"), f"{HEAD}{body}</svg>"))
    main(["icons", "add", "acme"])
    (home / "x.yaml").write_text("title: T\nnodes: {a: Acme one, b: Acme two}\n")
    svg = diagramkit.load("x.yaml").render("svg").decode()
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert {"acme-acme-one-a", "acme-acme-two-a"} <= set(ids)
    assert "url(#acme-acme-one-a)" in svg


def own(tmp_path: Path, icon: str) -> Any:
    (tmp_path / "specs").mkdir(exist_ok=True)
    text = f"title: T\nnodes:\n  a: {{label: Vendor, icon: {icon}}}\n"
    (tmp_path / "specs" / "s.yaml").write_text(text)
    return diagramkit.load("specs/s.yaml")


def test_an_icon_of_ones_own_is_drawn_from_a_path_relative_to_the_spec(home: Path) -> None:
    pack(home / "specs" / "icons", vendor=GOOD, photo=png(300, 200))
    svg = own(home, "./icons/vendor.svg").render("svg").decode()
    assert 'fill="#ED7100"' in svg
    assert str(home) not in svg
    pack(home / "art", vendor=GOOD)
    assert "<image" not in own(home, "../art/vendor.svg").render("svg").decode()
    picture = own(home, "icons/photo.png").render("svg").decode()
    assert picture.count("<image") == 1
    for kind in ("png", "pdf", "webp"):
        assert own(home, "./icons/vendor.svg").render(kind)


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
def test_an_icon_of_ones_own_that_cannot_be_used_is_an_error(
    home: Path, icon: str, code: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (home.parent / "outside.svg").write_text(GOOD)
    pack(home / "specs" / "icons", vendor=GOOD, evil=HOSTILE["a script"], huge=huge())
    (home / "specs" / "icons" / "link.svg").symlink_to(home.parent / "outside.svg")
    with pytest.raises(DiagramError) as caught:
        own(home, icon).render("svg")
    assert caught.value.problems[0].code == code


def test_npm_is_asked_for_nothing_but_packages() -> None:
    for name in ("npm:x y", "npm:@a", "npm:x@^1 || 2", "npm:./x", "npm:x;ls"):
        with pytest.raises(DiagramError, match="names no npm package"):
            fetch.fetch(name)


def test_an_iconify_set_is_known_by_its_form() -> None:
    assert iconify.prefix([("a.json", b"{}")]) is None
    assert iconify.prefix([("a.json", b'{"prefix": "x", "icons": {"a": 1}}')]) is None
    assert iconify.prefix([("a.json", b'{"prefix": "x", "icons": {}}')]) == "x"


def test_settings_that_cannot_be_read_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.mmd").write_text("graph LR\n  A --> B\n")
    for text, said in (
        ("a = ]", "diagramkit.toml:1:5: error[bad-config]: invalid TOML"),
        ("pcks = []", "there is no setting 'pcks'; did you mean 'packs'?"),
        ("[[packs]]\nname = 'x'", "invalid entry 1 under 'packs'"),
    ):
        (tmp_path / "diagramkit.toml").write_text(text)
        assert main(["render", "x.mmd"]) == 2
        assert said in capsys.readouterr().err


def test_adding_is_whole_or_not_at_all(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack(home / "acme", one=GOOD)
    main(["icons", "add", "acme"])
    before = everything(user())
    pack(home / "acme", two=GOOD)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(DiagramError, match="no space left"):
        add.add(fetch.fetch("acme"), user() / "icons")
    assert everything(user()) == before


def test_a_pack_is_taken_out_of_a_pyproject_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.diagramkit]\n")
    for name in ("acme", "other"):
        pack(tmp_path / name, billing=GOOD)
        assert main(["icons", "add", name]) == 0
    assert main(["icons", "add", "acme"]) == 0
    assert main(["icons", "remove", "acme"]) == 0
    assert [one.name for one in project.find(tmp_path).packs] == ["other"]
    assert main(["icons", "remove", "other"]) == 0
    assert (tmp_path / "pyproject.toml").read_text().strip() == "[tool.diagramkit]"


def test_icons_whose_names_are_alike_have_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", **{"big bill": GOOD, "big+bill": GOOD.replace("ED7100", "112233")})
    assert main(["icons", "add", "acme"]) == 0
    folder = user() / "icons" / "acme-0"
    assert sorted(path.name for path in folder.glob("*.svg")) == ["big-bill-2.svg", "big-bill.svg"]


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ('{"license": {"spdx": "MIT"}}', "MIT"),
        ('{"license": {"title": "Apache 2.0"}}', "Apache 2.0"),
        ('{"license": 3}', "not said"),
        ("{", "not said"),
        ("[]", "not said"),
    ],
)
def test_a_packs_licence_is_what_its_package_says(
    tmp_path: Path, said: str, licence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", billing=GOOD)
    (tmp_path / "acme" / "package.json").write_text(said)
    assert main(["icons", "add", "acme"]) == 0
    assert store.details(str(user() / "icons" / "acme-0"))["licence"] == licence


def test_icons_of_packs_are_found_by_the_search_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "diagramkit.toml").write_text("")
    pack(tmp_path / "acme", frobnicator=GOOD)
    assert main(["icons", "add", "acme"]) == 0
    capsys.readouterr()
    assert main(["icons", "frobnicator"]) == 0
    assert "acme:frobnicator" in capsys.readouterr().out
    (tmp_path / "x.mmd").write_text('graph LR\n  A[x] --> B[Lambda]\n  A@{ icon: "acme:frobnicator" }\n')
    assert main(["icons", "licence", "x.mmd"]) == 0
    assert "pack acme" in capsys.readouterr().out
