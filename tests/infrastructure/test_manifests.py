"""Docker Compose, Kubernetes and the output of `terraform graph` on the command line, and what images contain."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from diagramkit import data, infrastructure
from diagramkit.cli import main
from diagramkit.icons.catalog import IconCatalog
from diagramkit.infrastructure import images
from diagramkit.infrastructure.readers import detect
from tests.support import templates

KINDS = {
    "ClusterRole", "ClusterRoleBinding", "ConfigMap", "CronJob", "CSIDriver", "CustomResourceDefinition", "DaemonSet",
    "Deployment", "EndpointSlice", "Endpoints", "Event", "GRPCRoute", "Gateway", "GatewayClass", "HTTPRoute",
    "HorizontalPodAutoscaler", "Ingress", "IngressClass", "Job", "Lease", "LimitRange", "Namespace", "NetworkPolicy",
    "PersistentVolume", "PersistentVolumeClaim", "Pod", "PodDisruptionBudget", "PriorityClass", "ReferenceGrant",
    "ReplicaSet", "ReplicationController", "ResourceQuota", "Role", "RoleBinding", "RuntimeClass", "Secret", "Service",
    "ServiceAccount", "StatefulSet", "StorageClass", "TCPRoute", "TLSRoute", "UDPRoute", "VolumeSnapshotClass",
    "APIService", "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
}  # fmt: skip
"""The kinds of Kubernetes' own API groups, of its gateways and of its volume snapshots."""
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{image: x}]}}}
"""
COMPOSE = "services:\n  web:\n    image: nginx\n    ports: ['80:80']\n"


@pytest.fixture(autouse=True)
def _in_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()


def test_every_kind_in_the_table_exists() -> None:
    names = [name.split("::")[1:] for name in data.load("infrastructure", "kubernetes.yaml")["types"]]
    own = {kind for parts in names if len(parts) == 1 for kind in parts[0].strip("{}").split(",")}
    assert sorted(own - KINDS) == []
    assert all("." in parts[0] for parts in names if len(parts) == 2)
    sections = {"services", "volumes", "networks", "configs", "secrets"}
    assert {name.partition("::")[2] for name in data.load("infrastructure", "compose.yaml")["types"]} == sections


def test_every_product_has_an_icon_and_every_entry_is_used() -> None:
    table = data.load("infrastructure", "images.yaml")
    icons = images._icons()
    used = {icon for icon in icons.values() if not icon.startswith(tuple(table["ignored"]))}
    assert [icon for icon in sorted(used) if not IconCatalog().find(icon)] == []
    assert [name for name in table["images"].values() if name not in {"none", *icons}] == []
    assert sorted(set(table["products"]) - set(icons.values())) == []


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("postgres", "PostgreSQL"),
        ("docker.io/library/redis:7.2-alpine@sha256:0123", "Redis"),
        ("registry.example.com:5000/base/nginx", "NGINX"),
        ("confluentinc/cp-kafka:7.6", "Kafka"),
        ("quay.io/prometheus/prometheus", "Prometheus"),
        ("docker.elastic.co/elasticsearch/elasticsearch:8.13", "Elasticsearch"),
        ("example/postgres-exporter", None),
        ("example/shop", None),
        ("node:20", None),
        ("", None),
    ],
)
def test_the_name_of_an_image_says_what_it_contains(image: str, name: str | None) -> None:
    product = images.product(image)
    assert (product.name if product else None) == name


@pytest.mark.parametrize(
    ("text", "file", "kind"),
    [
        (WEB, "web.yaml", "kubernetes"),
        ('{"apiVersion": "v1", "kind": "List", "items": []}', "list.json", "kubernetes"),
        ("resources: [web.yaml]\n", "kustomization.yaml", "kubernetes"),
        (COMPOSE, "compose.yaml", "compose"),
        ('digraph G {\n  "aws_sqs_queue.jobs";\n}\n', "g.dot", "terraform_graph"),
        ("digraph G { a -> b }", "g.dot", None),
        ("services: [a, b]\n", "x.yaml", None),
        ("title: T\nnodes: {web: EC2}\nservices:\n  x: {image: y}\n", "x.yaml", None),
        ("kind: thing\nname: apiVersion\n", "x.yaml", None),
    ],
)
def test_the_kind_of_a_file_is_found_by_its_content(text: str, file: str, kind: str | None) -> None:
    assert detect.kind(text, file) == kind


@pytest.mark.parametrize(("name", "text"), [("compose.yaml", COMPOSE), ("web.yaml", WEB)])
def test_a_file_is_drawn_and_imported_if_it_is_named(name: str, text: str) -> None:
    Path(name).write_text(text, "utf-8")
    assert main(["render", name, "-o", "out", "--format", "svg"]) == 0
    assert main(["check", name]) == 0
    assert main(["import", name]) == 0
    assert main(["render", "specs", "-o", "again", "--format", "svg"]) == 0


def test_a_folder_with_a_compose_file_or_a_kustomization_is_drawn_as_a_whole() -> None:
    for folder in ("shop", "cluster"):
        Path(folder).mkdir()
    Path("shop/docker-compose.yml").write_text(COMPOSE, "utf-8")
    Path("cluster/kustomization.yaml").write_text("namespace: prod\nresources: [web.yaml]\n", "utf-8")
    Path("cluster/web.yaml").write_text(WEB, "utf-8")
    assert main(["import", "shop", "cluster"]) == 0
    assert "Namespace Prod" in Path("specs/cluster.yaml").read_text("utf-8")
    assert "NGINX" in Path("specs/shop.yaml").read_text("utf-8")


def test_a_kustomization_reads_only_the_project(capsys: pytest.CaptureFixture[str]) -> None:
    Path("outside.yaml").write_text(WEB, "utf-8")
    Path("project/base").mkdir(parents=True)
    Path("project/diagramkit.toml").touch()
    Path("project/base/kustomization.yaml").write_text("resources: [web.yaml, ../../outside.yaml]\n", "utf-8")
    Path("project/base/web.yaml").write_text(WEB.replace("web}", "inner}"), "utf-8")
    listed = "resources: [base, https://example.com/x.yaml, ./base/../base]\n"
    Path("project/kustomization.yaml").write_text(listed, "utf-8")
    assert main(["import", "project", "-o", "project/specs"]) == 0
    printed = capsys.readouterr().err
    assert "warning[missing-manifest]" in printed
    assert "warning[outside]" in printed
    text = Path("project/specs/project.yaml").read_text("utf-8")
    assert "Inner" in text
    assert "Web" not in text


def test_kustomizations_that_list_each_other_end() -> None:
    for name, other in (("a", "b"), ("b", "a")):
        Path(name).mkdir()
        Path(name, "kustomization.yaml").write_text(f"resources: [../{other}, web.yaml]\n", "utf-8")
        Path(name, "web.yaml").write_text(WEB.replace("web}", f"{name}}}"), "utf-8")
    drawn = templates.load("a/kustomization.yaml")
    assert {node.label for node in drawn.graph.nodes} == {"Deployment<br>A", "Deployment<br>B"}


def test_manifests_are_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{WEB}---\n{WEB.replace('web}', 'api}')}"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8"))
    assert main(["render", "-", "-o", "out.svg"]) == 0
    assert "Api" in Path("out.svg").read_text("utf-8")


def test_mermaid_with_addresses_of_terraform_is_drawn_as_it_is_and_imported_by_the_rules() -> None:
    edges = [
        'm["aws_lambda_event_source_mapping.m"] --> q["aws_sqs_queue.jobs"]',
        'm --> f["aws_lambda_function.work"]',
    ]
    text = "\n".join(["flowchart LR", *edges, ""])
    Path("graph.mmd").write_text(text, "utf-8")
    assert main(["render", "graph.mmd", "-o", "out", "--format", "svg"]) == 0
    assert "aws_lambda_event_source_mapping.m" in Path("out/graph.svg").read_text("utf-8")
    assert main(["import", "graph.mmd"]) == 0
    assert "event_source_mapping" not in Path("specs/graph.yaml").read_text("utf-8").partition("edges:")[0]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "k.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n  x: {{ y }}: 1\n",
            "helm template",
        ),
        ("k.yaml", f"{WEB}---\n- a\n", "has no 'apiVersion' and 'kind'"),
        ("compose.yaml", f"{COMPOSE}  bad: text\n", "this service has no content"),
        ("g.dot", "digraph { a -> b }", "'terraform graph'"),
    ],
)
def test_bad_input_is_one_message(name: str, text: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(name).write_text(text, "utf-8")
    main(["import", name])
    assert message in capsys.readouterr().err


def test_objects_with_the_same_name_are_all_accounted_for() -> None:
    drawn = infrastructure.load(f"{WEB}---\n{WEB}", "k.yaml", lambda path: path)
    assert [resource.address for resource in drawn.resources] == ["Deployment/web", "Deployment/web#2"]


# Folders of manifests


def manifests(folder: str = "k8s") -> None:
    Path(folder).mkdir()
    Path(folder, "web.yaml").write_text(
        WEB.replace("spec: {template: {spec:", "spec: {template: {metadata: {labels: {a: b}}, spec:"), "utf-8"
    )
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: LoadBalancer, selector: {a: b}}\n"
    Path(folder, "service.yml").write_text(service, "utf-8")
    Path(folder, "values.yaml").write_text("replicas: 1\n", "utf-8")
    Path(folder, "README.md").write_text("# Deploy\n", "utf-8")


def test_a_folder_of_manifests_is_one_picture(capsys: pytest.CaptureFixture[str]) -> None:
    manifests()
    assert main(["import", "k8s"]) == 0
    assert "wrote specs/k8s.yaml: 2 resources: 1 drawn, 1 folded" in capsys.readouterr().out
    assert "source: ../k8s\n" in Path("specs/k8s.yaml").read_text("utf-8")
    assert main(["import", "--check"]) == 0
    Path("k8s/more.yaml").write_text(WEB.replace("web", "more"), "utf-8")
    assert main(["import", "--check"]) == 1
    assert main(["import"]) == 0
    assert "Deployment/more" in Path("specs/k8s.yaml").read_text("utf-8")


def test_pictures_of_a_folder_are_current_until_a_manifest_changes(capsys: pytest.CaptureFixture[str]) -> None:
    manifests()
    assert main(["render", "k8s", "-f", "svg"]) == 0
    assert main(["render", "k8s", "-f", "svg", "--check"]) == 0
    Path("k8s/more.yaml").write_text(WEB.replace("web", "more"), "utf-8")
    assert main(["render", "k8s", "-f", "svg", "--check"]) == 1
    Path("k8s/more.yaml").unlink()
    Path("k8s/web.yaml").write_text(WEB.replace("image: x", "image: nginx"), "utf-8")
    assert main(["render", "k8s", "-f", "svg", "--check"]) == 1


@pytest.mark.parametrize(
    ("name", "text", "picture"),
    [
        ("a.mmd", "flowchart LR\n a --> b\n", "a"),
        ("z.md", "```mermaid\nflowchart LR\n a --> b\n```\n", "z-1"),
        ("spec.yaml", "title: T\nnodes: {a: {label: A}}\n", "spec"),
    ],
)
def test_a_folder_with_diagrams_is_no_folder_of_manifests(name: str, text: str, picture: str) -> None:
    manifests()
    Path("k8s", name).write_text(text, "utf-8")
    assert main(["render", "k8s", "-f", "svg"]) == 0
    assert [path.stem for path in Path("output").rglob("*.svg")] == [picture]


def test_the_operator_of_prometheus_runs_pods_that_services_select() -> None:
    group = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: k8s}\nspec: {replicas: 2}\n"
    service = (
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: p}\n"
        "spec: {selector: {app.kubernetes.io/name: prometheus, app.kubernetes.io/instance: k8s}}\n"
    )
    drawn = templates.load_text(group + service)
    assert [templates.label(node.label) for node in drawn.graph.nodes] == ["Prometheus ×2 / K8s"]


# Compose files in several files


def compose_files(**files: str) -> None:
    for name, text in files.items():
        path = Path(name.replace("__", "/") + ".yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def test_included_files_and_what_services_extend_are_read() -> None:
    compose_files(
        compose="include: [parts/db.yaml, {path: [parts/cache.yaml]}]\nservices:\n"
        "  web:\n    extends: {file: parts/base.yaml, service: app}\n    environment: {DB_HOST: db}\n",
        parts__db="services: {db: {image: postgres}}\n",
        parts__cache="include: [../compose.yaml]\nservices: {cache: {image: redis}}\n",
        parts__base="services:\n  app: {extends: {service: root}, environment: [CACHE_URL=redis://cache:6379]}\n"
        "  root: {image: nginx, extends: {file: ../compose.yaml, service: web}}\n",
    )
    drawn = templates.load("compose.yaml")
    assert templates.edges(drawn.graph) == ["NGINX / Web -> PostgreSQL / Db", "NGINX / Web -> Redis / Cache"]
    assert drawn.graph.warnings == ()
    assert {path.replace("\\", "/") for path in drawn.files} >= {"parts/db.yaml", "parts/cache.yaml", "parts/base.yaml"}


def test_what_a_file_says_of_an_included_service_is_added_to_it() -> None:
    compose_files(
        compose="include: [parts/web.yaml]\nservices:\n  web: {environment: [DB_HOST=db]}\n  db: {image: postgres}\n",
        parts__web="services: {web: {image: nginx, environment: {MODE: fast}, ports: ['80:80']}}\n",
    )
    edges = templates.edges(templates.load("compose.yaml").graph)
    assert edges == ["NGINX / Web -> PostgreSQL / Db", "Users -> NGINX / Web"]


def test_a_file_that_only_includes_others_is_a_compose_file() -> None:
    compose_files(compose="include: [parts/db.yaml]\n", parts__db="services: {db: {image: postgres}}\n")
    assert len(templates.load("compose.yaml").graph.nodes) == 1


def test_the_names_of_files_say_what_they_are_in_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    manifests()
    Path("k8s/kustomization.yaml").write_text("resources: [web.yaml]\n", "utf-8")
    compose_files(compose="include:\n  - parts/db.yaml\n", parts__db="services: {db: {image: postgres}}\n")
    for name in ("k8s", "compose.yaml"):
        for command in ("show", "check", "import"):
            assert main([command, name]) == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("../outside.yaml", "outside"),
        ("missing.yaml", "missing-manifest"),
        ("https://example.com/x.yaml", "missing-manifest"),
    ],
)
def test_no_file_outside_of_the_project_is_included(tmp_path: Path, location: str, code: str) -> None:
    (tmp_path.parent / "outside.yaml").write_text("services: {secret: {image: x}}\n", "utf-8")
    compose_files(compose=f"include: ['{location}']\nservices: {{web: {{image: nginx}}}}\n")
    drawn = templates.load("compose.yaml")
    assert [problem.code for problem in drawn.graph.warnings] == [code]
    assert len(drawn.graph.nodes) == 1
    compose_files(compose=f"services: {{web: {{image: nginx, extends: {{file: '{location}', service: secret}}}}}}\n")
    assert [problem.code for problem in templates.load("compose.yaml").graph.warnings] == [code]
