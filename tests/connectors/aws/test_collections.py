"""What the collections ask, and what they make of answers that are not as usual."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from msgspec.json import encode

from collector.core.errors import Denied, Unavailable, Unexpected
from collector.core.resources import Body
from collector.core.scopes import Scope
from collector.core.views import decode
from collector.demo.aws.seeding import Expected
from collector.demo.in_process import Environ, StartResponse
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.settings import Settings
from connectors.aws.account.resources import Region, regions
from connectors.aws.iam.resources.credential_report import CredentialRow, credential_report
from tests.connectors.aws.observed import Estate
from tests.connectors.aws.played import Played, Reply, xml_error
from tests.connectors.aws.wires import CountingWire
from tests.doubles.aws import Acme

OWN = "111122223333"
COLUMNS = [*CredentialRow.__struct_fields__, "cert_1_active"]


def state(word: str) -> Reply:
    """How far the credential report is."""
    return _iam("GenerateCredentialReport", f"<State>{word}</State>")


def report(content: str) -> Reply:
    """The credential report."""
    encoded = base64.b64encode(content.encode()).decode()
    return _iam("GetCredentialReport", f"<Content>{encoded}</Content><ReportFormat>text/csv</ReportFormat>")


def _iam(operation: str, result: str) -> Reply:
    text = (
        f"<{operation}Response xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><{operation}Result>{result}"
        f"</{operation}Result></{operation}Response>"
    )
    return Reply(200, text.encode(), {"Content-Type": "text/xml"})


def row(*values: str) -> str:
    """A line of the report."""
    return ",".join(values)


def rows_of(account: Account) -> list[Body]:
    """Read the report as the engine does."""
    listed = credential_report(account)
    assert isinstance(listed, Iterator)
    return [item for item in listed if isinstance(item, dict)]


@pytest.fixture
def account(played: Played, wire: CountingWire) -> Account:
    """An account, asking the played server."""
    return connect(Settings(endpoint_url=played.url), (OWN,), wire)


def test_the_report_is_waited_for_through_the_wire(played: Played, account: Account, wire: CountingWire) -> None:
    """A wait outside the wire cannot be stopped, and outlasts the task's time."""
    lines = row(*COLUMNS) + "\n" + row("alice", *["N/A"] * (len(COLUMNS) - 1)) + "\n"
    played.plays(state("STARTED"), state("INPROGRESS"), state("COMPLETE"), report(lines))

    rows = rows_of(account)

    assert [item["user"] for item in rows] == ["alice"]
    assert len(wire.pauses) == 2
    assert wire.operations == ["iam:GenerateCredentialReport"] * 3 + ["iam:GetCredentialReport"]


def test_a_report_that_is_never_finished_is_unavailable(played: Played, account: Account, wire: CountingWire) -> None:
    """The report of last week, or none, must not stand for today's."""
    played.plays(state("INPROGRESS"))

    with pytest.raises(Unavailable, match="did not finish"):
        rows_of(account)

    assert "iam:GetCredentialReport" not in wire.operations


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ([xml_error("LimitExceeded", 409), state("COMPLETE")], "GGR"),
        ([state("COMPLETE"), xml_error("ReportInProgress", 404), state("COMPLETE")], "GRGR"),
        ([state("COMPLETE"), xml_error("ReportExpired", 410), state("STARTED"), state("COMPLETE")], "GRGGR"),
        ([state("COMPLETE"), xml_error("ReportNotPresent", 410), state("COMPLETE")], "GRGR"),
    ],
)
def test_a_busy_moment_is_waited_for(
    played: Played, account: Account, wire: CountingWire, answers: list[Reply], asked: str
) -> None:
    """IAM makes one report at a time and drops old ones; neither is a missing permission."""
    lines = row(*COLUMNS) + "\n" + row("alice", *["N/A"] * (len(COLUMNS) - 1)) + "\n"
    played.plays(*answers, report(lines))

    rows = rows_of(account)

    assert [item["user"] for item in rows] == ["alice"]
    names = {"G": "iam:GenerateCredentialReport", "R": "iam:GetCredentialReport"}
    assert wire.operations == [names[letter] for letter in asked]
    assert len(wire.pauses) == asked.count("G") - 1


