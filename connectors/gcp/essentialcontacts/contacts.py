"""Who Google tells about security in a project, by its own contacts and those that it inherits."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp

CONTACTS = Operation("essentialcontacts", "v1", "essentialcontacts.projects.contacts.compute")


@resource(
    "gcp.essentialcontacts.contact", key="name", volatile=("validateTime",), redact=(Redact("email", keep="domain"),)
)
class Contact(Struct, frozen=True, kw_only=True, rename="camel"):
    """A contact for matters of security that counts in a project, also by inheritance."""

    name: str
    validation_state: str = ""  # left out where Google has not said; only VALID says that the address takes mail


@gcp.collects(Contact, at="project", call=CONTACTS.id, permissions="essentialcontacts.contacts.list")
def contacts(client: GoogleCloud) -> Iterator[Body]:
    # Contacts are inherited, whether the API is on in this project or not.
    query = {"notificationCategories": ["SECURITY"], "pageSize": 100}
    yield from client.whatever.pages(CONTACTS, key="contacts", parent=client.name, **query)


@check(
    "gcp_essentialcontacts_security_contact_set",
    title="A security contact is registered",
    severity="medium",
    fix="Add an essential contact for the category Security, best at the organization, and confirm its address",
)
def security_contact_set(found: All[Contact]) -> Verdict:
    states = {contact.name.rpartition("/")[2]: contact.validation_state for contact in found}
    if "VALID" in states.values():
        return passed()
    if states:
        return failed(f"no contact is confirmed: {', '.join(f'{name} is {state}' for name, state in states.items())}")
    return failed("Google knows nobody to tell about security here")
