"""Read what `cdk synth` writes: a folder with a manifest and the templates of all stacks.

Format: https://github.com/aws/aws-cdk/tree/main/packages/@aws-cdk/cloud-assembly-schema.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from diagramkit.diagnostics import Span, fail
from diagramkit.infrastructure.readers import cloudformation, template_text
from diagramkit.infrastructure.readers.intrinsics import section
from diagramkit.infrastructure.readers.project_files import ProjectFiles
from diagramkit.infrastructure.records import Infrastructure, account_number, region_name

MANIFEST = "manifest.json"
_STACK = "aws:cloudformation:stack"
_LOGICAL_ID = "aws:cdk:logicalId"


def read(text: str, file: str, files: ProjectFiles) -> Infrastructure:
    """Return what the stacks of a manifest declare. Raises `DiagramError`."""
    manifest = template_text.read_json(text, file)
    templates = []
    for name, artifact in section(manifest, "artifacts").items():
        if not isinstance(artifact, dict) or artifact.get("type") != _STACK or _is_test(name):
            continue
        properties = section(artifact, "properties")
        location = properties.get("templateFile")
        opened = files.open(location, file, Span(file)) if isinstance(location, str) else None
        if opened:
            paths = _paths(_metadata(artifact, file, files))
            stack = artifact.get("displayName") if isinstance(artifact.get("displayName"), str) else name
            account, region = _environment(artifact)
            templates.append(
                cloudformation.NamedTemplate(
                    str(stack).replace("/", "-"), *opened, paths, region=region, account=account
                )
            )
    if not templates:
        message = "this manifest lists no stack whose template can be read; run 'cdk synth' again"
        raise fail("no-stacks", message, Span(file))
    if len(templates) == 1:
        single = templates[0]
        templates = [replace(single, stack="")]
        return cloudformation.read(templates, single_title(single.file), files)
    return cloudformation.read(templates, _title(file), files)


def _environment(artifact: Mapping[str, Any]) -> tuple[str, str]:
    """Return the account and the region of a stack, as far as they are known: `aws://111122223333/eu-west-1`."""
    account, _, region = str(artifact.get("environment", "")).removeprefix("aws://").partition("/")
    return account_number(account), region_name(region)


def _is_test(name: str) -> bool:
    """Return whether a stack is one that the CDK's tests of integrations add."""
    return "DefaultTestDeployAssert" in name


def _title(file: str) -> str:
    folder = Path(os.path.abspath(file)).parent
    return folder.parent.name if folder.name == "cdk.out" else folder.name


def single_title(file: str) -> str:
    """Return the title for the only stack of an application, from the name of its template."""
    return Path(file).name.partition(".")[0]


def _metadata(artifact: Mapping[str, Any], file: str, files: ProjectFiles) -> Mapping[str, Any]:
    """Return the metadata of a stack, which newer versions of the CDK write to a file."""
    location = artifact.get("additionalMetadataFile")
    opened = files.open(location, file, Span(file)) if isinstance(location, str) else None
    if opened:
        raw = template_text.read_json(opened[1], opened[0])
        return raw if isinstance(raw, dict) else {}
    return section(artifact, "metadata")


def _paths(metadata: Mapping[str, Any]) -> dict[str, str]:
    """Return the path of each resource in the tree of constructs, by logical id."""
    return {
        entry["data"]: path
        for path, entries in metadata.items()
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and entry.get("type") == _LOGICAL_ID and isinstance(entry.get("data"), str)
    }
