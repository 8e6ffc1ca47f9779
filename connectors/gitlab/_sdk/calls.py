"""Calls that several modules make, and what they need in GitLab's words: a scope of the token, a role of its user."""

from __future__ import annotations

USER = "GET /api/v4/user"
GROUP = "GET /api/v4/groups/{group}"
OWN_ROLE = "GET /api/v4/groups/{group}/members/all/{user_id}"
PROJECT = "GET /api/v4/projects/{project}"
NAMESPACE = "GET /api/v4/namespaces/{group}"
METADATA = "GET /api/v4/metadata"
GRAPHQL = "POST /api/graphql"

READ_API = "read_api"
GUEST = "read_api, role Guest in the group"
REPORTER = "read_api, role Reporter in the project"
DEVELOPER = "read_api, role Developer in the project"
MAINTAINER = "read_api, role Maintainer in the project"
OWNER = "read_api, role Owner in the group"
ADMINISTRATOR = "read_api, administrator of the instance"
