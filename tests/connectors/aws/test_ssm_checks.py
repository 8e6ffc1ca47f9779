"""The check of Systems Manager: no patch is missing, by a recent scan."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.ssm.checks import instance_patch_compliant
from tests.connectors.aws.builders import FAIL, PASS, UNKNOWN, UNREAD, verdict
from tests.connectors.aws.protection_builders import an_instance, patched


@pytest.mark.parametrize(
    ("instance", "status"),
    [
        (patched(), PASS),
        (patched(days=7), PASS),
        (patched(days=7.1), FAIL),
        (patched(days=100, ping="ConnectionLost"), UNKNOWN),
        (patched(days=100, ping="ConnectionLost", MissingCount=1), FAIL),
        (patched(days=1, ping="ConnectionLost"), PASS),
        (patched(days=100, ping=""), FAIL),
        (patched(MissingCount=1), FAIL),
        (patched(FailedCount=1), FAIL),
        (patched(InstalledPendingRebootCount=1), FAIL),
        (patched(InstalledRejectedCount=2), FAIL),
        (patched(SecurityNonCompliantCount=1), FAIL),
        (patched(CriticalNonCompliantCount=1), FAIL),
        (patched(MissingCount=None), UNKNOWN),
        (patched(MissingCount=None, FailedCount=2), FAIL),
        (patched(InstalledPendingRebootCount=0, SecurityNonCompliantCount=0), PASS),
        (an_instance(), UNKNOWN),
        (an_instance(PatchState=UNREAD), UNKNOWN),
    ],
)
def test_patches(instance: Any, status: Status) -> None:
    """An instance that was never scanned has no missing patch on record, which says nothing."""
    assert verdict(instance_patch_compliant, instance).status is status


def test_numbers_and_the_baseline_are_in_the_reason() -> None:
    """A baseline that approves nothing is always satisfied: the reader has to see which one it was."""
    result = verdict(instance_patch_compliant, patched(MissingCount=3, FailedCount=2))

    for text in ("i-1", "3 missing", "2 failed", "pb-1"):
        assert text in result.reason
    assert "ConnectionLost" in verdict(instance_patch_compliant, patched(days=9, ping="ConnectionLost")).reason
