"""From what a provider says of somebody to an identity with a role, or to a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.identities import Identity, Role
from collector.core.plain_text import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from collector.setup.web_config import AuditConfig, PeopleConfig, WebConfig

_RANK = (Role.ADMIN, Role.CONTRIBUTOR, Role.VIEWER)
_LONGEST = 200


class SignInRefusedError(Exception):
    """Somebody may not sign in. The text is for them, and has no secret."""


def identity_of(config: WebConfig, claims: Mapping[str, Any], today: date) -> Identity:
    """Return who somebody is here. Raises SignInRefusedError where the configuration gives them no role, or two sides.

    An auditor of the company is none of its people: whoever would be both is refused.
    """
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    groups = _groups(config, claims)
    roles = [Role(entry.role) for entry in config.people if _is_theirs(entry, subject, groups)]
    audits = [audit for audit in config.audits if _is_theirs(audit, subject, groups)]
    if roles and audits:
        raise SignInRefusedError("this account is one of the company's and an auditor's: it can be only one of them")
    name = _name(claims, subject)
    if roles:
        return Identity(issuer=issuer, subject=subject, name=name, role=min(roles, key=_RANK.index))
    opened = next((audit for audit in audits if today <= audit.until), None)
    if opened is None:
        raise SignInRefusedError(
            f"the access ended on {max(audit.until for audit in audits)}" if audits else "this account has no role here"
        )
    return Identity(issuer=issuer, subject=subject, name=name, role=Role.AUDITOR, audit=opened.id)


def _groups(config: WebConfig, claims: Mapping[str, Any]) -> frozenset[str]:
    """Return the groups of somebody; none where the token says nothing of them, as of somebody who is in none."""
    claim = None if config.oidc is None else config.oidc.groups_claim
    if claim is None:
        return frozenset()
    elsewhere = claims.get("_claim_names")  # OpenID Connect Core 1.0, section 5.6.2: the claim has to be fetched
    found = claims.get(claim)
    if (isinstance(elsewhere, dict) and claim in elsewhere) or not isinstance(found, list | None):
        # Whoever is taken for somebody without groups may be let in on the wrong side.
        raise SignInRefusedError(f"the provider does not list the groups in the claim {claim} of the ID token")
    return frozenset(str(group) for group in found or ())


def _is_theirs(entry: PeopleConfig | AuditConfig, subject: str, groups: Collection[str]) -> bool:
    return subject in entry.subjects or any(group in groups for group in entry.groups)


def _name(claims: Mapping[str, Any], subject: str) -> str:
    for claim in ("name", "preferred_username", "email"):
        text = claims.get(claim)
        if isinstance(text, str) and text.strip():
            return one_line(text)[:_LONGEST]
    return subject[:_LONGEST]
