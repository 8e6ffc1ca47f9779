"""Checks of roles: what actions minus notActions allow, inheritance, groups, guests, and the source itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from connectors.azure.authorization import checks, lifecycle_checks
from connectors.azure.authorization.resources import (
    AssignmentSchedule,
    OwnAssignment,
    Principal,
    RoleAssignment,
    RoleDefinition,
    RoleEligibility,
    is_over_subscription,
)
from connectors.azure.authorization.role_actions import (
    MANAGE_ACCESS,
    Permission,
    allows,
    beyond_reading,
    is_broad,
    is_owner,
    is_privileged,
)
from tests.connectors.azure.estate import (
    ACCESS_ADMINISTRATOR,
    ANN,
    BOB,
    CONTRIBUTOR,
    CREW,
    GUEST,
    NOT_ACTIONS_OF_CONTRIBUTOR,
    OWNER,
    READER,
    ROBOT,
    roles,
)
from tests.connectors.azure.judging import (
    FAIL,
    HERE,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    a_role,
    an_assignment,
    made,
    status,
    unread,
    verdict,
)

ROOT = f"/subscriptions/{HERE}"
GROUP = "/providers/Microsoft.Management/managementGroups/root"
CUSTOM = "99999999-0000-0000-0000-000000000000"


def a_permission(actions: list[str], not_actions: list[str] | None = None, data: list[str] | None = None) -> Permission:
    """One set of permissions."""
    return Permission(actions=tuple(actions), not_actions=tuple(not_actions or ()), data_actions=tuple(data or ()))


def test_not_actions_are_taken_from_the_set_that_they_stand_in() -> None:
    """What one set leaves out another may give: notActions are no denial."""
    kept = a_permission(["*"], ["Microsoft.Authorization/*/write"])
    other = a_permission(["Microsoft.Authorization/roleAssignments/WRITE"])

    assert not allows([kept], MANAGE_ACCESS[0])
    assert allows([kept, other], MANAGE_ACCESS[0])


@pytest.mark.parametrize(
    ("permissions", "broad", "owner", "privileged"),
    [
        ([a_permission(["*"])], True, True, True),
        ([a_permission(["*"], NOT_ACTIONS_OF_CONTRIBUTOR)], True, False, True),
        ([a_permission(["*/read"])], False, False, False),
        ([a_permission(["*/read", "Microsoft.Authorization/*"])], False, False, True),
        ([a_permission(["*/write", "*/read"])], True, True, True),
        ([a_permission(["Microsoft.Compute/*"])], False, False, False),
        ([a_permission(["*"], ["*/write", "*/delete", "*/action"])], False, False, False),
        ([a_permission(["*"], ["Microsoft.Authorization/*/write"])], True, False, True),
        ([a_permission([])], False, False, False),
    ],
)
def test_a_role_is_what_it_allows(permissions: list[Permission], broad: bool, owner: bool, privileged: bool) -> None:
    """Not what it is called."""
    assert (is_broad(permissions), is_owner(permissions), is_privileged(permissions)) == (broad, owner, privileged)


@given(
    actions=st.lists(st.sampled_from(["*", "*/read", "*/write", "Microsoft.Authorization/*", "Contoso/x/read"])),
    not_actions=st.lists(st.sampled_from(["*", "*/write", "Microsoft.Authorization/*/write", "*/delete"])),
)
def test_leaving_out_more_never_allows_more(actions: list[str], not_actions: list[str]) -> None:
    """A longer list of notActions only takes away."""
    wide, narrow = a_permission(actions), a_permission(actions, not_actions)

    assert is_broad([wide]) or not is_broad([narrow])
    assert is_owner([wide]) or not is_owner([narrow])


@pytest.mark.parametrize(
    ("permission", "beyond"),
    [
        (a_permission(["*/read"]), ()),
        (a_permission(["*"]), ("*",)),
        (a_permission(["*/read", "Microsoft.Storage/storageAccounts/listKeys/action"]),
         ("Microsoft.Storage/storageAccounts/listKeys/action",)),
        (a_permission(["X/a/write"], ["X/*"]), ()),
        (a_permission(["*/read"], data=["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
         ("Microsoft.KeyVault/vaults/secrets/getSecret/action on data",)),
        (a_permission(["Microsoft.PolicyInsights/policyStates/summarize/action"]), ()),
        (a_permission(["*/Read"]), ()),
    ],
)  # fmt: skip
def test_what_goes_beyond_reading(permission: Permission, beyond: tuple[str, ...]) -> None:
    """Operations on data count, reading too: annexd reads configuration."""
    assert beyond_reading([permission], checks.READ_ACTIONS) == beyond


@pytest.mark.parametrize(
    ("scope", "over"),
    [
        ("/", True),
        (GROUP, True),
        (ROOT, True),
        (ROOT.upper(), True),
        (f"{ROOT}/", True),
        (f"{ROOT}/resourceGroups/rg", False),
        (f"{ROOT}/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x", False),
    ],
)
def test_where_a_role_is_given(scope: str, over: bool) -> None:
    """At the subscription or above it."""
    assert is_over_subscription(scope) is over


def given_to(*pairs: tuple[str, str, str, str]) -> CompleteSet:
    """Assignments: role, principal, kind of principal, scope."""
    return CompleteSet(
        *(
            made(RoleAssignment, an_assignment(number, role, principal, scope, kind))
            for number, (role, principal, kind, scope) in enumerate(pairs)
        )
    )


DEFINITIONS = CompleteSet(
    *(made(RoleDefinition, body) for body in roles()),
    made(RoleDefinition, a_role(CUSTOM, "Reads and more", ["*"], type="CustomRole")),
)


def a_person(id_: str, kind: str | None = "Member") -> dict[str, Any]:
    """An account, as Graph gives it."""
    return {"@odata.type": "#microsoft.graph.user", "id": id_, "userType": kind, "accountEnabled": True}


def a_principal(id_: str, kind: str, *people: dict[str, Any] | None) -> Principal:
    """Somebody whom the directory has."""
    listed = None if people == (None,) else people
    return made(Principal, {"id": id_, "@odata.type": f"#microsoft.graph.{kind}", "people": listed})


PEOPLE = CompleteSet(
    a_principal(ANN, "user", a_person(ANN)),
    a_principal(BOB, "user", a_person(BOB, None)),
    a_principal(GUEST, "user", a_person(GUEST, "Guest")),
    a_principal(CREW, "group", a_person(ANN), a_person(BOB), {"@odata.type": "#microsoft.graph.group", "id": "g"}),
    a_principal(ROBOT, "servicePrincipal"),
)


@pytest.mark.parametrize(
    ("pairs", "limits", "expected"),
    [
        ([(OWNER, ANN, "User", ROOT)], {}, PASS),
        ([(OWNER, ANN, "User", GROUP)], {}, PASS),
        ([(OWNER, ANN, "User", "/")], {}, PASS),
        ([(OWNER, ANN, "User", f"{ROOT}/resourceGroups/rg")], {}, FAIL),
        ([(CUSTOM, ANN, "User", ROOT)], {}, PASS),
        ([(CONTRIBUTOR, ANN, "User", ROOT)], {}, FAIL),
        ([(OWNER, ANN, "User", ROOT), (OWNER, ANN, "User", "/")], {"max_owners": 1}, PASS),
        ([(OWNER, CREW, "Group", ROOT), (OWNER, ANN, "User", ROOT)], {"max_owners": 2}, PASS),
        ([(OWNER, CREW, "Group", ROOT)], {"max_owners": 1}, FAIL),
        ([(OWNER, CREW, "Group", ROOT), (OWNER, ROBOT, "ServicePrincipal", GROUP)], {"max_owners": 2}, FAIL),
        ([(OWNER, ANN, "User", ROOT), (OWNER, "gone", "User", ROOT)], {"max_owners": 1}, PASS),
        ([(OWNER, ANN, "User", ROOT), (OWNER, "partners", "ForeignGroup", ROOT)], {}, UNKNOWN),
        ([(OWNER, ANN, "User", ROOT), ("no-such-role", BOB, "User", ROOT)], {}, UNKNOWN),
        ([], {}, FAIL),
    ],
)
def test_owners_are_counted(pairs: list[Any], limits: dict[str, Any], expected: Status) -> None:
    """Each person once, by whichever role, group or place; whoever is not in the directory any more is nobody."""
    assert status(checks.owner_count, given_to(*pairs), DEFINITIONS, PEOPLE, **limits) is expected


def test_owners_by_a_group_that_cannot_be_read_are_unknown() -> None:
    """More than is allowed would be a fail, fewer would pass."""
    several = given_to((OWNER, CREW, "Group", ROOT))

    assert status(checks.owner_count, several, DEFINITIONS, UnreadSet()) is UNKNOWN
    assert status(checks.owner_count, UnreadSet(), DEFINITIONS, PEOPLE) is UNKNOWN


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], PASS),
        ([(ACCESS_ADMINISTRATOR, ANN, "User", "/")], FAIL),
        ([(OWNER, ANN, "User", "/")], FAIL),
        ([(CUSTOM, ANN, "User", "/")], FAIL),
        ([(READER, ANN, "User", "/")], PASS),
        ([(ACCESS_ADMINISTRATOR, ANN, "User", GROUP)], PASS),
        ([("no-such-role", ANN, "User", "/")], UNKNOWN),
    ],
)
def test_nobody_gives_roles_at_the_root(pairs: list[Any], expected: Status) -> None:
    """Owner there is as strong as what elevated access leaves."""
    assert status(checks.no_access_admin_at_root, given_to(*pairs), DEFINITIONS) is expected


def test_what_is_at_the_root_is_unknown_without_the_list() -> None:
    """An empty list that was not read says nothing."""
    assert status(checks.no_access_admin_at_root, UnreadSet(), DEFINITIONS) is UNKNOWN


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(OWNER, ANN, "User", ROOT)], PASS),
        ([(CONTRIBUTOR, GUEST, "User", ROOT)], FAIL),
        ([(ACCESS_ADMINISTRATOR, GUEST, "User", GROUP)], FAIL),
        ([(READER, GUEST, "User", ROOT)], PASS),
        ([(OWNER, GUEST, "User", f"{ROOT}/resourceGroups/rg")], PASS),
        ([(OWNER, BOB, "User", ROOT)], UNKNOWN),
        ([(OWNER, CREW, "Group", ROOT)], PASS),
        ([(OWNER, ROBOT, "ServicePrincipal", ROOT)], PASS),
        ([(OWNER, "partners", "ForeignGroup", ROOT)], FAIL),
        ([(OWNER, "gone", "User", ROOT)], PASS),
        ([("no-such-role", GUEST, "User", ROOT)], UNKNOWN),
    ],
)
def test_guests_with_privileged_roles(pairs: list[Any], expected: Status) -> None:
    """Whether somebody is a guest has to be said: what is left out means neither."""
    assert status(checks.guests_not_privileged, given_to(*pairs), DEFINITIONS, PEOPLE) is expected


def test_a_group_holds_a_guest() -> None:
    """The role of a group is that of each member."""
    people = CompleteSet(a_principal(CREW, "group", a_person(ANN), a_person(GUEST, "Guest")))
    assigned = given_to((CONTRIBUTOR, CREW, "Group", ROOT))

    assert status(checks.guests_not_privileged, assigned, DEFINITIONS, people) is FAIL
    assert status(checks.guests_not_privileged, assigned, DEFINITIONS, UnreadSet()) is UNKNOWN


def _own(*pairs: tuple[str, str]) -> CompleteSet:
    return CompleteSet(
        *(made(OwnAssignment, an_assignment(n, role, ROBOT, scope)) for n, (role, scope) in enumerate(pairs))
    )


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (_own((READER, GROUP)), PASS),
        (_own((READER, GROUP), (CONTRIBUTOR, f"{ROOT}/resourceGroups/rg")), FAIL),
        (_own((OWNER, ROOT)), FAIL),
        (_own((READER, ROOT), ("no-such-role", ROOT)), UNKNOWN),
        (_own(), UNKNOWN),
        (UnreadSet(), UNKNOWN),
    ],
)
def test_the_source_only_reads(own: CompleteSet, expected: Status) -> None:
    """A role that it has by a group, or on one resource, counts like any other."""
    assert status(checks.collector_read_only, own, DEFINITIONS) is expected


def test_the_reason_names_what_goes_beyond_reading() -> None:
    """So that somebody can take it away."""
    assert "Contributor" in verdict(checks.collector_read_only, _own((CONTRIBUTOR, ROOT)), DEFINITIONS).reason


def a_custom_role(actions: list[str], not_actions: list[str], *scopes: str, kind: str = "CustomRole") -> RoleDefinition:
    """A role of the company's own."""
    body = a_role(CUSTOM, "Own", actions, not_actions, type=kind, assignableScopes=list(scopes or (ROOT,)))
    return made(RoleDefinition, body)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (a_custom_role(["*"], []), FAIL),
        (a_custom_role(["*/read"], ["Microsoft.Authorization/*/write"]), PASS),
        (a_custom_role(["*"], ["Microsoft.Authorization/*/write"]), FAIL),
        (a_custom_role(["*"], NOT_ACTIONS_OF_CONTRIBUTOR), PASS),
        (a_custom_role(["*"], [], f"{ROOT}/resourceGroups/rg"), PASS),
        (a_custom_role(["*"], [], f"{ROOT}/resourceGroups/rg", GROUP), FAIL),
        (a_custom_role(["*/write", "Microsoft.Authorization/*"], []), FAIL),
        (a_custom_role(["*"], [], kind="BuiltInRole"), NOTHING),
        (unread(RoleDefinition), UNKNOWN),
    ],
)
def test_no_role_of_the_company_equals_owner(role: RoleDefinition, expected: Status) -> None:
    """Whoever may still delete assignments is no mere contributor."""
    assert status(lifecycle_checks.no_custom_owner_roles, role) is expected


