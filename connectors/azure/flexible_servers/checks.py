"""Checks of flexible servers, of PostgreSQL and of MySQL alike: one rule for both, over the subscription."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure._sdk.versions_of_tls import TLS_1_2, tls_version
from connectors.azure.flexible_servers.resources import FlexibleServer, MysqlServer, PostgresqlServer
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE
from connectors.azure.network.firewall_ranges import let_in, sentence

_Found = tuple[list[str], list[str]]
"""What is wrong with a server, and what cannot be told of it."""


def _of_each(
    postgresql: Iterable[FlexibleServer], mysql: Iterable[FlexibleServer], judge: Callable[[FlexibleServer], _Found]
) -> Verdict:
    bad: list[str] = []
    odd: list[str] = []
    number = 0
    for server in (*postgresql, *mysql):
        number += 1
        wrong, untold = judge(server)
        bad += [sentence(server.name, wrong)] if wrong else []
        odd += [sentence(server.name, untold)] if untold else []
    if bad:
        return failed(first_few(bad, between="; "))
    if odd:
        return unknown(first_few(odd, between="; "))
    return passed() if number else not_applicable("the subscription has no flexible server")


@check(
    "azure_database_flexible_tls_enforced",
    title="Open-source databases enforce TLS",
    severity="high",
    fix="Set require_secure_transport to on, and the minimum version of TLS to 1.2",
)
def tls_enforced(postgresql: All[PostgresqlServer], mysql: All[MysqlServer]) -> Verdict:
    return _of_each(postgresql, mysql, _tls)


def _tls(server: FlexibleServer) -> _Found:
    if server.secure_transport.properties.value.lower() != "on":
        return [f"require_secure_transport is {server.secure_transport.properties.value}"], []
    # PostgreSQL names the lowest one, MySQL every one that it takes.
    taken = [word.strip() for word in server.tls_versions.properties.value.split(",") if word.strip()]
    versions = {word: tls_version(word) for word in taken}
    old = [word for word, version in versions.items() if version is not None and version < TLS_1_2]
    odd = [word for word, version in versions.items() if version is None]
    if old:
        return [f"it takes {first_few(old)}"], []
    return [], [f"{word} is no version of TLS that annexd knows" for word in odd] if taken else ["it names no version"]


@check(
    "azure_database_flexible_backup_retention",
    title="Open-source databases keep enough backups",
    severity="medium",
    fix="Raise the days for which backups are kept",
)
def backup_retention(
    postgresql: All[PostgresqlServer],
    mysql: All[MysqlServer],
    *,
    retention_days: int = 14,
    geo_redundant: bool = False,
) -> Verdict:
    """`geo_redundant`: backups have to be kept in another region as well."""

    def judge(server: FlexibleServer) -> _Found:
        kept = server.properties.backup
        wrong = []
        if kept.backup_retention_days < retention_days:
            wrong.append(f"backups are kept for {kept.backup_retention_days} days; {retention_days} are required")
        if geo_redundant and kept.geo_redundant_backup != "Enabled":
            wrong.append("backups are kept in one region only")
        return wrong, []

    return _of_each(postgresql, mysql, judge)


@check(
    "azure_database_flexible_no_open_firewall",
    title="Open-source databases are not open to the internet",
    severity="critical",
    fix="Put the server into a subnet or disable public network access, or let in single addresses only",
)
def no_open_firewall(
    postgresql: All[PostgresqlServer],
    mysql: All[MysqlServer],
    *,
    azure_services: bool = False,
    max_public_share: float = MAX_PUBLIC_SHARE,
) -> Verdict:
    """`azure_services`: everything that runs in Azure, of any customer, is approved as let in."""

    def judge(server: FlexibleServer) -> _Found:
        network = server.properties.network
        if network.public_network_access == "Disabled" or network.delegated_subnet_resource_id:
            return [], []
        rules = [
            (rule.name, (rule.properties.start_ip_address, rule.properties.end_ip_address))
            for rule in server.firewall_rules
        ]
        return let_in(rules, max_public_share=max_public_share, azure_services=azure_services)

    return _of_each(postgresql, mysql, judge)
