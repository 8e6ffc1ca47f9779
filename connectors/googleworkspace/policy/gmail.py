"""Gmail: forwarding, protocols, and what is done with dangerous mail.

Defaults: as in `sign_in`, from Google's page "Policy API concepts", section "Default field values".
"""

from __future__ import annotations

from collector.core.checks import All, Verdict, check
from connectors.googleworkspace._policy.judging import Rule, Values, judge
from connectors.googleworkspace._policy.reducing import Field, Setting
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

SERVICE = Setting("gmail.service_status")("serviceState")
FORWARDING = Setting("gmail.auto_forwarding", defaults={"enableAutoForwarding": True})
POP = Setting("gmail.pop_access")
IMAP = Setting("gmail.imap_access")
ATTACHMENTS = Setting("gmail.email_attachment_safety")
LINKS = Setting("gmail.links_and_external_images", defaults={"enableAggressiveWarningsOnUntrustedLinks": False})
SPOOFING = Setting("gmail.spoofing_and_authentication")

_TAKEN_AWAY = frozenset({"QUARANTINE", "SPAM_FOLDER"})
_CONSEQUENCES = _TAKEN_AWAY | {"WARNING", "NO_ACTION"}


def _flag_off(one: Field, what: str) -> Rule:
    """Return the rule that a flag is false; `what` says what it is that is on."""
    return Rule((one,), lambda values: f"{what} ({values.shown(one)})" if values.flag(one) else None)


def _flag_on(one: Field, what: str) -> Rule:
    """Return the rule that a flag is true; `what` says what it is that is off."""
    return Rule((one,), lambda values: None if values.flag(one) else f"{what} ({values.shown(one)})")


def _detected(flag: Field, consequence: Field, wanted: frozenset[str], what: str) -> Rule:
    """Return the rule that mail of a kind is looked for, and that something is done with it."""

    def let_through(values: Values) -> str | None:
        if not values.flag(flag):
            return f"{what} is not looked for ({values.shown(flag)})"
        done = values.word(consequence, _CONSEQUENCES)
        return None if done in wanted else f"{what} is delivered ({values.shown(consequence)})"

    return Rule((flag, consequence), let_through)


def _judge(policies: All[Policy], units: All[OrgUnit], *rules: Rule) -> Verdict:
    return judge(all_policies(policies, units), rules, service=SERVICE, of_service="Gmail")


@check(
    "googleworkspace_policy_gmail_auto_forwarding_off",
    title="Automatic forwarding is off",
    severity="high",
    fix="Turn off automatic forwarding of mail by users",
)
def auto_forwarding_off(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    return _judge(policies, units, _flag_off(FORWARDING("enableAutoForwarding"), "users may forward all mail"))


@check(
    "googleworkspace_policy_gmail_pop_imap_off",
    title="POP and IMAP are off",
    severity="medium",
    fix="Turn off access to mail by POP and IMAP",
)
def pop_imap_off(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    return _judge(
        policies,
        units,
        _flag_off(POP("enablePopAccess"), "mail may be fetched by POP"),
        _flag_off(IMAP("enableImapAccess"), "mail may be read by IMAP"),
    )


@check(
    "googleworkspace_policy_gmail_attachment_protection",
    title="Attachment protection is on",
    severity="high",
    fix="Turn on the three protections from attachments, and move such mail to spam or quarantine",
)
def attachment_protection(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    kinds = {
        "EncryptedAttachment": "mail with an encrypted attachment of an untrusted sender",
        "AttachmentWithScripts": "mail with scripts of an untrusted sender",
        "AnomalousAttachment": "mail with an unusual type of attachment",
    }
    rules = (
        _detected(
            ATTACHMENTS(f"enable{kind}Protection"),
            ATTACHMENTS(f"{kind[0].lower()}{kind[1:]}ProtectionConsequence"),
            _TAKEN_AWAY,
            what,
        )
        for kind, what in kinds.items()
    )
    return _judge(policies, units, *rules)


@check(
    "googleworkspace_policy_gmail_link_protection",
    title="Link and image protection is on",
    severity="medium",
    fix="Turn on the scanning of shortened links and of linked images, and warnings before untrusted links",
)
def link_protection(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    return _judge(
        policies,
        units,
        _flag_on(LINKS("enableShortenerScanning"), "links behind short addresses are not looked at"),
        _flag_on(LINKS("enableExternalImageScanning"), "linked images are not scanned"),
        _flag_on(LINKS("enableAggressiveWarningsOnUntrustedLinks"), "nobody is warned before untrusted links"),
    )


@check(
    "googleworkspace_policy_gmail_spoofing_protection",
    title="Spoofing protection is on",
    severity="medium",
    fix="Turn on each protection from spoofing, with a warning at least",
)
def spoofing_protection(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    acted_on = _TAKEN_AWAY | {"WARNING"}
    kinds = (
        ("detectDomainNameSpoofing", "domainNameSpoofingConsequence", "mail of similar domain names"),
        ("detectEmployeeNameSpoofing", "employeeNameSpoofingConsequence", "mail in the name of an employee"),
        (
            "detectDomainSpoofingFromUnauthenticatedSenders",
            "domainSpoofingConsequence",
            "unauthenticated mail in the name of the company's domains",
        ),
        ("detectUnauthenticatedEmails", "unauthenticatedEmailConsequence", "unauthenticated mail"),
        ("detectGroupsSpoofing", "groupsSpoofingConsequence", "mail to groups in the name of the company's domains"),
    )
    rules = (_detected(SPOOFING(flag), SPOOFING(done), acted_on, what) for flag, done, what in kinds)
    return _judge(policies, units, *rules)
