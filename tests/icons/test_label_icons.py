"""The icon that a label stands for, both as people write labels and as AWS names its services."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from diagramkit import data
from diagramkit.diagnostics import Span
from diagramkit.graph import Node
from diagramkit.icons import library, names, resolver
from diagramkit.icons.resolver import IconChoice
from diagramkit.sources import spec
from tests.support import choices
from tests.support.project import DATA

LABELS: dict[str, list[str]] = yaml.safe_load((DATA / "labels.yaml").read_text("utf-8"))
SERVICES = [tuple(line.split("\t")) for line in (DATA / "services.tsv").read_text("utf-8").splitlines() if "\t" in line]
# Classes whose name is an everyday word: they are found with the name of their provider before it.
EVERYDAY = {
    "Analytics",
    "Artifact",
    "Batch",
    "Blockchain",
    "Compute",
    "Database",
    "Endpoint",
    "Forecast",
    "General",
    "Iq",
    "Mobile",
    "Q",
    "Robotics",
    "Satellite",
    "Storage",
    "Support",
    "MQ",
    "Chatbot",
    "Transform",
}


def choose(label: str, name: str = "n1", shape: str = "square", **options: Any) -> IconChoice:
    around = options.pop("around", ())
    provider = options.pop("provider", "aws")
    return choices.choose(Node(name, label, shape, Span("x"), **options), around, (), provider)


def test_labels_as_people_write_them_have_the_right_icon_or_none() -> None:
    pairs = [(label, icon) for icon, labels in LABELS.items() for label in labels]
    assert len(pairs) == len(set(pairs)) >= 400
    wrong = [(label, icon, chosen) for label, icon in pairs if (chosen := choose(label).icon or "none") != icon]
    assert wrong == []


def test_every_service_is_found_by_its_full_name() -> None:
    wrong = []
    for name, icon in SERVICES:
        choice = choose(name)
        is_missing = icon.startswith("*") and choice.reason.endswith(f"{icon[1:]} is in no installed pack")
        if not is_missing and (choice.icon or "-") != icon:
            wrong.append((name, icon, choice))
    assert wrong == []
    assert len(SERVICES) > 400


def test_every_class_of_aws_is_found_by_its_name() -> None:
    for reference in library.references("aws"):
        title = reference.rpartition(".")[2]
        chosen = choose(f"AWS {title}" if title in EVERYDAY else title).icon
        assert chosen, title
        # A class in two modules, or with two names, has one picture.
        is_same = chosen.rpartition(".")[2] == title or picture(chosen) == picture(reference)
        assert is_same or {title, chosen} == {"SDK", "aws.general.GenericSDK"}, (reference, chosen)


def picture(reference: str) -> bytes:
    path = library.icon_file(reference)
    assert path
    return path.read_bytes()


@pytest.mark.parametrize(
    ("short", "icon"),
    [
        ("TGW", "network.TransitGateway"),
        ("NLB", "network.ElbNetworkLoadBalancer"),
        ("ALB", "network.ElbApplicationLoadBalancer"),
        ("SFN", "integration.StepFunctions"),
        ("DDB", "database.Dynamodb"),
        ("APIGW", "network.APIGateway"),
        ("R53", "network.Route53"),
        ("NACL", "network.Nacl"),
        ("IGW", "network.InternetGateway"),
        ("SSM", "management.SystemsManager"),
        ("KMS", "security.KeyManagementService"),
        ("ACM", "security.CertificateManager"),
        ("ElasticSearch Service", "analytics.ElasticsearchService"),
        ("CloudWatch Events", "integration.Eventbridge"),
        ("MSK", "analytics.ManagedStreamingForKafka"),
        ("Kinesis Firehose", "analytics.KinesisDataFirehose"),
        ("MWAA", "management.AmazonManagedWorkflowsApacheAirflow"),
        ("EKS", "compute.ElasticKubernetesService"),
        ("ECR", "compute.EC2ContainerRegistry"),
        ("DMS", "database.DatabaseMigrationService"),
        ("SES", "engagement.SimpleEmailServiceSes"),
        ("VGW", "network.VpnGateway"),
        ("CGW", "network.VPCCustomerGateway"),
        ("ASG", "compute.EC2AutoScaling"),
        ("QLDB", "blockchain.QuantumLedgerDatabaseQldb"),
        ("DAX", "database.DynamodbDax"),
    ],
)
def test_common_abbreviations_and_former_names(short: str, icon: str) -> None:
    choice = choose(short)
    assert (choice.icon, choice.confidence) == (f"aws.{icon}", "exact")


def test_a_label_that_names_two_services_has_one_icon_and_mentions_the_other() -> None:
    choice = choose("SQS consumer Lambda")
    assert choice.icon == "aws.compute.Lambda"
    assert choice.reason == "alias: Lambda; also names sqs"
    assert choose("EC2/VPC 1").reason == "alias: EC2; also names vpc"


@pytest.mark.parametrize(
    ("label", "icon"),
    [
        ("CloudWatch alarm for SQS", "aws.management.CloudwatchAlarm"),
        ("API Gateway cache", None),
        ("RabbitMQ queue", "onprem.queue.RabbitMQ"),
        ("Lambda queue", "aws.integration.SimpleQueueServiceSqsQueue"),
        ("S3 logs", "aws.storage.SimpleStorageServiceS3"),
        ("Lambda logs", None),
        ("Kinesis producer", None),
        ("Create S3 bucket", None),
        ("Create order Lambda", "aws.compute.Lambda"),
        ("DynamoDB vs RDS", None),
        ("✅ Backup & Restore", None),
        ("Publish release<br/>GitHub release notes", None),
        ("Frontend<br/>Nginx:3000", "onprem.network.Nginx"),
        ("Application<br/>Load Balancer", "aws.network.ElbApplicationLoadBalancer"),
        ("EventBridge<br/>Event routing", "aws.integration.Eventbridge"),
    ],
)
def test_the_word_that_determines_the_icon(label: str, icon: str | None) -> None:
    assert choose(label).icon == icon


def test_id_class_shape_and_group_are_used_if_the_label_has_no_icon() -> None:
    assert choose("Session store", "DDB").reason == "id: DDB"
    assert choose("Session events", "SES").icon is None  # These letters abbreviate the label.
    assert choose("API Gateway cache", "APIGW").icon is None  # The label contains this name, but means something else.
    assert choose("Thumbnails", classes=("lambda",)).reason == "class: lambda"
    assert choose("Thumbnails", classes=("compute",)).icon is None  # A color scheme.
    assert choose("Orders", shape="cylinder").reason == "shape: cylinder"
    assert choose("Users", shape="cylinder").icon == "aws.general.GenericDatabase"
    assert choose("Users").icon == "aws.general.Users"
    assert choose("upload", around=("Lambda functions",)).reason == "group: lambda function"
    assert choose("Is S3 public?").icon is None


def test_the_confidence_of_choices() -> None:
    assert choose("AWS Lambda").confidence == "exact"
    assert choose("Orders (DynamoDB)").confidence == "likely"
    assert choose("orders queue").confidence == "guess"
    assert choose("S3 Tables").reason == "alias: S3 Tables, in place of aws.storage.S3Tables"
    assert choose("Payment service").confidence == "none"


@pytest.mark.parametrize(
    ("provider", "label", "icon"),
    [
        ("gcp", "Pub/Sub", "gcp.analytics.Pubsub"),
        ("gcp", "Cloud Run", "gcp.compute.Run"),
        ("gcp", "orders topic", "gcp.analytics.Pubsub"),
        ("gcp", "Cloud Storage bucket", "gcp.storage.Storage"),
        ("gcp", "GKE", "gcp.compute.KubernetesEngine"),
        ("gcp", "PostgreSQL", "onprem.database.PostgreSQL"),
        ("azure", "Azure Functions", "azure.compute.FunctionApps"),
        ("azure", "AKS", "azure.compute.KubernetesServices"),
        ("azure", "Service Bus queue", "azure.integration.ServiceBus"),
        ("azure", "Key Vault", "azure.security.KeyVaults"),
        ("aws", "Azure AD", "azure.identity.AzureActiveDirectory"),
        ("aws", "Google BigQuery", "gcp.analytics.Bigquery"),
    ],
)
def test_other_providers_use_the_same_rules(provider: str, label: str, icon: str) -> None:
    assert choose(label, provider=provider).icon == icon


def test_a_spec_specifies_the_preferred_provider() -> None:
    pattern = spec.read("title: T\nprovider: gcp\nnodes: {a: Cloud SQL, b: Users}\n", "s.yaml")
    icons = [choice.icon for choice in resolver.resolve(pattern).values()]
    assert icons == ["gcp.database.SQL", None]


def test_an_icon_from_a_missing_mermaid_pack_is_treated_as_a_label() -> None:
    assert choose("x", icon="logos:aws-lambda").icon == "aws.compute.Lambda"
    assert choose("x", icon="aws:arch-amazon-simple-queue-service").reason.startswith("icon: aws:")


@pytest.mark.parametrize("file", ["aws", "gcp", "azure", "others"])
def test_each_phrase_in_the_data_has_one_icon(file: str) -> None:
    icons: dict[tuple[str, tuple[str, ...]], str] = {}
    for icon, phrases in data.load("icons", f"names/{file}.yaml").items():
        for phrase in phrases:
            name = names.parse_phrase(phrase, icon, "")
            assert icons.setdefault((name.condition, name.words), icon) == icon, phrase


@pytest.mark.parametrize(
    "label",
    ["<div>Lambda</div><div>SQS</div>", "<p>Lambda</p>SQS", "<ul><li>Lambda</li><li>SQS</li></ul>", "Lambda<hr/>SQS"],
)
def test_blocks_of_html_are_lines_like_those_of_line_breaks(label: str) -> None:
    span = Span("x.mmd")
    chosen = [choices.choose(Node("n", text, "square", span)) for text in (label, "Lambda<br/>SQS")]
    assert chosen[0] == chosen[1]
    assert chosen[0].icon == "aws.compute.Lambda"
