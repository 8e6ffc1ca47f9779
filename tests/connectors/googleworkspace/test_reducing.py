"""From policies to what people get: units, groups, licences, Google's defaults, and queries that are not understood.

What is documented: https://docs.cloud.google.com/identity/docs/concepts/policy-api-concepts.
"""

from __future__ import annotations

from typing import Any

import pytest

from connectors.googleworkspace._policy.conditions import Clause, Of, clauses_of
from connectors.googleworkspace._policy.people import units_of
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.apps import less_secure_apps_off
from connectors.googleworkspace.policy.gmail import auto_forwarding_off
from connectors.googleworkspace.policy.policies import Policy
from connectors.googleworkspace.policy.sharing import chat_external_restricted
from connectors.googleworkspace.policy.sign_in import no_telephone
from tests.connectors.googleworkspace.judging import (
    BERLIN,
    FAIL,
    NOTHING,
    PASS,
    SALES,
    UNITS,
    UNKNOWN,
    UnreadSet,
    every,
    of_policies,
    policy_status,
    units,
    verdict,
)
from tests.connectors.googleworkspace.shapes import ROOT, a_policy

FORWARDING = "gmail.auto_forwarding"
FACTORS = "security.two_step_verification_enforcement_factor"
LICENCE = "/product/Google-Apps/sku/1010020028"


def forwarding(on: bool, **but: Any) -> dict[str, Any]:
    """A policy about automatic forwarding."""
    return a_policy(FORWARDING, {"enableAutoForwarding": on}, **but)


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("", set()),
        ("entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('03a'))", {(Of.UNIT, "03a")}),
        ("entity.org_units.exists(orgUnit, orgUnit.org_unit_id == orgUnitId('03a'))", {(Of.UNIT, "03a")}),
        ("(entity.groups.exists(group, group.group_id == groupId('01g')))", {(Of.GROUP, "01g")}),
        ("!entity.licenses.exists(license, license in ['/a', '/b'])", {(Of.NO_LICENCE, "/a /b")}),
        ("!(entity.licenses.exists(license, license in ['/a']))", {(Of.NO_LICENCE, "/a")}),
        (
            "entity.org_units.exists(u, u.org_unit_id == orgUnitId('03a')) && entity.licenses.exists(l, l in ['/a'])",
            {(Of.UNIT, "03a"), (Of.LICENCE, "/a")},
        ),
    ],
)
def test_clauses_of_a_query_are_read(query: str, clauses: set[tuple[Of, str]]) -> None:
    """As Google documents them, in conjunctions."""
    assert clauses_of(query, "", "") == frozenset(Clause(of, frozenset(values.split())) for of, values in clauses)


@pytest.mark.parametrize(
    "query",
    [
        "entity.groups.exists(g, g.group_id == groupId('a')) || entity.groups.exists(g, g.group_id == groupId('b'))",
        "!entity.groups.exists(group, group.group_id == groupId('a'))",
        "!(entity.licenses.exists(l, l in ['/a']) && entity.licenses.exists(l, l in ['/b']))",
        "entity.org_units.exists(org_unit, org_unit.org_unit_id != orgUnitId('03a'))",
        "entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('03a')) && true",
        "(entity.licenses.exists(l, l in ['/a'])",
        "entity.licenses.exists(l, l in [])",
    ],
)
def test_another_query_is_not_understood(query: str) -> None:
    """Rather than half of it taken for the whole."""
    assert clauses_of(query, "", "") is None


def test_the_policy_with_the_greatest_order_decides() -> None:
    """Google lists its own policy beside that of the administrator for the same unit, and either may come first."""
    system, own = forwarding(True, order=1.0, origin="SYSTEM"), forwarding(False, order=201.0)

    assert policy_status(auto_forwarding_off, system, own) is PASS
    assert policy_status(auto_forwarding_off, own, system) is PASS
    assert policy_status(auto_forwarding_off, forwarding(False, order=1.0), forwarding(True, order=201.0)) is FAIL


def test_a_unit_below_may_be_worse_than_the_company() -> None:
    """What is set for the company is not what everybody gets."""
    company, berlin = forwarding(False), forwarding(True, unit=BERLIN, order=202.0)

    found = of_policies(auto_forwarding_off, company, berlin)

    assert found.status is FAIL
    assert "/Sales/Berlin" in found.reason


