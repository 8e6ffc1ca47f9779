"""What an administrator is told to grant: the printed document and the table of the connector's page."""

from __future__ import annotations

from pathlib import Path

from collector.setup.loading import LoadedConnector
from connectors.okta.permissions import ROLE_VIEWER, document

PAGE = Path(__file__).parents[3] / "docs/connectors/okta.md"


def needs_of(loaded: LoadedConnector) -> dict[str, set[str]]:
    """Every permission that the connector declares, with the kinds, and their parts in brackets, that it is for."""
    needs: dict[str, set[str]] = {}
    for kind, collection in loaded.connector.collections.items():
        for permission in collection.permissions:
            needs.setdefault(permission, set()).add(f"`{kind}`")
        for part in loaded.connector.parts.get(kind, []):
            for permission in part.permissions:
                needs.setdefault(permission, set()).add(f"`{kind}` ({part.name})")
    return needs


def test_the_table_of_the_page_says_what_each_scope_is_for(loaded: LoadedConnector) -> None:
    """As the declarations have it: whoever grants scopes reads the page, and a missing one costs verdicts."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith(("| okta.", f"| {ROLE_VIEWER}"))]
    rows = [line.strip("| ").split(" | ") for line in lines]
    needs = needs_of(loaded)
    assert needs.pop("none: it is published for everybody") == {"`okta.org.setting`"}

    assert {permission: set(kinds.split(", ")) for permission, kinds in rows} == needs


def test_the_document_asks_for_every_scope_and_for_none_that_writes(loaded: LoadedConnector) -> None:
    """Scopes that end in .manage make okta_collector_read_only fail."""
    needs = {need: {kind.split("`")[1] for kind in kinds} for need, kinds in needs_of(loaded).items()}
    text = document(needs)
    asked = {line.strip() for line in text.splitlines() if line.startswith("  okta.")}

    assert asked == {need for need in needs if need.startswith("okta.")}
    assert not [scope for scope in asked if not scope.endswith(".read")]
    assert [kind for kinds in needs.values() for kind in kinds if kind not in text] == []
