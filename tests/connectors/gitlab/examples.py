"""GitLab's own example answers, and what is made from them: a key that GitLab does not document cannot be played."""

from __future__ import annotations

import copy
import json
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[2] / "recorded" / "gitlab"

# Documented attributes that the examples leave out, with the page or the code that has them.
_ALSO = {
    # doc/api/settings.md, table of available settings
    "application_settings": {
        "require_two_factor_authentication", "two_factor_grace_period", "akismet_api_key", "domain_allowlist",
    },
    # doc/api/groups.md, attributes of a group; lib/api/entities/group.rb
    "group": {
        "require_two_factor_authentication", "two_factor_grace_period", "prevent_forking_outside_group",
        "only_allow_merge_if_pipeline_succeeds", "allow_merge_on_skipped_pipeline", "shared_runners_setting",
    },
    "groups_list_item": {"runners_token"},
    # lib/api/entities/project.rb; doc/api/projects.md
    "group_projects_full_item": {
        "allow_merge_on_skipped_pipeline", "runners_token", "import_url", "service_desk_address", "import_error",
        "forks_count", "star_count", "open_issues_count", "statistics", "updated_at",
        "allow_pipeline_trigger_approve_deployment", "environments_access_level",
    },
    # lib/api/entities/approvals.rb
    "mr_approvals": {"user_has_approved"},
    "protected_branches_premium": {"unprotect_access_levels"},
    # lib/api/entities/merge_request_diff.rb
    "version_of_diff": {"patch_id_sha"},
    # doc/api/protected_environments.md, approval rules
    "protected_environments": {"approval_rules"},
    "users_admin": {"bot", "public_email", "commit_email", "scim_identities"},
    "group_members_all": {"public_email", "commit_email"},
    "group_billable_members": {"email", "public_email", "commit_email"},
    "user": {"is_admin", "is_auditor"},
    "group_access_tokens": {"last_used_ips"},
    "project_access_tokens": {"last_used_ips"},
    "group_hooks": {"token"},
    "project_hooks_item": {"token"},
    "deploy_tokens": {"token"},
    "deploy_keys": {"last_used_at"},
    "runner": {"token"},
    "event_pushed": {"note"},
    "group_audit_events": {"ip_address"},
    "security_settings": {"pre_receive_secret_detection_enabled"},
    "metadata": set(),
}  # fmt: skip


@cache
def _read(name: str) -> Any:
    described = json.loads((_FOLDER / "described.json").read_text())
    if name in described:
        return described[name]["body"]
    return json.loads((_FOLDER / f"{name}.json").read_text())["body"]


def names() -> list[str]:
    """Return the names of all examples."""
    files = {file.stem for file in _FOLDER.glob("*.json")} - {"described"}
    return sorted(files | json.loads((_FOLDER / "described.json").read_text()).keys())


def example(name: str) -> Any:
    """Return an example answer, whole."""
    return copy.deepcopy(_read(name))


def an(name: str, /, **but: Any) -> dict[str, Any]:
    """Return the first thing of an example, changed as said. Raises KeyError for a key that GitLab does not have."""
    body = example(name)
    things: list[dict[str, Any]] = body if isinstance(body, list) else [body]
    documented = {key for thing in things for key in thing} | _ALSO.get(name, set())
    if odd := but.keys() - documented:
        raise KeyError(f"GitLab's {name} has no {', '.join(sorted(odd))}")
    return {**things[0], **but}
