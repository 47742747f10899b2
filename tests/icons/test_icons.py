"""Every node of the pattern catalog gets the icon that fits, and labels of other diagrams get no wrong one."""

from __future__ import annotations

import pytest

from diagramkit import data
from diagramkit.diagnostics import DiagramError, Span
from diagramkit.graph import Node
from diagramkit.icons import library, names, resolver
from diagramkit.icons.words import normalize
from diagramkit.sources import spec
from diagramkit.style import theme
from tests.support import choices
from tests.support.project import PATTERN_NAMES, patterns

LAMBDA = "aws.compute.Lambda"
S3 = "aws.storage.SimpleStorageServiceS3"
DYNAMODB = "aws.database.Dynamodb"
VPC = "aws.network.VPC"
BEDROCK = "aws.ml.Bedrock"
OPENSEARCH = "aws.analytics.AmazonOpensearchService"
ELB = "aws.network.ElasticLoadBalancing"
ECS_SERVICE = "aws.compute.ElasticContainerServiceService"
SAGEMAKER = "aws.ml.Sagemaker"

# The icons of the catalog's 62 nodes, by pattern, in the order of the nodes; None is the neutral shape.
EXPECTED: dict[str, list[str | None]] = {
    "event-driven-architecture": [
        "aws.integration.EventResource",
        "aws.integration.Eventbridge",
        LAMBDA,
        LAMBDA,
        DYNAMODB,
        S3,
    ],
    "api-gateway-lambda": ["aws.general.Client", "aws.network.APIGateway", LAMBDA, DYNAMODB, S3],
    "ecs-microservices": [
        "aws.network.ElbApplicationLoadBalancer",
        ECS_SERVICE,
        ECS_SERVICE,
        "aws.database.RDS",
        "aws.database.ElasticacheForRedis",
    ],
    "eks-with-service-mesh": [
        "k8s.network.Ing",
        "onprem.network.Istio",
        "k8s.network.SVC",
        "k8s.network.SVC",
        "aws.general.GenericDatabase",
    ],
    "data-lake-landing-curated": [
        S3,
        "aws.analytics.Glue",
        S3,
        "aws.analytics.Athena",
        "aws.analytics.LakeFormation",
    ],
    "real-time-streaming": [
        "aws.analytics.KinesisDataStreams",
        LAMBDA,
        "aws.database.DynamodbStreams",
        LAMBDA,
        S3,
    ],
    "hub-and-spoke-with-tgw": [
        "aws.network.TransitGateway",
        "aws.network.NetworkFirewall",
        VPC,
        VPC,
        VPC,
    ],
    "multi-region-active-active": [
        "aws.network.Route53",
        ELB,
        "aws.compute.EC2",
        ELB,
        "aws.compute.EC2",
    ],
    "rag-architecture": [
        "aws.storage.SimpleStorageServiceS3BucketWithObjects",
        BEDROCK,
        OPENSEARCH,
        "aws.general.User",
        BEDROCK,
        OPENSEARCH,
        None,
        BEDROCK,
        None,
    ],
    "sagemaker-mlops-pipeline": [
        S3,
        SAGEMAKER,
        "aws.ml.SagemakerTrainingJob",
        "aws.ml.SagemakerModel",
        SAGEMAKER,
        "aws.management.Cloudwatch",
    ],
    "serverless-data-processing": [
        S3,
        LAMBDA,
        "aws.integration.StepFunctions",
        DYNAMODB,
        "aws.integration.Appsync",
        "programming.framework.React",
    ],
}


@pytest.mark.parametrize("name", PATTERN_NAMES)
def test_nodes_of_the_catalog_get_the_expected_icons(name: str) -> None:
    choices = resolver.resolve(patterns()[name])
    nodes = patterns()[name].graph.nodes
    assert [choices[node.id].icon for node in nodes] == EXPECTED[name]
    assert all(choice.reason for choice in choices.values())


def test_expected_icons_cover_the_whole_catalog() -> None:
    assert list(EXPECTED) == PATTERN_NAMES
    assert sum(map(len, EXPECTED.values())) == 62


@pytest.mark.parametrize(
    ("label", "icon"),
    [
        ("ALB", "aws.network.ElbApplicationLoadBalancer"),
        ("AWS Lambda", LAMBDA),
        ("orders Lambda functions", LAMBDA),
        ("Orders (DynamoDB)", DYNAMODB),
        ("Order store<br/>DynamoDB table", "aws.database.DynamodbTable"),
        ("NLB 2", "aws.network.ElbNetworkLoadBalancer"),
        ("Amazon SQS", "aws.integration.SimpleQueueServiceSqs"),
        ("Users", "aws.general.Users"),
        ("User", "aws.general.User"),
        ("🔒 KMS key", "aws.security.KeyManagementService"),
        ("APIGateway", "aws.network.APIGateway"),
        ("注文 Lambda", LAMBDA),
    ],
)
def test_labels_in_common_spellings_get_their_icon(label: str, icon: str) -> None:
    assert choose(label) == icon


@pytest.mark.parametrize(
    "label",
    [
        "Response",
        "Prompt Engineering",
        "Business logic",
        "Source code",
        "User service",
        "Events",
        "Yes",
        "Step 3",
        "Backend",
        "Validate input",
        "機能",
        "Config file",
        "Transform",
        "Start",
    ],
)
def test_labels_that_name_no_product_get_no_icon(label: str) -> None:
    assert choose(label) is None


def choose(label: str) -> str | None:
    return choices.icon_of(label)


def test_the_id_determines_the_icon_if_the_label_names_none() -> None:
    choice = choices.choose(Node("DDB", "Session store", "square", Span("x")))
    assert (choice.icon, choice.reason) == (DYNAMODB, "id: DDB")


def test_icons_of_the_spec_override_labels_and_none_means_the_shape() -> None:
    pattern = spec.read("title: T\nnodes: {a: Lambda, b: S3}\nicons: {a: aws.compute.EC2, b: none}\n", "s.yaml")
    icons = {name: choice.icon for name, choice in resolver.resolve(pattern).items()}
    assert icons == {"a": "aws.compute.EC2", "b": None}


def test_an_unknown_icon_is_an_error_with_a_suggestion() -> None:
    pattern = spec.read("title: T\nnodes: {a: x}\nicons: {a: aws.compute.Lamda}\n", "s.yaml")
    with pytest.raises(DiagramError, match=r"did you mean 'aws\.compute\.Lambda'") as raised:
        resolver.resolve(pattern)
    assert str(raised.value.problems[0].span) == "s.yaml:3:12"


def test_every_icon_named_in_the_data_files_exists() -> None:
    named = {icon for provider in names.PROVIDERS for _, icon in names.explicit_names(provider)}
    named -= set(names.services())
    named |= {service.substitute for service in names.services().values() if service.substitute}
    named |= set(data.load("icons", "official.yaml")) - {"spoiled"}
    named |= set(data.load("icons", "group_titles.yaml")["members"])
    named |= {rule["icon"] for rule in data.load("icons", "context.yaml")} - set(names.services())
    named |= {style.icon for style in theme.load("light").groups.values() if style.icon}
    named.remove("none")
    assert [ref for ref in sorted(named) if library.icon_file(ref) is None] == []


def test_normalize_ignores_case_plurals_and_punctuation() -> None:
    assert normalize("DynamoDB Streams #2") == ("dynamodb", "stream", "2")
    assert normalize("Policies & <b>Boxes</b>") == ("policy", "box")
