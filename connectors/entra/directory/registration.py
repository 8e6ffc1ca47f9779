"""Which methods for a second factor people have registered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from connectors.entra.directory.tenant import Domain
from connectors.entra.directory.users import User

_REPORT_LAGS = timedelta(days=2)


@check(
    "entra_users_mfa_capable",
    title="Enabled members have registered a usable MFA method",
    severity="high",
    fix="Have the person register a method that the policy of methods allows; disable sign-in of rooms and shared "
    "mailboxes",
)
def users_mfa_capable(user: User, domains: All[Domain], *, now: datetime) -> Verdict:
    name = user.user_principal_name
    if user.is_guest:
        return not_applicable(f"{name} is a guest, whose methods are those of another tenant")
    if not user.account_enabled:
        return not_applicable(f"{name} cannot sign in")
    found = user.registration
    if found is None:
        created = user.created_date_time
        is_new = created is not None and now - created <= _REPORT_LAGS
        why = "is newer than Microsoft's report of methods" if is_new else "is not in Microsoft's report of methods"
        return unknown(f"{name} {why}")
    if found.is_mfa_capable:
        return passed(f"{name} has registered {', '.join(found.methods_registered)}")
    if _is_federated(name, domains):
        return unknown(
            f"{name} signs in at another identity provider, whose second factor is not in Microsoft's report"
        )
    said = ", ".join(found.methods_registered) or "nothing"
    return failed(f"{name} has registered {said}, which is no usable second factor")


def _is_federated(name: str, domains: Iterable[Domain]) -> bool:
    home = name.rpartition("@")[2].lower()
    return any(domain.id.lower() == home and domain.authentication_type == "Federated" for domain in domains)
