"""Checks of the settings of Exchange Online."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, passed, unknown
from connectors.entra.microsoft365.snapshots import ExchangeSettings, Setting

_ORGANIZATION = "microsoft.exchange.organizationconfig"
_AUDIT = "microsoft.exchange.adminauditlogconfig"
_BYPASS = "microsoft.exchange.mailboxauditbypassassociation"
_OUTBOUND = "microsoft.exchange.hostedoutboundspamfilterpolicy"
_REMOTE = "microsoft.exchange.remotedomain"
_RULES = "microsoft.exchange.transportrule"
_MALWARE = "microsoft.exchange.malwarefilterpolicy"
_ATTACHMENTS = "microsoft.exchange.safeattachmentpolicy"
_LINKS = "microsoft.exchange.safelinkspolicy"
_BUILT_IN_RULE = "microsoft.exchange.atpbuiltinprotectionrule"
_TRANSPORT = "microsoft.exchange.transportconfig"
_REPORTS = "microsoft.exchange.reportsubmissionpolicy"

_BUILT_IN = "built-in protection policy"
_FORWARDING = ("RedirectMessageTo", "CopyTo", "BlindCopyTo", "AddToRecipients")
# https://learn.microsoft.com/powershell/module/exchange/set-safeattachmentpolicy; `replace` is an earlier one
_KEEPING_OUT = frozenset({"block", "dynamicdelivery", "replace"})
_LEFT_OUT = ("ExceptIfRecipientDomainIs", "ExceptIfSentTo", "ExceptIfSentToMemberOf")
_WEEK = timedelta(days=7)


@check(
    "m365_unified_audit_enabled",
    title="Unified audit log is on and mailbox auditing not bypassed",
    severity="high",
    fix="Turn on the unified audit log and mailbox auditing, and end the bypass of accounts",
)
def unified_audit(settings: ExchangeSettings, *, now: datetime, oldest_snapshot: timedelta = _WEEK) -> Verdict:
    wrong = []
    if any(item.is_on("UnifiedAuditLogIngestionEnabled") is False for item in settings.of(_AUDIT)):
        wrong.append("the unified audit log is off")
    if any(item.is_on("AuditDisabled") for item in settings.of(_ORGANIZATION)):
        wrong.append("mailbox auditing is off")
    bypassing = sum(item.is_on("AuditBypassEnabled") is True for item in settings.of(_BYPASS))
    if bypassing:
        wrong.append(f"{bypassing} accounts bypass mailbox auditing")
    lacking = settings.lacking((_ORGANIZATION, _AUDIT, _BYPASS), now, oldest_snapshot)
    judged = _judged(settings, wrong, lacking, now, oldest_snapshot)
    if judged is not None:
        return judged
    unsaid = _unsaid(settings, {_AUDIT: ("UnifiedAuditLogIngestionEnabled",), _ORGANIZATION: ("AuditDisabled",)})
    if any(item.is_on("AuditBypassEnabled") is None for item in settings.of(_BYPASS)):
        unsaid.append("AuditBypassEnabled")
    if unsaid:
        return unknown(f"the snapshot does not say {', '.join(unsaid)}")
    return passed("the unified audit log and mailbox auditing are on, and no account bypasses it")


@check(
    "m365_external_forwarding_blocked",
    title="Automatic external forwarding is blocked",
    severity="high",
    fix="Turn automatic forwarding off in the outbound spam policies, and in the remote domain for all others",
)
def external_forwarding(settings: ExchangeSettings, *, now: datetime, oldest_snapshot: timedelta = _WEEK) -> Verdict:
    lacking = settings.lacking((_OUTBOUND, _REMOTE, _RULES), now, oldest_snapshot)
    if lacking is not None:
        return lacking
    # Automatic means off by Microsoft's choice: https://learn.microsoft.com/defender-office-365/outbound-spam-policies-external-email-forwarding
    modes = {item.name: str(item.properties.get("AutoForwardingMode")) for item in settings.of(_OUTBOUND)}
    odd = sorted(name for name, mode in modes.items() if mode.lower() not in {"on", "off", "automatic"})
    if odd or not modes:
        return unknown(f"how these policies forward is not said: {', '.join(odd) or 'there is no policy'}")
    forwarding = sorted(name for name, mode in modes.items() if mode.lower() == "on")
    elsewhere = sorted(item.name for item in settings.of(_REMOTE) if item.is_on("AutoForwardEnabled") is not False)
    if forwarding and (elsewhere or not settings.of(_REMOTE)):
        return failed(f"{', '.join(forwarding)} lets mail be forwarded, to {', '.join(elsewhere) or 'any domain'}")
    rules = sorted(
        rule.name
        for rule in settings.of(_RULES)
        if str(rule.properties.get("State", "Enabled")).lower() != "disabled"
        and any(rule.properties.get(name) for name in _FORWARDING)
    )
    if rules:
        return unknown(f"rules send mail on to addresses of which it is not judged where they are: {', '.join(rules)}")
    return passed("no policy lets mail be forwarded to other domains, and no rule sends it on")


@check(
    "m365_malware_protection_on",
    title="Mail malware, attachment and link protection is on",
    severity="high",
    fix="Turn on the filter of file types and zero-hour purge, Safe Attachments with blocking, and Safe Links for mail",
)
def malware_protection(settings: ExchangeSettings, *, now: datetime, oldest_snapshot: timedelta = _WEEK) -> Verdict:
    wrong = []
    for policy in settings.of(_MALWARE):
        off = [name for name in ("EnableFileFilter", "ZapEnabled") if policy.is_on(name) is False]
        if off:
            wrong.append(f"{policy.name} has {' and '.join(off)} off")
    wrong += [f"{policy.name} does not block attachments" for policy in settings.of(_ATTACHMENTS) if _lets_in(policy)]
    wrong += [
        f"{policy.name} does not look at links in mail"
        for policy in settings.of(_LINKS)
        if policy.is_on("EnableSafeLinksForEmail") is False
    ]
    lacking = settings.lacking((_MALWARE, _ATTACHMENTS, _LINKS, _BUILT_IN_RULE), now, oldest_snapshot)
    judged = _judged(settings, wrong, lacking, now, oldest_snapshot)
    if judged is not None:
        return judged
    # Its own policies are about everybody whom no other is about; which others there are for whom is not read.
    for type_ in (_ATTACHMENTS, _LINKS):
        if not any(policy.name.lower() == _BUILT_IN for policy in settings.of(type_)):
            return unknown(f"for whom the policies of {type_} are is not read, and the built-in one is not there")
    rules = settings.of(_BUILT_IN_RULE)
    if not rules or any(rule.properties.get(name) for rule in rules for name in _LEFT_OUT):
        said = "leaves somebody out" if rules else "may leave somebody out"
        return unknown(f"the built-in policy {said}, and whether another is about them is not read")
    unsaid = _unsaid(settings, {_MALWARE: ("EnableFileFilter", "ZapEnabled"), _LINKS: ("EnableSafeLinksForEmail",)})
    unsaid += [f"what {policy.name} does" for policy in settings.of(_ATTACHMENTS) if not _keeps_out(policy)]
    if unsaid:
        return unknown(f"the snapshot does not say {', '.join(unsaid)}")
    return passed("each policy filters files and purges, blocks attachments and looks at links")


def _lets_in(policy: Setting) -> bool:
    return policy.is_on("Enable") is False or _action(policy) == "allow"


def _keeps_out(policy: Setting) -> bool:
    """Whether a policy of attachments says that it is on, and does something about them."""
    return policy.is_on("Enable") is True and _action(policy) in _KEEPING_OUT


def _action(policy: Setting) -> str:
    return str(policy.properties.get("Action", "")).lower()


def _unsaid(settings: ExchangeSettings, wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the properties that some resource does not say, or of which there is no resource."""
    return [
        name
        for type_, names in wanted.items()
        for name in names
        if not settings.of(type_) or any(item.is_on(name) is None for item in settings.of(type_))
    ]


