"""`check` reports the components of a diagram that have no icon, and is silent about steps, decisions and states."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import checking
from diagramkit.cli import main
from diagramkit.graph import Pattern
from diagramkit.icons import missing, resolver, search
from diagramkit.icons.resolver import IconChoice
from diagramkit.sources.mermaid import read
from diagramkit.sources.mermaid.source_text import Origin

ORDER_PROCESS = """flowchart TD
  A([Start]) --> B[Receive order]
  B --> C{Payment valid?}
  C -->|yes| D[Reserve stock]
  C -->|no| E[Reject order]
  D --> F[Notify payment service]
  F --> G[Order placed]
  G --> I([End])
"""
DEPLOYMENT = """flowchart LR
  push[Developer pushes code] --> lint[Run linter] --> ok{Tests pass?}
  ok -->|No| fail[Notify author]
  ok -->|Yes| build[Build Docker image] --> ecr[Push to ECR] --> prod[Deploy to ECS]
  prod --> use[Use Lambda] --> upload[Upload file to S3] --> query[Query Athena]
"""
PHASES = """flowchart LR
  P[Planning] --> D[Design] --> I[Implementation] --> T[Testing] --> R[Release] --> M[Maintenance]
  col[Data collection] --> prep[Data preparation] --> train[Model training]
  s1["1. Extract from source"] --> s2["2. Validate schema"] --> s3["Step 3: load"]
"""
STATES = """flowchart LR
  N([New]) --> P([Paid]) --> S([Shipped]) --> C([Cancelled])
  in[/Incoming CSV/] --> p["load(config)"] --> q["GET /customers/{id}"] --> r[10.0.0.0/16]
"""
MODULE_STEPS = """flowchart TD
  a[Spawn Quality Agent] --> b[Scan AWS Account] --> c[Pushes image to ECR repository] --> d["4C. Application"]
  e["Step: Cache modules"] --> f[get_document_context] --> g[Discover via search<br/>consumer] --> h[S3]
"""
INCIDENT = """flowchart TD
  alarm[CloudWatch alarm fires] --> page[Page on-call engineer] --> ack{Acknowledged?}
  ack --> api[API Gateway validates JWT] --> f[Region fails] --> d[Security DB or not?]
