"""What an administrator is told to grant."""

from __future__ import annotations

from collector.setup.loading import LoadedConnector
from connectors.github.permissions import SCOPES, document


def needs_of(loaded: LoadedConnector) -> dict[str, set[str]]:
    """Every need that the connector declares, with the kinds that it is for."""
    needs: dict[str, set[str]] = {}
    for kind, collection in loaded.connector.collections.items():
        for permissions in (
            collection.permissions,
            *(part.permissions for part in loaded.connector.parts.get(kind, [])),
        ):
            for need in permissions:
                needs.setdefault(need, set()).add(kind)
    return needs


def test_every_permission_has_its_scope(loaded: LoadedConnector) -> None:
    """Whoever has only classic tokens needs the other list."""
    permissions = {need for need in needs_of(loaded) if need.startswith(("Organization ", "Repository "))}

    assert permissions - SCOPES.keys() == set()


def test_no_right_to_write_is_asked_for(loaded: LoadedConnector) -> None:
    """Who collects evidence must not be able to make it."""
    granted = document(needs_of(loaded)).partition("Scopes")[0]

    assert ": read" in granted
    assert "write" not in granted
    assert "admin" not in granted


def test_every_kind_is_under_a_permission_or_besides(loaded: LoadedConnector) -> None:
    """A right that was left out should be seen to cost something."""
    needs = needs_of(loaded)
    text = document(needs)
    optional = {kind for need in needs if need.endswith(": write") for kind in needs[need]}

    assert [kind for kinds in needs.values() for kind in kinds if kind not in text and kind not in optional] == []
