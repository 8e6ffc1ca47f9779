"""Checks of all resources together: owners, environments, locks."""

from __future__ import annotations

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few, plural
from connectors.azure.arm.everything import Resource
from connectors.azure.authorization.resources import Lock

_KEEPS = frozenset({"CanNotDelete", "ReadOnly"})


@check(
    "azure_resources_owner_tag_present",
    title="Resources carry the owner tag",
    severity="low",
    fix="Tag what has no owner, and let a policy add or demand the tag",
)
def owner_tag_present(resources: All[Resource], *, required_tags: tuple[str, ...] = ("owner",)) -> Verdict:
    number = 0
    untagged: list[str] = []
    for resource in resources:
        number += 1
        if not all((resource.tag(name) or "").strip() for name in required_tags):
            untagged.append(resource.name)
    if untagged:
        lacking = f"{len(untagged)} of {plural(number, 'resource')} lack {first_few(required_tags)}"
        return failed(f"{lacking}: {first_few(untagged)}")
    return passed() if number else not_applicable("the subscription has no resource")


@check(
    "azure_subscriptions_separated_by_environment",
    title="Production and non-production use separate subscriptions",
    severity="medium",
    fix="Move the resources of each environment into a subscription of its own",
)
def separated_by_environment(resources: All[Resource], *, environment_tag: str = "environment") -> Verdict:
    """By the company's own tag. What has no tag may belong to any environment."""
    found: dict[str, str] = {}
    number = untagged = 0
    for resource in resources:
        number += 1
        value = (resource.tag(environment_tag) or "").strip()
        untagged += not value
        if value:
            found.setdefault(value.lower(), f"{value} ({resource.name})")
    if len(found) > 1:
        return failed(f"environments meet in the subscription: {first_few(found.values())}")
    if not number:
        return not_applicable("the subscription has no resource")
    if untagged:
        return unknown(f"{untagged} of {plural(number, 'resource')} say no {environment_tag}")
    return passed()


@check(
    "azure_authorization_locks_on_critical_resources",
    title="Critical resources have delete locks",
    severity="low",
    fix="Put a lock on the resource, or on its group",
)
def locks_on_critical(resources: All[Resource], locks: All[Lock], *, critical_tag: str = "criticality=high") -> Verdict:
    """A lock on a group or on the subscription holds for all that is in it."""
    name, _, wanted = critical_tag.partition("=")
    critical = [
        resource
        for resource in resources
        if (value := resource.tag(name)) is not None and (not wanted or value.strip().lower() == wanted.lower())
    ]
    if not critical:
        return not_applicable(f"no resource has the tag {critical_tag}")
    scopes = [lock.scope for lock in locks if lock.properties.level in _KEEPS]
    open_ = [resource.name for resource in critical if not any(_is_in(resource.id, scope) for scope in scopes)]
    return failed(f"without a lock: {first_few(open_)}") if open_ else passed()


def _is_in(id_: str, scope: str) -> bool:
    return f"{id_.lower()}/".startswith(f"{scope}/")
