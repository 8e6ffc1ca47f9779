"""The checks of disks and their copies."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.ec2.checks.storage import (
    ebs_default_encryption_enabled,
    snapshot_block_public_access,
    snapshot_not_public,
    volume_encrypted,
)
from tests.connectors.aws.builders import (
    FAIL,
    OWN,
    PASS,
    STRANGER,
    UNKNOWN,
    UNREAD,
    verdict,
)
from tests.connectors.aws.regional_builders import a_snapshot, a_volume, the_region


@pytest.mark.parametrize(
    ("switch", "status"),
    [({"EbsEncryptionByDefault": True}, PASS), ({"EbsEncryptionByDefault": False}, FAIL), (UNREAD, UNKNOWN)],
)
def test_encryption_by_default(switch: Any, status: Status) -> None:
    """Else each new disk depends on who makes it."""
    assert verdict(ebs_default_encryption_enabled, the_region(EbsEncryption=switch)).status is status


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"State": "block-all-sharing"}, PASS),
        ({"State": "block-new-sharing"}, FAIL),
        ({"State": "unblocked"}, FAIL),
        ({"State": "something-new"}, UNKNOWN),
        (UNREAD, UNKNOWN),
    ],
)
def test_public_sharing_is_blocked(state: Any, status: Status) -> None:
    """One command would else give a disk to everybody."""
    assert verdict(snapshot_block_public_access, the_region(SnapshotSharing=state)).status is status


def test_what_is_unread_of_one_switch_says_nothing_of_the_other() -> None:
    """They are two calls with two permissions."""
    assert verdict(ebs_default_encryption_enabled, the_region(SnapshotSharing=UNREAD)).status is PASS
    assert verdict(snapshot_block_public_access, the_region(EbsEncryption=UNREAD)).status is PASS


@pytest.mark.parametrize(("encrypted", "status"), [(True, PASS), (False, FAIL), (UNREAD, UNKNOWN)])
def test_volumes(encrypted: Any, status: Status) -> None:
    """The check has nothing else to go by."""
    assert verdict(volume_encrypted, a_volume(encrypted=encrypted)).status is status


@pytest.mark.parametrize(
    ("shared_with", "status"),
    [
        ([], PASS),
        ([{"UserId": STRANGER}], PASS),
        ([{"UserId": OWN}, {"Group": "all"}], FAIL),
        ([{"Group": "all"}], FAIL),
    ],
)
def test_snapshots(shared_with: list[dict[str, str]], status: Status) -> None:
    """Sharing with one account by name is another matter than sharing with everybody."""
    unblocked = the_region(SnapshotSharing={"State": "unblocked"})

    assert (
        verdict(snapshot_not_public, a_snapshot({"CreateVolumePermissions": shared_with}), unblocked).status is status
    )


def test_a_snapshot_of_which_the_sharing_is_not_known() -> None:
    """It may be anybody's by now."""
    assert verdict(snapshot_not_public, a_snapshot(UNREAD), the_region()).status is UNKNOWN


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"State": "block-all-sharing"}, PASS),
        ({"State": "block-new-sharing"}, FAIL),
        ({"State": "unblocked"}, FAIL),
        ({"State": "something-new"}, FAIL),
        (UNREAD, UNKNOWN),
    ],
)
def test_a_shared_snapshot_in_a_region_that_blocks(state: Any, status: Status) -> None:
    """To block all sharing takes back what was shared before; to block new sharing leaves it."""
    shared, private = (a_snapshot({"CreateVolumePermissions": to}) for to in ([{"Group": "all"}], []))
    region = the_region(SnapshotSharing=state)

    result = verdict(snapshot_not_public, shared, region)

    assert result.status is status
    assert "snap-1" in result.reason
    assert verdict(snapshot_not_public, private, region).status is PASS
