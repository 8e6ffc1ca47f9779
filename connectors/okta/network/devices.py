"""Device assurance: what a device must be like, and whether a policy asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import DEVICE_ASSURANCES, scopes_of
from connectors.okta.applications.policies import AccessPolicy

_ACTIVE = "ACTIVE"


@resource("okta.device.assurance", key="id")
class DeviceAssurance(Struct, frozen=True, kw_only=True):
    """A device assurance policy for one platform."""

    id: str
    name: str
    platform: str


@okta.collects(DeviceAssurance, at="organization", call=DEVICE_ASSURANCES, permissions=scopes_of(DEVICE_ASSURANCES))
def device_assurances(client: Okta) -> Iterator[Body]:
    yield from client.pages(DEVICE_ASSURANCES)


@check(
    "okta_device_assurance_used",
    title="Sensitive apps require device assurance",
    severity="medium",
    fix="Name a device assurance policy in the rules of the policies of sensitive applications",
)
def device_assurance_used(
    assurances: All[DeviceAssurance], access: All[AccessPolicy], *, sensitive_policies: tuple[str, ...] = ()
) -> Verdict:
    known = {assurance.id for assurance in assurances}
    using, without = set(), set()
    for policy in access:
        rules = [rule for rule in policy.rules if rule.status == _ACTIVE and rule.actions.app_sign_on.access != "DENY"]
        asking = [
            rule
            for rule in rules
            if known & set((((rule.conditions or {}).get("device") or {}).get("assurance") or {}).get("include") or ())
        ]
        if policy.status == _ACTIVE and asking:
            using.add(policy.name)
        if policy.status == _ACTIVE and policy.name in sensitive_policies and len(asking) < len(rules):
            without.add(policy.name)
    missing = set(sensitive_policies) - using
    if without or missing:
        return failed(f"access without device assurance is allowed by {first_few(sorted(without | missing))}")
    if sensitive_policies:
        return passed(f"each rule of {first_few(sorted(sensitive_policies))} that allows access asks for it")
    if not using:
        return failed(f"no rule of an app sign-in policy asks for one of {len(known)} device assurance policies")
    return unknown(f"{first_few(sorted(using))} ask for it; which policies are of sensitive applications is not stated")