def test_a_report_that_is_busy_for_good_is_unavailable(played: Played, account: Account) -> None:
    """The word that AWS gave at the end tells why, and no permission is asked for."""
    played.plays(xml_error("LimitExceeded", 409))

    with pytest.raises(Unavailable, match="LimitExceeded"):
        rows_of(account)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<html>oops</html>",
        row(*COLUMNS) + "\n" + row("alice", "N/A"),
        row(*COLUMNS) + "\n" + row("alice", *["N/A"] * len(COLUMNS)),
    ],
    ids=["empty", "a page", "a short row", "a long row"],
)
def test_a_report_that_is_cut_off_is_no_list(played: Played, account: Account, content: str) -> None:
    """A row with its columns shifted would be judged by somebody else's values."""
    played.plays(state("COMPLETE"), report(content))

    with pytest.raises(Unexpected):
        rows_of(account)


def test_a_refused_report_is_refused(played: Played, wire: CountingWire) -> None:
    """Both permissions are needed, and the first refusal ends it."""
    played.plays(xml_error("AccessDenied", 403))
    estate = Estate(Settings(endpoint_url=played.url, role=f"arn:aws:iam::{OWN}:role/annexd"), wire)
    estate.look("aws.iam.credential_report")

    assert isinstance(estate.failed["aws.iam.credential_report", (OWN,)], Denied)


def test_accounts_that_are_closed_open_no_scope() -> None:
    """They are in the evidence, and nobody can sign in to them."""
    (discovery,) = [item for item in _discoveries("account") if item.collection == "aws.organizations.account"]
    settings = Settings()

    assert discovery.below(settings, {"Id": OWN, "State": "ACTIVE"}) == OWN
    assert discovery.below(settings, {"Id": OWN, "Status": "ACTIVE"}) == OWN
    assert discovery.below(settings, {"Id": OWN}) == OWN
    assert discovery.below(settings, {"Id": OWN, "State": "CLOSED", "Status": "ACTIVE"}) is None
    assert discovery.below(settings, {"Id": OWN, "Status": "SUSPENDED"}) is None


