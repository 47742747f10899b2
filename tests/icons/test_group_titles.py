"""A group's title determines its kind, the icon in its corner, and the icons of its members."""

from __future__ import annotations

import pytest
import yaml

from diagramkit.diagnostics import Span
from diagramkit.graph import Graph, Group, Node, Pattern
from diagramkit.icons import resolver
from diagramkit.icons.catalog import DEFAULT_CATALOG
from diagramkit.measure import figures
from diagramkit.style import group_kinds, theme
from diagramkit.style.theme import BASES
from tests.support import choices
from tests.support.project import DATA

TITLES: dict[str, list[str]] = yaml.safe_load((DATA / "group_titles.yaml").read_text("utf-8"))
SPAN = Span("x")

LAMBDA = "aws.compute.Lambda"
QUEUE = "aws.integration.SimpleQueueServiceSqsQueue"


def icon_of_group(title: str, kind: str | None = None) -> str | None:
    return choices.icon_of_group(Group("g", title, SPAN, kind=kind))


def icon_of_member(title: str, label: str = "Refunds", shape: str = "square") -> str | None:
    return choices.choose(Node("n1", label, shape, SPAN), (title,)).icon


@pytest.mark.parametrize("kind", TITLES)
def test_the_title_of_a_group_determines_its_kind(kind: str) -> None:
    assert {title: group_kinds.of_title(title) for title in TITLES[kind]} == dict.fromkeys(TITLES[kind], kind)
    assert len(TITLES[kind]) >= 20


def test_every_kind_has_titles_to_test() -> None:
    assert set(TITLES) == set(group_kinds.load()) - {group_kinds.SERVICE}


@pytest.mark.parametrize(
    ("title", "icon"),
    [
        ("CloudWatch", "aws.management.Cloudwatch"),
        ("Order Lambda", LAMBDA),
        ("AWS Lambda Function", LAMBDA),
        ("Lambda: orders", LAMBDA),
        ("Lambda · Python 3.12 · 128 MB", LAMBDA),
        ("Lambda (us-east-1)", LAMBDA),
        ("Lambda (VPC)", LAMBDA),
        ("Order service (Lambda)", LAMBDA),
        ("Lambda for orders", LAMBDA),
        ("🔸 Worker Lambda", LAMBDA),
        ("Order Lambdas", LAMBDA),
        ("Bedrock (ap-northeast-1)", "aws.ml.Bedrock"),
        ("Aurora cluster", "aws.database.Aurora"),
        ("Aurora (PostgreSQL)", "aws.database.Aurora"),
        ("Amazon API Gateway", "aws.network.APIGateway"),
        ("Raw S3", "aws.storage.SimpleStorageServiceS3"),
        ("S3 Data Lake", "aws.storage.SimpleStorageServiceS3"),
        ("DynamoDB Tables", "aws.database.DynamodbTable"),
        ("Data layer (DynamoDB)", "aws.database.Dynamodb"),
        ("Kinesis ingestion", "aws.analytics.Kinesis"),
        ("Step Functions workflow", "aws.integration.StepFunctions"),
        ("Cognito User Pool", "aws.security.Cognito"),
        ("MSK Cluster", "aws.analytics.ManagedStreamingForKafka"),
        ("AWS Batch", "aws.compute.Batch"),
        ("GitHub Actions", "onprem.ci.GithubActions"),
        ("Kafka Cluster", "onprem.queue.Kafka"),
    ],
)
def test_a_group_that_contains_a_service_shows_its_icon(title: str, icon: str) -> None:
    assert icon_of_group(title) == icon


@pytest.mark.parametrize(
    "title",
    [
        *(title for kind in TITLES if kind != "generic" for title in TITLES[kind][:5]),
        "Ingress Layer",
        "Terraform layer",
        "Batch layer",  # Everyday words that are also names.
        "Users",
        "Queues",
        "Database",
        "Config",
        "Support",
        "Frontend",
        "Lambda Architecture",  # About something else than the service.
        "Lambda cold start",
        "Lambda execution lifecycle",
        "S3 event flow",
        "Cost of NAT Gateway",
        "Without NAT Gateway",
        "Deployed on ECS",
        "Lambda vs Fargate",  # Comparisons and questions.
        "Is Lambda enough?",
        "How Lambda scales",
        "Create S3 bucket",
        "Lambda & DynamoDB",  # Several services.
        "SQS, SNS",
        "API Gateway + Lambda",
        "Storage (S3, EFS)",
        "Lambda invokes Bedrock",
    ],
)
def test_a_group_that_is_not_about_one_service_shows_no_icon_of_a_service(title: str) -> None:
    assert icon_of_group(title) is None


