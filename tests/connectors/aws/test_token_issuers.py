"""Trust in issuers of tokens for many companies: whose tokens are let in must be said, and by somebody's name."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.aws.eks.resources import Cluster
from connectors.aws.iam.checks.role_trust import trust_not_public
from tests.connectors.aws.builders import (
    FAIL,
    OWN,
    PASS,
    UNKNOWN,
    UNREAD,
    a,
    a_role,
    all_of,
    an_organization,
    not_seen,
    verdict,
)

GITHUB = "token.actions.githubusercontent.com"
EKS = "oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLE0D8F"
AUDIENCE = {"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}


def trusts(issuer: str, **conditions: Any) -> dict[str, Any]:
    """A statement that lets tokens of an issuer in."""
    name = issuer if issuer.startswith(("accounts.", "cognito-")) else f"arn:aws:iam::{OWN}:oidc-provider/{issuer}"
    return {
        "Effect": "Allow",
        "Principal": {"Federated": name},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }


def of_github(operator: str, *values: str, claim: str = "sub") -> dict[str, Any]:
    """A statement that lets workflows of GitHub in whose claim is so, for the usual audience."""
    return trusts(GITHUB, **{**AUDIENCE, operator: {**AUDIENCE.get(operator, {}), f"{GITHUB}:{claim}": list(values)}})


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        (trusts(GITHUB, **AUDIENCE), FAIL),
        (trusts(GITHUB), FAIL),
        (of_github("StringLike", "repo:acme/*"), PASS),
        (of_github("StringEquals", "repo:acme/app:ref:refs/heads/main"), PASS),
        (of_github("StringEqualsIgnoreCase", "repo:acme/app:environment:live"), PASS),
        (of_github("ForAnyValue:StringLike", "repo:acme/app:*", "repo:acme/web:*"), PASS),
        (of_github("StringLike", "repository_owner_id:4711:*"), PASS),
        (of_github("StringLike", "*"), FAIL),
        (of_github("StringLike", "repo:*"), FAIL),
        (of_github("StringLike", "repo:*/app:*"), FAIL),
        (of_github("StringLike", "repo:*acme/app:*"), FAIL),
        (of_github("StringLike", "repo:acme/app:*", "repo:*/app:*"), FAIL),
        (of_github("StringNotEquals", "repo:evil/x:ref:refs/heads/main"), FAIL),
        (of_github("StringNotLike", "repo:evil/*"), FAIL),
        (of_github("StringLike", "repo:acme*/app:*"), UNKNOWN),
        (of_github("StringLike", "repo:acme*"), UNKNOWN),
        (of_github("StringEquals", "repo:*"), UNKNOWN),
        (of_github("StringEquals", "${token.actions.githubusercontent.com:sub}"), FAIL),
        (of_github("StringLikeIfExists", "repo:acme/app:*"), UNKNOWN),
        (of_github("ForAllValues:StringLike", "repo:acme/app:*"), UNKNOWN),
        (of_github("StringLike", "acme/app", claim="repository"), PASS),
        (of_github("StringLike", "*/app", claim="repository"), FAIL),
        (of_github("StringEquals", "acme", claim="repository_owner"), PASS),
        (of_github("StringEquals", "4711", claim="repository_owner_id"), PASS),
        (of_github("StringEquals", "acme/flows/.github/workflows/x.yml@main", claim="job_workflow_ref"), UNKNOWN),
        (trusts(GITHUB, **AUDIENCE, IpAddress={"aws:SourceIp": "10.0.0.0/8"}), UNKNOWN),
    ],
)
def test_whose_workflows_are_trusted(trust: dict[str, Any], status: Status) -> None:
    """Anybody may have a workflow at GitHub, and it chooses its audience itself."""
    assert verdict(trust_not_public, a_role(trust)).status is status


@pytest.mark.parametrize(
    ("trust", "status"),
    [
        (trusts("gitlab.com", StringEquals={"gitlab.com:aud": "https://gitlab.com"}), FAIL),
        (trusts("gitlab.com", StringLike={"gitlab.com:sub": "project_path:acme/*"}), PASS),
        (trusts("gitlab.com", StringLike={"gitlab.com:sub": "project_path:*/app:ref_type:branch:ref:main"}), FAIL),
        (trusts("app.terraform.io", StringLike={"app.terraform.io:sub": "organization:acme:project:*"}), PASS),
        (trusts("app.terraform.io", StringLike={"app.terraform.io:sub": "organization:*:project:live:*"}), FAIL),
        (trusts("accounts.google.com", StringEquals={"accounts.google.com:aud": "4711"}), PASS),
        (trusts("accounts.google.com"), FAIL),
        (trusts("accounts.google.com", StringLike={"accounts.google.com:aud": "*"}), FAIL),
        (
            trusts("cognito-identity.amazonaws.com", StringEquals={"cognito-identity.amazonaws.com:aud": "eu-1:4711"}),
            PASS,
        ),
        (trusts("oidc.circleci.com/org/4711"), UNKNOWN),
        (trusts(f"{GITHUB}/acme"), UNKNOWN),
        (trusts("login.acme.example"), UNKNOWN),
        (trusts("agent.buildkite.com", StringEquals={"agent.buildkite.com:aud": "sts.amazonaws.com"}), FAIL),
        (trusts("agent.buildkite.com", StringLike={"agent.buildkite.com:sub": "*"}), FAIL),
        (trusts("agent.buildkite.com", StringLike={"agent.buildkite.com:sub": "organization:acme:pipeline:*"}), PASS),
        (trusts("ci.example", StringLike={"ci.example:sub": "org:acme:*"}), UNKNOWN),
        (trusts(EKS, StringEquals={f"{EKS}:sub": "system:serviceaccount:live:app"}), UNKNOWN),
    ],
)
def test_other_issuers(trust: dict[str, Any], status: Status) -> None:
    """Whose an issuer is cannot be read from its name; an audience that is one's own application confines."""
    assert verdict(trust_not_public, a_role(trust)).status is status


