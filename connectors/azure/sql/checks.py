"""Checks of Azure SQL."""

from __future__ import annotations

from collector.core.checks import Status, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.monitor.diagnostics import AUDIT, missing
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE
from connectors.azure.network.firewall_ranges import let_in, sentence
from connectors.azure.sql.resources import MASTER, SqlDatabase, SqlServer

_FOR_EVER = 0

# What covers every statement and every sign-in; it is also what is audited where nobody chose.
# https://learn.microsoft.com/azure/azure-sql/database/auditing-setup
_GROUPS = (
    "BATCH_COMPLETED_GROUP",
    "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP",
    "FAILED_DATABASE_AUTHENTICATION_GROUP",
)


@check(
    "azure_sql_server_auditing_enabled",
    title="SQL auditing is on with enough retention",
    severity="medium",
    fix="Turn on auditing of the server, to an account that keeps it for long enough or to a workspace",
)
def auditing_enabled(server: SqlServer, *, audit_days: int = 90, action_groups: tuple[str, ...] = _GROUPS) -> Verdict:
    """Auditing of the server is auditing of all its databases, whatever each says.

    https://learn.microsoft.com/azure/azure-sql/database/auditing-overview
    """
    said = server.auditing.properties
    if said.state != "Enabled":
        return failed(f"auditing of {server.name} is off")
    chosen = {name.upper() for name in said.audit_actions_and_groups or _GROUPS}
    left_out = [name for name in action_groups if name.upper() not in chosen]
    if left_out:
        return failed(f"auditing of {server.name} leaves out {first_few(left_out)}")
    kept = _kept(server, audit_days)
    if kept.status is Status.PASS and said.predicate_expression:
        return unknown(f"auditing of {server.name} keeps only what an expression selects, which is not read")
    return kept


def _kept(server: SqlServer, audit_days: int) -> Verdict:
    """Return whether audit records go somewhere, for long enough."""
    said = server.auditing.properties
    days = said.retention_days
    if said.storage_endpoint and (days == _FOR_EVER or (days is not None and days >= audit_days)):
        return passed()
    if said.is_azure_monitor_target_enabled:
        if not missing(server.master_diagnostics, ("SQLSecurityAuditEvents",), AUDIT):
            return passed()
        return failed(
            f"auditing of {server.name} is meant for Azure Monitor, and no diagnostic setting of {MASTER} sends it on"
        )
    if said.storage_endpoint:
        return failed(f"audit records of {server.name} are kept for {days} days; {audit_days} are required")
    return unknown(f"auditing of {server.name} is on, and Azure does not say where it goes")


@check(
    "azure_sql_server_no_open_firewall",
    title="SQL firewall does not allow the whole internet",
    severity="critical",
    fix="Use private endpoints and disable public network access, or let in single addresses only",
)
def no_open_firewall(
    server: SqlServer, *, azure_services: bool = False, max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    """`azure_services`: everything that runs in Azure, of any customer, is approved as let in."""
    match server.properties.public_network_access:
        case "Disabled":
            return passed()
        case "SecuredByPerimeter":
            return unknown(f"a network security perimeter decides who reaches {server.name}, and is not read")
        case _:
            pass
    rules = [(rule.name, rule.properties.ends) for rule in (*server.firewall_rules, *server.ipv6_firewall_rules)]
    bad, odd = let_in(rules, max_public_share=max_public_share, azure_services=azure_services)
    if bad:
        return failed(sentence(server.name, bad))
    return unknown(sentence(server.name, odd)) if odd else passed()


@check(
    "azure_sql_database_tde_enabled",
    title="SQL databases are encrypted",
    severity="high",
    fix="Turn on transparent data encryption",
)
def tde_enabled(database: SqlDatabase) -> Verdict:
    if database.name.lower() == MASTER:
        # https://learn.microsoft.com/azure/azure-sql/database/transparent-data-encryption-tde-overview
        return not_applicable("transparent data encryption is not for the database master")
    state = database.transparent_data_encryption.properties.state
    return passed() if state == "Enabled" else failed(f"the encryption of {database.name} is {state}")


@check(
    "azure_sql_server_entra_admin_only",
    title="SQL servers use Entra authentication",
    severity="medium",
    fix="Name an administrator from Entra, and turn on Entra-only authentication",
)
def entra_admin_only(server: SqlServer, *, sql_logins: bool = False) -> Verdict:
    """`sql_logins`: logins of the server's own are approved beside those of Entra."""
    administrators = server.properties.administrators
    if administrators is None:
        return failed(f"{server.name} has no administrator from Entra")
    if administrators.azure_ad_only_authentication or sql_logins:
        return passed()
    return failed(f"{server.name} takes passwords of its own beside Entra")


@check(
    "azure_sql_database_masking_configured",
    title="Databases with personal data mask columns",
    severity="low",
    fix="Turn on dynamic data masking, with a rule for each column that holds personal data",
)
def masking_configured(database: SqlDatabase, *, pii_tag: str = "pii") -> Verdict:
    """Of databases that carry the tag, or the tag with the value behind `=`. Which columns have to be is not known."""
    name, _, wanted = pii_tag.partition("=")
    values = [value for key, value in (database.tags or {}).items() if key.lower() == name.lower()]
    if not any(not wanted or value.lower() == wanted.lower() for value in values):
        return not_applicable(f"{database.name} has no tag {pii_tag}")
    if database.data_masking.properties.data_masking_state != "Enabled":
        return failed(f"{database.name} masks nothing")
    rules = [rule for rule in database.masking_rules if rule.properties.rule_state != "Disabled"]
    return passed() if rules else failed(f"{database.name} masks nothing: it has no rule in force")