"""


def reported(text: str, *without_icon: str) -> list[str]:
    """Return the labels of the nodes that are reported, where the nodes with some labels have no icon."""
    graph = read.parse(text, Origin("x.mmd"))
    pattern = Pattern(graph, "x", "", "X", text, graph.nodes[0].span)
    choices = resolver.resolve(pattern)
    choices |= {node.id: IconChoice(None, "none", "none") for node in graph.nodes if node.label in without_icon}
    return [node.label for node in missing.find(pattern, choices)]


@pytest.mark.parametrize("text", [ORDER_PROCESS, DEPLOYMENT, PHASES, STATES, MODULE_STEPS, INCIDENT])
def test_a_flow_chart_of_steps_and_decisions_is_not_reported(text: str) -> None:
    assert reported(text) == []


@pytest.mark.parametrize(
    "label",
    [
        "Payment Service",
        "Report Service",
        "Fulfilment Worker",
        "Rules Engine",
        "Edge Gateway",
        "ERP System",
        "Application Tier",
        "batch_loader",
        "Monitoring<br/>dashboard",
        "update-stock-engine",
        "GuardDuty Delegated Admin",
        "Security Hub Chief",
        "Cost Explorer Overview",
        "EFS CSI Thing",
        "API Gateway cache",
        "VPC Lattice",
        "Cloudwath",
        "API Gatway",
        "EventBrige",
        "Lamda",
    ],
)
def test_a_label_that_names_a_product_or_a_kind_of_component_is_reported(label: str) -> None:
    assert reported(f"graph LR\n  a[{label}]\n", label) == [label]


def test_a_thing_among_components_is_reported() -> None:
    architecture = (
        "graph LR\n  a[S3] --> b[Lambda] --> c[Salesforce]\n  b --> d[SQS] --> e[Mainframe] --> f[Fraud detection]\n"
    )
    assert reported(architecture) == ["Salesforce", "Mainframe"]
    process = "graph LR\n  a[S3] --> c[Salesforce] --> d[Contract] --> e[Invoice] --> f[Mainframe]\n"
    assert reported(process) == []


def test_what_has_no_icon_is_not_reported() -> None:
    assert reported("graph LR\n  a[aws_key_pair.k] --> b[aws_lambda_function.f] --> c[aws_security_group.web]\n") == []


def test_a_label_in_another_language_among_components_is_reported() -> None:
    assert reported("graph LR\n  a[S3] --> b[Lambda] --> c[通知サービス]\n") == ["通知サービス"]


def test_parts_of_a_service_are_not_reported_but_products_in_it_are() -> None:
    text = """flowchart LR
      subgraph fn[Order Lambda]
        h[Handler] --> v[Validator] --> d[Rules engine]
        g[GuardDuty Delegated Admin]
      end
      d --> s3[S3]
    """
    assert reported(text, "GuardDuty Delegated Admin") == ["GuardDuty Delegated Admin"]


@pytest.mark.parametrize(
    ("label", "icons"),
    [
        ("GuardDuty Findings Export", ["aws.security.Guardduty"]),
        ("Security Hub Aggregator", ["aws.security.SecurityHub"]),
        ("Network Hub Account", ["aws.management.OrganizationsAccount"]),
        ("Production OU", ["aws.management.OrganizationsOrganizationalUnit"]),
        ("Cloudwath", ["aws.management.Cloudwatch"]),
        ("EventBrige", ["aws.integration.Eventbridge"]),
        ("API Gatway", ["aws.network.APIGateway"]),
        ("Kinesys Stream", ["aws.analytics.KinesisDataStreams", "aws.analytics.Kinesis"]),
        ("Payment Service", []),
        ("Museum", []),
        ("Orchard", []),
        ("Garden Notary", []),
        ("Video Player", []),
    ],
)
def test_only_close_icons_are_suggested(label: str, icons: list[str]) -> None:
    assert search.similar(label) == icons


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("lamda", "lambda"),
        ("lambbda", "lambda"),
        ("lamdba", "lambda"),
        ("lanbda", "lambda"),
        ("cloudwacth", "cloudwatch"),
        ("lambda", None),
        ("mambda", None),  # The first letter is hardly ever wrong.
        ("eks1", None),
        ("museum", None),
        ("basket", None),  # Not Braket.
        ("lambda" * 900, None),  # It would cost the square of its length.
    ],
)
def test_a_word_with_one_wrong_letter_is_recognized(word: str, known: str | None) -> None:
    assert search.corrected(word) == known


def test_the_note_says_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.mmd").write_text("graph LR\n  A[Payment Service] --> Cloudwath\n  C[GuardDuty cost] --> A\n")
    (tmp_path / "x.yaml").write_text("title: T\nnodes: {g: GuardDuty cost, s: Payment Service}\n")
    assert main(["check", "x.mmd", "x.yaml"]) == 0
    notes = capsys.readouterr().err
    assert "find one with 'diagramkit icons' and write 'A@{ icon: \"...\" }' on a line of its own" in notes
    assert 'write \'Cloudwath@{ icon: "aws.management.Cloudwatch", label: "Cloudwath" }\' on a line' in notes
    assert "write 'C@{ icon: \"aws.security.Guardduty\" }' on a line of its own, or 'none'" in notes
    assert "write 'g: aws.security.Guardduty' under 'icons:', or 'none'" in notes


@pytest.mark.parametrize(("icon", "expected"), [("aws.security.Guardduty", 0), ("none", 0), ("", 1)])
def test_what_the_note_says_to_write_resolves_it(icon: str, expected: int, tmp_path: Path) -> None:
    line = f'  C@{{ icon: "{icon}" }}\n' if icon else ""
    (tmp_path / "x.mmd").write_text(f"graph LR\n  C[GuardDuty cost]\n{line}")
    assert main(["check", "--strict", "x.mmd"]) == expected


@pytest.mark.slow
def test_checking_takes_less_time_than_drawing() -> None:
    """The search for similar icons once took many times as long as drawing."""
    seconds = checking.measure(60, 15, 1)
    assert seconds["check"] < seconds["render"]
