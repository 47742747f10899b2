"""The vocabulary of docs/glossary.md: one name for each thing, and none of the retired words."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.messages import messages
from tests.support.project import ROOT

PACKAGE = ROOT / "diagramkit"
MODULES = sorted(PACKAGE.rglob("*.py"))

RETIRED = {
    "alone",
    "anew",
    "brought",
    "deliver",
    "evened",
    "found",
    "given",
    "haste",
    "house",
    "kept",
    "kit",
    "made",
    "mend",
    "parcel",
    "parted",
    "rails",
    "room",
    "rooms",
    "said",
    "shelf",
    "told",
    "unsaid",
    "upright",
    "usual",
    "way",
    "whole",
    "wish",
}
"""Words that may be no identifier, nor a part of one between underscores."""

RETIRED_PHRASES = (
    r"(?<!there )\bis no (?!longer\b)",
    r"\btold\b",
    r"\bmend(s|ed|ing)?\b",
    r"\bpart it\b",
    r"\bcannot be had\b",
    r"\bat hand\b",
    r"\bis none of\b",
    r"\bcolours?\b",
    r"\bcatalogue\b(?!\.yaml)",
    r"\blicences?\b",
)
"""What no message says: archaic or British wording."""

SHARED_MODULE_NAMES = {"config", "deck", "embed", "gallery", "icons", "schema", "serve", "slides", "watch", "wiki"}
"""A command's module in `cli/` may have the name of the module that does its work."""


def identifiers(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the line and name of everything that a module defines."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def classes(path: Path) -> list[str]:
    return [node.name for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ClassDef)]


def test_each_class_name_is_used_once() -> None:
    counts = Counter(name for path in MODULES for name in classes(path))
    assert [name for name, count in counts.items() if count > 1] == []


def test_each_module_name_is_used_for_one_thing() -> None:
    counts = Counter(path.stem.strip("_") for path in MODULES if path.stem not in ("__init__", "__main__"))
    assert {name for name, count in counts.items() if count > 1} - SHARED_MODULE_NAMES == set()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_identifier_is_a_retired_word(path: Path) -> None:
    words = ((line, name) for line, name in identifiers(path) if RETIRED & set(name.lower().strip("_").split("_")))
    assert [f"{path.name}:{line}: {name}" for line, name in words] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_message_has_a_retired_phrase(path: Path) -> None:
    retired = re.compile("|".join(RETIRED_PHRASES), re.I)
    assert [(line, text) for line, text in messages(path) if retired.search(text)] == []
