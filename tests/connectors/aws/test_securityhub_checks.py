"""The check of Security Hub CSPM: on with a standard, in every region."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from collector.core.errors import Denied, NotThere
from connectors.aws._sdk.client import connect
from connectors.aws._sdk.errors import NOT_SUBSCRIBED, explain
from connectors.aws._sdk.settings import Settings
from connectors.aws.securityhub.checks import enabled
from tests.connectors.aws.builders import FAIL, OWN, PASS, UNKNOWN, UNREAD, all_of, in_regions, not_seen, verdict
from tests.connectors.aws.played import Played, json_error
from tests.connectors.aws.protection_builders import a_hub, a_standard
from tests.connectors.aws.regional_builders import a_region
from tests.connectors.aws.wires import CountingWire

BOTH = all_of(a_region("eu-central-1"), a_region("eu-west-1"))
ON = a_hub(a_standard())


@pytest.mark.parametrize(
    ("there", "status"),
    [
        (ON, PASS),
        (a_hub(a_standard("FAILED"), a_standard()), PASS),
        (a_hub(a_standard("PENDING")), UNKNOWN),
        (a_hub(a_standard("INCOMPLETE")), FAIL),
        (a_hub(a_standard("DELETING")), FAIL),
        (a_hub(), FAIL),
        (a_hub(Hub=None, Standards=None), FAIL),
        (a_hub(Hub=UNREAD), UNKNOWN),
        (a_hub(Standards=UNREAD), UNKNOWN),
        # The hub alone says that it is off, and the second call was refused.
        (a_hub(Hub=None, Standards=UNREAD), FAIL),
    ],
)
def test_a_hub_with_a_standard_in_every_region(there: Any, status: Status) -> None:
    """A hub without a standard checks nothing."""
    assert verdict(enabled, in_regions(eu_central_1=[ON], eu_west_1=[there]), BOTH).status is status


def test_regions_and_hubs_that_could_not_be_listed() -> None:
    """Neither can be guessed."""
    assert verdict(enabled, not_seen(), BOTH).status is UNKNOWN
    assert verdict(enabled, in_regions(eu_central_1=[ON]), not_seen()).status is UNKNOWN
    silent = in_regions(eu_central_1=[ON], eu_west_1=[a_hub(Hub=UNREAD)])
    assert verdict(enabled, silent, BOTH, not_offered_in=("eu-west-1",)).status is PASS


@pytest.mark.parametrize(
    ("message", "kind", "code"),
    [
        (f"Account {OWN} is not subscribed to AWS Security Hub", NotThere, NOT_SUBSCRIBED),
        (f"Account {OWN} is not subscribed to SecurityHub", NotThere, NOT_SUBSCRIBED),
        (f"Account {OWN} is not an administrator for this organization", Denied, "InvalidAccessException"),
        ("", Denied, "InvalidAccessException"),
    ],
)
def test_off_is_told_from_refused_by_the_message(
    played: Played, wire: CountingWire, message: str, kind: type[Exception], code: str
) -> None:
    """AWS has one code for both; to take each for off would be a fail that nobody can mend, or worse."""
    played.plays(json_error("InvalidAccessException", 401, message))
    account = connect(Settings(endpoint_url=played.url), (OWN, "eu-central-1"), wire)

    with pytest.raises(Exception, match="InvalidAccess") as caught:
        account.call("securityhub", "DescribeHub")

    said = explain(caught.value)
    assert type(said) is kind
    assert said.code == code
