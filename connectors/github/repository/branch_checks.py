"""Checks of the protection in force for the default branch. A part is read only where the verdict needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from collector.core.checks import Status, The, Verdict, check, failed, not_applicable, passed, unknown
from connectors.github.repository.branches import NO_BRANCH, NOT_IN_PLAN, BranchProtection, BranchRules
from connectors.github.repository.community_files import CommunityFiles
from connectors.github.repository.effective_protection import (
    Bypass,
    Demand,
    Layer,
    classic_layer,
    common_bypass,
    demands,
    merge_layers,
    rule_layers,
)


def _layers(rules: BranchRules, protection: BranchProtection) -> Iterator[Layer]:
    """Yield the layers of rulesets, then that of classic protection, which is read only when it is reached."""
    yield from rule_layers(rules.rules or ())
    if protection.protection is not None:
        yield classic_layer(protection.protection)


def _layers_meeting(layers_in_order: Iterable[Layer], demand: Callable[[Layer], bool]) -> Layer | None:
    """Return the first layers, merged, that meet a demand together; None where all of them together do not."""
    layers: list[Layer] = []
    for layer in layers_in_order:
        layers.append(layer)
        if demand(combined := merge_layers(layers)):
            return combined
    return None


def _verdict(
    rules: BranchRules, protection: BranchProtection, demand: Callable[[Layer], bool], problem: str
) -> Verdict:
    if rules.archived:
        return not_applicable(f"{rules.full_name} is archived: nothing can be pushed to it")
    layer = _layers_meeting(_layers(rules, protection), demand)
    if layer is None:
        if (why := _nothing_to_protect_or_with(rules.full_name, rules.branch, protection)) is not None:
            return why
        return failed(f"{rules.full_name}, branch {rules.branch}: {problem}")
    return passed(f"{rules.full_name}, branch {rules.branch}: {layer.name}")


def _verdict_on_rewriting(
    rules: BranchRules, protection: BranchProtection, demand: Callable[[Layer], bool], problem: str
) -> Verdict:
    """Return the verdict on a demand that nobody may force push; classic protection may let some, and hides it."""
    verdict = _verdict(rules, protection, demand, problem)
    if verdict.status is not Status.PASS or _layers_meeting(rule_layers(rules.rules or ()), demand) is not None:
        return verdict
    return _force_pushers(rules, protection) or verdict


def _force_pushers(rules: BranchRules, protection: BranchProtection, allowed: tuple[str, ...] = ()) -> Verdict | None:
    """Return the verdict where some may force push under classic protection although not everybody may, else None."""
    classic = protection.protection
    if classic is None or classic.allow_force_pushes.enabled:
        return None
    if any(layer.no_force_push for layer in rule_layers(rules.rules or ())):
        return None
    branch_text = f"{rules.full_name}, branch {rules.branch}"
    if protection.force_push_allowances is None:
        return unknown(f"{branch_text}: who may force push under classic protection was not asked when this was read")
    names = [name for name in protection.force_push_allowances.names() if name not in allowed]
    return failed(f"{branch_text}: classic protection lets these force push: {', '.join(names)}") if names else None


def _nothing_to_protect_or_with(full_name: str, branch: str, protection: BranchProtection) -> Verdict | None:
    """Return the verdict where GitHub says that there is no branch, or no protection for this repository."""
    if protection.protection is None and protection.obstacle == NO_BRANCH:
        return not_applicable(f"{full_name} is empty: nothing was ever pushed to it, and it has no branch {branch}")
    if protection.protection is None and protection.obstacle == NOT_IN_PLAN:
        return failed(f"{full_name}, branch {branch}: nothing can protect it: the plan has no protection of branches")
    return None


@check(
    "github_repo_default_branch_protected",
    title="The default branch is protected: changes by pull request only, history not rewritten",
    severity="high",
    fix="Add a ruleset for the default branch that requires pull requests and blocks force pushes",
)
def branch_protected(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict_on_rewriting(
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
        rules,
        protection,
        lambda layer: layer.dismisses_stale and (layer.reviews > 0 or layer.code_owners),
        "approvals stay when commits are added to a change, or none is needed",
    )


@check(
    "github_repo_force_push_and_deletion_blocked",
    title="The default branch can be neither rewritten nor deleted",
    severity="high",
    fix="Restrict deletions and block force pushes in a ruleset of the default branch",
)
def no_rewriting(rules: BranchRules, protection: The[BranchProtection]) -> Verdict:
    return _verdict_on_rewriting(
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
    protection: BranchProtection,
    rules: The[BranchRules],
    *,
    allowed_bypass_actors: tuple[str, ...] = (),
    min_reviews: int = 1,
) -> Verdict:
    if protection.archived:
        return not_applicable(f"{protection.full_name} is archived: nothing can be pushed to it")
    branch_text = f"{protection.full_name}, branch {protection.branch}"
    # Only rulesets have the actors that may bypass them; they are read only where there is a rule.
    layers = rule_layers(rules.rules, rules.rulesets) if rules.rules else []
    demanded = demands(min_reviews)
    if all(_exempt(layers, demand, allowed_bypass_actors) == Bypass(frozenset()) for demand in demanded):
        return passed(f"{branch_text}: {' and '.join(layer.name for layer in layers)} binds everybody")
    if protection.protection is not None:
        layers.append(classic_layer(protection.protection))
    if not any(layer.pull_request for layer in layers):
        if (why := _nothing_to_protect_or_with(protection.full_name, protection.branch, protection)) is not None:
            return why
        return failed(f"{branch_text}: nothing demands a pull request, of anybody")
    found = [(demand, _exempt(layers, demand, allowed_bypass_actors)) for demand in demanded]
    exempt: dict[str, list[str]] = {}
    doubts: dict[str, list[str]] = {}
    for demand, bypass in found:
        if bypass is not None and bypass.names:
            exempt.setdefault(", ".join(sorted(bypass.names)), []).append(demand.name)
        elif bypass is not None and bypass.doubt is not None:
            doubts.setdefault(bypass.doubt, []).append(demand.name)
    if exempt:
        parts = "; ".join(f"{who} ({', '.join(names)})" for who, names in exempt.items())
        return failed(f"{branch_text}: these may bypass what is demanded: {parts}")
    if doubts:
        parts = "; ".join(f"{doubt} ({', '.join(names)})" for doubt, names in doubts.items())
        return unknown(f"{branch_text}: {parts}")
    if (force_pushers := _force_pushers(rules, protection, allowed_bypass_actors)) is not None:
        return force_pushers
    bound = ", ".join(demand.name for demand, bypass in found if bypass is not None)
    return passed(f"{branch_text}: everybody is bound by what is demanded: {bound}")


def _exempt(layers: list[Layer], demand: Demand, allowed: tuple[str, ...]) -> Bypass | None:
    """Return who may bypass a demand; None where no layer makes it."""
    demanding = [layer for layer in layers if demand.met(layer)]
    return common_bypass(demanding, demand, allowed) if demanding else None


@check(
    "github_repo_codeowners_review",
    title="Code has owners, and they must review",
    severity="low",
    fix="Add a CODEOWNERS file, and require review from code owners in a ruleset of the default branch",
)
def codeowners_review(files: CommunityFiles, rules: The[BranchRules], protection: The[BranchProtection]) -> Verdict:
    if files.archived:
        return not_applicable(f"{files.full_name} is archived: nothing can be pushed to it")
    if files.files is None:
        return not_applicable(f"{files.full_name} is empty: there is no code to own")
    if (without := files.without_code_owners()) is not None:
        return without
    verdict = _verdict(rules, protection, lambda layer: layer.code_owners, "code owners need not review")
    return (files.with_files_of_nobody() or verdict) if verdict.status is Status.PASS else verdict
