"""Options and fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast the machine is says nothing about the code; there are tests that count work.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="replace the reference pictures of writers/test_golden.py")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder, and with an empty folder for the user's settings and icon packs.

    Nothing that a test writes ends up in the project, and no pack on this machine changes what it draws.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAGRAMKIT_DATA", str(tmp_path.parent / f"{tmp_path.name}-user"))
