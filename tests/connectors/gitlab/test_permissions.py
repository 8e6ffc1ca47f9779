"""What an administrator is told to grant, and what the platform is asked about it."""

from __future__ import annotations

import pytest

from collector.setup.loading import LoadedConnector
from connectors.gitlab._sdk import calls
from connectors.gitlab._sdk.client import GitLab, connect
from connectors.gitlab._sdk.probe import lacking, mend
from connectors.gitlab.permissions import document
from tests.connectors.aws.wires import CountingWire
from tests.connectors.gitlab.double import GitLabDouble
from tests.connectors.gitlab.estate import DOTCOM, furnish, served, settings
from tests.connectors.gitlab.test_collections import as_role

EVERY = (
    calls.GUEST, calls.REPORTER, calls.DEVELOPER, calls.MAINTAINER, calls.OWNER, calls.ADMINISTRATOR, calls.READ_API,
)  # fmt: skip


def needs_of(loaded: LoadedConnector) -> dict[str, set[str]]:
    """Every permission that the connector declares, with the kinds that it is for."""
    needs: dict[str, set[str]] = {}
    for kind, collection in loaded.connector.collections.items():
        for some in (collection.permissions, *(part.permissions for part in loaded.connector.parts.get(kind, []))):
            for need in some:
                needs.setdefault(need, set()).add(kind)
    return needs


def test_every_kind_is_under_what_it_needs(loaded: LoadedConnector) -> None:
    """A role that was left out should be seen to cost something."""
    needs = needs_of(loaded)
    text = document(needs)

    assert [need for need in needs if need not in text] == []
    assert [kind for kinds in needs.values() for kind in kinds if kind not in text] == []
    assert text.index(calls.ADMINISTRATOR) > text.index(calls.OWNER)


def test_no_right_to_write_is_asked_for(loaded: LoadedConnector) -> None:
    """read_api alone: the scope api writes."""
    words = {word.strip(",") for need in needs_of(loaded) for word in need.split()}

    assert "api" not in words
    assert not {word for word in words if word.startswith("write")}


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        (0, {calls.GUEST, calls.OWNER, calls.ADMINISTRATOR, calls.REPORTER, calls.DEVELOPER, calls.MAINTAINER}),
        (20, {calls.OWNER, calls.ADMINISTRATOR, calls.DEVELOPER, calls.MAINTAINER}),
        (40, {calls.OWNER, calls.ADMINISTRATOR}),
        (50, {calls.ADMINISTRATOR}),
    ],
)
def test_the_role_says_what_is_lacking(level: int, expected: set[str], lab: GitLabDouble, group: GitLab) -> None:
    """In a project the user may have another role, so that this is not certain."""
    as_role(lab, level)

    found = {found.permission: found for found in lacking(group, EVERY)}
    assert found.keys() == expected
    assert {name for name, one in found.items() if not one.certain} <= {
        calls.REPORTER,
        calls.DEVELOPER,
        calls.MAINTAINER,
    }


def test_nobody_lacks_the_rights_of_an_administrator_on_gitlab_com(wire: CountingWire) -> None:
    """Nobody but GitLab has them, and nothing of it is asked for."""
    with served(furnish(GitLabDouble()), DOTCOM) as lab:
        as_role(lab, 50)
        assert list(lacking(connect(settings(DOTCOM), ("acme",), wire), EVERY)) == []


def test_what_mends_it() -> None:
    """By the address where it is done."""
    assert "role Owner" in mend(settings(), ["acme"], [calls.OWNER])
    assert "/groups/acme/-/group_members" in mend(settings(), ["acme"], [])
    assert "administrator" in mend(settings(), ["acme"], [calls.ADMINISTRATOR])
