"""Documents of GitLab's, with the keys of the examples in its REST documentation that annexd looks at."""

from __future__ import annotations

from collector.demo.json_answers import Json


def person(number: int, name: str, level: int) -> Json:
    """Return a member of a group or project."""
    return {
        "id": number,
        "username": name,
        "name": name.title(),
        "state": "active",
        "access_level": level,
        "expires_at": None,
        "group_saml_identity": None,
    }


def group(number: int, path: str) -> Json:
    """Return a top-level group."""
    return {
        "id": number,
        "name": path.title(),
        "path": path,
        "full_path": path,
        "full_name": path.title(),
        "visibility": "private",
        "parent_id": None,
        "shared_with_groups": [],
        "require_two_factor_authentication": False,
        "two_factor_grace_period": 48,
        "prevent_forking_outside_group": True,
        "prevent_sharing_groups_outside_hierarchy": False,
        "projects": [],
    }


def project(number: int, path: str, made: str) -> Json:
    """Return a project with commits."""
    return {
        "id": number,
        "name": path.rpartition("/")[2],
        "path_with_namespace": path,
        "created_at": made,
        "last_activity_at": made,
        "default_branch": "main",
        "empty_repo": False,
        "archived": False,
        "visibility": "private",
        "shared_runners_enabled": True,
        "shared_with_groups": [],
        "only_allow_merge_if_pipeline_succeeds": True,
        "allow_merge_on_skipped_pipeline": False,
        "allow_pipeline_trigger_approve_deployment": False,
        "only_allow_merge_if_all_discussions_are_resolved": False,
        "ci_job_token_scope_enabled": True,
        "merge_method": "ff",
        "namespace": {"id": 4, "kind": "group", "full_path": path.partition("/")[0], "parent_id": None},
    }


def level(number: int) -> Json:
    """Return a role of those that may do something to a branch."""
    return {"id": number, "access_level": number, "user_id": None, "group_id": None, "access_level_description": ""}


def branch_rule(name: str, *, push: int) -> Json:
    """Return the protection of a branch that people of a role may push to."""
    return {
        "id": 101,
        "name": name,
        "push_access_levels": [level(push)],
        "merge_access_levels": [level(40)],
        "unprotect_access_levels": [level(40)],
        "allow_force_push": False,
        "code_owner_approval_required": False,
        "inherited": False,
    }


def approval_rule(required: int) -> Json:
    """Return a rule that needs so many approvals of anybody."""
    return {
        "id": 1,
        "name": "All Members",
        "rule_type": "any_approver",
        "report_type": None,
        "eligible_approvers": [],
        "approvals_required": required,
        "users": [],
        "groups": [],
        "contains_hidden_groups": False,
        "protected_branches": [],
        "applies_to_all_protected_branches": False,
    }


def approval_settings(*, author: bool) -> Json:
    """Return the settings of approvals; `author` is whether authors may approve their own changes."""
    values = {
        "allow_author_approval": author,
        "allow_committer_approval": author,
        "allow_overrides_to_approver_list_per_merge_request": False,
        "retain_approvals_on_push": False,
        "selective_code_owner_removals": False,
        "require_password_to_approve": False,
    }
    return {name: {"value": value, "locked": False, "inherited_from": None} for name, value in values.items()}


def commit(sha: str, parent: str, author: str, at: str, title: str) -> Json:
    """Return a commit of the default branch."""
    address = f"{author}@agency.example"
    return {
        "id": sha,
        "short_id": sha[:8],
        "title": title,
        "message": title,
        "parent_ids": [parent],
        "author_name": author.title(),
        "author_email": address,
        "authored_date": at,
        "committer_name": author.title(),
        "committer_email": address,
        "committed_date": at,
        "created_at": at,
    }


def push(number: int, before: str, after: str, author: str, at: str) -> Json:
    """Return the event of a push to the default branch."""
    data = {
        "commit_count": 1,
        "action": "pushed",
        "ref_type": "branch",
        "commit_from": before,
        "commit_to": after,
        "ref": "main",
        "commit_title": "a change",
        "ref_count": None,
    }
    return {
        "id": number,
        "project_id": 11,
        "action_name": "pushed to",
        "created_at": at,
        "author_username": author,
        "push_data": data,
    }


def merge_request(iid: int, sha: str, author: str, at: str, title: str) -> Json:
    """Return a merge request that was merged by fast-forward."""
    who = {"id": 2, "username": author, "name": author.title(), "state": "active"}
    return {
        "id": 1000 + iid,
        "iid": iid,
        "project_id": 11,
        "title": title,
        "description": "",
        "state": "merged",
        "author": who,
        "merge_user": who,
        "merged_at": at,
        "created_at": at,
        "updated_at": at,
        "target_branch": "main",
        "source_branch": f"change-{iid}",
        "sha": sha,
        "merge_commit_sha": None,
        "squash_commit_sha": None,
        "labels": [],
        "web_url": "",
    }


def approvals(iid: int, names: tuple[str, ...], at: str) -> Json:
    """Return the approvals of a merge request."""
    given = [{"user": {"id": 9, "username": name, "name": name.title(), "state": "active"}} for name in names]
    return {
        "id": 1000 + iid,
        "iid": iid,
        "project_id": 11,
        "title": "",
        "state": "merged",
        "created_at": at,
        "updated_at": at,
        "approvals_required": 1,
        "approvals_left": 0,
        "approved_by": [{**one, "approved_at": at} for one in given],
    }


def described(sha: str, author: str, approved_by: tuple[str, ...]) -> Json:
    """Return what GraphQL says of a merge request with one commit."""

    def connection(*nodes: Json) -> Json:
        return {"pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": list(nodes)}

    address = f"{author}@agency.example"
    made = {
        "sha": sha,
        "authorName": author.title(),
        "authorEmail": address,
        "committerName": author.title(),
        "committerEmail": address,
        "message": "",
        "signature": None,
        "author": {"username": author},
    }
    return {
        "commitCount": 1,
        "author": {"username": author, "bot": False},
        "approvedBy": connection(*({"username": name, "bot": False} for name in approved_by)),
        "reviewers": connection(),
        "committers": connection({"username": author}),
        "commits": connection(made),
    }


def token(number: int, name: str, made: str, ends: str | None, used: str) -> Json:
    """Return an access token of a group or project."""
    return {
        "id": number,
        "name": name,
        "user_id": 141,
        "scopes": ["api"],
        "active": True,
        "revoked": False,
        "access_level": 40,
        "created_at": made,
        "last_used_at": used,
        "expires_at": ends,
    }