def test_units_may_repair_no_company() -> None:
    """Every unit that is listed is right, and people in the others get Google's default."""
    assert policy_status(auto_forwarding_off, forwarding(False, unit=SALES), forwarding(False, unit=BERLIN)) is FAIL


def test_a_policy_that_another_of_the_same_people_hides_does_not_count() -> None:
    """A unit's older policy with a smaller order holds for nobody."""
    old, new = forwarding(True, unit=SALES, order=201.0), forwarding(False, unit=SALES, order=202.0)

    assert policy_status(auto_forwarding_off, forwarding(False), old, new) is PASS


def test_a_group_may_be_worse_than_every_unit() -> None:
    """Policies of groups come before those of units."""
    group = forwarding(True, group="01grp", order=301.0, unit="")

    found = of_policies(auto_forwarding_off, forwarding(False), group)

    assert found.status is FAIL
    assert "group 01grp" in found.reason


def test_a_group_does_not_hide_what_others_get() -> None:
    """The group is right; those who are not in it are not."""
    assert policy_status(auto_forwarding_off, forwarding(True), forwarding(False, group="01grp", order=301.0)) is FAIL


def test_googles_own_policy_for_a_licence_may_be_of_nobody() -> None:
    """Whether anybody holds the licence is not read."""
    found = of_policies(
        auto_forwarding_off,
        forwarding(False),
        forwarding(True, licences=(LICENCE,), order=301.0, origin="SYSTEM"),
    )

    assert found.status is UNKNOWN
    assert LICENCE in found.reason


def test_an_administrators_policy_for_a_licence_is_of_somebody() -> None:
    """Administrators set values for whom there is."""
    mine = forwarding(True, licences=(LICENCE,), order=301.0)

    assert policy_status(auto_forwarding_off, forwarding(False), mine) is FAIL


def test_a_value_for_holders_of_a_licence_is_not_one_for_everybody() -> None:
    """Those without it get Google's default."""
    assert policy_status(auto_forwarding_off, forwarding(False, licences=(LICENCE,))) is FAIL


@pytest.mark.parametrize(("set_to", "status"), [(True, UNKNOWN), (False, PASS)])
def test_a_query_that_is_not_understood_may_be_of_anybody(set_to: bool, status: Any) -> None:
    """It hides nothing, and only what it would make bad is open."""
    odd = forwarding(set_to, unit="", query="entity.age > 18", order=301.0)

    assert policy_status(auto_forwarding_off, forwarding(False), odd) is status
    assert policy_status(auto_forwarding_off, forwarding(True), odd) is FAIL


def test_a_query_that_is_not_understood_below_the_others_holds_for_nobody_they_reach() -> None:
    """Its order is smaller than that of the company's own policy."""
    odd = forwarding(True, unit="", query="entity.age > 18", order=1.0)

    assert policy_status(auto_forwarding_off, forwarding(False), odd) is PASS


def test_a_unit_that_is_not_listed_may_have_people() -> None:
    """It may have been deleted, or be too new for the list of units."""
    assert (
        policy_status(auto_forwarding_off, forwarding(False), forwarding(True, unit="03gone", order=301.0)) is UNKNOWN
    )


def test_a_policy_without_a_place_in_the_order_may_come_first() -> None:
    """Without it nothing tells which of two decides."""
    loose = forwarding(True)
    del loose["policyQuery"]["sortOrder"]

    assert policy_status(auto_forwarding_off, forwarding(False, order=201.0), loose) is UNKNOWN


def test_nothing_set_is_the_documented_default() -> None:
    """Google documents that users may forward, and that apps with the password alone may not sign in."""
    assert policy_status(auto_forwarding_off) is FAIL
    assert policy_status(less_secure_apps_off) is PASS
    assert policy_status(no_telephone) is FAIL


def test_what_is_not_set_and_has_no_documented_default_is_unknown() -> None:
    """For a field of a setting, too."""
    from connectors.googleworkspace.policy.apps import api_access_restricted

    assert policy_status(api_access_restricted) is UNKNOWN


