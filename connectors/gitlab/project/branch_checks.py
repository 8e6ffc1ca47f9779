"""Checks of the default branch: who may change it, and what a merge request into it needs."""

from __future__ import annotations

from collections.abc import Sequence

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from connectors.gitlab.project.approvals import ApprovalSetting, Needed, approvals_needed
from connectors.gitlab.project.effective_protection import (
    BranchRule,
    Protection,
    beyond_maintainers,
    judge,
    protection_of,
)
from connectors.gitlab.project.protected_branches import ProtectedBranch

_FREE = "the plan Free has no rules and settings of approvals"


@check(
    "gitlab_project_default_branch_protected",
    title="Default branch is protected without force push",
    severity="high",
    fix="Protect the default branch, let no one or Maintainers push to it, and allow no force push",
)
def branch_protected(
    rules: All[ProtectedBranch], project: The[ApprovalSetting], *, allowed_pushers: tuple[str, ...] = ()
) -> Verdict:
    if (nothing := _nothing_to_judge(project)) is not None:
        return nothing
    branch = project.default_branch or ""
    named = f"{project.path}, branch {branch}"
    return judge(branch, tuple(rules), lambda found: _protected(named, found, allowed_pushers))


def _protected(named: str, found: Protection | None, allowed: tuple[str, ...]) -> Verdict:
    if found is None:
        return failed(f"{named} is not protected")
    problems = ["whoever may push may force a push"] if found.force_push else []
    pushers, maybe = beyond_maintainers(found.push, allowed)
    if pushers:
        problems.append(f"these may push to it: {', '.join(pushers)}")
    lesser, unsure = beyond_maintainers(found.unprotect, allowed)
    if lesser:
        problems.append(_unprotectors(lesser))
    if problems:
        return failed(f"{named}: {'; '.join(problems)}")
    if maybe or unsure or found.unclear:
        who = [f"whether {', '.join(maybe)} may push as less than a Maintainer is not shown"] if maybe else []
        who += [_maybe_unprotectors(unsure)] if unsure else []
        return unknown(f"{named}: {'; '.join([*who, *found.unclear])}; allowed_pushers names those who may")
    return passed(f"{named}: pushes are for {', '.join(found.pushers()) or 'no one'}, and cannot be forced")


@check(
    "gitlab_project_approvals_required",
    title="Merge requests need approval",
    severity="high",
    fix="Add a rule that needs approvals for the default branch, and prevent editing approval rules in merge requests",
)
def approvals_required(project: ApprovalSetting, rules: All[ProtectedBranch], *, min_approvals: int = 1) -> Verdict:
    if (nothing := _nothing_to_judge(project)) is not None:
        return nothing
    named = f"{project.path}, branch {project.default_branch}"
    if project.rules is None:
        return failed(f"{named}: {_FREE}, so that none is needed")
    needed = _needed(project, tuple(rules))
    if needed.possible < min_approvals:
        return failed(f"{named}: {needed.possible} approvals are needed; {min_approvals} are asked for")
    if project.settings is None:
        return failed(f"{named}: {_FREE}, so that none is needed")
    if project.settings.allow_overrides_to_approver_list_per_merge_request.value:
        return failed(f"{named}: whoever opens a merge request may take its approval rules away")
    if needed.certain < min_approvals:
        return unknown(f"{named}: {'; '.join(needed.doubts)}")
    return passed(f"{named}: {needed.certain} approvals are needed")


def _needed(project: ApprovalSetting, rules: Sequence[BranchRule]) -> Needed:
    branch = project.default_branch or ""
    protected = any(rule.matches(branch) for rule in rules)
    return approvals_needed(project.rules or (), branch, protected=protected)


@check(
    "gitlab_project_self_approval_prevented",
    title="Authors and committers cannot approve own changes",
    severity="high",
    fix="Prevent approval by authors and by users who add commits, and editing approval rules in merge requests",
)
def self_approval_prevented(project: ApprovalSetting) -> Verdict:
    if project.archived:
        return _archived(project)
    if project.settings is None:
        return failed(f"{project.path}: {_FREE}, so that nothing keeps anybody from approving their own changes")
    problems = _self_approval(project)
    return (
        failed(f"{project.path}: {'; '.join(problems)}")
        if problems
        else passed(
            f"{project.path}: authors and committers cannot approve, nor change the rules in their merge request"
        )
    )


