"""Conditional access as one model: what is demanded of whom, by all enforced policies together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.entra.directory.tenant import Sku
from connectors.entra.directory.users import User
from connectors.entra.roles.assignments import Eligibility, RoleAssignment
from connectors.entra.roles.privileged import ADMIN_ROLES, GLOBAL_ADMINISTRATOR, SYNCHRONIZATION
from connectors.entra.sign_in import enforcement
from connectors.entra.sign_in.conditional_access import Policy, PolicyGroup, SecurityDefaults
from tests.connectors.entra.estate import (
    GROUPS,
    PHISHING_RESISTANT,
    a_guest,
    a_policy,
    a_principal,
    a_sku,
    a_user,
    an_assignment,
    an_instance,
)
from tests.connectors.entra.judging import FAIL, PASS, UNKNOWN, CompleteSet, UnreadSet, status, unread, verdict, view

OFF = view(SecurityDefaults, {"isEnabled": False})
ON = view(SecurityDefaults, {"isEnabled": True})
EXTRA = {"registration": None}


def people(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete list of users."""
    return CompleteSet(*(view(User, {**body, **EXTRA}) for body in bodies))


def groups(*names: str) -> CompleteSet:
    """Return the groups that policies name; one that is not known was deleted."""
    found = []
    for name in names:
        group, members = GROUPS.get(name, (None, None))
        found.append(view(PolicyGroup, {"id": name, "group": group, "members": members}))
    return CompleteSet(*found)


