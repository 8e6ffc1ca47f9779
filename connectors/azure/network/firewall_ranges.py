"""Firewalls of managed databases: rules that let in addresses from one to another."""

from __future__ import annotations

from collections.abc import Iterable

from collector.core.plain_text import first_few
from connectors.azure.network.address_space import Space, of_range

EVERYTHING_IN_AZURE = ("0.0.0.0", "0.0.0.0")  # noqa: S104  a rule of Azure's, not an address to listen at
"""Stands for whatever runs in Azure, of any customer.

https://learn.microsoft.com/azure/azure-sql/database/firewall-configure"""


def let_in(
    rules: Iterable[tuple[str, tuple[str, str]]], *, max_public_share: float, azure_services: bool
) -> tuple[list[str], list[str]]:
    """Return what is wrong with rules, each a name with its first and last address, and what cannot be told of them."""
    space, bad, odd = Space(), [], []
    for name, ends in rules:
        if ends == EVERYTHING_IN_AZURE:
            if not azure_services:
                bad.append(f"{name} lets in everything that runs in Azure, of any customer")
            continue
        found = of_range(*ends)
        if found is None:
            odd.append(f"{name} ({ends[0]} to {ends[1]}) is no range of addresses")
        else:
            space |= found
    if space.public_share > max_public_share:
        bad.insert(0, f"its rules let in {space}")
    return bad, odd


def sentence(name: str, found: Iterable[str]) -> str:
    """Return what was found of a server, for a reason."""
    return f"{name}: {first_few(found)}"
