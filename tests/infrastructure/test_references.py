"""Edges from what is not a plain reference: names, ARNs, the trust of roles, permissions, and members of objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import templates

FUNCTION = """\
  Save: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:PutItem', Resource: RESOURCE}]}}]
"""
TABLE = "  Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub '${AWS::StackName}-orders'}}\n"


def edges(text: str, file: str = "template.yaml") -> list[str]:
    return templates.edges(templates.load_text(text, file).graph)


def stack(resources: str, **values: str) -> str:
    for name, value in values.items():
        resources = resources.replace(name.upper(), value)
    return f"Resources:\n{resources}"


@pytest.mark.parametrize(
    "arn",
    [
        "!Sub 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${AWS::StackName}-orders'",
        "!Sub 'arn:aws:dynamodb:*:*:table/${AWS::StackName}-orders/index/*'",
        "!Join ['', ['arn:aws:dynamodb:::table/', !Ref 'AWS::StackName', -orders]]",
    ],
)
def test_an_arn_with_the_name_of_a_resource_is_a_reference(arn: str) -> None:
    assert edges(stack(FUNCTION + TABLE, resource=arn)) == ["Lambda / Save -> DynamoDB / Orders"]


@pytest.mark.parametrize(
    "arn",
    [
        "!Sub 'arn:aws:sqs:::${AWS::StackName}-orders'",  # Another service.
        "!Sub 'arn:aws:dynamodb:::table/${AWS::StackName}-orders-archive'",  # Another name.
        "!Sub '${AWS::StackName}-orders is a text'",
    ],
)
def test_what_only_contains_a_name_is_no_reference(arn: str) -> None:
    assert edges(stack(FUNCTION + TABLE, resource=arn)) == []


def test_a_name_that_two_resources_have_refers_to_none() -> None:
    other = TABLE.replace("Orders", "Copies")
    arn = "!Sub 'arn:aws:dynamodb:::table/${AWS::StackName}-orders'"
    assert edges(stack(FUNCTION + TABLE + other, resource=arn)) == []


def test_a_name_in_a_tag_or_description_is_no_reference() -> None:
    tagged = "  W: {Type: AWS::NewService::Widget, Properties: {Tags: {a: prod-orders}, Description: prod-orders}}\n"
    named = "  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: prod-orders}}\n"
    assert edges(stack(tagged + named)) == []
    assert edges(stack(tagged.replace("Tags: {a: prod-orders}", "Target: prod-orders") + named)) == [
        "New Service Widget / W -> SQS / Orders (dotted)"
    ]


def test_a_pipeline_is_after_its_repository_and_before_its_build() -> None:
    text = stack("""\
  Repository: {Type: AWS::CodeCommit::Repository, Properties: {RepositoryName: shop-site}}
  Build: {Type: AWS::CodeBuild::Project, Properties: {}}
  Pipeline:
    Type: AWS::CodePipeline::Pipeline
    Properties:
      Stages:
        - Actions: [{Configuration: {RepositoryName: shop-site}}]
        - Actions: [{Configuration: {ProjectName: !Ref Build}}]
""")
    assert edges(text) == ["CodeCommit -> CodePipeline", "CodePipeline -> CodeBuild"]


TRUST = """\
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: v1}}
  Orders: {Type: AWS::Serverless::SimpleTable}
  ApiRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Principal: {Service: PRINCIPAL}, Action: 'sts:AssumeRole'}]}
      Policies:
        - PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Orders.Arn}]}
"""


def test_a_role_that_nothing_uses_belongs_to_the_only_resource_of_the_service_that_it_trusts() -> None:
    drawn = edges(stack(TRUST, principal="apigateway.amazonaws.com"))
    assert "API Gateway -> DynamoDB / Orders" in drawn
    assert "API Gateway -> DynamoDB / Orders" not in edges(stack(TRUST, principal="lambda.amazonaws.com"))
    second = stack(TRUST + "  Other: {Type: AWS::Serverless::Api}\n", principal="apigateway.amazonaws.com")
    assert not [edge for edge in edges(second) if edge.endswith("Orders")]


PERMISSION = """\
  Answer: {Type: AWS::Lambda::Function}
  May: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Answer, Principal: lex.amazonaws.com}}
