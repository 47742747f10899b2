"""A template, its spec as somebody edited it, and what tests do with them in the current folder."""

from __future__ import annotations

from pathlib import Path

from diagramkit.cli import main

TEMPLATE = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  AppSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
  Work: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SubnetIds: [!Ref AppSubnet]}}}
  Jobs: {Type: AWS::SQS::Queue}
  JobsMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Work, EventSourceArn: !GetAtt Jobs.Arn}
"""
SPEC, RECORD = Path("specs/t.yaml"), Path(".diagramkit/import/specs/t.yaml")

EDITED = """\
# Our shop, as Ann draws it
title:   "The shop"     # for the wiki
provider: aws
import: {source: ../t.yaml}
nodes:
    # the queue comes first
    jobs: {label: Job queue,   icon: aws.integration.SQS, resource: Jobs}  # renamed

    work:
        resource: Work
        label: Lambda<br>Work
        icon: aws.compute.Lambda  # as generated
    people: Customers

edges:
-   people -> jobs: order    # by hand
-   from: jobs
    to: work
    resource: JobsMapping
groups:
    vpc:
        label: VPC 10.0.0.0/16
        kind: vpc
        resource: Vpc
        groups:
            appsubnet: {label: Inner, kind: private-subnet, resource: AppSubnet, nodes: [work]}
notes: |
    Ask Ann.
"""


def start() -> None:
    """Make a project with the template, and import it."""
    Path("diagramkit.toml").touch()
    Path("t.yaml").write_text(TEMPLATE, "utf-8")
    assert main(["import", "t.yaml"]) == 0


def edit(text: str = EDITED) -> None:
    """Write the spec as somebody edited it."""
    SPEC.write_text(text, "utf-8")


def change(old: str, new: str) -> None:
    """Replace a part of the template."""
    text = Path("t.yaml").read_text("utf-8")
    assert old in text
    Path("t.yaml").write_text(text.replace(old, new), "utf-8")


def written() -> str:
    """Return the spec."""
    return SPEC.read_text("utf-8")
