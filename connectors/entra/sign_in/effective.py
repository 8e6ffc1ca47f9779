"""What conditional access demands of whom, by all enforced policies together.

A sign-in is somebody, an application, a type of client and a platform. A policy demands something of a sign-in surely,
perhaps, or not at all; what narrows it otherwise, such as a location, makes a sign-in outside of that not demanded of.
A demand holds for somebody where for each application, client and platform some policy surely makes it. Policies in
report-only mode and those that are switched off demand nothing.

https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-policies
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from collector.core.errors import Unread
from connectors.entra.directory.users import User
from connectors.entra.sign_in.conditional_access import Policy, PolicyGroup
from connectors.entra.sign_in.conditions import (
    ALL_GUEST_TYPES,
    Conditions,
    Externals,
    Users,
    conditions_of,
)

ENFORCED = "enabled"
EVERYBODY = "All"
GUESTS = "GuestsOrExternalUsers"
OTHER_APPLICATIONS = "all other applications"

# Names that stand for several applications, of which Graph does not say which.
_SUITES = frozenset({"Office365", "MicrosoftAdminPortals"})
# Those of other tenants whom the directory does not list: they sign in by a trust between tenants.
# https://learn.microsoft.com/entra/external-id/authentication-conditional-access
_WITHOUT_ACCOUNT = frozenset({"b2bDirectConnectUser", "serviceProvider"})
_INTERNAL = frozenset({"member"})
_UNKNOWN = "unknownFutureValue"  # what Graph writes for a value that it does not show


class Sure(IntEnum):
    """How sure it is that a policy is about something."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(frozen=True)
class Who:
    """Somebody who may sign in: an account, whoever has a role, or external people of a type.

    `types` are those of which one is right; `id` is empty where it is not one account; `roles` is None where it was not
    looked at which roles somebody has. Whether there is anybody like this is not known where it is not `is_certain`.
    """

    label: str
    id: str = ""
    types: frozenset[str] = _INTERNAL
    groups: frozenset[str] = frozenset()
    roles: frozenset[str] | None = None
    is_certain: bool = True


@dataclass(frozen=True)
class Rule:
    """An enforced policy with its conditions."""

    policy: Policy
    conditions: Conditions
    is_doubtful: bool = False
    """Whether it is not sure that the policy makes the demand that is asked about."""

    @property
    def name(self) -> str:
        """What people call the policy."""
        return self.policy.display_name

    @property
    def users(self) -> Users:
        """Whom it is about."""
        return self.conditions.users or Users()

    def is_about(self, who: Who) -> Sure:
        """Return whether it is about somebody: included, and not left out."""
        users = self.users
        left_out = _named(
            who, users.exclude_users, users.exclude_groups, users.exclude_roles, users.exclude_guests_or_external_users
        )
        # Who has a role that is left out is judged apart, as somebody whose roles are known.
        return Sure(min(self.includes(who), Sure.YES - left_out))

    def includes(self, who: Who) -> Sure:
        """Return whether somebody is included, left out or not."""
        users = self.users
        included = _named(
            who, users.include_users, users.include_groups, users.include_roles, users.include_guests_or_external_users
        )
        return Sure.PERHAPS if not included and who.roles is None and users.include_roles else included

    def is_about_application(self, application: str) -> Sure:
        """Return whether it is about an application."""
        about = self.conditions.applications
        if about is None or about.include_user_actions or about.include_authentication_context_class_references:
            return Sure.NO
        include, exclude = set(about.include_applications), set(about.exclude_applications)
        if application in exclude:
            return Sure.NO
        is_named = EVERYBODY in include or application in include
        found = Sure.YES if is_named else _in_a_suite(application, include)
        if found and _in_a_suite(application, exclude):
            found = Sure.PERHAPS
        # A filter selects by attributes of applications, which are not read.
        return Sure.PERHAPS if about.application_filter is not None and (found or not include) else found

    def is_about_client(self, client: str) -> Sure:
        """Return whether it is about a type of client."""
        types = set(self.conditions.client_app_types)
        if "all" in types or client in types:
            return Sure.YES
        # Exchange ActiveSync was once told apart by whether the platform was supported.
        if client == "exchangeActiveSync" and types & {"easSupported", "easUnsupported"}:
            return Sure.YES if {"easSupported", "easUnsupported"} <= types else Sure.PERHAPS
        return Sure.NO if types else Sure.PERHAPS

    def is_about_platform(self, platform: str) -> Sure:
        """Return whether it is about a platform."""
        about = self.conditions.platforms
        if about is None or not (about.include_platforms or about.exclude_platforms):
            return Sure.YES
        if platform in about.exclude_platforms or "all" in about.exclude_platforms:
            return Sure.NO
        if "all" not in about.include_platforms and platform not in about.include_platforms:
            return Sure.NO
        return Sure.PERHAPS if _UNKNOWN in about.exclude_platforms else Sure.YES


