"""What a whole diagram says about its labels: its cloud, whether it is about AWS, and ids that only count nodes."""

from __future__ import annotations

from diagramkit.diagnostics import Span
from diagramkit.graph import Pattern
from diagramkit.icons import resolver
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
