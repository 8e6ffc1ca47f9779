"""The company on each database that there is: what an operator is told must not depend on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.played.company import PLAYED, Company

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(
    request: pytest.FixtureRequest, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Company, str]:
    """Return the company and which database it keeps its evidence in; commands are given from another folder."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    if request.param == "postgresql":
        url = request.getfixturevalue("schemas")()
        company.write(PLAYED.replace("sqlite:///evidence.db", url))
    return company, request.param