def test_regions_of_a_partition_without_account_service(played: Played, wire: CountingWire) -> None:
    """GovCloud has no endpoint for it; EC2 says in its own words which regions are enabled."""
    items = "".join(
        f"<item><regionName>{name}</regionName><regionEndpoint>ec2.{name}.amazonaws.com</regionEndpoint>"
        f"<optInStatus>{status}</optInStatus></item>"
        for name, status in (("us-gov-west-1", "opt-in-not-required"), ("us-gov-east-1", "not-opted-in"))
    )
    text = (
        "<DescribeRegionsResponse xmlns='http://ec2.amazonaws.com/doc/2016-11-15/'>"
        f"<regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    )
    played.plays(Reply(200, text.encode(), {"Content-Type": "text/xml"}))
    settings = Settings(endpoint_url=played.url, partition="aws-us-gov")

    listed = [body for body in regions(connect(settings, (OWN,), wire)) if isinstance(body, dict)]

    assert wire.operations == ["ec2:DescribeRegions"]
    views = [decode(Region, encode({"body": body}), None, {}) for body in listed]
    assert {view.region_name: view.state for view in views} == {
        "us-gov-west-1": "ENABLED_BY_DEFAULT",
        "us-gov-east-1": "DISABLED",
    }
    (discovery,) = _discoveries("region")
    assert [discovery.below(settings, body) for body in listed] == ["us-gov-west-1", None]


def test_regions_that_are_off_or_not_asked_for_open_no_scope() -> None:
    """The list of regions shows why nothing was looked for there."""
    (discovery,) = _discoveries("region")
    on = {"RegionName": "eu-west-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"}

    assert discovery.below(Settings(), on) == "eu-west-1"
    assert discovery.below(Settings(), {**on, "RegionOptStatus": "DISABLED"}) is None
    assert discovery.below(Settings(), {**on, "RegionOptStatus": "ENABLING"}) == "eu-west-1"
    assert discovery.below(Settings(), {**on, "RegionOptStatus": "DISABLING"}) == "eu-west-1"
    assert discovery.below(Settings(), {"RegionName": "eu-west-1"}) == "eu-west-1"
    assert discovery.below(Settings(regions=("eu-west-1",)), on) == "eu-west-1"
    assert discovery.below(Settings(regions=("eu-central-1",)), on) is None


def test_acme_is_seen_and_judged_as_it_was_made(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real SDK, roles, pages and refusals, against the whole estate of the demo."""
    estate = _seen(acme, monkeypatch)
    from collector.setup.loading import connector

    checks = connector("aws").checks
    differs: list[Any] = []
    expected = [expectation for expectation in acme.company.expected if expectation.check in checks]
    for expectation in expected:
        found = [
            verdict.status.value
            for (scope, key), verdict in estate.judge(checks[expectation.check]).items()
            if _speaks_of(expectation, scope)
            and (key in ("-", expectation.subject) or key.endswith(f"/{expectation.subject}"))
        ]
        if found != [expectation.outcome]:
            differs.append((expectation, found))

    assert {expectation.check for expectation in acme.company.expected} <= {*checks}
    assert len(expected) > 100
    assert differs == []


def _speaks_of(expectation: Expected, scope: Scope) -> bool:
    """Whether what is said of a scope is about the place that an expectation names, or a place around it."""
    return scope == (expectation.account, expectation.region)[: len(scope)]


def test_every_call_of_a_scan_passes_the_wire(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the double was asked and what was counted are the same number."""
    estate = _seen(acme, monkeypatch)

    assert _REQUESTED[-1] == len(estate.wire.sent) == len(estate.wire.received) > 100


def test_an_account_that_cannot_be_entered_is_denied_throughout(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each list of it says which role was refused; none is empty and complete."""
    (sandbox,) = acme.company.not_entered
    estate = _seen(acme, monkeypatch)

    lists = [error for (_, scope), error in estate.failed.items() if scope == (sandbox,)]

    assert len(lists) >= 6
    assert all(isinstance(error, Denied) and f"{sandbox}:role/annexd" in error.what for error in lists)


def test_personal_data_and_secrets_do_not_reach_the_store(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """The domain of a mailbox stays, its owner goes; a seed of a second factor goes whole."""
    estate = _seen(acme, monkeypatch)

    contacts = [json.loads(blob)["body"] for blob in _stored(estate, "aws.account.contact")]
    devices = b"".join(_stored(estate, "aws.iam.virtual_mfa_device"))
    accounts = b"".join(_stored(estate, "aws.organizations.account"))
    (contact,) = [body["AlternateContact"] for body in contacts if body.get("AlternateContact")][:1]

    assert contact["EmailAddress"].startswith("[redacted")
    assert contact["EmailAddress"].endswith("@example.com")
    assert contact["PhoneNumber"].startswith("[redacted")
    assert contact["Name"].startswith("[redacted")
    assert b'"Base32StringSeed":"[redacted' in devices or b"Base32StringSeed" not in devices
    assert b'"Email":"[redacted' in accounts


def test_a_second_scan_makes_no_new_versions(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes by itself is declared so; the rest is the same to the byte."""
    first = _seen(acme, monkeypatch)
    _SEEN.clear()

    second = _seen(acme, monkeypatch)

    assert first.stored == second.stored


# One scan serves the tests that only read what it saw.
_SEEN: list[tuple[Acme, Estate]] = []
_REQUESTED: list[int] = []
"""How many requests the double was sent by each scan."""


def _discoveries(level: str) -> list[Any]:
    from collector.setup.loading import connector

    return connector("aws").connector.discoveries[level]


def _seen(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Estate:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", acme.company.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", acme.company.secret_access_key)
    for who, estate in _SEEN:
        if who is acme:
            return estate
    settings = Settings(role=acme.company.role_arn, accounts="organization", endpoint_url=acme.company.url)
    estate = Estate(settings)
    requested: list[str] = []
    respond = acme.double.respond

    def counted(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        requested.append(environ["PATH_INFO"])
        return respond(environ, start_response)

    with monkeypatch.context() as patch:
        patch.setattr(acme.double, "respond", counted)
        estate.look()
    _REQUESTED.append(len(requested))
    _SEEN[:] = [(acme, estate)]
    return estate


def _stored(estate: Estate, kind: str) -> list[bytes]:
    return [blob for blobs in estate.stored[kind].values() for blob in blobs.values()]
