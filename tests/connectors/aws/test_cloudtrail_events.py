"""Security-relevant events: which are looked for, what is kept, and what becomes of a list that is cut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import Unexpected
from collector.core.resources import Body, kind_of
from collector.core.wire import Call
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.settings import Settings, quota
from connectors.aws.cloudtrail import events as module
from connectors.aws.cloudtrail.checks import logging_not_stopped
from connectors.aws.cloudtrail.events import STOPPING, Event, events, names
from tests.connectors.aws.answers import Answers, listed, pages
from tests.connectors.aws.builders import FAIL, NOW, OWN, PASS, UNKNOWN, a, all_of, not_seen, verdict

USUAL = Settings(security_events="usual")
WHO = f"arn:aws:sts::{OWN}:assumed-role/ops/alice"


def an_event(name: str, id_: str = "e-1", **record: Any) -> Body:
    """An event as AWS lists it, with a record that has more than anybody should keep."""
    whole = {
        "userIdentity": {"type": "AssumedRole", "arn": WHO, "accessKeyId": "ASIAEXAMPLE"},
        "sourceIPAddress": "198.51.100.7",
        "requestParameters": {"password": "secret"},
        **record,
    }
    return {
        "EventId": id_,
        "EventName": name,
        "EventSource": "cloudtrail.amazonaws.com",
        "EventTime": NOW,
        "ReadOnly": "false",
        "Username": "alice",
        "AccessKeyId": "ASIAEXAMPLE",
        "Resources": [{"ResourceType": "AWS::CloudTrail::Trail", "ResourceName": "trail"}],
        "CloudTrailEvent": json.dumps(whole),
    }


def looked_up(*found: Body, size: int = 50) -> Answers:
    """A region in which these events are found by their names."""

    def answer(params: Mapping[str, Any]) -> Body:
        (attribute,) = params["LookupAttributes"]
        assert attribute["AttributeKey"] == "EventName"
        return pages("Events", [each for each in found if each["EventName"] == attribute["AttributeValue"]], size)(
            params
        )

    return Answers({"cloudtrail:LookupEvents": answer})


def in_region(answers: Answers, monkeypatch: pytest.MonkeyPatch, settings: Settings = USUAL) -> Account:
    """A client in a region of the account."""
    client = answers.install(monkeypatch, settings)
    client.scope = (OWN, "eu-west-1")
    return client


@pytest.mark.parametrize(
    ("settings", "region", "asked", "not_asked"),
    [
        (USUAL, "eu-west-1", {"StopLogging", "ConsoleLogin"}, {"CreateUser"}),
        (USUAL, "us-east-1", {"StopLogging", "CreateUser", "LeaveOrganization"}, set()),
        (Settings(security_events=("RunInstances",)), "eu-west-1", {"StopLogging", "RunInstances"}, {"CreateUser"}),
    ],
)
def test_what_is_looked_for(settings: Settings, region: str, asked: set[str], not_asked: set[str]) -> None:
    """The usual names always; those of services without regions in the region that has them."""
    found = names(settings, region)

    assert asked <= set(found)
    assert not_asked.isdisjoint(found)
    assert len(found) == len(set(found))
    assert set(STOPPING) <= set(found)


def test_it_is_for_the_company_to_switch_on() -> None:
    """It takes time, and says what people did."""
    when = aws.collections["aws.cloudtrail.event"].when

    assert [when(Settings()), when(USUAL), when(Settings(security_events=()))] == [False, True, True]


def test_nothing_of_a_request_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done, by whom and on what; no key, no address, no parameter."""
    found = looked_up(an_event("StopLogging", errorCode="AccessDenied"))

    (body,) = listed(events, in_region(found, monkeypatch))

    assert body["IdentityArn"] == WHO
    assert body["ErrorCode"] == "AccessDenied"
    assert not {"ASIAEXAMPLE", "198.51.100.7", "secret"} & set(json.dumps(body, default=str).replace('"', " ").split())


