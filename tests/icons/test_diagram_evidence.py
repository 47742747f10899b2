"""What a whole diagram says about its labels: its cloud, whether it is about AWS, and ids that only count nodes."""

from __future__ import annotations

import pytest

from diagramkit import data
from diagramkit.diagnostics import Span
from diagramkit.graph import Pattern
from diagramkit.icons import library, names, resolver
from diagramkit.icons.words import normalize
from tests.support.mermaid import read


def icons(*lines: str, provider: str = "aws", title: str = "x") -> dict[str, str | None]:
    """Return the icons of the nodes and groups of a flowchart, by their ids."""
    graph = read("\n".join(("flowchart LR", *lines)))
    pattern = Pattern(graph=graph, name="x", folder="", title=title, source_text="", span=Span("x"), provider=provider)
    return {name: choice.icon for name, choice in resolver.resolve(pattern).items()}


def test_a_generic_word_means_something_of_aws_only_if_the_diagram_names_aws() -> None:
    assert icons("a[API] --> q[Job Queue]") == {"a": None, "q": None}
    assert icons("a[Lambda] --> q[Job Queue]")["q"] == "aws.integration.SimpleQueueServiceSqsQueue"
    assert icons("a[API] --> q[Job Queue]", title="On AWS")["q"] == "aws.integration.SimpleQueueServiceSqsQueue"
    assert icons("subgraph g[AWS]", "q[Job Queue]", "end")["q"] == "aws.integration.SimpleQueueServiceSqsQueue"


def test_people_and_tools_have_icons_in_each_diagram() -> None:
    assert icons("u[Users] --> d[(PostgreSQL)]") == {"u": "aws.general.Users", "d": "onprem.database.PostgreSQL"}


def test_a_diagram_that_names_one_other_cloud_is_about_it() -> None:
    assert icons("l[Load Balancer] --> r[Azure Functions]")["l"] == "azure.network.LoadBalancers"
    assert icons("l[Cloud Load Balancer] --> r[Cloud Run]")["l"] == "gcp.network.LoadBalancing"
    assert icons("v[VPC] --> k[LKE cluster on Linode]")["v"] is None


def test_a_diagram_that_also_names_aws_is_about_aws_except_in_groups_of_other_clouds() -> None:
    found = icons("l[Load Balancer] --> s[S3]", "subgraph z[Azure]", "m[Load Balancer]", "end")
    assert found["l"] == "aws.network.ElasticLoadBalancing"
    assert found["m"] == "azure.network.LoadBalancers"


def test_a_specified_provider_takes_precedence_over_what_labels_name() -> None:
    assert icons("l[Load Balancer] --> r[Azure Functions]", provider="gcp")["l"] == "gcp.network.LoadBalancing"


def test_the_frame_of_another_cloud_shows_no_icon_of_aws() -> None:
    assert icons("subgraph g[Alibaba Cloud API Gateway]", "a[Orders]", "end").get("g") is None


def test_an_id_that_counts_nodes_is_no_name() -> None:
    assert icons("S1[scaffolded] --> S2[configured] --> S3[provisioned]")["S3"] is None
    assert icons("S3[uploads] --> L[Lambda]")["S3"] == "aws.storage.SimpleStorageServiceS3"


def test_a_label_that_names_a_product_does_not_follow_the_id_of_a_similar_one() -> None:
    found = icons("VPC[Network Configuration] --> TF[Terraform Configuration]")
    assert found == {"VPC": "aws.network.VPC", "TF": None}


SHARED = ["API Gateway", "WAF", "IAM", "KMS", "Secrets Manager", "VPC", "Private Subnet", "Route Table", "Hosted Zone"]
SHARED += ["Dead Letter Queue", "Parameter Store", "Load Balancer", "Service Catalog", "Identity Center", "OpenSearch"]


@pytest.mark.parametrize("label", SHARED)
def test_the_name_of_something_that_others_have_needs_a_diagram_about_aws_among_products_of_others(label: str) -> None:
    assert icons(f"a[{label}] --> b[(MongoDB)]", "b --> c[Kafka]")["a"] is None
    assert icons(f"a[{label}] --> b[(DynamoDB)]")["a"], label


@pytest.mark.parametrize("label", ["AWS WAF", "AWS KMS", "Amazon API Gateway", "DynamoDB", "CloudWatch", "Fargate"])
def test_the_name_of_something_that_only_aws_has_needs_no_other_evidence(label: str) -> None:
    assert icons(f"a[{label}] --> b[(MongoDB)]", "b --> c[Kafka]")["a"], label


def test_a_shared_name_among_no_products_of_others_is_a_guess() -> None:
    graph = read("flowchart LR\n  a[API Gateway] --> b[Orders]")
    pattern = Pattern(graph=graph, name="x", folder="", title="x", source_text="", span=Span("x"))
    assert resolver.resolve(pattern)["a"].confidence == "guess"


def test_what_applications_have_as_well_needs_something_of_aws_in_a_large_diagram() -> None:
    steps = [f"s{number}[Step {number}] --> a[API Gateway]" for number in range(6)]
    assert icons(*steps)["a"] is None
    assert icons(*steps, "t[Hub Route Table]")["t"] == "aws.network.RouteTable"
    assert icons(*steps, "a --> c[CDN]", "c --> b[WAF]")["a"] is None
    assert icons(*steps, "a --> b[Private Subnet]")["a"] == "aws.network.APIGateway"
    assert icons(*steps, "a --> b[Lambda]")["a"] == "aws.network.APIGateway"


