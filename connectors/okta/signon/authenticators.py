"""Authenticators of Identity Engine: with what people can prove who they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.plain_text import first_few
from collector.core.redaction import Redact
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import AUTHENTICATOR_METHODS, AUTHENTICATORS, scopes_of

_ACTIVE = "ACTIVE"
_WEAK = {"phone_number": "SMS or voice", "okta_email": "e-mail", "security_question": "a security question"}
_FASTPASS = "signed_nonce"


class Method(Struct, frozen=True, kw_only=True):
    """A way in which an authenticator can be used."""

    type: str
    status: str


class AuthenticatorSettings(Struct, frozen=True, kw_only=True, rename="camel"):
    """Settings of an authenticator, as far as they are read."""

    allowed_for: str | None = None  # any, none, recovery or sso; None: authenticators of other kinds have none


@resource("okta.authenticator.authenticator", key="id", redact=(Redact("provider.configuration.*"),))
class Authenticator(Struct, frozen=True, kw_only=True):
    """An authenticator with its methods."""

    id: str
    key: str
    name: str
    status: str
    methods: tuple[Method, ...]
    settings: AuthenticatorSettings | None = None  # None: authenticators of other kinds have none

    def has_active(self, method: str) -> bool:
        """Whether one of its methods can be used."""
        return any(found.type == method and found.status == _ACTIVE for found in self.methods)


@okta.collects(Authenticator, at="organization", call=AUTHENTICATORS, permissions=scopes_of(AUTHENTICATORS))
def authenticators(client: Okta) -> Iterator[Body]:
    yield from client.pages(AUTHENTICATORS)


@okta.part(Authenticator, "methods", call=AUTHENTICATOR_METHODS, permissions=scopes_of(AUTHENTICATOR_METHODS))
def methods(client: Okta, authenticator: Body) -> Any:
    return client.items(AUTHENTICATOR_METHODS, authenticatorId=authenticator["id"])


@check(
    "okta_authenticators_phishing_resistant_available",
    title="A phishing-resistant authenticator is active",
    severity="medium",
    fix="Activate FIDO2 (WebAuthn), smart cards, or FastPass of Okta Verify in Security > Authenticators",
)
def phishing_resistant_available(authenticators: All[Authenticator]) -> Verdict:
    active = [authenticator for authenticator in authenticators if authenticator.status == _ACTIVE]
    good = [found.name for found in active if found.key in {"webauthn", "smart_card_idp"}]
    good += [f"{found.name} with FastPass" for found in active if _has_fastpass(found)]
    if good:
        return passed(f"active: {first_few(good)}")
    return failed(f"none of the {len(active)} active authenticators is resistant to phishing")


def _has_fastpass(authenticator: Authenticator) -> bool:
    return authenticator.key == "okta_verify" and authenticator.has_active(_FASTPASS)


@check(
    "okta_authenticators_weak_disabled",
    title="SMS, voice, e-mail and security question are not sign-in factors",
    severity="medium",
    fix="Allow these authenticators for recovery only, or deactivate them, in Security > Authenticators",
)
def weak_disabled(authenticators: All[Authenticator]) -> Verdict:
    weak, unclear = [], []
    for authenticator in authenticators:
        if authenticator.key not in _WEAK or authenticator.status != _ACTIVE:
            continue
        use = authenticator.settings.allowed_for if authenticator.settings is not None else None
        if use in {"any", "sso"}:
            if authenticator.key == "phone_number" and not any(m.status == _ACTIVE for m in authenticator.methods):
                continue  # neither of its two ways can be used
            weak.append(f"{_WEAK[authenticator.key]} ({use})")
        elif use not in {"recovery", "none"}:
            unclear.append(f"{_WEAK[authenticator.key]} ({use})")
    if weak:
        return failed(f"people can sign in with {first_few(weak)}")
    if unclear:
        return unknown(f"Okta does not say what these may be used for: {first_few(unclear)}")
    return passed("none of these can be used to sign in")
