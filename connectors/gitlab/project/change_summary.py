"""What a sampling sheet says of a change: title, author, approvers and address, as GitLab named them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.core.change_summary import ChangeSummary


def change_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of a commit of the default branch, by its merge request where one brought it."""
    if request := _map(body.get("merge_request")):
        return merge_request_summary(request)
    return ChangeSummary(
        title=_text(body.get("title")),
        author=_text(body.get("author_name")),
        link=_text(body.get("web_url")),
        notes=("no merge request",) if body.get("way") == "push" else (),
    )


def merge_request_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of a merged merge request; its approvers are those who approved before the merge."""
    merged_at = _text(body.get("merged_at"))
    approvals = [_map(approval) for approval in body.get("approvals") or ()]
    undated = [_text(approval.get("username")) for approval in approvals if not approval.get("approved_at")]
    return ChangeSummary(
        title=_text(body.get("title")),
        author=_text(_map(body.get("author")).get("username")),
        approvers=tuple(
            _text(approval.get("username"))
            for approval in approvals
            if "" < _text(approval.get("approved_at")) <= merged_at
        ),
        link=_text(body.get("web_url")),
        notes=(f"GitLab does not say when these approved: {', '.join(undated)}",) if undated else (),
    )


def push_summary(body: Mapping[str, Any]) -> ChangeSummary:
    """Return the summary of a push; GitLab names no approver of it."""
    data = _map(body.get("push_data"))
    return ChangeSummary(
        title=_text(data.get("commit_title")) or f"{_text(data.get('action'))} {_text(data.get('ref'))}".strip(),
        author=_text(body.get("author_username")),
    )


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
