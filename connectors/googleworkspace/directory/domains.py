"""Domains and their aliases, and what they say in the DNS about mail in their name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.connectors import Listed
from collector.core.resources import Body, resource
from connectors._network.spf import redirect_of
from connectors.googleworkspace._sdk.client import LOOKUP, Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import DOMAINS
from connectors.googleworkspace.directory.mail_records import (
    Records,
    Says,
    dkim,
    dmarc,
    plain_text,
    sends_no_mail,
    spf,
)

LIST = "directory.domains.list"
ALIASES = "directory.domainAliases.list"

_MOST_REDIRECTIONS = 5
_SHORTEST_DOMAIN = 2  # labels: DMARC is not looked for at a top-level domain


@resource("googleworkspace.directory.domain", key="domainName", volatile=("etag",))
class Domain(Struct, frozen=True, kw_only=True):
    """A domain, or the alias of one. The parts are what the DNS has about its mail."""

    name: str = field(name="domainName")
    verified: bool
    parent: str = field(name="parentDomainName", default="")  # only aliases have one
    spf: tuple[Records, ...]
    dkim: tuple[Records, ...]
    dmarc: tuple[Records, ...]


@googleworkspace.collects(Domain, at="customer", call=(LIST, ALIASES), permissions=DOMAINS)
def domains(client: Workspace) -> Listed:
    yield from client.one_page(LIST, key="domains", never_empty=True, customer=client.customer)
    for alias in client.one_page(ALIASES, key="domainAliases", customer=client.customer):
        yield {**alias, "domainName": alias["domainAliasName"]}


@googleworkspace.part(Domain, "spf", call=LOOKUP)
def spf_records(client: Workspace, domain: Body) -> Any:
    chain: list[Body] = []
    name: str | None = domain["domainName"]
    while name is not None and len(chain) < _MOST_REDIRECTIONS and name not in {found["name"] for found in chain}:
        chain.append({"name": name, "texts": _texts(client, name, "v=spf1")})
        texts = chain[-1]["texts"]
        name = redirect_of(texts[0]) if len(texts) == 1 else None
    return chain


@googleworkspace.part(Domain, "dkim", call=LOOKUP)
def dkim_records(client: Workspace, domain: Body) -> Any:
    names = (f"{selector}._domainkey.{domain['domainName']}" for selector in client.settings.dkim_selectors)
    return [{"name": name, "texts": _texts(client, name, "")} for name in names]


@googleworkspace.part(Domain, "dmarc", call=LOOKUP)
def dmarc_records(client: Workspace, domain: Body) -> Any:
    found: list[Body] = []
    for name in _upwards(domain["domainName"]):
        found.append({"name": f"_dmarc.{name}", "texts": _texts(client, f"_dmarc.{name}", "v=dmarc1")})
        if found[-1]["texts"]:
            break
    return found


def _texts(client: Workspace, name: str, beginning: str) -> list[str]:
    """Return the TXT records of a name that begin so; others, such as proofs of ownership, are not kept."""
    texts = (plain_text(data) for data in client.lookup(name))
    return [text for text in texts if text.lower().startswith(beginning)]


def _upwards(name: str) -> Iterator[str]:
    labels = name.split(".")
    for place in range(max(len(labels) - _SHORTEST_DOMAIN + 1, 1)):
        yield ".".join(labels[place:])


@check(
    "googleworkspace_domain_email_spf_dkim_dmarc",
    title="Mail domains publish SPF, DKIM and enforced DMARC",
    severity="high",
    fix="Publish an SPF record that ends in ~all or -all, turn on DKIM, and set DMARC to quarantine or reject",
)
def email_records(domain: Domain, domains: All[Domain]) -> Verdict:
    if not domain.verified:
        return not_applicable(f"{domain.name} is not verified, and Google takes no mail for it")
    listed = frozenset(other.name for other in domains if other.verified)
    said = [dmarc(domain.dmarc, listed)]
    if any(records.texts for records in domain.spf) or not domain.parent:
        said.append(spf(domain.spf))
    # Mail from an alias is signed with the key of its domain, so an alias needs none, and no senders of its own.
    if not domain.parent and not sends_no_mail(domain.spf):
        said.append(dkim(domain.dkim))
    bad = "; ".join(why for says, why in said if says is Says.BAD)
    if bad:
        return failed(bad)
    unclear = "; ".join(why for says, why in said if says is Says.UNCLEAR)
    return unknown(unclear) if unclear else passed()