@pytest.mark.parametrize(
    ("pairs", "principals", "expected"),
    [
        ([(READER, ANN, "User", ROOT)], PEOPLE, PASS),
        ([(READER, "gone", "Unknown", ROOT)], PEOPLE, FAIL),
        ([(READER, "gone", "User", f"{ROOT}/resourceGroups/rg")], PEOPLE, FAIL),
        ([(READER, "partners", "ForeignGroup", ROOT)], PEOPLE, UNKNOWN),
        ([(READER, ANN, "User", ROOT)], UnreadSet(), UNKNOWN),
        ([], PEOPLE, NOTHING),
    ],
)
def test_assignments_outlive_nobody(pairs: list[Any], principals: Any, expected: Status) -> None:
    """Whoever the whole directory does not have is gone."""
    assert status(lifecycle_checks.no_orphaned_assignments, given_to(*pairs), principals) is expected


def scheduled(kind: str, end: str | None, principal: str = ANN, role: str = OWNER) -> AssignmentSchedule:
    """A role that somebody has, with its end."""
    said = {
        "roleDefinitionId": f"{ROOT}/x/{role}", "principalId": principal, "scope": ROOT.upper(),
        "assignmentType": kind, "endDateTime": end,
    }  # fmt: skip
    return made(AssignmentSchedule, {"id": "/s", "properties": said})