def _self_approval(project: ApprovalSetting) -> list[str]:
    settings, problems = project.settings, []
    if settings is None:
        return [_FREE]
    if settings.allow_author_approval.value:
        problems.append("authors may approve their own merge requests")
    if settings.allow_committer_approval.value:
        problems.append("people who added commits may approve")
    if settings.allow_overrides_to_approver_list_per_merge_request.value:
        problems.append("authors may change the approval rules of their merge request")
    return problems


@check(
    "gitlab_project_approvals_reset_on_push",
    title="New commits reset approvals",
    severity="medium",
    fix="Remove all approvals when commits are added, in the approval settings",
)
def approvals_reset(project: ApprovalSetting, rules: All[ProtectedBranch]) -> Verdict:
    if project.archived:
        return _archived(project)
    if project.settings is None:
        return failed(f"{project.path}: {_FREE}, so that approvals stay when commits are added")
    if not project.settings.retain_approvals_on_push.value:
        return passed(f"{project.path}: all approvals are removed when commits are added")
    if not project.settings.selective_code_owner_removals.value:
        return failed(f"{project.path}: approvals stay when commits are added")
    branch = project.default_branch
    held = protection_of(rule for rule in rules if branch is not None and rule.matches(branch))
    if held is not None and held.code_owners:
        return unknown(
            f"{project.path}: approvals of code owners are removed when their files change, and those of others stay; "
            "whether every file has an owner was not read"
        )
    return failed(f"{project.path}: only approvals of code owners are removed, and none of theirs is needed")


@check(
    "gitlab_project_second_person_required",
    title="Nobody can change the default branch without a second person",
    severity="high",
    fix="Let no one push to the default branch, and need an approval that authors and committers cannot give",
)
def second_person_required(
    project: ApprovalSetting, rules: All[ProtectedBranch], *, allowed_pushers: tuple[str, ...] = ()
) -> Verdict:
    if (nothing := _nothing_to_judge(project)) is not None:
        return nothing
    found = tuple(rules)
    return judge(
        project.default_branch or "", found, lambda held: _second_person(project, held, found, allowed_pushers)
    )


def _unprotectors(names: Sequence[str]) -> str:
    return f"these may take its protection away: {', '.join(names)}"


def _maybe_unprotectors(names: Sequence[str]) -> str:
    return f"whether {', '.join(names)} may take its protection away as less than a Maintainer is not shown"


def _second_person(
    project: ApprovalSetting, held: Protection | None, rules: Sequence[BranchRule], allowed: tuple[str, ...]
) -> Verdict:
    named = f"{project.path}, branch {project.default_branch}"
    if held is None:
        return failed(f"{named} is not protected: whoever may write to the project may push to it")
    if pushers := held.pushers(allowed):
        return failed(f"{named}: these may push to it without a merge request: {', '.join(pushers)}")
    lesser, unsure = beyond_maintainers(held.unprotect, allowed)
    if lesser:
        return failed(f"{named}: {_unprotectors(lesser)}, and push to it then")
    unclear = [*held.unclear, *([_maybe_unprotectors(unsure)] if unsure else [])]
    if held.merge and not any(level.name() for level in held.merge):
        if unclear:
            return unknown(f"{named}: {'; '.join(unclear)}")
        return passed(f"{named}: no one may push to it or merge into it")
    needed = _needed(project, rules)
    problems = _self_approval(project)
    if needed.possible < 1:
        problems.append("a merge request needs no approval")
    if project.settings is not None and project.settings.retain_approvals_on_push.value:
        problems.append("approvals stay when commits are added after them")
    if problems:
        return failed(f"{named}: {'; '.join(problems)}")
    doubts = [*unclear, *(needed.doubts if needed.certain < 1 else ())]
    if doubts:
        return unknown(f"{named}: {'; '.join(doubts)}")
    return passed(
        f"{named}: it changes by merge requests only, with the approval of somebody who wrote nothing of them"
    )


def _nothing_to_judge(project: ApprovalSetting) -> Verdict | None:
    if project.archived:
        return _archived(project)
    if project.empty_repo:
        return not_applicable(f"{project.path} is empty: nothing was ever pushed to it, and it has no branch")
    if project.default_branch is None:
        return unknown(f"GitLab does not show the default branch of {project.path} to this token")
    return None


def _archived(project: ApprovalSetting) -> Verdict:
    return not_applicable(f"{project.path} is archived: nothing can be pushed to it")
