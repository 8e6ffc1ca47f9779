"""Instances, disks, load balancers, and what agents report."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.gcp._sdk.links import placed
from connectors.gcp.backupdr.associations import PlanAssociation
from connectors.gcp.compute import disks, instance_checks, load_balancers
from connectors.gcp.compute.disks import Disk
from connectors.gcp.compute.instances import ComputeProject, Instance, flags_of
from connectors.gcp.compute.load_balancers import Certificate, SslPolicy, TargetProxy
from connectors.gcp.osconfig import vulnerabilities
from connectors.gcp.osconfig.vulnerabilities import InstanceReport
from tests.connectors.gcp import bodies
from tests.connectors.gcp.bodies import Json
from tests.connectors.gcp.judging import UNREAD, seen
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, CompleteSet, status, unread


def an_instance(**but: Any) -> Instance:
    """Return an instance."""
    body = bodies.instance(**but)
    return seen(Instance, next(placed([body])), flags=flags_of(body["metadata"]))


def a_project(**items: str) -> ComputeProject:
    """Return what the instances of a project share."""
    body = bodies.compute_project(**items)
    return seen(ComputeProject, body, flags=flags_of(body["commonInstanceMetadata"]))


def external(**config: str) -> dict[str, Any]:
    """Return an interface with an external address."""
    return {"networkInterfaces": [{"name": "nic0"}, {"name": "nic1", "accessConfigs": [config]}]}


@pytest.mark.parametrize(
    ("but", "limits", "expected"),
    [
        ({}, {}, PASS),
        (external(natIP="203.0.113.9"), {}, FAIL),
        (external(), {}, FAIL),  # it is stopped, and gets one when it starts
        ({"networkInterfaces": [{"ipv6AccessConfigs": [{"externalIpv6": "2001:db8::1"}]}]}, {}, FAIL),
        (external(), {"approved_public_instances": ("web-1",)}, PASS),
        (external(), {"approved_public_instances": ("web-2",)}, FAIL),
    ],
)
def test_instances_have_no_external_address(but: Json, limits: Json, expected: Status) -> None:
    """On any interface, of either version."""
    assert status(instance_checks.no_public_ip, an_instance(**but), **limits) is expected


DEFAULT = "111-compute@developer.gserviceaccount.com"
ALL_SCOPES = "https://www.googleapis.com/auth/cloud-platform"


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ([], PASS),
        ([{"email": DEFAULT, "scopes": [ALL_SCOPES]}], FAIL),
        ([{"email": DEFAULT, "scopes": ["https://www.googleapis.com/auth/logging.write"]}], PASS),
        ([{"email": "web@acme-prod.iam.gserviceaccount.com", "scopes": [ALL_SCOPES]}], PASS),
    ],
)
def test_instances_do_not_run_as_the_default_account(accounts: list[Json], expected: Status) -> None:
    """With everything that it may do."""
    assert status(instance_checks.no_default_account, an_instance(serviceAccounts=accounts)) is expected


@pytest.mark.parametrize(
    ("shared", "own", "expected"),
    [
        ("TRUE", None, PASS),
        ("true", None, PASS),
        ("1", None, PASS),
        ("FALSE", None, FAIL),
        ("", None, FAIL),
        ("maybe", None, UNKNOWN),
        ("TRUE", "TRUE", PASS),
        ("TRUE", "FALSE", FAIL),
        ("TRUE", "0", FAIL),
        ("TRUE", "maybe", UNKNOWN),
        ("FALSE", "TRUE", FAIL),
    ],
)
def test_os_login_is_required(shared: str, own: str | None, expected: Status) -> None:
    """An instance may turn off what the project turns on."""
    metadata = bodies.metadata(**({"enable_oslogin": own} if own is not None else {}))
    instances = CompleteSet(an_instance(metadata=metadata))

    assert status(instance_checks.os_login_required, a_project(enable_oslogin=shared), instances) is expected


def test_os_login_is_not_known_without_the_instances() -> None:
    """One of them may turn it off."""
    assert status(instance_checks.os_login_required, a_project(), UNREAD) is UNKNOWN
    assert status(instance_checks.os_login_required, a_project(), CompleteSet()) is PASS


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({}, FAIL),
        ({"enable_oslogin_2fa": "TRUE"}, PASS),
        ({"enable_oslogin_2fa": "FALSE"}, FAIL),
        ({"enable_oslogin_2fa": "maybe"}, UNKNOWN),
        ({"enable_oslogin_2fa": "TRUE", "enable_oslogin": "FALSE"}, FAIL),
    ],
)
def test_os_login_asks_for_a_second_factor(items: Json, expected: Status) -> None:
    """Which does nothing without OS Login."""
    assert status(instance_checks.os_login_2fa, a_project(**items), CompleteSet()) is expected


@pytest.mark.parametrize(
    ("own", "shared", "expected"),
    [
        ({}, {}, PASS),
        ({}, {"serial_port_enable": "TRUE"}, FAIL),
        ({"serial_port_enable": "FALSE"}, {"serial_port_enable": "TRUE"}, PASS),
        ({"serial_port_enable": "1"}, {}, FAIL),
        ({"serial_port_enable": "maybe"}, {}, UNKNOWN),
    ],
)
def test_the_serial_port_is_off(own: Json, shared: Json, expected: Status) -> None:
    """What an instance says counts before what the project says."""
    instance = an_instance(metadata=bodies.metadata(**own))

    assert status(instance_checks.serial_port_disabled, instance, a_project(**shared)) is expected


@pytest.mark.parametrize(
    ("shielded", "expected"),
    [
        ({"enableVtpm": True, "enableIntegrityMonitoring": True}, PASS),
        ({"enableVtpm": True}, FAIL),
        ({"enableIntegrityMonitoring": True}, FAIL),
        ({}, FAIL),
        (None, FAIL),
    ],
)
def test_instances_are_shielded(shielded: Json | None, expected: Status) -> None:
    """With both features."""
    assert status(instance_checks.shielded_vm, an_instance(shieldedInstanceConfig=shielded)) is expected


@pytest.mark.parametrize(
    ("check", "evidence"),
    [
        (instance_checks.no_public_ip, (unread(Instance),)),
        (instance_checks.no_default_account, (unread(Instance),)),
        (instance_checks.shielded_vm, (unread(Instance),)),
        (instance_checks.os_login_2fa, (unread(ComputeProject), CompleteSet())),
        (instance_checks.serial_port_disabled, (unread(Instance), a_project())),
        (instance_checks.serial_port_disabled, (an_instance(), unread(ComputeProject))),
        (load_balancers.modern_tls, (unread(TargetProxy), CompleteSet())),
        (load_balancers.not_expiring, (unread(Certificate),)),
        (disks.snapshot_schedule, (unread(Disk), CompleteSet())),
        (vulnerabilities.within_sla, (unread(InstanceReport),)),
    ],
)
def test_what_was_not_read_decides_nothing(check: Check[...], evidence: tuple[Any, ...]) -> None:
    """Neither good nor bad."""
    assert status(check, *evidence) is UNKNOWN


def a_proxy(**but: Any) -> TargetProxy:
    """Return a proxy."""
    return seen(TargetProxy, next(placed([bodies.proxy(**but)])))


def policies(**but: Any) -> CompleteSet:
    """Return the SSL policies of the project."""
    return CompleteSet(
        *(seen(SslPolicy, each) for each in placed([bodies.ssl_policy("old"), bodies.ssl_policy(**but)]))
    )


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({}, PASS),
        ({"minTlsVersion": "TLS_1_3"}, PASS),
        ({"profile": "COMPATIBLE"}, PASS),
        ({"minTlsVersion": "TLS_1_0"}, FAIL),  # whatever the profile is called
        ({"minTlsVersion": "TLS_1_1", "profile": "RESTRICTED"}, FAIL),
        ({"minTlsVersion": "TLS_2_0"}, UNKNOWN),
    ],
)
def test_proxies_take_modern_tls(but: Json, expected: Status) -> None:
    """By the oldest version that they take."""
    assert status(load_balancers.modern_tls, a_proxy(), policies(**but)) is expected


def test_a_proxy_without_a_policy_takes_what_google_takes() -> None:
    """TLS 1.0; and a policy that is not in the list says nothing."""
    assert status(load_balancers.modern_tls, a_proxy(sslPolicy=""), policies()) is FAIL
    assert status(load_balancers.modern_tls, a_proxy(), CompleteSet()) is UNKNOWN
    assert status(load_balancers.modern_tls, a_proxy(), UNREAD) is UNKNOWN
    written = "https://compute.googleapis.com/compute/beta/projects/acme-prod/global/sslPolicies/modern"
    assert status(load_balancers.modern_tls, a_proxy(sslPolicy=written), policies()) is PASS


MANAGED = {"type": "MANAGED", "managed": {"status": "ACTIVE", "domains": ["acme.example"]}}


@pytest.mark.parametrize(
    ("but", "expected"),
    [
        ({"days_left": 31}, PASS),
        ({"days_left": 30}, FAIL),
        ({"days_left": -1}, FAIL),
        ({"expireTime": None}, UNKNOWN),
        ({**MANAGED, "days_left": 5}, PASS),  # Google renews it
        ({**MANAGED, "days_left": -5}, FAIL),
        ({**MANAGED, "expireTime": None}, PASS),
        ({"managed": {"status": "PROVISIONING_FAILED"}}, FAIL),
    ],
)
def test_certificates_do_not_end_soon(but: Json, expected: Status) -> None:
    """Those that Google manages are renewed, as long as they are active."""
    certificate = seen(Certificate, next(placed([bodies.certificate(**but)])))

    assert status(load_balancers.not_expiring, certificate) is expected


DAILY = "projects/acme-prod/regions/europe-west3/resourcePolicies/daily"
DISK_PATH = "//compute.googleapis.com/projects/acme-prod/zones/europe-west3-a/disks/data"
INSTANCE_PATH = "projects/acme-prod/zones/europe-west3-a/instances/web-1"


def a_disk(*, scheduled: bool = True, days: float | None = 0.5, **but: Any) -> Disk:
    """Return a disk with what its collection says of it."""
    latest = {"name": "s", "creationTimestamp": bodies.ago(days)} if days is not None else None
    return seen(Disk, next(placed([bodies.disk(**but)])), schedules=[DAILY] if scheduled else [], latestSnapshot=latest)


def a_plan(resource: str = DISK_PATH, **but: Any) -> CompleteSet:
    """Return what Backup and DR protects."""
    return CompleteSet(seen(PlanAssociation, bodies.plan_association(resource, **but)))


NOTHING_PLANNED = CompleteSet()


@pytest.mark.parametrize(
    ("disk", "plans", "expected"),
    [
        (a_disk(), UNREAD, PASS),
        (a_disk(days=2), UNREAD, PASS),
        (a_disk(days=2.1), UNREAD, FAIL),
        (a_disk(days=None), UNREAD, FAIL),
        (a_disk(scheduled=False, days=None), NOTHING_PLANNED, FAIL),
        (a_disk(scheduled=False), NOTHING_PLANNED, UNKNOWN),  # something makes snapshots
        (a_disk(scheduled=False, days=None), UNREAD, UNKNOWN),
        (a_disk(scheduled=False, days=None), a_plan(), PASS),
        (a_disk(scheduled=False, days=None), a_plan(days=3), FAIL),
        (a_disk(scheduled=False, days=None), a_plan(days=None), FAIL),
        (a_disk(scheduled=False, days=None), a_plan(state="INACTIVE"), FAIL),
        (a_disk(scheduled=False, days=None), a_plan(DISK_PATH + "-other"), FAIL),
        (a_disk(scheduled=False, days=None, users=[f"https://x/{INSTANCE_PATH}"]), a_plan(INSTANCE_PATH), PASS),
    ],
)
def test_disks_are_backed_up(disk: Disk, plans: CompleteSet, expected: Status) -> None:
    """By a schedule or a plan, and lately."""
    assert status(disks.snapshot_schedule, disk, plans) is expected


def test_a_disk_may_be_exempt() -> None:
    """By a label that the company names."""
    disk = a_disk(scheduled=False, days=None, labels={"scratch": "true"})

    assert status(disks.snapshot_schedule, disk, NOTHING_PLANNED, exempt_labels=("scratch",)) is PASS
    assert status(disks.snapshot_schedule, disk, NOTHING_PLANNED) is FAIL


def an_instance_report(*found: Json, report: Json | None = None) -> InstanceReport:
    """Return an instance with the report of its agent."""
    shown = {"id": "1", "name": "web-1", "status": "RUNNING"}
    return seen(InstanceReport, shown, report=bodies.report("1", *found) if report is None else report)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], PASS),
        ([bodies.vulnerability("CRITICAL", days=7)], PASS),
        ([bodies.vulnerability("CRITICAL", days=8)], FAIL),
        ([bodies.vulnerability("HIGH", days=30)], PASS),
        ([bodies.vulnerability("HIGH", days=31)], FAIL),
        ([bodies.vulnerability("MEDIUM", days=91)], FAIL),
        ([bodies.vulnerability("LOW", days=900)], PASS),
        ([bodies.vulnerability("SEVERITY_UNSPECIFIED", days=1)], UNKNOWN),
    ],
)
def test_vulnerabilities_are_fixed_in_time(found: list[Json], expected: Status) -> None:
    """By the severity of each."""
    assert status(vulnerabilities.within_sla, an_instance_report(*found)) is expected


def test_an_agent_that_does_not_report_says_nothing() -> None:
    """Nor does one whose report is old, except of what was late already."""
    silent = seen(InstanceReport, {"id": "1", "name": "web-1", "status": "RUNNING", "report": None})
    stale = {"name": "r", "updateTime": bodies.ago(8)}
    late = {**stale, "vulnerabilities": [bodies.vulnerability("HIGH", days=90)]}

    assert status(vulnerabilities.within_sla, silent) is UNKNOWN
    assert status(vulnerabilities.within_sla, an_instance_report(report=stale)) is UNKNOWN
    assert status(vulnerabilities.within_sla, an_instance_report(report=late)) is FAIL
    assert status(vulnerabilities.within_sla, an_instance_report(report=stale), report_max_days=9) is PASS
