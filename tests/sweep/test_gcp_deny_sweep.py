"""Take each declared permission away in turn: nothing may change but to unknown, and the reason names the right."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.gcp._iam.powers import READ_ENTRIES
from connectors.gcp._sdk.client import NO_CALL, TEST_PERMISSIONS
from tests.connectors.gcp import estate
from tests.connectors.gcp.played import Params, PlayedGoogle
from tests.connectors.google.refusals import by_error_info
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

pytest.importorskip("googleapiclient", reason="needs annexd[google]")

GCP = connector("gcp")

# No folder is named, and the project is found by the list; no verdict rests on what the log says was changed.
UNTOUCHED = {"resourcemanager.folders.get", READ_ENTRIES}


def _pairs() -> Iterator[tuple[str, str]]:
    """Yield each declared permission with the calls that need it, one by one where there are as many of both."""
    for kind, collection in GCP.connector.collections.items():
        declared = [(collection.permissions, collection.calls)]
        declared += [(part.permissions, part.calls) for part in GCP.connector.parts.get(kind, [])]
        for permissions, calls in declared:
            if len(permissions) == len(calls):
                yield from zip(permissions, calls, strict=True)
            else:
                yield from ((permission, call) for permission in permissions for call in calls)


NEEDS: dict[str, set[str]] = {}
for _permission, _call in _pairs():
    if _call not in (NO_CALL, TEST_PERMISSIONS.id):
        NEEDS.setdefault(_call, set()).add(_permission)
PERMISSIONS = sorted({permission for permissions in NEEDS.values() for permission in permissions})


def scanned_without(denied: AbstractSet[str], folder: Path) -> Scanned:
    """Scan one project of the organization without some permissions."""
    google = PlayedGoogle()
    estate.seed(google)

    def refused(call: str) -> Any:
        missing = sorted(NEEDS[call] & denied)
        return lambda _request, _own: by_error_info(403, "IAM_PERMISSION_DENIED", permission=missing[0])

    google.wrong = {call: refused(call) for call, permissions in NEEDS.items() if permissions & denied}
    tested = google.answers[TEST_PERMISSIONS.id]
    assert callable(tested)

    def held(params: Params) -> Any:
        given = [each for each in tested(params)["permissions"] if each not in denied]
        return {"permissions": given}

    google.answers[TEST_PERMISSIONS.id] = held
    with google.answering():
        return scan(GCP, estate.settings(folders=(), projects=()), folder)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    """What is seen with every right; scanned once."""
    return scanned_without(frozenset(), tmp_path_factory.mktemp("base"))


def test_the_estate_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an estate where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 20
    assert statuses[Status.FAIL] > 20
    assert {check for check, _, _ in base.verdicts} == set(GCP.checks)


GROUPS = 6
_FIRST = sorted({permission.split(".")[0]: permission for permission in reversed(PERMISSIONS)}.values())


@pytest.mark.parametrize("permissions", [_FIRST[number::GROUPS] for number in range(GROUPS)], ids=" ".join)
def test_permissions_taken_away_only_make_unknown(permissions: list[str], base: Scanned, tmp_path: Path) -> None:
    """One of each service, several services together: the quick tests scan once for them."""
    swept = scanned_without({*permissions}, tmp_path)

    assert_only_towards_unknown(base, swept)
    reasons = [swept.verdicts[where].reason for where in lost(base, swept)]
    noticed = {permission for permission in permissions if any(permission in reason for reason in reasons)}
    assert noticed == {*permissions} - UNTOUCHED
    assert [reason for reason in reasons if not any(permission in reason for permission in permissions)] == []


@pytest.mark.deep
@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_taken_away_only_makes_unknown(permission: str, base: Scanned, tmp_path: Path) -> None:
    """The same for each permission by itself."""
    swept = scanned_without({permission}, tmp_path)

    assert_only_towards_unknown(base, swept)
    gone = list(lost(base, swept))
    assert bool(gone) is (permission not in UNTOUCHED), f"who noticed that {permission} is missing: {gone}"
    assert [where for where in gone if permission not in swept.verdicts[where].reason] == []


def test_no_secret_is_kept(base: Scanned) -> None:
    """Nor what people are called; what is planted is found nowhere."""
    assert [name for name, text in estate.CANARIES.items() if text.encode() in base.kept] == []
