"""The icon that a label means: as people write labels, as AWS names its services."""

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
from tests.conftest import DATA

LABELS: dict[str, list[str]] = yaml.safe_load((DATA / "labels.yaml").read_text("utf-8"))
SERVICES = [tuple(line.split("\t")) for line in (DATA / "services.tsv").read_text("utf-8").splitlines() if "\t" in line]
# Classes whose name is a word of everyday language: with their maker's name before it they are found.
EVERYDAY = {
    "Analytics",
    "Artifact",
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
    "Transform",
}


def choose(label: str, name: str = "n1", shape: str = "square", **more: Any) -> IconChoice:
    around = more.pop("around", ())
    provider = more.pop("provider", "aws")
    return resolver.choose(Node(name, label, shape, Span("x"), **more), around, (), provider)


def test_labels_as_people_write_them_have_the_icon_that_fits_or_none() -> None:
    pairs = [(label, icon) for icon, labels in LABELS.items() for label in labels]
    assert len(pairs) == len(set(pairs)) >= 400
    wrong = [(label, icon, found) for label, icon in pairs if (found := choose(label).icon or "none") != icon]
    assert wrong == []


def test_every_service_is_found_by_its_full_name() -> None:
    wrong = []
    for name, icon in SERVICES:
        choice = choose(name)
        lacking = icon.startswith("*") and choice.reason.endswith(f"{icon[1:]} is in no installed pack")
        if not lacking and (choice.icon or "-") != icon:
            wrong.append((name, icon, choice))
    assert wrong == []
    assert len(SERVICES) > 400


def test_every_class_of_aws_is_found_by_its_own_name() -> None:
    for reference in library.references("aws"):
        title = reference.rpartition(".")[2]
        found = choose(f"AWS {title}" if title in EVERYDAY else title).icon
        assert found, title
        # A class that stands in two modules, or has two names, has one picture.
        twin = found.rpartition(".")[2] == title or picture(found) == picture(reference)
        assert twin or {title, found} == {"SDK", "aws.general.GenericSDK"}, (reference, found)


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
def test_usual_abbreviations_and_old_names(short: str, icon: str) -> None:
    choice = choose(short)
    assert (choice.icon, choice.confidence) == (f"aws.{icon}", "exact")


def test_a_label_that_names_two_services_takes_the_thing_and_says_so() -> None:
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
def test_which_word_decides(label: str, icon: str | None) -> None:
    assert choose(label).icon == icon


def test_an_id_a_class_a_shape_or_a_group_decides_where_the_label_says_nothing() -> None:
    assert choose("Session store", "DDB").reason == "id: DDB"
    assert choose("Session events", "SES").icon is None  # The label's own letters.
    assert choose("API Gateway cache", "APIGW").icon is None  # The label names it, and means another.
    assert choose("Thumbnails", classes=("lambda",)).reason == "class: lambda"
    assert choose("Thumbnails", classes=("compute",)).icon is None  # A scheme of colours.
    assert choose("Orders", shape="cylinder").reason == "shape: cylinder"
    assert choose("Users", shape="cylinder").icon == "aws.general.GenericDatabase"
    assert choose("Users").icon == "aws.general.Users"
    assert choose("upload", around=("Lambda functions",)).reason == "group: lambda function"
    assert choose("Is S3 public?").icon is None


def test_how_sure_it_is() -> None:
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
def test_other_clouds_by_the_same_data(provider: str, label: str, icon: str) -> None:
    assert choose(label, provider=provider).icon == icon


def test_a_spec_says_whose_icons_to_prefer() -> None:
    pattern = spec.read("title: T\nprovider: gcp\nnodes: {a: Cloud SQL, b: Users}\n", "s.yaml")
    icons = [choice.icon for choice in resolver.resolve(pattern).values()]
    assert icons == ["gcp.database.SQL", None]


def test_an_icon_of_mermaids_packs_is_read_as_a_label_where_its_pack_is_not_here() -> None:
    assert choose("x", icon="logos:aws-lambda").icon == "aws.compute.Lambda"
    assert choose("x", icon="aws:arch-amazon-simple-queue-service").reason.startswith("icon: aws:")


@pytest.mark.parametrize("file", ["aws", "gcp", "azure", "others"])
def test_each_phrase_of_the_data_means_one_icon(file: str) -> None:
    seen: dict[tuple[str, tuple[str, ...]], str] = {}
    for icon, phrases in data.load("icons", f"names/{file}.yaml").items():
        for phrase in phrases:
            name = names.parse_phrase(phrase, icon, "")
            assert seen.setdefault((name.condition, name.words), icon) == icon, phrase