def eligible(role: str, scope: str = ROOT) -> RoleEligibility:
    """A role that somebody may activate."""
    said = {"roleDefinitionId": f"{ROOT}/x/{role}", "principalId": BOB, "principalType": "User", "scope": scope}
    return made(RoleEligibility, {"id": "/e", "properties": said})


STANDING = (OWNER, ANN, "User", ROOT)
LATER = "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("pairs", "schedules", "eligibilities", "limits", "expected"),
    [
        ([STANDING], [scheduled("Activated", LATER)], [], {}, PASS),
        ([STANDING], [scheduled("Assigned", LATER)], [], {}, PASS),
        ([STANDING], [scheduled("Assigned", None)], [], {}, FAIL),
        ([STANDING], [], [], {}, FAIL),
        ([STANDING], [scheduled("Activated", LATER, principal=BOB)], [], {}, FAIL),
        ([STANDING], [scheduled("Activated", LATER, role=CONTRIBUTOR)], [], {}, FAIL),
        ([], [], [eligible(OWNER)], {}, PASS),
        ([STANDING], [], [eligible(OWNER)], {"min_ratio": 0.5}, PASS),
        ([STANDING], [], [eligible(READER)], {"min_ratio": 0.5}, FAIL),
        ([STANDING], [], [eligible("no-such-role")], {"min_ratio": 0.5}, FAIL),
        ([(OWNER, ROBOT, "ServicePrincipal", ROOT)], [], [], {}, NOTHING),
        ([(READER, ANN, "User", ROOT)], [], [], {}, NOTHING),
        ([(OWNER, CREW, "Group", GROUP)], [], [], {}, FAIL),
        ([("no-such-role", ANN, "User", ROOT)], [], [], {}, UNKNOWN),
    ],
)
def test_privileges_do_not_stand(
    pairs: list[Any], schedules: list[Any], eligibilities: list[Any], limits: dict[str, Any], expected: Status
) -> None:
    """What was activated ends by itself; programs cannot activate anything."""
    found = status(
        lifecycle_checks.privileged_roles_eligible,
        given_to(*pairs),
        DEFINITIONS,
        CompleteSet(*schedules),
        CompleteSet(*eligibilities),
        **limits,
    )

    assert found is expected


def test_without_a_licence_privileges_are_unknown() -> None:
    """No licence for eligible roles is no proof that all are standing, nor that none are."""
    unlicensed = (given_to(STANDING), DEFINITIONS, UnreadSet(), UnreadSet())

    assert status(lifecycle_checks.privileged_roles_eligible, *unlicensed) is UNKNOWN
