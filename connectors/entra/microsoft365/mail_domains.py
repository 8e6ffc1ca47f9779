"""What the tenant's domains publish against forged mail: SPF, DKIM and DMARC, as the Internet sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import NotThere, Unavailable, Unexpected
from collector.core.resources import Body, resource
from collector.core.wire import Call
from connectors._http.replies import json_of
from connectors._http.sending import Outgoing
from connectors._network.spf import is_spf, spf_of
from connectors.entra._sdk.calls import DNS, DOMAINS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_NO_ERROR, _NO_SUCH_NAME = 0, 3
_TYPES = {"CNAME": 5, "MX": 15, "TXT": 16}
_SELECTORS = ("selector1", "selector2")  # those that Exchange Online signs with
_MAIL = "Email"
_MICROSOFT = (".onmicrosoft.com", ".onmicrosoft.us", ".partner.onmschina.cn")
_KEY = re.compile(r"(?i)(?:^|;)\s*p\s*=\s*[a-z0-9+/]")  # an empty one was taken back
_REGISTRY = re.compile(r"(?i);\s*psd\s*=\s*y")
_ENFORCED = frozenset({"quarantine", "reject"})


class Records(Struct, frozen=True, kw_only=True):
    """What a domain publishes. Lists are empty where there is no such record."""

    spf: tuple[str, ...]
    dmarc: tuple[str, ...]  # of the domain, or of the nearest one above it that has a record
    dmarc_at: str | None  # the domain of that record; null: there is none
    dkim: tuple[str, ...]  # the selectors of Exchange Online that are there
    dkim_keys: tuple[str, ...]  # those of them that lead to a key; Microsoft publishes the one in use
    mx: tuple[str, ...]


@resource("m365.dns.email_auth", key="id")
class MailDomain(Struct, frozen=True, kw_only=True, rename="camel"):
    """A verified domain of the tenant, with its records."""

    id: str
    is_verified: bool
    supported_services: tuple[str, ...]
    records: Records


@entra.collects(MailDomain, at="tenant", call=DOMAINS, permissions=permissions(DOMAINS))
def mail_domains(client: Graph) -> Iterator[Body]:
    for body in client.pages(DOMAINS, lambda graph: graph.domains):
        if body["isVerified"]:
            yield {name: body[name] for name in ("id", "isVerified", "supportedServices")}


@entra.part(MailDomain, "records", call=DNS)
def records(client: Graph, body: Body) -> Any:
    domain = body["id"]
    found_at, dmarc = _dmarc_of(client, domain)
    names = [f"{selector}._domainkey.{domain}" for selector in _SELECTORS]
    # The answer for TXT is that of the name to which an alias leads.
    keys = [name for name in names if any(_KEY.search(text) for text in _texts(client, name))]
    return {
        "spf": [text for text in _texts(client, domain) if is_spf(text)],
        "dmarc": dmarc,
        "dmarc_at": found_at,
        "dkim": [name for name in names if name in keys or _answers(client, name, "CNAME")],
        "dkim_keys": keys,
        "mx": _answers(client, domain, "MX"),
    }


def _dmarc_of(client: Graph, domain: str) -> tuple[str | None, list[str]]:
    """Return the records that hold for a domain, and where they are: its own, or those of the organization's domain.

    That is the uppermost one that has a record: receivers look at none in between, nor at that of a registry.
    https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3, https://www.rfc-editor.org/rfc/rfc9091
    """
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(len(labels) - 2, 0, -1)]
    for name in (domain, *above):
        found = [text for text in _texts(client, f"_dmarc.{name}") if text.lower().startswith("v=dmarc1")]
        if found and (name == domain or not any(_REGISTRY.search(text) for text in found)):
            return name, found
    return None, []


def _texts(client: Graph, name: str) -> list[str]:
    """Return the TXT records of a name; the strings that one is made of are joined."""
    return [
        "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', text)) if text.startswith('"') else text
        for text in _answers(client, name, "TXT")
    ]


def _answers(client: Graph, name: str, type_: str) -> list[str]:
    """Return the data of the records of a name; none where the name or the type does not exist.

    Raises NotThere where the source names no resolver, and Unavailable where the resolver could not find out.
    """
    resolver = client.settings.dns_resolver
    if resolver is None:
        raise NotThere(
            "the source names no dns_resolver, so what the domain publishes was not looked up",
            mend="name a dns_resolver, such as https://dns.google/resolve: it is told the tenant's mail domains",
        )
    http = client.once.get("resolver", lambda: client.http(resolver))
    url = httpx.URL(resolver).copy_merge_params({"name": name, "type": type_})
    call = Call(DNS, {"name": name, "type": type_})
    reply = http.send(call, Outgoing("GET", url, {"accept": "application/dns-json, application/json"}))
    if reply.headers.get("content-type", "").startswith("application/dns-json"):
        reply = replace(reply, headers={**reply.headers, "content-type": "application/json"})
    answer = json_of(reply, DNS)
    if not isinstance(answer, dict) or type(answer.get("Status")) is not int:
        raise Unexpected(f"{DNS} was answered without a status for {name}")
    if answer["Status"] not in {_NO_ERROR, _NO_SUCH_NAME}:
        raise Unavailable(f"the resolver answered status {answer['Status']} for {type_} of {name}")
    if answer.get("TC"):
        raise Unexpected(f"the resolver cut its answer for {type_} of {name}")
    # Left out where there is no record: https://developers.google.com/speed/public-dns/docs/doh/json
    return [item["data"] for item in answer.get("Answer", ()) if item["type"] == _TYPES[type_]]


@check(
    "m365_email_spf_dmarc_dkim",
    title="Mail domains publish SPF, DKIM and enforced DMARC",
    severity="high",
    fix="Publish one SPF record that ends with -all or ~all, the DKIM records of Exchange Online, and a DMARC record "
    "with p=quarantine or p=reject",
)
def mail_domain_protected(domain: MailDomain) -> Verdict:
    name = domain.id
    if name.lower().endswith(_MICROSOFT):
        return not_applicable(f"{name} is Microsoft's own, and Microsoft publishes its records")
    found = domain.records
    spf = spf_of([found.spf])
    wrong = [*spf.wrong, *_dmarc(name, found)]
    if wrong:
        return failed(f"{name}: {'; '.join(wrong)}")
    if spf.left_open:
        return unknown(f"{name}: {spf.left_open}")
    receives = [host for host in found.mx if host.split()[-1:] != ["."]]
    if not receives and _MAIL not in domain.supported_services:
        return passed(f"{name} has no mail, and SPF and DMARC refuse it")
    if len(found.dkim) < len(_SELECTORS):
        return unknown(
            f"{name} publishes SPF and an enforced DMARC record, and not both DKIM keys of Exchange Online; whether "
            "its mail is signed with keys of another name is not known"
        )
    if not found.dkim_keys:
        return unknown(
            f"{name} publishes SPF and an enforced DMARC record, and names of Exchange Online's DKIM that lead to no "
            "key; whether its mail is signed with keys of another name is not known"
        )
    return passed(f"{name} publishes SPF, DKIM and an enforced DMARC record")


def _dmarc(name: str, found: Records) -> list[str]:
    if not found.dmarc:
        return ["there is no DMARC record"]
    if len(found.dmarc) > 1:
        return [f"there are {len(found.dmarc)} DMARC records, so that none counts"]
    tags = {
        key.strip().lower(): value.strip().lower()
        for key, _, value in (part.partition("=") for part in found.dmarc[0].split(";"))
    }
    inherited = found.dmarc_at is not None and found.dmarc_at.lower() != name.lower()
    policy = (tags.get("sp") if inherited else None) or tags.get("p", "none")
    if policy not in _ENFORCED:
        return [f"DMARC demands {policy} of forged mail"]
    if tags.get("pct", "100") != "100" or tags.get("t") == "y":
        return [f"DMARC demands {policy} of a part of forged mail only, or as a test"]
    return []
