"""Acme's repositories on GitHub, with passes and faults of each kind."""

from __future__ import annotations

from collections.abc import Callable

from collector.demo.github.changes import Change
from collector.demo.github.double import Reply
from collector.demo.github.repository import NO_ALERTS, files, people, repository, ruleset
from collector.demo.github.seeding import BRANCH, Json, OrganizationSeed, counted, user

_OWNERS_BYPASS: Json = {"actor_id": None, "actor_type": "OrganizationAdmin", "bypass_mode": "always"}
_DANGEROUS = """\
on: pull_request_target
jobs:
  greet:
    steps:
      - uses: actions/checkout@v4
        with: {ref: "${{ github.event.pull_request.head.sha }}"}
      - run: echo "${{ github.event.pull_request.title }}"
"""


def repositories(acme: OrganizationSeed) -> None:
    """Seed all repositories."""
    for seed_repository in _ALL:
        seed_repository(acme)


def _shop(acme: OrganizationSeed) -> None:
    """Seed a repository in good order, but for one push past the rules."""
    reviewers = {"type": "required_reviewers", "prevent_self_review": True}
    production = {
        "id": 1,
        "name": "production",
        "protection_rules": [
            {"id": 1, **reviewers, "reviewers": [{"type": "User", "reviewer": user("alice")}]},
        ],
        "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
        "can_admins_bypass": False,
    }
    released = {
        "id": 11,
        "environment": "production",
        "ref": BRANCH,
        "created_at": acme.lately(2),
        "updated_at": acme.lately(2),
        "creator": user("dave"),
    }
    repository(
        acme,
        "shop",
        answers={"/environments": counted("environments", [production]), "/deployments": [released]},
        changes=(
            Change("Show the price with tax", "dave", 2, approved_by=("alice",)),
            Change("Bump a library", "dependabot", 6, approved_by=("bob",), bot=True),
            Change("Stop the outage", "alice", 9, way="push", rules="bypass"),
            Change("Let customers cancel an order", "bob", 20, approved_by=("alice", "dave")),
        ),
    )
    acme.expect("pass", "shop", "github_repo_default_branch_protected", "github_repo_review_required")
    acme.expect("pass", "shop", "github_repo_admins_not_exempt", "github_repo_code_scanning_active")
    acme.expect("pass", "shop", "github_repo_codeowners_review", "github_repo_dependabot_alerts_within_sla")
    acme.expect("pass", "shop", "github_repo_production_environment_protected", subject="production")


def _infrastructure(acme: OrganizationSeed) -> None:
    """Seed a repository with a leaked key, a deploy key that may write, and an unreviewed change."""
    leaked = {
        "number": 3,
        "state": "open",
        "secret_type": "aws_access_key_id",
        "secret_type_display_name": "Amazon AWS Access Key ID",
        "created_at": acme.ago(41),
        "resolution": None,
    }
    key = {
        "id": 4,
        "title": "old-deploy",
        "key": "ssh-ed25519 made-up",
        "read_only": False,
        "verified": True,
        "created_at": acme.ago(800),
        "last_used": acme.lately(2),
    }
    secret = {"name": "OLD_DEPLOY_AWS_KEY", "created_at": acme.ago(400), "updated_at": acme.ago(400)}
    main_only = {"id": 1, "name": BRANCH, "type": "branch"}
    scanning = Reply.refused("Advanced Security must be enabled for this repository to use code scanning.")
    production = {
        "id": 2,
        "name": "production",
        "protection_rules": [],
        "deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True},
        "can_admins_bypass": True,
    }
    repository(
        acme,
        "infrastructure",
        answers={
            "/rulesets/7": ruleset(acme, _OWNERS_BYPASS),
            "/secret-scanning/alerts": acme.since(41, leaked),
            "/code-scanning/alerts": scanning,
            "/code-scanning/analyses": scanning,
            "/keys": [key],
            "/actions/secrets": counted("secrets", [secret]),
            "/environments": counted("environments", [production]),
            "/environments/production/deployment-branch-policies": counted("branch_policies", [main_only]),
            **files("infrastructure", workflow=_DANGEROUS, owners=False),
        },
        changes=(
            Change("Open the firewall for the new office", "bob", 4),
            Change("Raise the database's memory", "dave", 15, approved_by=("bob",)),
        ),
    )
    acme.expect("fail", "infrastructure", "github_repo_admins_not_exempt", "github_repo_secret_alerts_resolved")
    acme.expect("fail", "infrastructure", "github_repo_code_scanning_active")
    acme.expect("fail", "", "github_org_secrets_rotated")
    acme.expect("fail", "infrastructure", "github_repo_production_environment_protected", subject="production")
    acme.expect("fail", "infrastructure", "github_repo_deploy_keys_read_only_and_used", subject="4")
    acme.expect("fail", "infrastructure", "github_repo_workflows_safe", subject=".github/workflows/test.yml")


