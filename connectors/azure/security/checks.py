"""Checks of Defender for Cloud: plans for what is used, whom it mails, and who looks at its alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.compute.resources import VirtualMachine
from connectors.azure.containers.resources import AksCluster, Registry
from connectors.azure.cosmosdb.resources import CosmosAccount
from connectors.azure.flexible_servers.resources import MysqlServer, PostgresqlServer
from connectors.azure.keyvault.resources import Vault
from connectors.azure.security.resources import Alert, Contact, Pricing
from connectors.azure.sql.resources import SqlServer
from connectors.azure.storage.resources import StorageAccount
from connectors.azure.web.resources import Site

_ON = "Standard"
_WITH_HIGH = ("High", "Medium", "Low")
"""Severities from which on alerts are mailed, each of which takes in those of high severity."""


def lacks(pricing: Pricing | None, extensions: Iterable[str]) -> str:
    """Return why a plan that is needed does not cover what there is; empty where it does."""
    if pricing is None:
        return "is not on"
    plan = pricing.properties
    if plan.pricing_tier != _ON:
        return f"is {plan.pricing_tier}"
    if plan.resources_coverage_status in ("PartiallyCovered", "NotCovered"):
        return f"is on for the subscription, and {plan.resources_coverage_status} for what is in it"
    parts = {part.name.lower(): part.is_enabled for part in plan.extensions or ()}
    wanted = [name for plan_name, _, name in (each.partition("/") for each in extensions) if plan_name == pricing.name]
    off = [name for name in wanted if parts.get(name.lower(), "").lower() != "true"]
    return f"is on without {first_few(off)}" if off else ""


@check(
    "azure_defender_plans_enabled",
    title="Defender plans are on for used services",
    severity="high",
    fix="Turn the plans on in the environment settings of Defender for Cloud, with the parts that the company wants",
)
def plans_enabled(  # noqa: PLR0913, PLR0917  the services that plans are for
    pricings: All[Pricing],
    machines: All[VirtualMachine],
    accounts: All[StorageAccount],
    servers: All[SqlServer],
    clusters: All[AksCluster],
    registries: All[Registry],
    vaults: All[Vault],
    sites: All[Site],
    cosmos: All[CosmosAccount],
    postgresql: All[PostgresqlServer],
    mysql: All[MysqlServer],
    *,
    plans: tuple[str, ...] = (
        "VirtualMachines", "StorageAccounts", "SqlServers", "Containers", "KeyVaults", "Arm", "AppServices",
        "CosmosDbs", "OpenSourceRelationalDatabases",
    ),
    extensions: tuple[str, ...] = (),
) -> Verdict:  # fmt: skip
    """What is not used needs no plan; of what is used is asked only where the plan is off.

    `extensions` are parts that have to be on as well, such as StorageAccounts/OnUploadMalwareScanning.
    """
    uses: Mapping[str, tuple[Any, ...]] = {
        "VirtualMachines": (machines,),
        "StorageAccounts": (accounts,),
        "SqlServers": (servers,),
        "Containers": (clusters, registries),
        "KeyVaults": (vaults,),
        "AppServices": (sites,),
        "CosmosDbs": (cosmos,),
        "OpenSourceRelationalDatabases": (postgresql, mysql),
    }
    by_name = {pricing.name: pricing for pricing in pricings}
    lacking: list[str] = []
    doubts: list[str] = []
    for plan in plans:
        pricing = by_name.get(plan)
        why = lacks(pricing, extensions)
        # Whoever uses Azure uses Resource Manager. Of a plan that is not in the table nobody can say who needs it.
        if not why or (plan in uses and not any(_any_of(used) for used in uses[plan])):
            continue
        if pricing is None and by_name:
            doubts.append(f"Azure lists no plan {plan} here")
        else:
            lacking.append(f"{plan} {why}")
    if lacking:
        return failed(f"of what the subscription uses: {first_few(lacking)}")
    return unknown(first_few(doubts)) if doubts else passed()


def _any_of(used: Iterable[Any]) -> bool:
    return next(iter(used), None) is not None


@check(
    "azure_defender_security_contact_set",
    title="Security contact gets high-severity alerts",
    severity="medium",
    fix="Name an address in the email notifications of Defender for Cloud, and have alerts of high severity mailed",
)
def contact_set(contacts: All[Contact]) -> Verdict:
    reached: list[str] = []
    why: list[str] = []
    for contact in contacts:
        said = contact.properties
        sources = said.notifications_sources or ()
        mails = [source for source in sources if source.source_type == "Alert"]
        if said.is_enabled is False:
            why.append(f"{contact.name} is switched off")
        elif not any(source.minimal_severity in _WITH_HIGH for source in mails):
            why.append(f"{contact.name} is not mailed alerts of high severity")
        elif said.emails:
            reached.append(contact.name)
        elif said.notifications_by_role is not None and said.notifications_by_role.state == "On":
            why.append(
                f"{contact.name} has no address, only {first_few(said.notifications_by_role.roles or ())} by role"
            )
        else:
            why.append(f"{contact.name} has no address")
    if reached:
        return passed()
    return failed(first_few(why) if why else "the subscription has no security contact")


@check(
    "azure_defender_high_alerts_handled",
    title="High-severity alerts are handled in time",
    severity="high",
    fix="Look at the alert, act on it, and set it to in progress, resolved or dismissed",
)
def high_alerts_handled(
    alerts: All[Alert], pricings: All[Pricing], *, now: datetime, max_open: timedelta = timedelta(days=7)
) -> Verdict:
    """Where no plan is on nothing raises an alert, so that none says nothing."""
    late: list[str] = []
    for alert in alerts:
        said = alert.properties
        age = now - (said.time_generated_utc or said.start_time_utc)
        if said.severity == "High" and said.status == "Active" and age > max_open:
            late.append(f"{said.alert_display_name!r} for {age.days} days")
    if late:
        return failed(f"nobody has looked at {first_few(late)}; {max_open.days} days are allowed")
    if not any(pricing.properties.pricing_tier == _ON for pricing in pricings):
        return unknown(
            "no plan of Defender is on, so that nothing raises alerts here: evidence of another tool is needed"
        )
    return passed()
