"""Fixtures of the icon tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A project whose settings file contains only a comment."""
    (tmp_path / "diagramkit.toml").write_text("# a comment\n")
    return tmp_path
