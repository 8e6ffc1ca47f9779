"""Evidence of one project, made up: its protection, its merge requests and its changes."""

from __future__ import annotations

from typing import Any

import msgspec

from connectors.gitlab.project.approvals import ApprovalSetting
from connectors.gitlab.project.changes import Change
from connectors.gitlab.project.protected_branches import ProtectedBranch
from tests.connectors.github.judging import CompleteSet, view
from tests.connectors.gitlab.estate import HEAD, OLD, a_branch_rule, a_level, an_approval_rule, strict_settings

__all__ = ["a_change", "a_project", "a_request", "a_rule", "approval", "level", "made_by", "needs", "rules"]

level = a_level


def a_rule(name: str = "main", **but: Any) -> ProtectedBranch:
    """A rule of protected branches by which no one may push."""
    return msgspec.convert(a_branch_rule(1, name, **but), ProtectedBranch)


def rules(*some: ProtectedBranch) -> CompleteSet:
    """All rules of a project."""
    return CompleteSet(*some)


def needs(approvals: int = 1, **but: Any) -> dict[str, Any]:
    """A rule that needs approvals."""
    eligible = [{"username": name} for name in but.pop("eligible", ())]
    return an_approval_rule(1, approvals_required=approvals, eligible_approvers=eligible, **but)


def a_project(*approval_rules: dict[str, Any], free: bool = False, **but: Any) -> ApprovalSetting:
    """A project by whose settings nobody approves their own changes; one approval is needed unless rules say else."""
    good = {
        "path": "acme/api", "default_branch": "main", "archived": False, "empty_repo": False,
        "settings": None if free else strict_settings(**but.pop("settings", {})),
        "rules": None if free else list(approval_rules or (needs(),)),
    }  # fmt: skip
    return view(ApprovalSetting, **(good | but))


def approval(
    name: str = "bob",
    at: str | None = "2026-02-21T00:00:00Z",
    *,
    bot: bool = False,
    level: int | None = 30,
) -> dict[str, Any]:
    """An approval as it is kept."""
    return {"username": name, "bot": bot, "approved_at": at, "access_level": level}


def made_by(*people: str, nameless: tuple[str, ...] = (), total: int = 1, read: int = 1, signed: bool = False) -> Any:
    """Who made a merge request."""
    return {
        "total_count": total, "read": read, "people": [{"username": name} for name in people],
        "nameless": len(nameless), "names": list(nameless), "signed": signed,
    }  # fmt: skip


def a_request(*approvals: dict[str, Any], **but: Any) -> dict[str, Any]:
    """A merge request of cem's."""
    good = {
        "iid": 7, "title": "a change", "merged_at": "2026-02-22T00:00:00Z", "author": {"username": "cem", "bot": False},
        "head_at": "2026-02-20T00:00:00Z", "approvals": list(approvals), "reviewers": [], "unread": [],
        "contributions": made_by("cem"),
    }  # fmt: skip
    return good | but


def a_change(*approvals: dict[str, Any], **but: Any) -> Change:
    """A commit that a merge request of cem's brought, with these approvals."""
    return view(Change, id=HEAD, parent_ids=[OLD], way="merge request", merge_request=a_request(*approvals, **but))