def test_one_of_two_possibilities_says_nothing_about_the_diagram() -> None:
    assert icons("a[API Gateway] --> k[Kafka]", "k --> s[Lake: S3/GCS]")["a"] is None
    assert icons("a[API Gateway] --> k[Kafka]", "k --> s[Lake: S3]")["a"]


def test_a_group_of_a_vendor_names_nothing_of_a_cloud() -> None:
    cloud = ("subgraph g[Google Cloud]", "r[Cloud Run]", "e[DNS]", "end")
    found = icons("subgraph v[Cloudflare]", "d[DNS]", "end", *cloud)
    assert (found["d"], found["e"]) == (None, "gcp.network.DNS")
    assert icons("subgraph v[Cloudflare]", "d[DNS]", "end", "l[Lambda]")["d"] is None
    assert icons("subgraph v[Cloudflare and AWS]", "d[S3]", "end")["d"]


def test_plurals_show_what_a_word_is_about() -> None:
    steps = [f"s{number}[Step {number}] --> l[Lambda]" for number in range(6)]
    assert icons(*steps, "l --> b[Backup Vaults]")["b"] == "aws.storage.Backup"
    assert icons(*steps, "l --> b[FMS]")["b"] is None
    assert icons(*steps, "l --> b[FMS]", "b --> w[WAF]")["b"] == "aws.security.FirewallManager"


@pytest.mark.parametrize(
    ("group", "label", "icon"),
    [
        ("Azure", "Azure Managed Redis", "azure.databases.CacheRedis"),
        ("Azure", "Private Link Service", "azure.networking.PrivateLinkService"),
        ("Azure", "App Registrations", "azure.identity.AppRegistrations"),
        ("Google Cloud", "VPC", "gcp.network.VirtualPrivateCloud"),
        ("Google Cloud", "Cloud Router", "gcp.network.Router"),
        ("Google Cloud", "GCS", "gcp.storage.Storage"),
    ],
)
def test_other_clouds_have_their_own_names(group: str, label: str, icon: str) -> None:
    assert icons(f"subgraph g[{group}]", f"a[{label}]", "end", "l[Lambda]")["a"] == icon


RIVALS = [
    ("Job Queue", "RabbitMQ", "SQS"),
    ("Order Queue", "Redis", "SQS"),
    ("Orders topic", "Kafka", "SNS"),
    ("Event Bus", "Redpanda and Kafka", "EventBridge"),
    ("Load Balancer", "NGINX", "ALB"),
    ("Object Storage", "MinIO", "S3"),
    ("CDN", "Cloudflare", "CloudFront"),
    ("Workflow Engine", "Temporal", "Step Functions"),
    ("Crawler", "Playwright", "Glue"),
    ("Container", "Docker Compose", "ECS"),
]


@pytest.mark.parametrize(("label", "rival", "service"), RIVALS)
def test_a_word_for_a_service_leaves_open_what_it_means_next_to_another_product(
    label: str, rival: str, service: str
) -> None:
    lambda_function = "l[Lambda]"
    assert icons(lambda_function, f"a[{label}] --> b[{rival}]")["a"] is None
    with_service = icons(lambda_function, f"a[{label}] --> b[{service}]", f"b --> c[{rival}]")["a"]
    without_rival = icons(lambda_function, f"a[{label}]")["a"]
    assert with_service == without_rival


EVERYDAY = ["Config", "Backup", "Inspector", "Detective", "Shield", "Connect", "Comprehend", "Translate", "Personalize"]


@pytest.mark.parametrize("label", EVERYDAY)
def test_an_everyday_word_names_no_service_in_a_large_diagram(label: str) -> None:
    steps = [f"s{number}[Step {number}] --> l[Lambda]" for number in range(6)]
    assert icons(*steps, f"a[{label}]")["a"] is None
    assert icons(*steps, f"a[AWS {label}]")["a"], label


def test_words_that_are_used_elsewhere_name_a_cloud_only_together() -> None:
    assert icons("l[Load Balancer] --> k[Key Vault]")["l"] != "azure.network.LoadBalancers"
    assert icons("l[Load Balancer] --> k[Key Vault]", "k --> s[Service Bus]")["l"] == "azure.network.LoadBalancers"


def test_an_id_with_the_number_of_its_label_is_no_name() -> None:
    assert icons("S3[Shard 3] --> L[Lambda]")["S3"] is None
    assert icons("S3[Uploads 2024] --> L[Lambda]")["S3"] == "aws.storage.SimpleStorageServiceS3"


def test_a_cylinder_in_a_group_of_streams_is_no_database() -> None:
    assert icons("subgraph g[Kafka topics]", "o[(orders)]", "end")["o"] is None
    assert icons("subgraph g[Data]", "o[(orders)]", "end")["o"]


def test_every_shared_phrase_is_a_name_and_occurs_once() -> None:
    known = {name.words for name in names.index("aws").all_names()}
    phrases = [normalize(phrase) for phrase in data.load("icons", "clouds.yaml")["shared"]]
    assert len(phrases) == len(set(phrases))
    assert known.issuperset(phrases)


def test_every_row_of_rivals_is_about_icons_and_none_hides_another() -> None:
    references = (*library.references("aws"), *names.services())
    prefixes = list(data.load("icons", "rivals.yaml"))
    for number, prefix in enumerate(prefixes):
        assert any(reference.startswith(prefix) for reference in references), prefix
        assert not any(prefix.startswith(earlier) for earlier in prefixes[:number]), prefix
