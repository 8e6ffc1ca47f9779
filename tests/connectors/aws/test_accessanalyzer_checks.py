"""The check of Access Analyzer: an analyzer of one's own or of the organization, in every region of every account."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.accessanalyzer.checks import external_enabled
from connectors.aws.organizations.resources import Organization, OrganizationAccount
from tests.connectors.aws.builders import (
    COLLEAGUE,
    FAIL,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    RegionalSet,
    a,
    all_of,
    not_seen,
    verdict,
)
from tests.connectors.aws.protection_builders import an_analyzer, analyzers
from tests.connectors.aws.regional_builders import a_region

HERE, THERE = "eu-central-1", "eu-west-1"
OFF = analyzers()
ON = analyzers(an_analyzer())
FOR_ALL = analyzers(an_analyzer("ORGANIZATION"))
UNSEEN = analyzers(Analyzers=UNREAD)


def member(account: str, organization: Any = "o-1") -> Organization:
    """Which organization an account is in; None for none."""
    of = organization if organization in (None, UNREAD) else {"Id": organization}
    return a(Organization, {"AccountId": account, "Organization": of})


def judged(seen: dict[tuple[str, str], Any], *members: Organization, listed: Any = None, **limits: Any) -> Any:
    """The verdict on these regions of accounts, which are all enabled."""
    accounts = sorted({account for account, _ in seen})
    regions = RegionalSet(
        {(account,): [a_region(region) for of, region in seen if of == account] for account in accounts}
    )
    places = RegionalSet({place: [view] for place, view in seen.items() if view is not None})
    everyone = not_seen() if listed is None else all_of(*(a(OrganizationAccount, {"Id": id_}) for id_ in listed))
    return verdict(external_enabled, places, regions, all_of(*members), everyone, **limits)


@pytest.mark.parametrize(
    ("there", "status"),
    [
        (ON, PASS),
        (analyzers(an_analyzer("ACCOUNT_UNUSED_ACCESS")), FAIL),
        (analyzers(an_analyzer("ORGANIZATION_INTERNAL_ACCESS")), FAIL),
        (analyzers(an_analyzer(status="DISABLED"), an_analyzer(status="FAILED")), FAIL),
        (analyzers(an_analyzer(status="DISABLED"), an_analyzer()), PASS),
        (analyzers(an_analyzer(status="CREATING")), UNKNOWN),
        (OFF, FAIL),
        (UNSEEN, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_an_account_of_its_own(there: Any, status: Status) -> None:
    """An analyzer of unused access does not look outside."""
    assert judged({(OWN, HERE): ON, (OWN, THERE): there}, member(OWN, None)).status is status


def test_the_analyzer_of_the_organization_covers_its_members_in_its_region() -> None:
    """Members do not see it; a tool that looks at one account calls them all uncovered."""
    both = (member(OWN), member(COLLEAGUE))

    covered = judged({(OWN, HERE): FOR_ALL, (COLLEAGUE, HERE): OFF}, *both)
    elsewhere = judged({(OWN, HERE): FOR_ALL, (OWN, THERE): ON, (COLLEAGUE, HERE): OFF, (COLLEAGUE, THERE): OFF}, *both)
    stranger = judged({(OWN, HERE): FOR_ALL, (COLLEAGUE, HERE): OFF}, member(OWN), member(COLLEAGUE, "o-2"))

    assert covered.status is PASS
    assert elsewhere.status is UNKNOWN
    assert f"{COLLEAGUE}/{THERE}" in elsewhere.reason
    assert stranger.status is UNKNOWN


def test_without_all_accounts_of_the_organization_nothing_is_missing_for_sure() -> None:
    """The delegated administrator's account, which was not looked at, may have it; only a whole list says no."""
    seen = {(OWN, HERE): OFF, (COLLEAGUE, HERE): OFF}
    both = (member(OWN), member(COLLEAGUE))

    assert judged(seen, *both).status is UNKNOWN
    assert judged(seen, *both, listed=(OWN, COLLEAGUE)).status is FAIL
    assert judged(seen, *both, listed=(OWN, COLLEAGUE, "333344445555")).status is UNKNOWN
    assert judged({**seen, (OWN, HERE): UNSEEN}, *both, listed=(OWN, COLLEAGUE)).status is UNKNOWN


@pytest.mark.parametrize(("organization", "status"), [(None, FAIL), (UNREAD, UNKNOWN), ("o-1", UNKNOWN)])
def test_who_lacks_one_needs_to_be_known_to_stand_alone(organization: Any, status: Status) -> None:
    """A refused call to Organizations must not make a fail."""
    assert judged({(OWN, HERE): OFF}, member(OWN, organization)).status is status


def test_a_region_that_did_not_answer_and_is_stated_to_be_without_it() -> None:
    """Neither the statement nor the silence is enough alone."""
    alone = member(OWN, None)

    said = judged({(OWN, HERE): ON, (OWN, THERE): UNSEEN}, alone, not_offered_in=(THERE,))

    assert said.status is PASS
    assert THERE in said.reason
    assert judged({(OWN, HERE): ON, (OWN, THERE): OFF}, alone, not_offered_in=(THERE,)).status is FAIL
    assert judged({(OWN, HERE): ON, (OWN, THERE): None}, alone, not_offered_in=(THERE,)).status is UNKNOWN
    assert judged({(OWN, THERE): UNSEEN}, alone, not_offered_in=(THERE,)).status is UNKNOWN


def test_lists_that_could_not_be_read() -> None:
    """Which regions there are cannot be guessed."""
    nobody = all_of()
    assert verdict(external_enabled, not_seen(), nobody, nobody, nobody).status is UNKNOWN
    assert verdict(external_enabled, nobody, not_seen(), nobody, nobody).status is UNKNOWN