@check(
    "m365_smtp_auth_disabled",
    title="SMTP AUTH is disabled for the tenant",
    severity="medium",
    fix="Disable SMTP AUTH in the transport configuration, and allow it for single mailboxes where it is needed",
)
def smtp_auth_disabled(settings: ExchangeSettings, *, now: datetime, oldest_snapshot: timedelta = _WEEK) -> Verdict:
    return _is_on(
        settings, _TRANSPORT, "SmtpClientAuthenticationDisabled", "SMTP AUTH is disabled", now, oldest_snapshot
    )


@check(
    "m365_customer_lockbox_enabled",
    title="Customer Lockbox is on",
    severity="low",
    fix="Turn Customer Lockbox on in the organization's settings",
)
def customer_lockbox(settings: ExchangeSettings, *, now: datetime, oldest_snapshot: timedelta = _WEEK) -> Verdict:
    return _is_on(settings, _ORGANIZATION, "CustomerLockboxEnabled", "Customer Lockbox is on", now, oldest_snapshot)


@check(
    "m365_user_reporting_enabled",
    title="Users can report suspicious messages to security",
    severity="medium",
    fix="Send what users report to Microsoft, to a mailbox of the company, or both",
)
def user_reporting(settings: ExchangeSettings, *, now: datetime, oldest_snapshot: timedelta = _WEEK) -> Verdict:
    lacking = settings.lacking((_REPORTS,), now, oldest_snapshot)
    if lacking is not None:
        return lacking
    policies = settings.of(_REPORTS)
    if any(policy.is_on("EnableReportToMicrosoft") for policy in policies):
        return passed("what users report is sent to Microsoft")
    own = ("ReportPhishToCustomizedAddress", "ReportJunkToCustomizedAddress")
    if any(policy.is_on(name) for policy in policies for name in own):
        return unknown("what users report is sent to a mailbox of the company; whether it is there is not read")
    if unsaid := _unsaid(settings, {_REPORTS: ("EnableReportToMicrosoft", *own)}):
        return unknown(f"the snapshot does not say {', '.join(unsaid)}")
    return failed("what users report is sent nowhere")


def _is_on(settings: ExchangeSettings, type_: str, name: str, what: str, now: datetime, oldest: timedelta) -> Verdict:
    lacking = settings.lacking((type_,), now, oldest)
    if lacking is not None:
        return lacking
    said = {item.is_on(name) for item in settings.of(type_)}
    if said == {True}:
        return passed(what)
    return (
        failed(f"it is not so that {what}") if False in said else unknown(f"the snapshot does not say whether {what}")
    )


def _judged(
    settings: ExchangeSettings, wrong: list[str], lacking: Verdict | None, now: datetime, oldest: timedelta
) -> Verdict | None:
    """Return fail for what is wrong in fresh snapshots, and otherwise what is lacking; None where nothing is either."""
    if wrong and all(now - item.completed_date_time <= oldest for item in settings.taken):
        return failed("; ".join(wrong))
    if wrong and lacking is None:
        return failed("; ".join(wrong))
    return lacking
