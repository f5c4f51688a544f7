"""Fixtures for every test: a real LibreOffice (``office``); and how hypothesis draws its examples."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from libreoffice.office import Office, find_python, find_soffice

if TYPE_CHECKING:
    from collections.abc import Iterator

# In CI every run draws the same examples, so that it judges the change and not the draw; at a desk they
# differ from run to run, and find what nobody thought of. A machine under load is no fault of the code.
settings.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")


@pytest.fixture(scope="session")
def soffice() -> str:
    """Find LibreOffice's starter; without one the test is skipped, in CI it fails."""
    return found(find_soffice(), "LibreOffice is not installed")


@pytest.fixture(scope="session")
def office(soffice: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Start LibreOffice once for the session (see ``libreoffice/office.py``)."""
    python = found(find_python(soffice), "no Python here can import uno (python3-uno is not installed)")
    running = Office(soffice, python, tmp_path_factory.mktemp("office") / "log.txt")
    yield running
    running.stop()


def found(program: str | None, complaint: str) -> str:
    """Return the program, or skip the test; in CI a missing program is a failure."""
    if program is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(complaint)
    return program
