"""The checks of images, secrets, logs, tables and file systems."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.dynamodb.checks import table_pitr_enabled
from connectors.aws.ecr.checks import repository_scan_enabled
from connectors.aws.ecr.resources import Registry
from connectors.aws.efs.checks import file_system_encrypted
from connectors.aws.logs.checks import group_retention_set
from connectors.aws.secretsmanager.checks import secret_rotated
from tests.connectors.aws.builders import FAIL, NOTHING, PASS, UNKNOWN, UNREAD, a, verdict
from tests.connectors.aws.guarded_builders import (
    a_file_system,
    a_log_group,
    a_repository,
    a_secret,
    a_table,
    the_registry,
)

ON_PUSH, AGAIN, BY_HAND = "SCAN_ON_PUSH", "CONTINUOUS_SCAN", "MANUAL"


@pytest.mark.parametrize(
    ("registry", "on_push", "status"),
    [
        (("BASIC",), False, FAIL),
        (("BASIC",), True, PASS),
        (("BASIC", (ON_PUSH, "*")), False, PASS),
        (("BASIC", (ON_PUSH, "other")), True, FAIL),
        (("BASIC", (BY_HAND, "*")), False, FAIL),
        (("BASIC", (BY_HAND, "*"), (ON_PUSH, "acme")), False, PASS),
        (("ENHANCED", (AGAIN, "*")), False, PASS),
        (("ENHANCED", (AGAIN, "other/*")), False, FAIL),
        (("ENHANCED",), True, FAIL),
        (("ENHANCED", ("SOMETIMES", "*")), False, UNKNOWN),
        (("SOMETHING_NEW", (ON_PUSH, "*")), True, UNKNOWN),
        ((UNREAD,), True, UNKNOWN),
    ],
)
def test_scanning(registry: tuple[Any, ...], on_push: bool, status: Status) -> None:
    """Enhanced scanning is off for what no filter meets, whatever the repository says."""
    given = (a_repository(on_push=on_push), the_registry(*registry))

    assert verdict(repository_scan_enabled, *given).status is status


# https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
NAMES = ("prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo")


@pytest.mark.parametrize(
    ("filter_", "met"),
    [
        ("prod", NAMES),
        ("*prod", ("prod", "repo-prod")),
        ("prod*", ("prod", "prod-repo", "prodrepo")),
        ("*prod*", NAMES),
        ("prod*repo", ("prod-repo", "prodrepo")),
    ],
)
def test_filters_meet_what_the_page_says(filter_: str, met: tuple[str, ...]) -> None:
    """The table of AWS's page."""
    registry = the_registry("BASIC", (ON_PUSH, filter_))

    found = tuple(
        name for name in NAMES if verdict(repository_scan_enabled, a_repository(name), registry).status is PASS
    )

    assert found == met


def test_a_kind_of_filter_that_is_new() -> None:
    """It may meet the repository."""
    rule = {"scanFrequency": ON_PUSH, "repositoryFilters": [{"filter": "x", "filterType": "TAG"}]}
    scanning = {"scanType": "BASIC", "rules": [rule]}
    registry = a(Registry, {"region": "eu-central-1", "scanningConfiguration": scanning})

    assert verdict(repository_scan_enabled, a_repository(), registry).status is UNKNOWN


ROTATED = {"RotationEnabled": True, "RotationRules": {"AutomaticallyAfterDays": 30}}


