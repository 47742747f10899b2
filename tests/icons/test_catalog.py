"""Where an icon comes from: a file of the project only, and of packs the one that a reference means."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from diagramkit.diagnostics import Diagnostic, Span
from diagramkit.icons.catalog import IconCatalog, bundled_vectors, catalog_of, pack_keys
from diagramkit.icons.packs import store
from diagramkit.options import Options
from diagramkit.sources import readers
from tests.support.icon_packs import GOOD


@pytest.fixture(autouse=True)
def _in_project() -> None:
    for path in (
        "project/docs/near.svg",
        "project/top.svg",
        "outside.svg",
        "project/docs/some-folder-of-icons.svg/x.svg",
    ):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(GOOD, "utf-8")
    Path("project/.git").mkdir()
    os.chdir("project")


def reference(icon: str, root: str | None = None, file: str = "docs/a.yaml") -> str:
    """Return the reference of the icon that a file names, or the code and message of the problem."""
    found = IconCatalog(root=root).file_reference(icon, Span(file, 3, 4))
    if isinstance(found, Diagnostic):
        assert (found.span, found.severity) == (Span(file, 3, 4), "error")
        return f"{found.code}: {found.message}"
    return found


@pytest.mark.parametrize("root", [None, ".", "{root}", "{link}"])
def test_an_icon_is_a_file_of_the_project_by_its_path_from_the_source(root: str | None, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("project")
    folder = root and root.format(root=tmp_path / "project", link=tmp_path / "link")
    assert reference("near.svg", folder) == "file:docs/near.svg"
    assert reference("../top.svg", folder) == "file:top.svg"
    assert reference("docs/near.svg", folder, "<stdin>") == "file:docs/near.svg"
    if root and "{" in root:
        os.chdir("docs")
        assert reference("near.svg", folder, "a.yaml") == "file:docs/near.svg"


def test_an_icon_outside_of_the_project_is_an_error(tmp_path: Path) -> None:
    Path("docs/link.svg").symlink_to(tmp_path / "outside.svg")
    Path("docs/up").symlink_to(tmp_path)
    for icon in ("../../outside.svg", "link.svg", "up/outside.svg", str(tmp_path / "project/top.svg"), "../../no.svg"):
        message = f"icon-outside: '{icon}' is outside the project; put the icon into the project folder and write its"
        assert reference(icon).startswith(message)


def test_an_icon_that_is_no_file_is_an_error_with_the_nearest_name() -> None:
    Path("docs/loop.svg").symlink_to("loop.svg")
    for icon, hint in (
        ("nera.svg", "; did you mean 'near.svg'?"),
        ("none.svg/x.svg", "; the path is relative to the folder of this file"),
        ("zzz.svg", "; the path is relative to the folder of this file"),
        ("some-folder-of-icons.svg", "; the path is relative to the folder of this file"),
        ("loop.svg", "; the path is relative to the folder of this file"),
        ("a\0b.svg", "; check the path"),
        ("x" * 5000 + ".svg", "; check the path"),
    ):
        assert reference(icon) == f"no-such-icon: there is no file '{icon}'{hint}"
    assert IconCatalog().find("file:a\0b.svg") is None


def test_the_project_of_a_diagram_is_that_of_its_file(tmp_path: Path) -> None:
    for file in ("docs/a.mmd", "<stdin>"):
        pattern = readers.pattern_from_text("graph LR\n  A --> B\n", file)
        assert catalog_of(pattern, Options(packs=("x",))) == IconCatalog(("x",), str(tmp_path / "project"))


def add_pack(name: str, *icons: str, official: bool = False) -> str:
    """Write an installed pack and return its folder."""
    entries = {icon: {"file": f"{icon}.svg", "sha256": "0", "dark": False, "inset": [0, 0, 0]} for icon in icons}
    index = {"name": name, "version": "1", "licence": "x", "official": official, "icons": entries}
    Path(name).mkdir()
    Path(name, store.INDEX).write_text(json.dumps(index), "utf-8")
    return name


def test_an_icon_of_a_pack_is_that_of_the_pack_that_is_named() -> None:
    catalog = IconCatalog((add_pack("one", "box"), add_pack("two", "box", "bag")))
    for name in ("one:box", "two:box", "two:bag"):
        icon = catalog.find(name)
        assert icon is not None
        assert (icon.reference, Path(icon.path).parent.name) == (name, name[:3])
        assert catalog.has(name)
    assert not catalog.has("one:bag")
    assert not catalog.has("three:box")


def test_references_of_aws_are_only_found_in_the_packs_of_aws() -> None:
    """A pack with a logo of the same name does not replace an official icon, nor the other way around."""
    other = add_pack("other", "AWS-Lambda", "VPC", "React")
    aws = add_pack("aws", "AWS-Lambda", "VPC", "React", official=True)
    catalog = IconCatalog((other, aws))
    for name, pack in (("aws.compute.Lambda", "aws"), ("programming.framework.React", "other")):
        icon = catalog.find(name)
        assert icon is not None
        assert (icon.reference, Path(icon.path).parent.name) == (name, pack)
    group = catalog.group_icon("VPC")
    assert group is not None
    assert Path(group.path).parent.name == "aws"
    assert IconCatalog((other,)).group_icon("VPC") is None


def test_a_reference_stands_for_the_icon_with_the_name_that_aws_gives_it() -> None:
    assert pack_keys("aws.analytics.Athena") == ("amazonathena",)
    assert pack_keys("aws.analytics.AppFabric") == ("awsappfabric",), "`diagrams` lacks it"
    assert pack_keys("no.such.Thing") == pack_keys("spoiled") == ()
    icon = IconCatalog().find("aws.analytics.Athena")
    assert icon is not None
    assert Path(icon.path).name == "athena.png", "without a pack, it is that of `diagrams`"
    assert IconCatalog().find("aws.analytics.AppFabric") is None


def test_icons_that_no_pack_has_come_from_this_package() -> None:
    assert len(bundled_vectors()) > 3
    for name, path in bundled_vectors().items():
        icon = IconCatalog().find(name)
        assert icon is not None
        assert icon.path == path
        assert Path(path).name == f"{name}.svg"
        assert Path(path).is_file()
    assert IconCatalog().find("saas.payment.Paypal") is None, "this picture of 'diagrams' cannot be used"
    assert IconCatalog().find("no.such.Thing") is None


def test_words_mean_an_icon_of_a_pack_unless_they_mean_something_else() -> None:
    packs = (add_pack("logos", "box", "box-icon", "crate", "amazon-tray"), add_pack("aws", "Amazon-Box", official=True))
    catalog = IconCatalog(packs)
    assert catalog.by_words(["box"], ()) == "logos:box-icon", "the square one"
    assert catalog.by_words(["crate"], ()) == "logos:crate"
    assert catalog.by_words(["crate"], ("crate",)) is None
    assert catalog.by_words(["amazon", "tray"], ("amazon", "tray")) == "logos:amazon-tray"
    assert catalog.by_words(["tray"], ()) is None
    assert catalog.by_words(["box"], ("box",)) == "aws:Amazon-Box", "everyday words still mean services of AWS"
    assert catalog.by_words(["nothing"], ()) is None
