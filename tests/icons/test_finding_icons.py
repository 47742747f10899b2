"""`diagramkit icons`: the search by name, alias and service, contact sheets, and required credits."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from diagramkit.cli import main
from diagramkit.icons import search
from diagramkit.icons.attribution import required_credits
from diagramkit.icons.catalog import DEFAULT_CATALOG
from tests.support.project import ROOT


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("lambda", "aws.compute.Lambda"),
        ("TGW", "aws.network.TransitGateway"),
        ("simple queue service", "aws.integration.SimpleQueueServiceSqs"),
        ("Transform", "aws.ml.Transform"),
        ("postgres", "onprem.database.Postgresql"),
        ("aws.storage.Backup", "aws.storage.Backup"),
        ("elasticloadbalancing", "aws.network.ElasticLoadBalancing"),
        ("sagmaker", "aws.ml.Sagemaker"),
        ("vpc lattice", "aws.network.VpcLattice"),
        ("k8s ingress", "k8s.network.Ing"),
    ],
)
def test_an_icon_is_found_by_name_alias_and_service(query: str, first: str) -> None:
    assert search.search(query)[0].reference == first


@pytest.mark.slow
def test_every_aws_icon_is_found_by_its_own_name() -> None:
    for entry in search.entries():
        if entry.reference.startswith("aws."):
            title = entry.reference.rpartition(".")[2]
            results = [result.reference.rpartition(".")[2] for result in search.search(title)]
            assert title in results


def test_the_command_prints_references_to_paste(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["icons", "transit", "gateway"]) == 0
    assert capsys.readouterr().out.startswith("aws.network.TransitGateway ")
    assert main(["icons", "vpc", "lattice"]) == 0
    assert "only in AWS's icon pack" in capsys.readouterr().out
    assert main(["icons", "qqqqqqqq"]) == 1
    with pytest.raises(SystemExit):
        main(["icons"])


def test_contact_sheets_are_self_contained_html_or_png(tmp_path: Path) -> None:
    assert main(["icons", "queue", "--sheet", "s.html"]) == 0
    page = (tmp_path / "s.html").read_text("utf-8")
    assert "aws.integration.SimpleQueueServiceSqsQueue" in page.replace("<wbr>", "")
    assert not re.search(r'(?:src|href)="(?!data:image/png)', page)
    assert main(["icons", "queue", "--sheet", "s.png"]) == 0
    with Image.open(io.BytesIO((tmp_path / "s.png").read_bytes())) as sheet:
        assert sheet.width > 1000
    with pytest.raises(SystemExit):
        main(["icons", "queue", "--sheet", "s.pdf"])


def test_a_component_without_an_icon_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.mmd").write_text("graph LR\n  A[Payment Service] --> B[Lambda]\n  C[VPC Lattice] --> B\n")
    assert main(["check", "x.mmd"]) == 0
    output = capsys.readouterr()
    assert "x.mmd:2:3: note[no-icon]: no icon for 'Payment Service'; find one with 'diagramkit icons'" in output.err
    assert "aws.network.VpcLattice is in no installed pack: add one" in output.err
    assert output.out == "1 diagram, no errors; 2 components without an icon\n"
    assert main(["check", "--strict", "x.mmd"]) == 1
    assert main(["render", "--strict", "x.mmd"]) == 1
    assert "error[no-icon]" in capsys.readouterr().err
    assert not (tmp_path / "output").exists()


def test_a_node_with_the_icon_none_is_not_reported_as_lacking_an_icon(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("title: T\nnodes: {a: Payment}\nicons: {a: none}\n")
    assert main(["render", "--strict", "x.yaml"]) == 0


def test_required_credits_are_printed_for_each_owner(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["icons", "licence", str(ROOT / "specs")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Amazon Web Services: CC-BY-ND 2.0")
    assert "Kubernetes" in out
    credits_due = required_credits(["aws.compute.Lambda", "file:x.svg", "saas.chat.Slack"], DEFAULT_CATALOG)
    assert [credit.owner for credit in credits_due] == ["Amazon Web Services", "each product's maker", "you"]


def test_an_svg_with_aws_icons_credits_aws_in_its_metadata() -> None:
    svg = (ROOT / "output/network-patterns/hub-and-spoke-with-tgw.svg").read_text("utf-8")
    assert "<metadata>Icons: AWS Architecture Icons" in svg


def test_an_icon_of_no_pack_is_reported_and_not_silently_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nodes = ("aws:lamda", "logos:supabase-icon", "aws:lambda", "database")
    lines = "".join(f'  n{number}@{{ icon: "{icon}", label: "x" }}\n' for number, icon in enumerate(nodes))
    Path("x.mmd").write_text(f"graph LR\n{lines}", "utf-8")
    for command in (["check", "x.mmd"], ["render", "x.mmd", "-o", "x.svg"]):
        assert main(command) == 0
        warnings = [line for line in capsys.readouterr().err.splitlines() if "warning[unknown-icon]" in line]
        assert [line.split(":")[1] for line in warnings] == ["2", "3"]
        assert "no installed pack has the icon 'aws:lamda'" in warnings[0]
        assert "'diagramkit icons supabase'" in warnings[1]


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("`**Payment** Service`", "Payment Service"),
        ("`_Payment_<br/>Service`", "Payment / Service"),
        ("<b>Payment</b> Service", "Payment Service"),
        ("Payment **Service**", "Payment **Service**"),
    ],
)
def test_a_component_without_an_icon_is_named_as_the_picture_shows_it(
    label: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("x.mmd").write_text(f'graph LR\n  A["{label}"] --> B[Lambda]\n', "utf-8")
    assert main(["check", "x.mmd"]) == 0
    assert f"note[no-icon]: no icon for '{shown}';" in capsys.readouterr().err
