"""What the double answers, and what calls are said to need, beside what Microsoft publishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.entra._sdk import calls
from connectors.entra.permissions import DELEGATED_ONLY
from tests.connectors.entra import metadata
from tests.connectors.entra.estate import estate

PUBLISHED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "published" / "permissions.json").read_text(encoding="utf-8")
)["calls"]

# Where another one than the least is asked for, and why.
LARGER = {
    calls.USERS: "the least shows names only, and the rest of the selected properties as null",
    calls.CROSS_TENANT: "the description marks none as the least",
    calls.ROLE_POLICIES: "the one that assignments of roles need anyway, and smaller than the least that is named",
    calls.ORGANIZATION: "the least is that of devices, and would be one more",
    calls.DEVICE_MANAGEMENT: "the least reads applications, and would be one more",
    calls.SENSITIVITY_LABELS: "the least shows the labels of one person",
    calls.GROUP_MEMBERS: "the least is new, and not in every cloud",
}


@pytest.mark.parametrize("call", metadata.TYPES)
def test_the_double_has_no_properties_of_its_own(call: str) -> None:
    """A test that plays what Graph never says proves nothing."""
    types = metadata.known()
    assert list(metadata.strangers(estate()[call], f"microsoft.graph.{metadata.TYPES[call]}", types, set())) == []


def test_a_property_that_is_not_there_is_found() -> None:
    """At any depth."""
    body = {**estate()[calls.AUTHORIZATION], "allowInvitesForm": "none"}
    body["defaultUserRolePermissions"]["allowedToCreateApp"] = True

    found = list(metadata.strangers(body, "microsoft.graph.authorizationPolicy", metadata.known(), set()))
    assert [path.partition(" ")[0] for path in found] == [
        "defaultUserRolePermissions.allowedToCreateApp",
        "allowInvitesForm",
    ]


@pytest.mark.parametrize("call", PUBLISHED)
def test_each_call_needs_the_least(call: str) -> None:
    """Or a larger one, for a reason; what is documented for people only is not asked for."""
    published, needed = PUBLISHED[call], set(calls.TERMS[call].permissions)
    if not published["application_supported"]:
        assert needed <= set(DELEGATED_ONLY)
        return
    assert needed <= {*published["least"], *published["higher"]}
    assert (needed <= set(published["least"])) is (call not in LARGER)


def test_no_call_asks_for_a_right_to_write() -> None:
    """Annexd only reads."""
    assert [name for terms in calls.TERMS.values() for name in terms.permissions if "Write" in name] == []