"""


def test_the_service_that_may_call_a_function_is_drawn_if_nothing_else_leads_to_it() -> None:
    assert edges(stack(PERMISSION)) == ["Lex -> Lambda / Answer"]
    rule = "  Daily: {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: !GetAtt Answer.Arn}]}}\n"
    assert edges(stack(PERMISSION + rule)) == ["EventBridge rule / Daily -> Lambda / Answer"]


def test_what_refers_to_a_resource_without_edges_leads_to_it_if_it_is_drawn() -> None:
    text = stack("""\
  Start: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {TASK: !Ref Task}}}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {ContainerDefinitions: [{LogConfiguration: {Options: {awslogs-group: !Ref Logs}}}]}
  Logs: {Type: AWS::Logs::LogGroup}
""")
    assert edges(text) == ["Lambda / Start -> ECS task (dotted)"]


def test_a_task_that_may_be_run_is_an_edge() -> None:
    text = stack("""\
  Start:
    Type: AWS::Serverless::Function
    Properties: {Policies: [{Statement: [{Effect: Allow, Action: 'ecs:RunTask', Resource: !Ref Task}]}]}
  Task: {Type: AWS::ECS::TaskDefinition}
""")
    assert edges(text) == ["Lambda / Start -> ECS task"]


@pytest.fixture
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("diagramkit.toml").touch()


@pytest.mark.usefixtures("_in_folder")
def test_only_the_member_of_an_object_that_is_named_is_a_reference() -> None:
    Path("inner").mkdir()
    Path("inner/main.tf").write_text(
        'variable "config" {}\n'
        'resource "aws_lambda_function" "save" {\n'
        "  environment { variables = { TABLE = var.config.table.name } }\n  role = var.config.role\n}\n",
        "utf-8",
    )
    text = """\
resource "aws_dynamodb_table" "orders" {}
resource "aws_dynamodb_table" "other" {}
resource "aws_iam_role" "all" { managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"] }
module "inner" {
  source = "./inner"
  config = { table = { name = aws_dynamodb_table.orders.name }, other = aws_dynamodb_table.other.name,
             role = aws_iam_role.all.arn }
}
"""
    assert edges(text, "main.tf") == ["Lambda / Save -> DynamoDB / Orders"]


def test_what_lets_members_of_a_security_group_in_is_not_one_of_them() -> None:
    text = """\
resource "aws_security_group" "app" {}
resource "aws_security_group" "queue" {
  ingress { security_groups = [aws_security_group.app.id] }
}
resource "aws_instance" "app" { vpc_security_group_ids = [aws_security_group.app.id] }
resource "aws_mq_broker" "queue" { security_groups = [aws_security_group.queue.id] }
module "database" {
  source                  = "terraform-aws-modules/rds/aws"
  allowed_security_groups = [aws_security_group.app.id]
}
"""
    assert edges(text, "main.tf") == ["EC2 / App -> Amazon MQ / Queue"]


def test_what_leads_to_components_is_shown_even_if_only_custom_resources_use_it() -> None:
    text = stack("""\
  Balancer: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network, Scheme: internal}}
  Link: {Type: AWS::EC2::VPCEndpointService, Properties: {NetworkLoadBalancerArns: [!Ref Balancer]}}
  Verify: {Type: Custom::Verify, Properties: {Link: !Ref Link}}
""")
    assert edges(text) == ["PrivateLink service -> Network Load Balancer"]


def test_a_template_for_deployments_shows_its_components_without_their_logs() -> None:
    text = stack("""\
  Files: {Type: AWS::S3::Bucket}
  Empty: {Type: Custom::Empty, Properties: {Bucket: !Ref Files}}
  Logs: {Type: AWS::Logs::LogGroup}
""")
    assert [templates.label(node.label) for node in templates.load_text(text).graph.nodes] == ["S3 / Files"]