@pytest.mark.parametrize("value", ["false", 0, None, [], {"a": False}])
def test_a_value_of_another_type_is_no_value(value: Any) -> None:
    """`"false"` is true in most languages."""
    odd = a_policy(FORWARDING, {"enableAutoForwarding": value})

    assert policy_status(auto_forwarding_off, odd) is UNKNOWN


@pytest.mark.parametrize("word", ["FACTOR_SET_UNSPECIFIED", "PASSKEY_ONLY_2", ""])
def test_a_word_that_google_has_not_documented_is_unknown(word: str) -> None:
    """Neither good, because it is not on a list of bad ones, nor bad."""
    assert policy_status(no_telephone, a_policy(FACTORS, {"allowedSignInFactorSet": word})) is UNKNOWN


def test_of_max_a_field_that_the_first_policy_leaves_out_is_the_default() -> None:
    """The Max reducer takes every field from one policy."""
    from connectors.googleworkspace.policy.drive import external_sharing_restricted

    company = a_policy("drive_and_docs.external_sharing", {"externalSharingMode": "DISALLOWED"}, order=1.0)
    berlin = a_policy("drive_and_docs.external_sharing", {"warnForExternalSharing": True}, unit=BERLIN, order=202.0)

    assert policy_status(external_sharing_restricted, company, berlin) is FAIL


def test_of_merge_fields_come_from_several_policies() -> None:
    """The group allows it, the unit restricts it: each is right alone, and together they are as well."""
    chat, files = "chat.external_chat_restriction", "chat.chat_file_sharing"
    no_files = a_policy(files, {"externalFileSharing": "NO_FILES"})
    allowed = a_policy(chat, {"allowExternalChat": True}, unit="", group="01grp", order=301.0)
    trusted = a_policy(chat, {"externalChatRestriction": "TRUSTED_DOMAINS"}, order=201.0)
    anybody = a_policy(chat, {"externalChatRestriction": "NO_RESTRICTION"}, unit=BERLIN, order=202.0)

    assert policy_status(chat_external_restricted, no_files, allowed, trusted) is PASS
    assert policy_status(chat_external_restricted, no_files, trusted, anybody) is PASS
    found = of_policies(chat_external_restricted, no_files, allowed, trusted, anybody)
    assert found.status is FAIL
    assert "/Sales/Berlin and group 01grp" in found.reason


def test_settings_of_a_service_that_is_off_do_nothing() -> None:
    """For those for whom it is off, and for nobody else."""
    off = a_policy("gmail.service_status", {"serviceState": "DISABLED"})
    on_for_berlin = a_policy("gmail.service_status", {"serviceState": "ENABLED"}, unit=BERLIN, order=202.0)

    assert policy_status(auto_forwarding_off, forwarding(True), off) is NOTHING
    assert policy_status(auto_forwarding_off, forwarding(True), off, on_for_berlin) is FAIL
    assert (
        policy_status(
            auto_forwarding_off, forwarding(True), forwarding(False, unit=BERLIN, order=202.0), off, on_for_berlin
        )
        is PASS
    )


def test_a_unit_inherits_from_the_units_above_it() -> None:
    """Berlin gets what Sales has set, and Gmail is on there only."""
    sales = forwarding(True, unit=SALES, order=202.0)
    off = a_policy("gmail.service_status", {"serviceState": "DISABLED"})
    on_for_berlin = a_policy("gmail.service_status", {"serviceState": "ENABLED"}, unit=BERLIN, order=203.0)

    found = of_policies(auto_forwarding_off, forwarding(False), sales, off, on_for_berlin)

    assert found.status is FAIL
    assert "/Sales/Berlin" in found.reason


def test_lists_that_were_not_read_whole_decide_nothing() -> None:
    """What is absent from half a list is no default."""
    assert verdict(less_secure_apps_off, UnreadSet(), units()).status is UNKNOWN
    assert verdict(auto_forwarding_off, every(Policy, [forwarding(False)]), UnreadSet()).status is UNKNOWN


def test_the_root_is_found_in_a_list_without_it() -> None:
    """Without `allIncludingParent` Google leaves the root out, and names it as the parent of others."""
    tree = units_of(every(OrgUnit, UNITS[1:]))

    assert tree.root == ROOT
    assert tree.paths[ROOT] == "/"
    assert tree.lines[BERLIN] == {BERLIN, SALES, ROOT}