def test_a_declared_kind_overrides_the_title() -> None:
    assert icon_of_group("Order Lambda", kind="generic") is None
    assert icon_of_group("Order Lambda", kind="vpc") is None
    assert icon_of_group("Order Lambda", kind="service") == LAMBDA
    assert theme.load("light").group(Group("g", "Lambda", SPAN, kind="vpc")).kind == "vpc"


@pytest.mark.parametrize(
    ("title", "icon"),
    [
        ("Lambda functions", LAMBDA),
        ("Lambdas", LAMBDA),
        ("Order processing Lambdas", LAMBDA),
        ("Lambda Functions (Python 3.12)", LAMBDA),
        ("Workers: Lambda functions", LAMBDA),
        ("λ AWS Lambda functions prod", LAMBDA),
        ("SQS queues", QUEUE),
        ("Order SQS Queues", QUEUE),
        ("Raw S3 buckets", "aws.storage.SimpleStorageServiceS3Bucket"),
        ("ECS Services", "aws.compute.ElasticContainerServiceService"),
        ("EC2 instances", "aws.compute.EC2Instance"),
        ("DynamoDB tables", "aws.database.DynamodbTable"),
    ],
)
def test_a_group_of_several_things_gives_its_icon_to_members_without_one(title: str, icon: str) -> None:
    assert icon_of_member(title) == icon
    assert icon_of_member(title, "Kinesis") == "aws.analytics.Kinesis"


@pytest.mark.parametrize(
    "title",
    [
        "Order Lambda",
        "Lambda",
        "CloudWatch",
        "SQS",
        "SQS queue",
        "Step Functions",
        "Lambda function",
        "CloudWatch Logs",
        "S3",
    ],
)
def test_a_group_that_is_one_thing_keeps_its_icon_for_itself(title: str) -> None:
    """Steps inside a Lambda function are not Lambda functions."""
    assert icon_of_group(title)
    assert icon_of_member(title) is None


def test_decisions_and_questions_are_no_members_of_a_kind() -> None:
    assert icon_of_member("Lambda functions", "Retry", shape="diamond") is None
    assert icon_of_member("Lambda functions", "Is it valid?") is None


@pytest.mark.parametrize("base", BASES)
def test_the_border_of_a_service_has_the_color_of_its_category(base: str) -> None:
    """As AWS draws it; without color in the theme for print."""
    picture_theme = theme.load(base)
    compute = picture_theme.group(Group("g", "Lambda", SPAN), LAMBDA).border
    storage = picture_theme.group(Group("g", "S3", SPAN), "aws.storage.SimpleStorageServiceS3").border
    other = picture_theme.group(Group("g", "Kafka", SPAN), "onprem.queue.Kafka").border
    ecs = picture_theme.groups["ecs-cluster"].border
    if base == "mono":
        assert compute == storage == other
        assert len({other[1:3], other[3:5], other[5:7]}) == 1
    else:
        assert compute == ecs
        assert len({compute, storage, other}) == 3


def test_a_theme_file_can_replace_the_border_of_services() -> None:
    own = theme.build("light", {}, {}, {"service": {"border": "#123456"}}, theme.load("light").face, "own")
    assert own.group(Group("g", "Lambda", SPAN), LAMBDA).border == "#123456"


def test_a_heading_has_space_for_the_icon_of_a_service() -> None:
    groups = (Group("named", "Lambda", SPAN), Group("plain", "Lambda", SPAN, kind="generic"))
    graph = Graph((Node("n1", "x", "square", SPAN, "named"), Node("n2", "y", "square", SPAN, "plain")), groups=groups)
    icons = resolver.resolve(Pattern(graph, "t", "", "T", "", SPAN))
    assert set(icons) == {"n1", "n2", "named"}
    light = theme.load("light")
    headings = figures.measure(graph, icons, light, catalog=DEFAULT_CATALOG).headings
    assert headings["named"].service == LAMBDA
    assert headings["plain"].service is None
    assert headings["named"].width == headings["plain"].width + light.sizes.group_icon


@pytest.mark.parametrize(
    ("provider", "icon"),
    [("gcp", "gcp.compute.KubernetesEngine"), ("azure", "azure.compute.KubernetesServices"), ("aws", None)],
)
def test_a_kubernetes_cluster_is_a_service_of_the_provider(provider: str, icon: str | None) -> None:
    assert choices.icon_of_group(Group("g", "Kubernetes cluster", SPAN), provider) == icon
    assert group_kinds.of_title("Kubernetes cluster") == "eks-cluster"


@pytest.mark.parametrize(
    "title", ["Talos Kubernetes cluster", "k3s Kubernetes cluster", "Network layer: VPC isolation"]
)
def test_a_title_about_something_else_has_no_kind_of_aws(title: str) -> None:
    assert group_kinds.of_title(title) == group_kinds.GENERIC