def _website(acme: OrganizationSeed) -> None:
    """Seed a public repository without rules and reviews."""
    weak = {
        "number": 1,
        "state": "open",
        "created_at": acme.ago(60),
        "updated_at": acme.ago(60),
        "dependency": {"package": {"ecosystem": "npm", "name": "a-library"}},
        "security_vulnerability": {"severity": "critical"},
    }
    repository(
        acme,
        "website",
        described={"private": False, "visibility": "public"},
        answers={
            f"/rules/branches/{BRANCH}": [],
            "/dependabot/alerts": acme.since(60, weak),
            "/code-scanning/analyses": Reply.refused("no analysis found", 404),
            "/collaborators": people(admin=("alice", "bob"), write=("dave", "former-vendor")),
            **files("website", workflow=None, owners=False),
        },
        changes=(
            Change("Mend a typo", "bob", 1, way="push", rules="none"),
            Change("Mend it again", "bob", 1.5, way="push", rules="none"),
        ),
    )
    acme.expect("fail", "website", "github_repo_default_branch_protected", "github_repo_review_required")
    acme.expect("fail", "website", "github_repo_dependabot_alerts_within_sla", "github_repo_code_scanning_active")
    acme.expect("fail", "website", "github_repo_security_policy_present")
    acme.expect("fail", "", "github_repo_visibility_approved", subject="website")


def _billing(acme: OrganizationSeed) -> None:
    """Seed an abandoned repository with classic branch protection, from which administrators are exempt."""
    off: Json = {"enabled": False}
    classic = {
        "required_pull_request_reviews": {
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            "required_approving_review_count": 1,
            "require_last_push_approval": False,
        },
        "enforce_admins": off,
        "allow_force_pushes": off,
        "allow_deletions": off,
        "required_signatures": off,
    }
    switches = ("secret_scanning", "secret_scanning_push_protection")
    repository(
        acme,
        "billing",
        described={
            "pushed_at": acme.ago(700),
            "security_and_analysis": {name: {"status": "disabled"} for name in switches},
        },
        answers={
            f"/rules/branches/{BRANCH}": [],
            f"/branches/{BRANCH}/protection": classic,
            "/vulnerability-alerts": NO_ALERTS,
            "/automated-security-fixes": {"enabled": False, "paused": False},
            "/dependabot/alerts": Reply.refused("Dependabot alerts are disabled for this repository."),
        },
    )
    acme.expect("pass", "billing", "github_repo_default_branch_protected", "github_repo_review_required")
    acme.expect("fail", "billing", "github_repo_admins_not_exempt", "github_repo_dependabot_alerts_enabled")
    acme.expect("unknown", "billing", "github_repo_dependabot_alerts_within_sla")
    acme.expect("fail", "", "github_repo_inactive_archived", "github_repo_secret_scanning_enabled", subject="billing")


def _first_shop(acme: OrganizationSeed) -> None:
    """Seed an archived repository."""
    repository(acme, "first-shop", described={"archived": True, "pushed_at": acme.ago(1200)})
    acme.expect("not_applicable", "first-shop", "github_repo_default_branch_protected")
    acme.expect("pass", "", "github_repo_inactive_archived", subject="first-shop")


_ALL: tuple[Callable[[OrganizationSeed], None], ...] = (_shop, _infrastructure, _website, _billing, _first_shop)