def policies(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete list of policies."""
    return CompleteSet(*(view(Policy, body) for body in bodies))


def holding(*bodies: dict[str, Any]) -> CompleteSet:
    """Return a complete list of assignments."""
    return CompleteSet(
        *(view(RoleAssignment, {"groupMembers": None, "eligibleMembers": None, **body}) for body in bodies)
    )


STAFF = people(
    a_user("ada"),
    a_user("bob"),
    a_guest("gus"),
    a_user("glass1"),
    a_user("glass2"),
    a_user("gone", accountEnabled=False),
)
NAMED = groups("grp-emergency", "grp-admins", "grp-deleted")
NOBODY = holding()


def mfa(*bodies: dict[str, Any], defaults: SecurityDefaults = OFF, users: Any = STAFF, **limits: Any) -> Status:
    """Return whether a second factor is demanded of everybody."""
    return status(enforcement.mfa_baseline, defaults, policies(*bodies), NAMED, users, NOBODY, **limits)


def legacy(*bodies: dict[str, Any], defaults: SecurityDefaults = OFF, **limits: Any) -> Status:
    """Return whether legacy clients are blocked for everybody."""
    return status(enforcement.legacy_blocked, defaults, policies(*bodies), NAMED, STAFF, NOBODY, **limits)


EVERYBODY = a_policy("everybody")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (EVERYBODY, PASS),
        (a_policy("p", state="disabled"), FAIL),
        (a_policy("p", state="enabledForReportingButNotEnforced"), FAIL),
        (a_policy("p", grantControls=None), FAIL),
        (a_policy("p", grantControls={"builtInControls": ["block"]}), PASS),
        (a_policy("p", grantControls={"builtInControls": ["compliantDevice"]}), FAIL),
        (a_policy("p", grantControls={"builtInControls": ["compliantDevice", "mfa"]}), FAIL),
        (a_policy("p", grantControls={"operator": "AND", "builtInControls": ["compliantDevice", "mfa"]}), PASS),
        (a_policy("p", grantControls={"builtInControls": ["mfa"], "termsOfUse": ["t"]}), FAIL),
        (a_policy("p", grantControls={"builtInControls": [], "authenticationStrength": PHISHING_RESISTANT}), PASS),
        (a_policy("p", users={"includeUsers": ["None"]}), FAIL),
        (a_policy("p", users={"includeUsers": ["u-ada"]}), FAIL),
        (a_policy("p", users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]}), FAIL),
        (a_policy("p", users={"excludeGroups": ["grp-deleted"]}), PASS),
        (a_policy("p", users={"excludeUsers": ["u-gone"]}), PASS),
        (a_policy("p", users={"excludeUsers": ["u-nobody"]}), PASS),
        (a_policy("p", users={"excludeRoles": [SYNCHRONIZATION]}), PASS),
        (a_policy("p", users={"excludeRoles": [GLOBAL_ADMINISTRATOR]}), FAIL),
        (a_policy("p", users={"excludeUsers": ["GuestsOrExternalUsers"]}), FAIL),
        (a_policy("p", applications={"excludeApplications": ["MicrosoftAdminPortals"]}), FAIL),
        (a_policy("p", applications={"includeApplications": ["Office365"]}), FAIL),
        (
            a_policy(
                "p", applications={"includeApplications": [], "includeUserActions": ["urn:user:registersecurityinfo"]}
            ),
            FAIL,
        ),
        (a_policy("p", applications={"applicationFilter": {"mode": "exclude", "rule": "x"}}), UNKNOWN),
        (a_policy("p", clientAppTypes=["browser", "mobileAppsAndDesktopClients"]), FAIL),
        (a_policy("p", platforms={"includePlatforms": ["all"], "excludePlatforms": ["linux"]}), FAIL),
        (a_policy("p", platforms={"includePlatforms": ["all"], "excludePlatforms": []}), PASS),
        (a_policy("p", platforms={"includePlatforms": ["all"], "excludePlatforms": ["unknownFutureValue"]}), UNKNOWN),
        (a_policy("p", locations={"includeLocations": ["All"], "excludeLocations": ["AllTrusted"]}), FAIL),
        (a_policy("p", locations={"includeLocations": ["All"], "excludeLocations": []}), PASS),
        (a_policy("p", signInRiskLevels=["high"]), FAIL),
        (a_policy("p", devices={"deviceFilter": {"mode": "exclude", "rule": "device.isCompliant -eq True"}}), FAIL),
        (a_policy("p", authenticationFlows={"transferMethods": "deviceCodeFlow"}), FAIL),
        (a_policy("p", clientApplications={"includeServicePrincipals": ["All"]}), FAIL),
    ],
)
def test_one_policy_demands_a_second_factor_of_everybody(body: dict[str, Any], expected: Status) -> None:
    """Who, which application, how, where, and what instead: each may leave a gap."""
    assert mfa(body) is expected


def test_security_defaults_do_what_policies_would() -> None:
    """Without a licence they are all that there is."""
    assert mfa(defaults=ON) is PASS
    assert legacy(defaults=ON) is PASS
    assert mfa() is FAIL
    assert legacy() is FAIL


def test_security_defaults_need_no_list_of_policies() -> None:
    """A tenant without a licence is refused that list."""
    not_read = UnreadSet()

    assert status(enforcement.mfa_baseline, ON, not_read, not_read, not_read, not_read) is PASS
    assert status(enforcement.mfa_baseline, OFF, not_read, not_read, not_read, not_read) is UNKNOWN
    assert status(enforcement.mfa_baseline, unread(SecurityDefaults), policies(), NAMED, STAFF, NOBODY) is UNKNOWN
    assert status(enforcement.legacy_blocked, OFF, not_read, NAMED, STAFF, NOBODY) is UNKNOWN


def test_a_condition_that_is_not_known_narrows_a_policy() -> None:
    """Microsoft adds conditions; one that this reader does not know may let somebody in."""
    body = a_policy("p")
    body["conditions"]["phaseOfTheMoon"] = {"phases": ["full"]}
    empty = a_policy("p")
    empty["conditions"]["phaseOfTheMoon"] = {"phases": []}

    assert mfa(body) is FAIL
    assert mfa(empty) is PASS


@pytest.mark.parametrize("excluded", [{"excludeUsers": ["u-glass1", "u-glass2"]}, {"excludeGroups": ["grp-emergency"]}])
def test_emergency_accounts_are_those_that_are_declared(excluded: dict[str, Any]) -> None:
    """Nothing in a tenant says that an account is one, so the company does."""
    body = a_policy("p", users=excluded)

    assert mfa(body) is UNKNOWN
    assert mfa(body, breakglass_object_ids=["u-glass1"]) is FAIL
    assert mfa(body, breakglass_object_ids=["u-glass1", "U-GLASS2"]) is PASS


def test_the_exempt_are_named_in_the_reason() -> None:
    """An auditor asks about them."""
    body = a_policy("p", users={"excludeUsers": ["u-glass1"]})
    found = verdict(
        enforcement.mfa_baseline, OFF, policies(body), NAMED, STAFF, NOBODY, breakglass_object_ids=["u-glass1"]
    )

    assert found.status is PASS
    assert "glass1@acme.example" in found.reason


def test_members_of_a_group_in_a_group_are_left_out_too() -> None:
    """Graph lists them through all levels."""
    body = a_policy("p", users={"excludeGroups": ["grp-admins"]})
    found = verdict(
        enforcement.mfa_baseline, OFF, policies(body), NAMED, STAFF, NOBODY, breakglass_object_ids=["u-glass1"]
    )

    assert found.status is FAIL
    assert "ada@acme.example" in found.reason
    assert "bob@acme.example" in found.reason


def test_a_group_that_was_not_read_decides_nothing() -> None:
    """Neither one whose members are hidden."""
    body = a_policy("p", users={"excludeGroups": ["grp-emergency"]})
    hidden = view(
        PolicyGroup,
        {"id": "grp-emergency", "group": {"displayName": "E", "visibility": "HiddenMembership"}, "members": []},
    )

    for found in (UnreadSet(), CompleteSet(hidden)):
        assert status(enforcement.mfa_baseline, OFF, policies(body), found, STAFF, NOBODY) is UNKNOWN


def test_policies_complete_each_other() -> None:
    """What one leaves out, another may demand."""
    guests = {"includeUsers": [], "includeGuestsOrExternalUsers": externals("b2bCollaborationGuest,internalGuest")}
    no_guests = a_policy(
        "members", users={"excludeGuestsOrExternalUsers": externals("b2bCollaborationGuest,internalGuest")}
    )
    modern = a_policy("modern", clientAppTypes=["browser", "mobileAppsAndDesktopClients"])
    old = a_policy("old", clientAppTypes=["exchangeActiveSync", "other"], grantControls={"builtInControls": ["block"]})
    not_portal = a_policy("but the portal", applications={"excludeApplications": ["portal"]})
    portal = a_policy("the portal", applications={"includeApplications": ["portal"]})

    assert mfa(no_guests) is FAIL
    assert mfa(no_guests, a_policy("guests", users=guests)) is PASS
    assert mfa(modern) is FAIL
    assert mfa(modern, old) is PASS
    assert mfa(not_portal) is FAIL
    assert mfa(not_portal, portal) is PASS


def externals(types: str, kind: str = "all") -> dict[str, Any]:
    """Return guests by type, as Graph writes them: one text with commas."""
    return {"guestOrExternalUserTypes": types, "externalTenants": {"membershipKind": kind}}


def test_guests_are_people_too() -> None:
    """All users includes them; a policy that leaves a type of them out, or those of some tenants, has a gap."""
    only_guests = people(a_guest("gus"))
    of_guests = a_policy("g", users={"includeUsers": ["GuestsOrExternalUsers"]})

    assert mfa(EVERYBODY, users=only_guests) is PASS
    assert mfa(of_guests, users=only_guests) is PASS
    assert mfa(of_guests) is FAIL
    assert mfa(a_policy("p", users={"excludeGuestsOrExternalUsers": externals("serviceProvider")})) is FAIL
    some = a_policy("p", users={"excludeGuestsOrExternalUsers": externals("b2bCollaborationGuest", "enumerated")})
    assert mfa(some) in {FAIL, UNKNOWN}
    assert mfa(some) is not PASS


def test_two_narrowed_policies_may_hold_together() -> None:
    """From some places by the one and from all others by the other: that is not worked out, and not denied."""
    inside = a_policy("inside", locations={"includeLocations": ["loc-office"], "excludeLocations": []})
    outside = a_policy("outside", locations={"includeLocations": ["All"], "excludeLocations": ["loc-office"]})

    assert mfa(inside) is FAIL
    assert mfa(inside, outside) is UNKNOWN


def test_roles_decide_where_nothing_else_does() -> None:
    """An account that one policy leaves out may be covered by another for its role."""
    by_role = a_policy("admins", users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]})
    body = a_policy("p", users={"excludeUsers": ["u-ada"]})
    ada = holding(an_assignment("1", a_principal("ada")))

    def judged(assignments: Any) -> Status:
        return status(enforcement.mfa_baseline, OFF, policies(body, by_role), NAMED, STAFF, assignments)

    assert judged(ada) is PASS
    assert judged(NOBODY) is UNKNOWN
    assert judged(UnreadSet()) is UNKNOWN


LEGACY = a_policy(
    "legacy", clientAppTypes=["exchangeActiveSync", "other"], grantControls={"builtInControls": ["block"]}
)


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        ([LEGACY], PASS),
        ([{**LEGACY, "state": "enabledForReportingButNotEnforced"}], FAIL),
        ([a_policy("p", clientAppTypes=["other"], grantControls={"builtInControls": ["block"]})], FAIL),
        ([EVERYBODY], PASS),  # a client that cannot ask for a second factor does not get in
        ([a_policy("p", clientAppTypes=["browser"], grantControls={"builtInControls": ["block"]})], FAIL),
    ],
)
def test_legacy_clients_are_blocked(bodies: list[dict[str, Any]], expected: Status) -> None:
    """Both types of them, for everybody."""
    assert legacy(*bodies) is expected


def test_legacy_clients_of_emergency_accounts() -> None:
    """They may be left out where they are declared."""
    body = {**a_policy("x", users={"excludeUsers": ["u-glass1"]}), "id": "p-x"}
    body["conditions"]["clientAppTypes"] = ["exchangeActiveSync", "other"]
    body["grantControls"] = LEGACY["grantControls"]

    assert legacy(body) is UNKNOWN
    assert legacy(body, breakglass_object_ids=["u-glass1"]) is PASS


ADMINS = a_policy(
    "admins",
    users={"includeUsers": [], "includeRoles": list(ADMIN_ROLES)},
    grantControls={"builtInControls": [], "authenticationStrength": PHISHING_RESISTANT},
)
P2 = CompleteSet(view(Sku, a_sku("E5", "AAD_PREMIUM_P2")))
NO_P2 = CompleteSet(view(Sku, a_sku("FREE", "EXCHANGE_S_FOUNDATION")))


def admins(
    *bodies: dict[str, Any], assignments: Any = NOBODY, eligible: Any = NOBODY, skus: Any = P2, **limits: Any
) -> Status:
    """Return whether administrators need a second factor that resists phishing."""
    return status(
        enforcement.admins_resist_phishing, policies(*bodies), NAMED, STAFF, assignments, eligible, skus, **limits
    )


def strong(**but: Any) -> dict[str, Any]:
    """Return a policy with the strength that resists phishing."""
    return a_policy("p", grantControls={"builtInControls": [], "authenticationStrength": PHISHING_RESISTANT}, **but)


def test_administrators_resist_phishing() -> None:
    """By a policy for the roles or for all, and not by any second factor."""
    ada = holding(an_assignment("1", a_principal("ada")))
    weak = {**PHISHING_RESISTANT, "allowedCombinations": ["fido2", "password,sms"]}
    one_role = strong(users={"includeUsers": [], "includeRoles": [GLOBAL_ADMINISTRATOR]})

    assert admins(ADMINS) is PASS
    assert admins(strong()) is PASS
    assert admins() is FAIL
    assert admins(EVERYBODY) is FAIL
    assert admins(a_policy("p", grantControls={"builtInControls": [], "authenticationStrength": weak})) is FAIL
    assert (
        admins(a_policy("p", grantControls={"builtInControls": ["mfa"], "authenticationStrength": PHISHING_RESISTANT}))
        is FAIL
    )
    assert admins(one_role, assignments=ada) is PASS  # nobody has another role
    assert status(enforcement.admins_resist_phishing, UnreadSet(), NAMED, STAFF, NOBODY, NOBODY, P2) is UNKNOWN


def test_an_administrator_who_is_left_out() -> None:
    """Holding a role now, by a group, or being able to activate one."""
    body = strong(users={"excludeUsers": ["u-ada"]})
    ada = an_assignment("1", a_principal("ada"))
    possible = CompleteSet(
        view(Eligibility, {**an_instance("e", a_principal("ada")), "groupMembers": None, "eligibleMembers": None})
    )
    admins_group = {"@odata.type": "#microsoft.graph.group", "id": "grp-admins", "displayName": "Admins"}
    by_group = holding(
        {**an_assignment("2", admins_group), "groupMembers": GROUPS["grp-admins"][1], "eligibleMembers": ()}
    )

    assert admins(body) is PASS  # ada has no role
    for found in ({"assignments": holding(ada)}, {"assignments": by_group}, {"eligible": possible}):
        assert admins(body, **found) is UNKNOWN
        assert admins(body, **found, breakglass_object_ids=["u-bob"]) is FAIL
        assert admins(body, **found, breakglass_object_ids=["u-ada"]) is PASS
    assert admins(body, eligible=UnreadSet()) is UNKNOWN
    assert admins(body, eligible=UnreadSet(), skus=NO_P2) is PASS  # without a licence nobody can activate a role
    assert admins(body, assignments=UnreadSet()) is UNKNOWN


# Properties -----------------------------------------------------------------------------------------------------------

IDS = st.lists(st.sampled_from(["u-ada", "u-bob", "u-gus", "u-glass1", "u-gone", "u-nobody"]), max_size=3, unique=True)
GROUP_IDS = st.lists(st.sampled_from(["grp-emergency", "grp-admins", "grp-deleted"]), max_size=2, unique=True)
ROLES = st.lists(st.sampled_from([GLOBAL_ADMINISTRATOR, SYNCHRONIZATION]), max_size=1)
TYPES = st.sampled_from(["serviceProvider", "b2bCollaborationGuest", "internalGuest,b2bCollaborationGuest"])
EXTERNALS = st.none() | st.builds(externals, TYPES, st.sampled_from(["all", "enumerated"]))
USERS = st.fixed_dictionaries(
    {
        "includeUsers": st.sampled_from([["All"], [], ["None"], ["u-ada"], ["GuestsOrExternalUsers"]]),
        "excludeUsers": IDS,
        "includeGroups": GROUP_IDS,
        "excludeGroups": GROUP_IDS,
        "includeRoles": ROLES,
        "excludeRoles": ROLES,
        "includeGuestsOrExternalUsers": EXTERNALS,
        "excludeGuestsOrExternalUsers": EXTERNALS,
    }
)
APPLICATIONS = st.fixed_dictionaries(
    {
        "includeApplications": st.sampled_from([["All"], ["All"], ["Office365"], ["app-1"], ["None"]]),
        "excludeApplications": st.lists(st.sampled_from(["app-1", "Office365"]), max_size=1),
    }
)
CLIENT_TYPES = st.sampled_from(
    [["all"], ["all"], ["browser", "mobileAppsAndDesktopClients"], ["exchangeActiveSync", "other"]]
)
GRANTS = st.sampled_from(
    [{"builtInControls": ["mfa"]}, {"builtInControls": ["block"]}, {"builtInControls": ["compliantDevice"]}]
)
LOCATIONS = st.sampled_from([None, None, {"includeLocations": ["All"], "excludeLocations": ["loc-office"]}])
POLICIES = st.builds(
    lambda users, applications, clients, grant, locations, number: a_policy(
        f"p{number}",
        users=users,
        applications=applications,
        clientAppTypes=clients,
        grantControls=grant,
        locations=locations,
    ),
    USERS,
    APPLICATIONS,
    CLIENT_TYPES,
    GRANTS,
    LOCATIONS,
    st.integers(0, 99),
)
LISTS = st.lists(POLICIES, max_size=4)
EXCLUSIONS = st.sampled_from(
    [
        ("users", "excludeUsers", "u-bob"),
        ("users", "excludeUsers", "GuestsOrExternalUsers"),
        ("users", "excludeGroups", "grp-admins"),
        ("users", "excludeRoles", GLOBAL_ADMINISTRATOR),
        ("applications", "excludeApplications", "app-2"),
        ("applications", "excludeApplications", "MicrosoftAdminPortals"),
    ]
)
JUDGES = (mfa, legacy)


def changed(body: dict[str, Any], part: str, name: str, value: str) -> dict[str, Any]:
    """Return a policy with one more exclusion."""
    conditions = body["conditions"]
    wider = {**conditions[part], name: [*conditions[part][name], value]}
    return {**body, "conditions": {**conditions, part: wider}}


@given(LISTS, EXCLUSIONS, st.data())
@settings(max_examples=150)
def test_an_exclusion_never_turns_to_pass(
    bodies: list[dict[str, Any]], exclusion: tuple[str, str, str], data: st.DataObject
) -> None:
    """Whoever or whatever is left out of a policy, less is demanded than before."""
    if not bodies:
        return
    place = data.draw(st.integers(0, len(bodies) - 1))
    with_exclusion = [changed(body, *exclusion) if number == place else body for number, body in enumerate(bodies)]

    for judge in JUDGES:
        if judge(*with_exclusion) is PASS:
            assert judge(*bodies) is PASS


@given(LISTS, st.lists(POLICIES, max_size=2), st.sampled_from(["disabled", "enabledForReportingButNotEnforced"]))
@settings(max_examples=100)
def test_what_is_not_enforced_changes_nothing(
    bodies: list[dict[str, Any]], others: list[dict[str, Any]], state: str
) -> None:
    """A policy in report-only mode, or switched off, is as if it were not there."""
    for judge in JUDGES:
        assert judge(*bodies, *({**body, "state": state} for body in others)) is judge(*bodies)


@given(LISTS, POLICIES)
@settings(max_examples=100)
def test_one_more_policy_never_takes_a_pass_away(bodies: list[dict[str, Any]], another: dict[str, Any]) -> None:
    """Policies add up: one that demands less leaves the demands of the others as they are."""
    narrow = changed(another, "users", "excludeUsers", "u-ada")
    for judge in JUDGES:
        # What another policy leaves out is looked at as well, and the first ones cover it.
        if judge(*bodies) is PASS:
            assert judge(*bodies, narrow) is PASS


@given(LISTS, st.permutations(range(4)))
@settings(max_examples=60)
def test_the_order_of_policies_does_not_matter(bodies: list[dict[str, Any]], order: list[int]) -> None:
    """Conditional access has none."""
    shuffled = [bodies[number] for number in order if number < len(bodies)]
    for judge in JUDGES:
        assert judge(*bodies) is judge(*shuffled)