@pytest.mark.parametrize(
    ("listed", "status"), [((EKS,), PASS), ((EKS.upper(),), PASS), (("login.acme.example",), UNKNOWN)]
)
def test_an_issuer_of_ones_own_needs_no_condition(listed: tuple[str, ...], status: Status) -> None:
    """The company says which these are."""
    assert verdict(trust_not_public, a_role(trusts(EKS)), own_token_issuers=listed).status is status


def a_cluster(issuer: str, **but: Any) -> Cluster:
    """A cluster with its issuer, as EKS writes it."""
    config = {"endpointPublicAccess": False}
    described = {"resourcesVpcConfig": config, "identity": {"oidc": {"issuer": f"https://{issuer}"}}}
    return a(Cluster, {"name": "live", "cluster": described}, **but)


@pytest.mark.parametrize(
    ("clusters", "status"),
    [
        (all_of(a_cluster(EKS)), PASS),
        (all_of(a_cluster(EKS + "0"), a_cluster(EKS)), PASS),
        (all_of(a_cluster(EKS + "0")), UNKNOWN),
        (all_of(a_cluster(EKS, cluster={"resourcesVpcConfig": {"endpointPublicAccess": False}})), UNKNOWN),
        (all_of(a_cluster(EKS, cluster=UNREAD)), UNKNOWN),
        (all_of(), UNKNOWN),
        (not_seen(), UNKNOWN),
    ],
)
def test_a_cluster_of_the_account_is_ones_own_issuer(clusters: Any, status: Status) -> None:
    """Nobody else has tokens of it, whatever the subject is; of another cluster it is not known whose it is."""
    given = (an_organization(), not_seen(), not_seen(), clusters)

    for trust in (trusts(EKS), trusts(EKS, StringLike={f"{EKS}:sub": "system:serviceaccount:*:*"})):
        assert verdict(trust_not_public, a_role(trust), *given).status is status
    everybody = trusts(GITHUB, **AUDIENCE)
    assert verdict(trust_not_public, a_role(trusts(EKS), everybody), *given).status is FAIL


def test_a_denial_takes_tokens_out_again() -> None:
    """A trust that nobody can use is none, and a narrow denial leaves the others."""
    everybody = trusts(GITHUB, **AUDIENCE)
    denied = {**everybody, "Effect": "Deny", "Condition": {}}
    others = {**denied, "Condition": {"StringNotLike": {f"{GITHUB}:sub": "repo:acme/*"}}}
    one = {**denied, "Condition": {"StringLike": {f"{GITHUB}:sub": "repo:evil/*"}}}

    assert verdict(trust_not_public, a_role(everybody, denied)).status is PASS
    assert verdict(trust_not_public, a_role(everybody, others)).status is PASS
    assert verdict(trust_not_public, a_role(everybody, one)).status is FAIL
