"""Details of templates that change what is drawn: zones, defaults of SAM, logs of buckets, names, and no resources."""

from __future__ import annotations

import pytest

from diagramkit.diagnostics import DiagramError
from diagramkit.infrastructure.levels import View
from tests.support import templates

NETWORK = """Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  WebSubnetA:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Select [0, !GetAZs ''], MapPublicIpOnLaunch: true}
  WebSubnetB:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Select [1, !GetAZs ''], MapPublicIpOnLaunch: 'true'}
  DataSubnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Sub '${AWS::Region}a'}}
  DataSubnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, AvailabilityZone: eu-west-1b}}
  Web: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref WebSubnetA}}
  Shop: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref WebSubnetB}}
  Data: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref DataSubnetA}}
  Jobs: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref DataSubnetB}}
"""


def test_zones_have_their_names_or_their_place_in_the_list_of_the_region() -> None:
    groups = templates.groups(templates.load_text(NETWORK, view=View(zones="each")).graph)
    zones = {"Availability Zone 1", "Availability Zone 2", "Availability Zone A", "eu-west-1b"}
    assert zones <= groups.keys()
    other = "  OtherSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, AvailabilityZone: !Ref Zone}}\n"
    assert not zones & templates.groups(templates.load_text(NETWORK + other, view=View(zones="each")).graph).keys()
    assert groups["Web subnet A"] == ["EC2 / Web"]
    assert groups["Data subnet B"] == ["EC2 / Jobs"]


def test_subnets_of_several_zones_are_one_with_its_kind() -> None:
    groups = templates.groups(templates.load_text(NETWORK).graph)
    assert groups["Web public subnets (2 AZs)"] == ["EC2 / Shop", "EC2 / Web"]
    assert groups["Data subnets (2 AZs)"] == ["EC2 / Data", "EC2 / Jobs"]


SERVERLESS = """Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Layers: [!Ref L1], VpcConfig: {SubnetIds: [!Ref S]}, Environment: {Variables: {T: !Ref T}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Layers: [!Ref L2]
      Environment: {Variables: {X: 'y'}}
      Events:
        Q: {Type: SQS, Properties: {Queue: !GetAtt Q.Arn}}
        N: {Type: SNS, Properties: {Topic: !Ref N}}
  T: {Type: AWS::Serverless::SimpleTable}
  Q: {Type: AWS::SQS::Queue}
  N: {Type: AWS::SNS::Topic}
  S: {Type: AWS::EC2::Subnet}
  L1: {Type: AWS::Serverless::LayerVersion}
  L2: {Type: AWS::Serverless::LayerVersion}
  C:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: F}, Destination: [{Id: T}, {Id: Q}], Permissions: [Write]}
"""


def test_globals_and_connectors_of_sam_count_for_each_function() -> None:
    graph = templates.load_text(SERVERLESS).graph
    assert templates.edges(graph) == [
        "Lambda / F -> DynamoDB / T",
        "Lambda / F -> SQS / Q",
        "SNS / N -> Lambda / F",
        "SQS / Q -> Lambda / F",
    ]
    assert templates.groups(graph) == {"S subnet": ["Lambda / F"]}


def test_buckets_of_logs_and_their_copies_are_shown_with_all_details_only() -> None:
    text = """Resources:
  Logs: {Type: AWS::S3::Bucket}
  Copy: {Type: AWS::S3::Bucket}
  Site: {Type: AWS::S3::Bucket, Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Logs}}}
  Logs2:
    Type: AWS::S3::Bucket
    Properties: {ReplicationConfiguration: {Rules: [{Destination: {Bucket: !GetAtt Copy.Arn}}]}}
  Site2: {Type: AWS::S3::Bucket, Properties: {LoggingConfiguration: {DestinationBucketName: !Ref Logs2}}}
"""
    drawn = templates.load_text(text, view=View(level="all"))
    assert "S3 / Logs 2 -> S3 / Copy: replicates" in templates.edges(drawn.graph)
    reasons = {each.address: each.reason for each in drawn.resources}
    assert (reasons["Logs"], reasons["Copy"]) == ("it stores the logs of Site", "it stores the logs of Logs2")
    shown = {templates.label(node.label) for node in templates.load_text(text).graph.nodes}
    assert shown == {"S3 / Site", "S3 / Site 2"}


def test_a_name_keeps_abbreviations_and_loses_what_the_type_says() -> None:
    text = """Resources:
  UserApiFunction: {Type: AWS::Lambda::Function}
  OrdersTableArn: {Type: AWS::DynamoDB::Table}
"""
    labels = {templates.label(node.label) for node in templates.load_text(text).graph.nodes}
    assert labels == {"Lambda / User API", "DynamoDB / Orders"}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nDescription: x\n"),
        ("t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: 3\n"),
        ("compose.yaml", "services: 3\n"),
        ("compose.yaml", "name: x\nservices:\n"),
        ("plan.json", '{"format_version": "1.2"}'),
    ],
)
def test_a_file_without_resources_is_one_error(file: str, text: str) -> None:
    with pytest.raises(DiagramError) as error:
        templates.load_text(text, file)
    (problem,) = error.value.problems
    assert problem.code in ("not-a-template", "no-resources")


def test_what_an_instance_is_set_up_with_is_a_reference() -> None:
    text = """Resources:
  Web:
    Type: AWS::EC2::Instance
    Metadata:
      AWS::CloudFormation::Init: {config: {files: {/etc/x: {content: !Sub '${Db.Endpoint.Address}'}}}}
  Db: {Type: AWS::RDS::DBInstance}
"""
    assert templates.edges(templates.load_text(text).graph) == ["EC2 / Web -> RDS (dotted)"]


MANIFESTS = """apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: a, image: x}]
      volumes: [{name: v, projected: {sources: [{configMap: {name: c}}]}}]
---
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw}
spec: {listeners: [{port: 80, protocol: HTTP, name: h}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r}
spec: {parentRefs: [{name: gw}], rules: [{backendRefs: [{name: web, port: 80}]}]}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: vs}
spec: {gateways: [gw], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
"""


def test_routes_and_gateways_lead_to_the_pods_behind_a_service() -> None:
    edges = templates.edges(templates.load_text(MANIFESTS, "k.yaml").graph)
    assert "Gateway / Gw -> Deployment / Web" in edges
    assert "Users -> Gateway / Gw" in edges


def test_only_ports_of_all_addresses_of_a_host_are_open_to_users() -> None:
    text = """services:
  web:
    image: nginx
    ports: [{target: 80, published: 8080}, {target: 81, published: 81, host_ip: 127.0.0.1}]
    depends_on: [api]
  api: {image: python, ports: [{target: 90, published: 90, host_ip: 127.0.0.1}]}
"""
    graph = templates.load_text(text, "compose.yaml").graph
    assert templates.edges(graph) == ["NGINX / Web -> Api", "Users -> NGINX / Web"]
