"""Patterns of metric filters, tried on what CloudTrail writes."""

from __future__ import annotations

import pytest

from connectors.aws._policy.truth import Truth
from connectors.aws.cloudtrail.event_classes import CLASSES, events_of
from connectors.aws.logs.filter_patterns import ANY_ADDRESS, takes
from tests.connectors.aws.alarm_builders import PATTERNS

KNOWN = {"eventName": "StopLogging", "userIdentity.type": "Root", "userIdentity.invokedBy": None, "errorCode": None}
KNOWN |= {"sourceIPAddress": ANY_ADDRESS}
YES, NO, MAYBE = Truth.YES, Truth.NO, Truth.MAYBE


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("", YES),
        ("{ $.eventName = StopLogging }", YES),
        ('{ $.eventName = "StopLogging" }', YES),
        ("{$.eventName=StopLogging}", YES),
        ("{ $.eventName = stoplogging }", NO),
        ("{ $.eventName = Stop }", NO),
        ("{ $.eventName = Stop* }", YES),
        ('{ $.eventName = "*Logging" }', YES),
        ("{ $.eventName = *top*ogg* }", YES),
        ("{ $.eventName = Start* }", NO),
        ("{ $.eventName != StartLogging }", YES),
        ("{ $.eventName != Stop* }", NO),
        ("{ $.eventName = %Log% }", YES),
        ("{ $.eventName = %^Log% }", NO),
        ("{ $.eventName != %^Log% }", YES),
        ("{ $.eventName = %(Stop)% }", MAYBE),
        ("{ $.eventName = %a*b*c*d*e*% }", MAYBE),
        ("{ $.eventName = %[% }", MAYBE),
        ("{ $.errorCode = AccessDenied }", NO),
        ("{ $.errorCode != AccessDenied }", MAYBE),
        ("{ $.errorCode NOT EXISTS }", YES),
        ("{ $.errorCode EXISTS }", NO),
        ("{ $.eventName EXISTS }", YES),
        ("{ $.userIdentity EXISTS }", YES),
        ("{ $.userIdentity.invokedBy.more EXISTS }", NO),
        ("{ $.userIdentity.arn EXISTS }", MAYBE),
        ("{ $.eventName IS NULL }", NO),
        ("{ $.eventName IS TRUE }", NO),
        ("{ $.readOnly IS FALSE }", MAYBE),
        ("{ $.errorCode IS NULL }", MAYBE),
        ("{ $.awsRegion = eu-central-1 }", MAYBE),
        ("{ $.count >= 3 }", MAYBE),
        ('{ $.sourceIPAddress != "delivery.logs.amazonaws.com" }', YES),
        ("{ $.sourceIPAddress != 10.* }", MAYBE),
        ("{ $.sourceIPAddress = *.amazonaws.com }", MAYBE),
        ("{ ($.eventName = StopLogging) && ($.awsRegion = eu-central-1) }", MAYBE),
        ("{ ($.eventName = StartLogging) && ($.awsRegion = eu-central-1) }", NO),
        ("{ ($.eventName = StopLogging) || ($.awsRegion = eu-central-1) }", YES),
        ("{ $.eventName = StopLogging || $.eventName = A && $.eventName = B }", YES),
        ("{ ($.eventName = StopLogging || $.eventName = A) && $.eventName = B }", NO),
        ("{ $.eventName = StopLogging", MAYBE),
        ("{ $.eventName = StopLogging } more", MAYBE),
        ("{ $.eventName LIKE StopLogging }", MAYBE),
        ("{ $.eventName NOT StopLogging }", MAYBE),
        ("{ $.eventName IS GONE }", MAYBE),
        ("{ $.items[0].name = x }", MAYBE),
        ("{ eventName = StopLogging }", MAYBE),
        ("{ $.eventName = }", MAYBE),
        ("{" + "(" * 60 + "$.eventName = StopLogging" + ")" * 60 + "}", MAYBE),
        ("StopLogging", YES),
        ('"StopLogging" Root', YES),
        ("StopLogging Start", MAYBE),
        ("?StopLogging ?StartLogging", YES),
        ("?Start ?Stop", MAYBE),
        ("Root ?StopLogging", MAYBE),
        ("Root -StopLogging", NO),
        ("Root -Other", MAYBE),
        ("[ip, user, name]", MAYBE),
        ("%Stop%", MAYBE),
    ],
)
def test_whether_a_pattern_takes_an_event(pattern: str, found: Truth) -> None:
    """What is not known of the event, or not understood of the pattern, is left open."""
    assert takes(pattern, KNOWN) is found


@pytest.mark.parametrize("event_class", PATTERNS)
def test_the_patterns_of_the_benchmark(event_class: str) -> None:
    """Each takes all events of its class, and those of a class of changes none of another."""
    assert {takes(PATTERNS[event_class], event.fields) for event in events_of(event_class)} == {YES}
    if event_class.endswith("_change") or event_class == "kms_disable":
        other = "sg_change" if event_class != "sg_change" else "kms_disable"
        assert {takes(PATTERNS[event_class], event.fields) for event in events_of(other)} == {NO}


def test_every_class_has_events() -> None:
    """A class without an event would pass by itself."""
    assert all(list(events_of(event_class)) for event_class in CLASSES)
