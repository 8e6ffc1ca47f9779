"""How sure the answers of GitLab are, call by call. A call that is not here is only described.

Tests play the example answers of GitLab's documentation (tests/recorded/gitlab), besides answers that are made after
it. No answer of GitLab was recorded, and no run against GitLab is on record.
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.answers import AnswerBasis

_EXAMPLES = (
    "GET /api/v4/application/settings",
    "GET /api/v4/groups/{group}",
    "GET /api/v4/groups/{group}/access_tokens",
    "GET /api/v4/groups/{group}/audit_events",
    "GET /api/v4/groups/{group}/billable_members",
    "GET /api/v4/groups/{group}/descendant_groups",
    "GET /api/v4/groups/{group}/enterprise_users",
    "GET /api/v4/groups/{group}/hooks",
    "GET /api/v4/groups/{group}/members/all",
    "GET /api/v4/groups/{group}/projects",
    "GET /api/v4/groups/{group}/projects/shared",
    "GET /api/v4/metadata",
    "GET /api/v4/personal_access_tokens/self",
    "GET /api/v4/projects/{project}/access_tokens",
    "GET /api/v4/projects/{project}/approval_rules",
    "GET /api/v4/projects/{project}/deploy_keys",
    "GET /api/v4/projects/{project}/deploy_tokens",
    "GET /api/v4/projects/{project}/hooks",
    "GET /api/v4/projects/{project}/merge_request_approval_setting",
    "GET /api/v4/projects/{project}/merge_requests",
    "GET /api/v4/projects/{project}/merge_requests/{iid}/approvals",
    "GET /api/v4/projects/{project}/pipelines",
    "GET /api/v4/projects/{project}/pipelines/{pipeline_id}/jobs",
    "GET /api/v4/projects/{project}/protected_branches",
    "GET /api/v4/projects/{project}/protected_environments",
    "GET /api/v4/projects/{project}/push_rule",
    "GET /api/v4/projects/{project}/variables",
    "GET /api/v4/users",
)

ANSWERS: Mapping[str, AnswerBasis] = dict.fromkeys(_EXAMPLES, AnswerBasis.EXAMPLE)
"""The calls of which tests play an example of GitLab's, with the basis of these answers."""
