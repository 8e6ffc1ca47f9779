"""The GraphQL queries for changes: commits with their pull requests, the commits in a pull request, pull requests.

GitHub counts a query by the pages that it asks for, so the commits in a pull request, with their authors, are asked
for once for each pull request and not once for each commit that it brought.
https://docs.github.com/en/graphql/reference/objects#commit
"""

from __future__ import annotations

from connectors.github._sdk.graphql_quota import RATE_LIMIT

_END = f"\n  {RATE_LIMIT}\n}}"

_PULL_FIELDS = """number url title createdAt mergedAt baseRefName headRefOid
  author { __typename login } mergedBy { __typename login } labels(first: 100) { nodes { name } }
  reviews(first: 100) { totalCount
    nodes { author { __typename login } authorCanPushToRepository state submittedAt commit { oid } } }"""

_COMMIT_FIELDS = (
    """oid committedDate messageHeadline
      author { user { login } name email } committer { user { login } name email }
      signature { isValid state } statusCheckRollup { state }
      associatedPullRequests(first: 10) { totalCount nodes { id merged """
    + _PULL_FIELDS
    + " } }"
)

CHANGES = (
    """query($owner: String!, $repo: String!, $branch: String!, $since: GitTimestamp!, $after: String) {
  repository(owner: $owner, name: $repo) { isEmpty ref(qualifiedName: $branch) { target { ... on Commit {
    history(first: 50, since: $since, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
      """
    + _COMMIT_FIELDS
    + """
    } }
  } } } }"""
    + _END
)
"""The commits of a branch that are dated after a moment, in pages."""

COMMITS = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Commit { " + _COMMIT_FIELDS + " } }" + _END
"""Commits by their node ids, fifty at most."""

DATED_BEFORE = (
    """query($owner: String!, $repo: String!, $oid: GitObjectID!, $since: GitTimestamp!) {
  repository(owner: $owner, name: $repo) { object(oid: $oid) { ... on Commit {
    history(first: 1, since: $since) { totalCount } } } }"""
    + _END
)
"""How many commits are dated after a moment that a commit already has behind it."""

CONTRIBUTIONS = (
    """query($ids: [ID!]!, $first: Int!) {
  nodes(ids: $ids) { ... on PullRequest { id commits(first: $first) { totalCount nodes { commit {
    oid committedViaWeb signature { isValid wasSignedByGitHub }
    authors(first: 10) { totalCount nodes { user { login } name email } }
    committer { user { login } name email }
  } } } } }"""
    + _END
)
"""The commits in pull requests, by their node ids, with everybody who had a part in each."""

PULLS = (
    """query($owner: String!, $repo: String!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $repo) {
    pullRequests(first: 50, states: MERGED, baseRefName: $branch, orderBy: {field: UPDATED_AT, direction: DESC},
      after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { updatedAt """
    + _PULL_FIELDS
    + """ } }
  }"""
    + _END
)
"""The pull requests that were merged into a branch, in pages, the one that changed last first."""
