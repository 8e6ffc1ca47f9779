"""Filters of log entries: how they are read, and what is decided where only some fields are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gcp._log_filters.audited_changes import CHANGES, audit_entry, entries
from connectors.gcp._log_filters.language import Comparison, Every, Not, OneOf, Text, parsed
from connectors.gcp._log_filters.matching import takes

A, B, C, D = (Text(word) for word in "abcd")
ENTRY = audit_entry("acme-prod", "activity") | {
    "protopayload.methodname": ("v1.compute.firewalls.insert",),
    "protopayload.servicedata.policydelta.bindingdeltas.role": ("roles/owner",),
    "resource.type": ("gce_firewall_rule",),
    "severity": ("NOTICE",),
    "operation": (),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Every(())),
        ("-- all of it", Every(())),
        ('"a" OR NOT "b" AND NOT "c" OR "d"', Every((OneOf((A, Not(B))), OneOf((Not(C), D))))),
        ("a b\n-c", Every((A, B, Not(C)))),
        ("NOT (a OR b)", Not(OneOf((A, B)))),
        ("f=(a OR b)", OneOf((Comparison("f", "=", "a"), Comparison("f", "=", "b")))),
        ("f=(a AND NOT b)", Every((Comparison("f", "=", "a"), Not(Comparison("f", "=", "b"))))),
        ('f = "a" OR "b"', OneOf((Comparison("f", "=", "a"), B))),
        (r'f="a \"b\" \\ c"', Comparison("f", "=", 'a "b" \\ c')),
        ('labels."a.b/c":x', Comparison('labels."a.b/c"', ":", "x")),
        ("f>=a -- and no more\ng!=b", Every((Comparison("f", ">=", "a"), Comparison("g", "!=", "b")))),
        ("a and b", Every((A, Text("and"), B))),
    ],
)
def test_filters_are_read(text: str, expected: object) -> None:
    """OR binds closer than AND: Logging query language, "Boolean operators"."""
    assert parsed(text) == expected


@pytest.mark.parametrize(
    "text", ["(a", "a)", "f=", "AND a", "a OR", "NOT", '"a', "f(a", "f(=)", "(" * 60 + "a" + ")" * 60]
)
def test_what_is_not_understood_decides_nothing(text: str) -> None:
    """It takes nothing and leaves nothing out."""
    assert parsed(text) is None
    assert takes(text, ENTRY) is None


@given(st.text(alphabet='ab.()=<>!:~-",\\ \nANDORT', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """A filter comes from outside."""
    assert takes(text, ENTRY) in {True, False, None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ('resource.type="gce_firewall_rule"', True),
        ("resource.type=GCE_Firewall_Rule", True),
        ('resource.type="gce_route"', False),
        ('resource.type!="gce_route"', True),
        ('NOT resource.type="gce_route"', True),
        ('-resource.type="gce_firewall_rule"', False),
        ('protoPayload.methodName:"compute.firewalls.insert"', True),
        ('protoPayload.methodName="compute.firewalls.insert"', False),
        ('proto_payload.method_name:"Firewalls"', True),
        (r'protoPayload.methodName=~"\.compute\.firewalls\.(insert|patch)$"', True),
        (r'protoPayload.methodName=~"^compute\.firewalls"', False),
        (r'protoPayload.methodName!~"routes"', True),
        (r'protoPayload.methodName=~"(a+)+$"', None),
        (r'protoPayload.methodName=~"["', None),
        ("protoPayload.serviceData.policyDelta.bindingDeltas:*", True),
        ("protoPayload.serviceData.policyDelta.auditConfigDeltas:*", None),
        ('protoPayload.authenticationInfo.principalEmail!="robot@acme.example"', None),
        ('resource.type="gce_route" AND protoPayload.status.code=7', False),
        ('resource.type="gce_firewall_rule" OR protoPayload.status.code=7', True),
        ("severity>=NOTICE", True),
        ("severity>=WARNING", False),
        ("severity=300", None),
        ('log_id("cloudaudit.googleapis.com/activity")', True),
        ('LOG_ID("cloudaudit.googleapis.com/data_access")', False),
        ('logName="projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity"', True),
        ('logName="projects/other/logs/cloudaudit.googleapis.com%2Factivity"', False),
        ("sample(insertId, 0.5)", None),
        ("roles/owner", True),
        ("owner", None),
        ("operation.first=true", False),
        ("operation:*", False),
        ("operation.producer!=x", None),
        ("-owner", None),
    ],
)
def test_what_is_known_decides(text: str, expected: bool | None) -> None:
    """And what is not known leaves it open."""
    assert takes(text, ENTRY) is expected


# CIS Google Cloud Platform Foundation Benchmark 2.4 to 2.11, each for the class of its number.
BENCHMARK = {
    "project_ownership": '(protoPayload.serviceName="cloudresourcemanager.googleapis.com") AND'
    " (ProjectOwnership OR projectOwnerInvitee)"
    ' OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="REMOVE"'
    ' AND protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner")'
    ' OR (protoPayload.serviceData.policyDelta.bindingDeltas.action="ADD"'
    ' AND protoPayload.serviceData.policyDelta.bindingDeltas.role="roles/owner")',
    "audit_config": 'protoPayload.methodName="SetIamPolicy" AND'
    " protoPayload.serviceData.policyDelta.auditConfigDeltas:*",
    "custom_role": 'resource.type="iam_role" AND (protoPayload.methodName="google.iam.admin.v1.CreateRole"'
    ' OR protoPayload.methodName="google.iam.admin.v1.DeleteRole"'
    ' OR protoPayload.methodName="google.iam.admin.v1.UpdateRole")',
    "firewall": 'resource.type="gce_firewall_rule" AND (protoPayload.methodName:"compute.firewalls.patch"'
    ' OR protoPayload.methodName:"compute.firewalls.insert" OR protoPayload.methodName:"compute.firewalls.delete")',
    "route": 'resource.type="gce_route" AND (protoPayload.methodName:"compute.routes.delete"'
    ' OR protoPayload.methodName:"compute.routes.insert")',
    "network": 'resource.type="gce_network" AND (protoPayload.methodName:"compute.networks.insert"'
    ' OR protoPayload.methodName:"compute.networks.patch" OR protoPayload.methodName:"compute.networks.delete"'
    ' OR protoPayload.methodName:"compute.networks.removePeering"'
    ' OR protoPayload.methodName:"compute.networks.addPeering")',
    "bucket_iam": 'resource.type="gcs_bucket" AND protoPayload.methodName="storage.setIamPermissions"',
    "sql_config": 'protoPayload.methodName="cloudsql.instances.update"',
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_filters_of_the_benchmark_take_their_class_and_no_other(change: str) -> None:
    """Whoever followed it is not told otherwise."""
    taken = {of: [takes(BENCHMARK[change], entry) for _, entry in entries("acme-prod", of)] for of in CHANGES}

    assert set(taken[change]) == {True}
    assert not any(True in found for of, found in taken.items() if of != change)
