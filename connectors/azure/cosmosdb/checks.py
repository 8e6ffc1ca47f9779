"""Checks of Cosmos DB."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from connectors.azure.cosmosdb.resources import CosmosAccount
from connectors.azure.network.address_space import MAX_PUBLIC_SHARE, Space, of_prefix
from connectors.azure.network.firewall_ranges import EVERYTHING_IN_AZURE


@check(
    "azure_cosmosdb_network_and_auth",
    title="Cosmos DB restricts networks and local keys",
    severity="medium",
    fix="Let in selected networks or private endpoints only, and disable local authentication",
)
def network_and_auth(
    account: CosmosAccount, *, azure_services: bool = False, max_public_share: float = MAX_PUBLIC_SHARE
) -> Verdict:
    """`azure_services`: everything that runs in Azure, of any customer, is approved as let in."""
    said = account.properties
    wrong = [] if said.disable_local_auth else ["its keys open it"]
    odd: list[str] = []
    if said.public_network_access == "SecuredByPerimeter":
        odd.append("a network security perimeter decides who reaches it, and is not read")
    elif said.public_network_access != "Disabled":
        if not said.ip_rules and not said.is_virtual_network_filter_enabled:
            wrong.append("it lets in every network")
        let_in = Space()
        for rule in said.ip_rules or ():
            if rule.ip_address_or_range == EVERYTHING_IN_AZURE[0]:
                wrong += [] if azure_services else ["it lets in everything that runs in Azure, of any customer"]
                continue
            space = of_prefix(rule.ip_address_or_range)
            let_in |= space or Space()
            odd += [f"{rule.ip_address_or_range} is no range of addresses"] if space is None else []
        if let_in.public_share > max_public_share:
            wrong.append(f"its rules let in {let_in}")
    if wrong:
        return failed(f"{account.name}: {first_few(wrong)}")
    return unknown(f"{account.name}: {first_few(odd)}") if odd else passed()