def _named(
    who: Who, users: Sequence[str], groups: Sequence[str], roles: Sequence[str], externals: Externals | None
) -> Sure:
    if EVERYBODY in users or (who.id and who.id in users):
        return Sure.YES
    if who.groups & set(groups) or (who.roles or frozenset()) & set(roles):
        return Sure.YES
    found = Sure.NO
    types = ALL_GUEST_TYPES if GUESTS in users else frozenset()
    if externals is not None:
        if externals.of_some_tenants:
            found = Sure.PERHAPS if who.types & externals.types else Sure.NO
        else:
            types |= externals.types
    if who.types <= types:
        return Sure.YES
    return Sure.PERHAPS if who.types & types else found


def _in_a_suite(application: str, names: set[str]) -> Sure:
    suites = names & _SUITES
    if application in _SUITES:
        return Sure.PERHAPS if names - {EVERYBODY, "None"} else Sure.NO
    return Sure.PERHAPS if suites and application != OTHER_APPLICATIONS else Sure.NO


def enforced(policies: Iterable[Policy]) -> list[Rule]:
    """Return the policies that are enforced and about people."""
    rules = [Rule(policy, conditions_of(policy.conditions)) for policy in policies if policy.state == ENFORCED]
    return [rule for rule in rules if not rule.conditions.is_for_applications]


def leaves_somebody_out(rules: Sequence[Rule]) -> bool:
    """Whether some policy has exclusions of people."""
    return any(
        rule.users.exclude_users
        or rule.users.exclude_groups
        or rule.users.exclude_roles
        or rule.users.exclude_guests_or_external_users is not None
        for rule in rules
    )


def people_concerned(
    rules: Sequence[Rule],
    users: Iterable[User],
    groups: Iterable[PolicyGroup],
    role_name: Callable[[str], str],
) -> Iterator[Who]:
    """Yield everybody of whom it matters what rules demand: enabled accounts, and those that rules leave out by type.

    Beside them people of other tenants who come in without an account here, of whom there may be none.
    Raises Unread where the members of a group that is named could not be read.
    """
    named = {name for rule in rules for name in (*rule.users.include_groups, *rule.users.exclude_groups)}
    groups_of: dict[str, set[str]] = defaultdict(set)
    if named:
        for group in groups:
            if group.id in named:
                for member in _members(group):
                    groups_of[member].add(group.id)
    for user in users:
        if user.account_enabled:
            yield Who(user.user_principal_name, user.id, types_of(user), frozenset(groups_of.get(user.id, ())))
    roles = {role for rule in rules for role in rule.users.exclude_roles}
    for role in sorted(roles):
        yield Who(f"whoever has the role {role_name(role)}", roles=frozenset({role}))
    left_out = _types_left_out(rules)
    for type_ in sorted(left_out | _WITHOUT_ACCOUNT):
        yield Who(f"external people ({type_})", types=frozenset({type_}), is_certain=type_ in left_out)


def _members(group: PolicyGroup) -> Iterator[str]:
    if group.group is None or group.members is None:
        return  # deleted: nobody is in it
    if group.group.visibility == "HiddenMembership" and not group.members:
        raise Unread(f"the group {group.group.display_name} hides its members; Member.Read.Hidden shows them")
    for member in group.members:
        yield member.id


def _types_left_out(rules: Sequence[Rule]) -> set[str]:
    found: set[str] = set()
    for rule in rules:
        if GUESTS in rule.users.exclude_users:
            found |= ALL_GUEST_TYPES
        if (externals := rule.users.exclude_guests_or_external_users) is not None:
            found |= externals.types
    return found


def types_of(user: User) -> frozenset[str]:
    """Return the types of guest of which one is the account's; what is not said leaves several."""
    if user.is_external:
        return frozenset({"b2bCollaborationGuest" if user.is_guest else "b2bCollaborationMember"})
    if user.is_guest:
        return frozenset({"internalGuest", "b2bCollaborationGuest", "otherExternalUser"})
    return _INTERNAL
