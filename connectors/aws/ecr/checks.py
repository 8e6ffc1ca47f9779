"""Checks of ECR: images are scanned, their tags stay what they are, and who may pull and push them."""

from __future__ import annotations

from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws._policy.guarded import ECR_REPOSITORY
from connectors.aws._policy.patterns import has_wildcard, matches
from connectors.aws.ecr.resources import Registry, Repository, RepositoryFilter
from connectors.aws.organizations.open_policies import closed_to_strangers
from connectors.aws.organizations.resources import Organization, OrganizationAccount, ResourceControlPolicy

_BY_ITSELF = {"SCAN_ON_PUSH": "when they are pushed", "CONTINUOUS_SCAN": "again and again"}
_BY_HAND = "MANUAL"
_WILDCARD = "WILDCARD"


@check(
    "aws_ecr_repository_scan_enabled",
    title="New images of the repository are scanned for vulnerabilities",
    severity="medium",
    fix="Add a rule to the scanning of the registry whose filter meets the repository",
)
def repository_scan_enabled(repository: Repository, registry: The[Registry]) -> Verdict:
    name, scanning = repository.repository_name, registry.scanning_configuration
    kind = scanning.scan_type.lower()
    if scanning.scan_type not in ("BASIC", "ENHANCED"):
        return unknown(f"annexd does not know the scanning {scanning.scan_type!r}")
    doubts: list[str] = []
    for rule in scanning.rules:
        met = [item for item in rule.repository_filters if _meets(item, name)]
        strange = [item for item in rule.repository_filters if item.filter_type != _WILDCARD]
        if met and rule.scan_frequency in _BY_ITSELF:
            return passed(
                f"images of {name} are scanned {_BY_ITSELF[rule.scan_frequency]} ({kind} scanning, {met[0].pattern})"
            )
        if met and rule.scan_frequency != _BY_HAND:
            doubts.append(f"the frequency {rule.scan_frequency!r}")
        doubts += [f"filters of the type {item.filter_type!r}" for item in strange]
    if doubts:
        return unknown(f"{name}: annexd does not know {doubts[0]}")
    # A registry without rules leaves it to the repository; with rules, those that none meets are scanned by hand.
    if scanning.scan_type == "BASIC" and not scanning.rules:
        if repository.image_scanning_configuration.scan_on_push:
            return passed(f"images of {name} are scanned when they are pushed, by the setting of the repository")
        return failed(f"images of {name} are not scanned by themselves: neither registry nor repository asks for it")
    rest = "not scanned at all" if scanning.scan_type == "ENHANCED" else "scanned by hand only"
    return failed(f"no rule of the {kind} scanning of the registry meets {name}, whose images are {rest}")


@check(
    "aws_ecr_repository_not_public",
    title="The policy of the repository lets nobody in whom it does not name",
    severity="high",
    fix="Name accounts in the policy of the repository, or demand aws:PrincipalOrgID",
)
def repository_not_public(
    repository: Repository,
    organization: The[Organization],
    accounts: All[OrganizationAccount],
    control_policies: All[ResourceControlPolicy],
) -> Verdict:
    name, policy = repository.repository_name, repository.policy_text
    if not repository.repository_arn:
        return unknown(f"the ARN of {name} was not read")
    return closed_to_strangers(
        name, policy, ECR_REPOSITORY, repository.repository_arn, organization, accounts, control_policies
    )


@check(
    "aws_ecr_repository_immutable_tags",
    title="A tag of the repository stays on the image that it was given to",
    severity="low",
    fix="Set the tags of the repository to immutable",
)
def repository_immutable_tags(repository: Repository, *, movable_tags: tuple[str, ...] = ()) -> Verdict:
    name, setting = repository.repository_name, repository.image_tag_mutability
    if setting == "IMMUTABLE":
        return passed(f"tags of {name} are immutable")
    if setting == "IMMUTABLE_WITH_EXCLUSION":
        others = [item.pattern for item in repository.exclusions if item.pattern not in movable_tags]
        if others:
            return failed(f"tags of {name} are immutable but for {first_few(others)}, which movable_tags does not list")
        return passed(f"tags of {name} are immutable but for those in movable_tags")
    if setting in ("MUTABLE", "MUTABLE_WITH_EXCLUSION"):
        return failed(f"tags of {name} may be moved to another image")
    return unknown(f"annexd does not know the setting {setting!r} of the tags of {name}")


def _meets(item: RepositoryFilter, name: str) -> bool:
    """Whether a filter meets a name: one without a star meets each name that contains it."""
    if item.filter_type != _WILDCARD:
        return False
    return matches(item.pattern, name) if has_wildcard(item.pattern) else item.pattern in name
