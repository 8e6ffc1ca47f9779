"""What a merge request needs before it is merged: the settings in force and the rules of approvals (Premium)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import MAINTAINER, PROJECT, REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.refusals import NOT_IN_PLAN
from connectors.gitlab.project.effective_protection import matches

_SETTINGS = "GET /api/v4/projects/{project}/merge_request_approval_setting"
_RULES = "GET /api/v4/projects/{project}/approval_rules"

# Rules of other types count only under conditions, such as a finding of a scan.
_UNCONDITIONAL = frozenset({"any_approver", "regular"})


class Setting(Struct, frozen=True, kw_only=True):
    """A setting in force: the project's own, or that of a group or the instance above it."""

    value: bool


class ApprovalSettings(Struct, frozen=True, kw_only=True):
    """How approvals are counted (`GET /projects/:id/merge_request_approval_setting`)."""

    allow_author_approval: Setting
    allow_committer_approval: Setting
    allow_overrides_to_approver_list_per_merge_request: Setting
    retain_approvals_on_push: Setting
    selective_code_owner_removals: Setting


class Approver(Struct, frozen=True, kw_only=True):
    """A person who may approve by a rule."""

    username: str


class RuleBranch(Struct, frozen=True, kw_only=True):
    """The name or pattern of a protected branch that a rule is for."""

    name: str


class ApprovalRule(Struct, frozen=True, kw_only=True):
    """A rule of approvals (`GET /projects/:id/approval_rules`)."""

    name: str
    rule_type: str
    approvals_required: int
    eligible_approvers: tuple[Approver, ...]
    contains_hidden_groups: bool
    protected_branches: tuple[RuleBranch, ...]
    applies_to_all_protected_branches: bool = False  # left out before GitLab 15.3, which had no such rules

    def is_for(self, branch: str, *, protected: bool) -> bool:
        """Whether the rule is one for merge requests into a branch; without branches of its own it is for all."""
        if self.applies_to_all_protected_branches:
            return protected
        return not self.protected_branches or any(matches(rule.name, branch) for rule in self.protected_branches)

    def binds(self) -> bool | None:
        """Whether nobody can merge without the approvals of this rule; None where that cannot be seen.

        GitLab takes a rule that nobody is left to meet for approved: one without an approver, or where the author of
        the merge request is one of them and too few are left.
        https://gitlab.com/gitlab-org/gitlab/-/issues/390121
        """
        if self.rule_type not in _UNCONDITIONAL or self.approvals_required < 1:
            return False
        if self.rule_type == "any_approver" or len(self.eligible_approvers) > self.approvals_required:
            return True
        return None if self.eligible_approvers or self.contains_hidden_groups else False


@resource("gitlab.project.approval_setting")
class ApprovalSetting(Struct, frozen=True, kw_only=True):
    """The project with what its merge requests need."""

    path: str
    default_branch: str | None  # None: GitLab does not show it to this token
    archived: bool
    empty_repo: bool
    settings: ApprovalSettings | None  # None: GitLab says that the plan is Free, which has none
    rules: tuple[ApprovalRule, ...] | None  # None: the same


@dataclass(frozen=True)
class Needed:
    """How many approvals a merge request needs: for certain, and at most; `doubts` say what of it is not certain."""

    certain: int
    possible: int
    doubts: tuple[str, ...]


def approvals_needed(rules: Iterable[ApprovalRule], branch: str, *, protected: bool) -> Needed:
    """Return how many approvals the rules for a branch demand. One person's approval counts for several rules."""
    certain = possible = 0
    doubts = []
    for rule in rules:
        if not rule.is_for(branch, protected=protected):
            continue
        binds = rule.binds()
        if binds:
            certain = max(certain, rule.approvals_required)
        if binds is None:
            doubts.append(
                f"the rule {rule.name} needs {rule.approvals_required} of {len(rule.eligible_approvers)} approvers, "
                "and GitLab takes a rule that too few are left to meet for approved"
            )
        if binds is not False:
            possible = max(possible, rule.approvals_required)
    return Needed(certain, possible, tuple(doubts))


@gitlab.collects(ApprovalSetting, at="project", call=PROJECT, permissions=REPORTER)
def approval_setting(client: GitLab) -> Iterator[Body]:
    project = client.project()
    yield {
        "path": project["path_with_namespace"],
        "default_branch": project.get("default_branch"),
        "archived": project["archived"],
        "empty_repo": project["empty_repo"],
    }


@gitlab.part(
    ApprovalSetting,
    "settings",
    call=_SETTINGS,
    permissions=MAINTAINER,
    absent=NOT_IN_PLAN,
)
def settings(client: GitLab, _body: Body) -> Any:
    return client.in_plan(lambda: client.get(_SETTINGS, having="allow_author_approval"))


@gitlab.part(
    ApprovalSetting,
    "rules",
    call=_RULES,
    permissions=MAINTAINER,
    absent=NOT_IN_PLAN,
)
def rules(client: GitLab, _body: Body) -> Any:
    return client.in_plan(lambda: list(client.pages(_RULES)))
