"""The page on GitHub says everything that the code knows."""

from __future__ import annotations

from pathlib import Path

import msgspec

from collector.setup.loading import LoadedConnector
from connectors.github._sdk.settings import Settings

PAGE = Path(__file__).parents[3] / "docs" / "connectors" / "github.md"


def test_settings_kinds_checks_limits_and_permissions_are_on_the_page(loaded: LoadedConnector) -> None:
    """What is not written down is asked about, or done wrong."""
    text = PAGE.read_text()
    names = {field.name for field in msgspec.structs.fields(Settings)}
    names |= set(loaded.connector.collections) | set(loaded.checks)
    names |= {limit.name for check in loaded.checks.values() for limit in check.limits}
    needs = {
        need
        for collection in loaded.connector.collections.values()
        for need in collection.permissions
        if need.endswith(": read")
    }

    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
    assert [need for need in sorted(needs) if need not in text] == []
