"""How sure the answers of GitHub are, call by call. A call that is not here is only described.

Tests play the examples that GitHub publishes with the description of its API (@octokit/openapi, played by Prism;
tests/connectors/github/test_prism.py), besides answers that are made after that description. GraphQL has no examples,
and an answer without content cannot be one. No answer of GitHub was recorded, and no run against GitHub is on record.
"""

from __future__ import annotations

from collections.abc import Mapping

from collector.core.answers import AnswerBasis

_EXAMPLES = (
    "GET /app/installations",
    "GET /enterprises/{enterprise}/audit-log/streams",
    "GET /orgs/{org}",
    "GET /orgs/{org}/actions/permissions",
    "GET /orgs/{org}/actions/permissions/selected-actions",
    "GET /orgs/{org}/actions/permissions/workflow",
    "GET /orgs/{org}/actions/runner-groups",
    "GET /orgs/{org}/actions/runners",
    "GET /orgs/{org}/actions/secrets",
    "GET /orgs/{org}/actions/variables",
    "GET /orgs/{org}/audit-log",
    "GET /orgs/{org}/code-security/configurations",
    "GET /orgs/{org}/code-security/configurations/defaults",
    "GET /orgs/{org}/credential-authorizations",
    "GET /orgs/{org}/failed_invitations",
    "GET /orgs/{org}/hooks",
    "GET /orgs/{org}/installation",
    "GET /orgs/{org}/installations",
    "GET /orgs/{org}/invitations",
    "GET /orgs/{org}/members",
    "GET /orgs/{org}/outside_collaborators",
    "GET /orgs/{org}/personal-access-tokens",
    "GET /orgs/{org}/repos",
    "GET /orgs/{org}/rulesets",
    "GET /orgs/{org}/teams",
    "GET /orgs/{org}/teams/{team_slug}/members",
    "GET /orgs/{org}/teams/{team_slug}/repos",
    "GET /rate_limit",
    "GET /repos/{org}/.github/git/trees/{tree_sha}",
    "GET /repos/{owner}/{repo}",
    "GET /repos/{owner}/{repo}/actions/permissions",
    "GET /repos/{owner}/{repo}/actions/permissions/workflow",
    "GET /repos/{owner}/{repo}/actions/runners",
    "GET /repos/{owner}/{repo}/actions/secrets",
    "GET /repos/{owner}/{repo}/activity",
    "GET /repos/{owner}/{repo}/automated-security-fixes",
    "GET /repos/{owner}/{repo}/branches/{branch}/protection",
    "GET /repos/{owner}/{repo}/code-scanning/alerts",
    "GET /repos/{owner}/{repo}/code-scanning/analyses",
    "GET /repos/{owner}/{repo}/codeowners/errors",
    "GET /repos/{owner}/{repo}/collaborators",
    "GET /repos/{owner}/{repo}/dependabot/alerts",
    "GET /repos/{owner}/{repo}/deployments",
    "GET /repos/{owner}/{repo}/environments",
    "GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies",
    "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
    "GET /repos/{owner}/{repo}/git/trees/{tree_sha}",
    "GET /repos/{owner}/{repo}/hooks",
    "GET /repos/{owner}/{repo}/keys",
    "GET /repos/{owner}/{repo}/private-vulnerability-reporting",
    "GET /repos/{owner}/{repo}/rules/branches/{branch}",
    "GET /repos/{owner}/{repo}/rulesets/rule-suites",
    "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}",
    "GET /repos/{owner}/{repo}/secret-scanning/alerts",
    "GET /repos/{owner}/{repo}/teams",
    "GET /user",
    "GET /user/orgs",
)

ANSWERS: Mapping[str, AnswerBasis] = dict.fromkeys(_EXAMPLES, AnswerBasis.EXAMPLE)
