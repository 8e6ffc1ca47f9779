"""Checks of the protection in force for the default branch. A part is read only where the verdict needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collector.core.checks import The, Verdict, check, failed, not_applicable, passed, unknown
from connectors.github.repository.branches import BranchProtection, BranchRules
from connectors.github.repository.community_files import CommunityFiles
from connectors.github.repository.effective_protection import (
    Bypass,
    Layer,
    classic_layer,
    common_bypass,
    merge_layers,
    rule_layers,
)


def _layers(rules: BranchRules, protection: BranchProtection) -> Iterator[Layer]:
    """Yield the layers of rulesets, then that of classic protection, which is read only when it is reached."""
    yield from rule_layers(rules.rules)
    if protection.protection is not None:
        yield classic_layer(protection.protection)


def _layers_meeting(rules: BranchRules, protection: BranchProtection, demand: Callable[[Layer], bool]) -> Layer | None:
    """Return the first layers, merged, that meet a demand together; None where all of them together do not."""
    layers: list[Layer] = []
    for layer in _layers(rules, protection):
        layers.append(layer)
        if demand(combined := merge_layers(layers)):
            return combined
    return None


def _verdict(
    rules: BranchRules, protection: BranchProtection, demand: Callable[[Layer], bool], problem: str
) -> Verdict:
    if rules.archived:
        return not_applicable(f"{rules.full_name} is archived: nothing can be pushed to it")
    layer = _layers_meeting(rules, protection, demand)
    if layer is None:
        return failed(f"{rules.full_name}, branch {rules.branch}: {problem}")
    return passed(f"{rules.full_name}, branch {rules.branch}: {layer.name}")


@check(
    "github_repo_default_branch_protected",
    title="The default branch is protected: changes by pull request only, history not rewritten",
    severity="high",
    fix="Add a ruleset for the default branch that requires pull requests and blocks force pushes",
)
def branch_protected(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict(
        rules,
        protection,
        lambda layer: layer.pull_request and layer.no_force_push,
        "nothing demands a pull request and blocks force pushes",
    )


@check(
    "github_repo_review_required",
    title="A change to the default branch needs approvals of others",
    severity="high",
    fix="Require approvals in a ruleset of the default branch",
)
def review_required(rules: BranchRules, protection: The[BranchProtection], *, min_reviews: int = 1) -> Verdict:
    return _verdict(
        rules, protection, lambda layer: layer.reviews >= min_reviews, f"fewer than {min_reviews} approvals are needed"
    )


@check(
    "github_repo_stale_reviews_dismissed",
    title="New commits take approvals back, or the last push needs an approval",
    severity="medium",
    fix="Dismiss stale approvals, or require approval of the most recent push, in a ruleset of the default branch",
)
def stale_dismissed(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict(
        rules, protection, lambda layer: layer.dismisses_stale, "approvals stay when commits are added to a change"
    )


@check(
    "github_repo_force_push_and_deletion_blocked",
    title="The default branch can be neither rewritten nor deleted",
    severity="high",
    fix="Restrict deletions and block force pushes in a ruleset of the default branch",
)
def no_rewriting(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict(
        rules,
        protection,
        lambda layer: layer.no_force_push and layer.no_deletion,
        "force pushes or deletion are not blocked",
    )


@check(
    "github_repo_status_checks_required",
    title="Status checks must pass before a change is merged",
    severity="medium",
    fix="Require the checks of your tests in a ruleset of the default branch",
)
def checks_required(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict(rules, protection, lambda layer: bool(layer.checks), "no status check is required")


@check(
    "github_repo_signed_commits_required",
    title="Commits on the default branch must be signed",
    severity="low",
    fix="Require signed commits in a ruleset of the default branch",
)
def signed(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict(rules, protection, lambda layer: layer.signatures, "commits need no signature")


@check(
    "github_repo_admins_not_exempt",
    title="Nobody may bypass the protection of the default branch, administrators included",
    severity="high",
    fix="Take the actors named off the bypass list, and include administrators in classic protection",
)
def not_exempt(
    protection: BranchProtection, rules: The[BranchRules], *, allowed_bypass_actors: tuple[str, ...] = ()
) -> Verdict:
    if protection.archived:
        return not_applicable(f"{protection.full_name} is archived: nothing can be pushed to it")
    branch_text = f"{protection.full_name}, branch {protection.branch}"
    # Only rulesets have the actors that may bypass them; they are read only where there is a rule.
    layers = rule_layers(rules.rules, rules.rulesets) if rules.rules else []
    if _binds_everybody(layers, allowed_bypass_actors):
        return passed(
            f"{branch_text}: {' and '.join(item.name for item in layers if item.pull_request)} binds everybody"
        )
    if protection.protection is not None:
        layers.append(classic_layer(protection.protection))
    demanding = [layer for layer in layers if layer.pull_request]
    if not demanding:
        return failed(f"{branch_text}: nothing demands a pull request, of anybody")
    bypass = common_bypass(demanding, allowed_bypass_actors)
    if bypass.names:
        return failed(f"{branch_text}: these may bypass what is demanded: {', '.join(sorted(bypass.names))}")
    return unknown(f"{branch_text}: {bypass.doubt}") if bypass.doubt is not None else passed()


def _binds_everybody(layers: list[Layer], allowed: tuple[str, ...]) -> bool:
    demanding = [layer for layer in layers if layer.pull_request]
    return bool(demanding) and common_bypass(demanding, allowed) == Bypass(frozenset())


@check(
    "github_repo_codeowners_review",
    title="Code has owners, and they must review",
    severity="low",
    fix="Add a CODEOWNERS file, and require review from code owners in a ruleset of the default branch",
)
def codeowners_review(files: CommunityFiles, rules: The[BranchRules], protection: The[BranchProtection]) -> Verdict:
    if files.archived:
        return not_applicable(f"{files.full_name} is archived: nothing can be pushed to it")
    if (without := files.without_code_owners()) is not None:
        return without
    return _verdict(rules, protection, lambda layer: layer.code_owners, "code owners need not review")
