"""The protection in force for a branch: every rule whose pattern it matches, of the project and of its groups.

Of several rules the most permissive one decides who may push and merge, and whether anybody may force a push; code
owners must approve where any of them says so. Names and wildcards tell capitals apart.
https://docs.gitlab.com/user/project/repository/branches/protected/#when-a-branch-matches-multiple-rules
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from msgspec import Struct

from collector.core.checks import Verdict, unknown
from connectors.gitlab._sdk.roles import MAINTAINER, NO_ACCESS, role_name


class AccessLevel(Struct, frozen=True, kw_only=True):
    """Who may do something: a role and all above it, or one user, group, deploy key or custom role."""

    access_level: int | None  # None: a user, a group or a custom role
    user_id: int | None = None  # the plan Free leaves all four out
    group_id: int | None = None
    deploy_key_id: int | None = None  # beside a level, where it is a deploy key
    member_role_id: int | None = None

    def name(self) -> str | None:
        """Return who it is, as the limits of checks name them; None for nobody."""
        for kind, number in (
            ("deploy key", self.deploy_key_id),
            ("user", self.user_id),
            ("group", self.group_id),
            ("custom role", self.member_role_id),
        ):
            if number is not None:
                return f"{kind} {number}"
        if self.access_level is None:
            return "somebody who is not shown"
        return None if self.access_level == NO_ACCESS else f"role {role_name(self.access_level)}"

    @property
    def role(self) -> int | None:
        """The level of a role that is named, with all above it; None for all else. Deploy keys have a level too."""
        others = (self.user_id, self.group_id, self.deploy_key_id, self.member_role_id)
        return self.access_level if all(number is None for number in others) else None


class BranchRule(Struct, frozen=True, kw_only=True):
    """A rule for the branches of one name or pattern (`GET /projects/:id/protected_branches`)."""

    name: str
    push_access_levels: tuple[AccessLevel, ...]
    merge_access_levels: tuple[AccessLevel, ...]
    allow_force_push: bool
    unprotect_access_levels: tuple[AccessLevel, ...] = ()  # left out by the plan Free: Maintainers
    code_owner_approval_required: bool = False  # left out by versions of the plan Free, which has none
    inherited: bool = False  # left out by the plan Free: no group has rules

    def matches(self, branch: str) -> bool:
        """Whether the rule is one for this branch; a star stands for any text, with slashes too."""
        return matches(self.name, branch)


def matches(pattern: str, branch: str) -> bool:
    """Whether a name or a pattern of names is that of a branch."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), branch, re.DOTALL) is not None


@dataclass(frozen=True)
class Protection:
    """What holds for one branch."""

    push: frozenset[AccessLevel]
    merge: frozenset[AccessLevel]
    unprotect: frozenset[AccessLevel]
    force_push: bool
    code_owners: bool
    unclear: tuple[str, ...]
    """What GitLab's answer leaves open, as texts for a reader."""

    def pushers(self, allowed: Iterable[str] = ()) -> list[str]:
        """Name those who may push to the branch without a merge request, but those that are allowed."""
        return sorted({name for level in self.push if (name := level.name()) is not None} - set(allowed))


def protection_of(rules: Iterable[BranchRule]) -> Protection | None:
    """Return what rules that match a branch demand together; None without any: the branch is not protected."""
    found = list(rules)
    if not found:
        return None
    return Protection(
        push=frozenset(level for rule in found for level in rule.push_access_levels),
        merge=frozenset(level for rule in found for level in rule.merge_access_levels),
        unprotect=frozenset(level for rule in found for level in rule.unprotect_access_levels),
        force_push=any(rule.allow_force_push for rule in found),
        code_owners=any(rule.code_owner_approval_required for rule in found),
        unclear=tuple(
            f"GitLab names nobody who may push by the rule {name}, not even no one"
            for name in sorted({rule.name for rule in found if not rule.push_access_levels})
        ),
    )


def judge(branch: str, rules: Sequence[BranchRule], question: Callable[[Protection | None], Verdict]) -> Verdict:
    """Return the answer to a question about a branch.

    Where rules of a group and of the project match, and the group's alone would be answered otherwise, the verdict is
    unknown: by GitLab's documentation the most permissive rule holds, and a project cannot override its group's.
    """
    matching = [rule for rule in rules if rule.matches(branch)]
    verdict = question(protection_of(matching))
    inherited = [rule for rule in matching if rule.inherited]
    if inherited and len(inherited) < len(matching):
        by_group = question(protection_of(inherited))
        if by_group.status is not verdict.status:
            return unknown(
                f"rules of the project and of its group protect {branch}, and which of them hold is not certain: "
                f"together {verdict.reason}; by those of the group alone {by_group.reason}"
            )
    return verdict


def beyond_maintainers(levels: Iterable[AccessLevel], allowed: Collection[str] = ()) -> tuple[list[str], list[str]]:
    """Return who is no Maintainer for certain, and who may be none, of those that are not allowed; by their names."""
    certain, unclear = set(), set()
    for level in levels:
        name = level.name()
        if name is None or name in allowed:
            continue
        if level.role is None and level.deploy_key_id is None:
            unclear.add(name)
        elif level.role is None or level.role < MAINTAINER:
            certain.add(name)
    return sorted(certain), sorted(unclear)
