"""Checks on the played platform, one for each shape of parameters."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Check, The, Verdict, check, failed, not_applicable, passed
from collector.engine.rule import Rule
from tests.played.connector import Member, OrgSettings, Repo, Ticket


@check("played_member_mfa", title="Each member signs in with a second factor", severity="high", fix="Enrol one")
def mfa(member: Member) -> Verdict:
    """Judge each member."""
    return passed() if member.mfa else failed(f"{member.login} has no second factor")


@check("played_member_rotated", title="Each account is younger than the limit", severity="low", fix="Make another")
def rotated(member: Member, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    """Judge each member as of the observation."""
    age = now - member.created_at
    return passed() if age <= max_age else failed(f"{member.login} is {age.days} days old; {max_age.days} are allowed")


@check("played_settings_two_factor", title="A second factor is required", severity="high", fix="Require it")
def two_factor(settings: OrgSettings) -> Verdict:
    """Judge the one of its kind."""
    return passed() if settings.two_factor_required else failed("no second factor is required")


@check("played_repo_protected", title="Changes are reviewed by two", severity="medium", fix="Require two reviews")
def protected(repo: Repo, *, reviews: int = 2) -> Verdict:
    """Judge a part."""
    if repo.protection is None:
        return failed(f"{repo.name} is not protected")
    return passed() if repo.protection.reviews >= reviews else failed(f"{repo.protection.reviews} of {reviews} reviews")


@check("played_repo_hooks_tls", title="Hooks use TLS", severity="medium", fix="Turn it on")
def hooks_tls(repo: Repo) -> Verdict:
    """Judge another part."""
    if not repo.hooks:
        return not_applicable("there are no hooks")
    return passed() if all(hook.tls for hook in repo.hooks) else failed(f"a hook of {repo.name} goes without TLS")


@check("played_repo_private", title="Repositories are private", severity="high", fix="Make it private")
def private(repo: Repo, settings: The[OrgSettings]) -> Verdict:
    """Judge each repository beside the setting of its organization."""
    if settings.two_factor_required or repo.visibility == "private":
        return passed()
    return failed(f"{repo.name} is {repo.visibility} and nobody needs a second factor")


@check("played_org_two_owners", title="There are two owners", severity="medium", fix="Appoint a second one")
def two_owners(members: All[Member], *, least: int = 2) -> Verdict:
    """Judge a set."""
    owners = sum(member.role == "owner" for member in members)
    return passed() if owners >= least else failed(f"{owners} of {least} owners")


@check("played_org_few_public", title="Few repositories are public", severity="low", fix="Close some", over="org")
def few_public(repos: All[Repo], *, most: int = 1) -> Verdict:
    """Judge a set that lies below the scope judged."""
    public = sum(repo.visibility == "public" for repo in repos)
    return passed() if public <= most else failed(f"{public} are public; {most} are allowed")


@check("played_ticket_closed", title="Tickets are dealt with", severity="low", fix="Answer them")
def tickets_known(ticket: Ticket) -> Verdict:
    """Judge what was listed without keeping a thread."""
    return passed() if ticket.state in {"open", "closed"} else failed(ticket.state)


CHECKS: tuple[Check[...], ...] = (
    mfa,
    rotated,
    two_factor,
    protected,
    hooks_tls,
    private,
    two_owners,
    few_public,
    tickets_known,
)


def rule(of: Check[...], **limits: object) -> Rule:
    """A check with its limits, those given here in place of its own."""
    return Rule(of, of.limit_values(dict(limits)))


RULES = tuple(rule(check_) for check_ in CHECKS)