def test_every_page_of_every_name_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request takes one name."""
    found = [an_event("StopLogging", f"e-{number}") for number in range(5)] + [an_event("ConsoleLogin", "e-9")]
    answers = looked_up(*found, size=2)

    bodies = listed(events, in_region(answers, monkeypatch))

    assert sorted(body["EventId"] for body in bodies) == ["e-0", "e-1", "e-2", "e-3", "e-4", "e-9"]
    assert answers.calls["cloudtrail:LookupEvents"] == len(names(USUAL, "eu-west-1")) + 2


def test_a_list_that_is_cut_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read by then is there, and no end of a list."""
    monkeypatch.setattr(module, "MOST_PAGES", 3)
    first = names(USUAL, "eu-west-1")[0]
    client = in_region(looked_up(*(an_event(first, f"e-{number}") for number in range(9)), size=2), monkeypatch)
    bodies: list[Any] = []

    with pytest.raises(Unexpected, match=f"cut at {first}"):
        bodies.extend(events(client))

    assert len(bodies) == 6


def test_an_answer_without_events_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is not an empty list."""
    with pytest.raises(Unexpected, match="without Events"):
        listed(events, in_region(Answers({"cloudtrail:LookupEvents": {}}), monkeypatch))


def test_the_days_that_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the setting."""
    asked: list[datetime] = []

    def answer(params: Mapping[str, Any]) -> Body:
        asked.append(params["StartTime"])
        return {"Events": []}

    settings = Settings(security_events="usual", security_events_window=timedelta(days=30))
    listed(events, in_region(Answers({"cloudtrail:LookupEvents": answer}), monkeypatch, settings))

    age = datetime.now(UTC) - asked[0]
    assert timedelta(days=30) <= age < timedelta(days=30, hours=1)
    assert len(set(asked)) == 1


def test_the_quota_is_that_of_lookups() -> None:
    """Two a second in an account and region, apart from all other calls."""
    lookup = quota(Settings(), (OWN, "eu-west-1"), Call("cloudtrail:LookupEvents"))
    trails = quota(Settings(), (OWN, "eu-west-1"), Call("cloudtrail:DescribeTrails"))
    elsewhere = quota(Settings(), (OWN, "eu-central-1"), Call("cloudtrail:LookupEvents"))

    assert lookup.per_second == 2
    assert len({str(lookup), str(trails), str(elsewhere)}) == 3


@pytest.mark.parametrize(
    "but",
    [
        {"security_events": ("Stop Logging",)},
        {"security_events_window": timedelta(days=91)},
        {"security_events_window": timedelta(0)},
    ],
)
def test_settings_that_cannot_be(but: dict[str, Any]) -> None:
    """No name has a space, and AWS keeps nothing longer."""
    with pytest.raises(ValueError, match="security_events"):
        Settings(**but)


def seen(name: str, id_: str = "e-1", error: str | None = None) -> Event:
    """An event, as it is kept."""
    usual = {"EventId": id_, "EventName": name, "EventTime": NOW.isoformat(), "IdentityArn": WHO, "ErrorCode": error}
    return a(Event, usual)


@pytest.mark.parametrize(
    ("found", "limits", "status"),
    [
        (all_of(), {}, PASS),
        (all_of(seen("ConsoleLogin")), {}, PASS),
        (all_of(seen("StopLogging")), {}, FAIL),
        (all_of(seen("DeleteDetector", "e-2"), seen("ConsoleLogin")), {}, FAIL),
        (all_of(seen("StopLogging", error="AccessDenied")), {}, PASS),
        (all_of(seen("StopLogging")), {"approved_events": ("e-1",)}, PASS),
        (all_of(seen("StopLogging"), seen("StopLogging", "e-2")), {"approved_events": ("e-1",)}, FAIL),
        (not_seen(), {}, UNKNOWN),
    ],
)
def test_who_stopped_what_keeps_logs(found: Any, limits: dict[str, Any], status: Status) -> None:
    """What AWS refused was not done; what the company approved is named."""
    assert verdict(logging_not_stopped, found, **limits).status is status


def test_what_a_sampling_sheet_says() -> None:
    """What was done on what, and by whom."""
    summary = kind_of(Event).summary
    assert summary is not None

    about = {"Resources": [{"ResourceName": "trail"}], "IdentityArn": WHO}
    made = summary({"EventName": "StopLogging", "ErrorCode": "AccessDenied", **about})

    assert (made.title, made.author) == ("StopLogging on trail", WHO)
    assert "AccessDenied" in made.notes[0]
    assert summary({}).title == ""
