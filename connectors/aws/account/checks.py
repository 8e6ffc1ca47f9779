"""Checks of the account."""

from __future__ import annotations

from collector.core.checks import Verdict, check, failed, passed
from connectors.aws.account.resources import Contact


@check(
    "aws_account_security_contact_set",
    title="A security contact is registered for the account",
    severity="medium",
    fix="Register a mailbox that a team reads as alternate contact of the type security",
)
def security_contact_set(contact: Contact) -> Verdict:
    if contact.alternate_contact is None or contact.alternate_contact.email_address == "":
        return failed(f"the account {contact.account_id} has no security contact")
    return passed()