@pytest.mark.parametrize(
    ("value_of", "secret", "status"),
    [
        ("2026-11-01T00:00:00Z", {}, PASS),
        ("2026-08-25T12:00:00Z", {}, PASS),
        ("2026-08-25T11:59:59Z", {}, FAIL),
        ("2026-11-01T00:00:00Z", {**ROTATED, "LastRotatedDate": "2026-11-01T00:00:00Z"}, PASS),
        ("2025-01-01T00:00:00Z", {**ROTATED, "LastRotatedDate": "2025-01-01T00:00:00Z"}, FAIL),
        ("2025-01-01T00:00:00Z", ROTATED, FAIL),
        ("2025-01-01T00:00:00Z", {"LastChangedDate": "2026-11-22T00:00:00Z"}, FAIL),
        ("2025-01-01T00:00:00Z", {"LastRotatedDate": "2026-11-22T00:00:00Z"}, FAIL),
        ("2025-01-01T00:00:00Z", {"OwningService": "rds"}, NOTHING),
        ("2025-01-01T00:00:00Z", {"DeletedDate": "2026-11-22T00:00:00Z"}, NOTHING),
        ("2025-01-01T00:00:00Z", {"PrimaryRegion": "eu-west-1"}, NOTHING),
        ("2025-01-01T00:00:00Z", {"PrimaryRegion": "eu-central-1"}, FAIL),
        (None, {}, NOTHING),
        ("2026-11-01T00:00:00Z", {"Versions": UNREAD}, UNKNOWN),
        ("2026-11-01T00:00:00Z", {"Versions": UNREAD, "OwningService": "rds"}, NOTHING),
    ],
)
def test_secrets(value_of: str | None, secret: dict[str, Any], status: Status) -> None:
    """The day that counts is that of the value in use; a change of its description makes no value younger."""
    assert verdict(secret_rotated, a_secret(value_of, **secret)).status is status


def test_a_rotation_that_fails_is_named() -> None:
    """It is switched on, and nothing happens."""
    stuck = a_secret("2025-01-01T00:00:00Z", **ROTATED, LastRotatedDate="2025-01-01T00:00:00Z")

    reason = verdict(secret_rotated, stuck).reason

    assert "every 30 days" in reason
    assert "691 days" in reason
    scheduled = a_secret(
        "2025-01-01T00:00:00Z", RotationEnabled=True, RotationRules={"ScheduleExpression": "rate(4 hours)"}
    )
    assert "rate(4 hours)" in verdict(secret_rotated, scheduled).reason
    assert verdict(secret_rotated, stuck, max_age=timedelta(days=700)).status is PASS


@pytest.mark.parametrize(
    ("days", "group", "limits", "status"),
    [
        (None, {}, {}, PASS),
        (365, {}, {}, PASS),
        (364, {}, {}, FAIL),
        (3653, {}, {}, PASS),
        (30, {}, {"min_retention": timedelta(days=30)}, PASS),
        (30, {}, {"shorter_log_groups": ("/acme/web",)}, PASS),
        (30, {}, {"shorter_log_groups": ("/acme",)}, FAIL),
        (30, {"retentionPolicyName": "short"}, {}, FAIL),
        (1, {"logGroupClass": "DELIVERY"}, {}, NOTHING),
        (30, {"logGroupClass": "INFREQUENT_ACCESS"}, {}, FAIL),
    ],
)
def test_log_groups(days: Any, group: dict[str, Any], limits: dict[str, Any], status: Status) -> None:
    """Without a retention, logs stay for ever."""
    assert verdict(group_retention_set, a_log_group(days, **group), **limits).status is status


def test_a_retention_that_could_not_be_read() -> None:
    """The list has it, and no part that could be refused."""
    assert verdict(group_retention_set, a_log_group(UNREAD)).status is UNKNOWN


@pytest.mark.parametrize(
    ("table", "limits", "status"),
    [
        (a_table("ENABLED"), {}, PASS),
        (a_table("ENABLED", RecoveryPeriodInDays=7), {}, PASS),
        (a_table("DISABLED"), {}, FAIL),
        (a_table("DISABLED"), {"tables_without_backup": ("orders",)}, PASS),
        (a_table("SOMETHING_NEW"), {}, UNKNOWN),
        (a_table(UNREAD), {}, UNKNOWN),
        (a_table(UNREAD), {"tables_without_backup": ("orders",)}, UNKNOWN),
    ],
)
def test_tables(table: Any, limits: dict[str, Any], status: Status) -> None:
    """A cache may go without, where the company says that it is one."""
    assert verdict(table_pitr_enabled, table, **limits).status is status


def test_the_days_of_recovery_are_named() -> None:
    """Seven days are another promise than 35."""
    assert "7 days" in verdict(table_pitr_enabled, a_table("ENABLED", RecoveryPeriodInDays=7)).reason
    assert "35 days" in verdict(table_pitr_enabled, a_table("ENABLED")).reason


@pytest.mark.parametrize(("encrypted", "status"), [(True, PASS), (False, FAIL), (UNREAD, UNKNOWN)])
def test_file_systems(encrypted: Any, status: Status) -> None:
    """The check has nothing else to go by."""
    assert verdict(file_system_encrypted, a_file_system(encrypted)).status is status
