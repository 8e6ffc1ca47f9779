"""What a rule of an app sign-in policy asks of whoever signs in: how many factors, of which kinds, which of them safe.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/ (AccessPolicyRuleApplicationSignOn)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Known = bool | None
"""Yes, no, or None: what was seen does not decide it."""

_KNOWLEDGE: Final = frozenset({"okta_password", "security_question"})
_POSSESSION: Final = frozenset(
    {
        "custom_app",
        "custom_otp",
        "duo",
        "google_otp",
        "okta_email",
        "okta_verify",
        "onprem_mfa",
        "phone_number",
        "rsa_token",
        "security_key",
        "smart_card_idp",
        "symantec_vip",
        "tac",
        "webauthn",
        "yubikey_token",
    }
)
_BOUND_TO_ORIGIN: Final = frozenset({"webauthn", "smart_card_idp"})
"""Authenticators that are resistant to phishing in whatever way they are used. FastPass of Okta Verify is so only where
the policy demands it: without that it also answers where the origin was not verified."""


@dataclass(frozen=True)
class Asked:
    """What a verification asks for, by its weakest way.

    `two_factors`: two kinds of factor. `possession`: something beyond what a person knows. `phishing_resistant`: a
    factor that cannot be relayed.
    """

    two_factors: Known
    possession: Known
    phishing_resistant: Known


NOTHING_KNOWN: Final = Asked(None, None, None)


def asked(method: Mapping[str, Any] | None) -> Asked:
    """Return what the verification method of a rule asks for."""
    match (method or {}).get("type"):
        case "ASSURANCE":
            return _assurance(method or {})
        case "AUTH_METHOD_CHAIN":
            return _chains((method or {}).get("chains") or [])
        case _:
            return NOTHING_KNOWN


def _assurance(method: Mapping[str, Any]) -> Asked:
    # One of several constraints is enough, so each of them has to ask for it; without any, a password will do.
    constraints = method.get("constraints") or [{}]
    possessions = [_demanded(constraint.get("possession")) for constraint in constraints]
    # An authenticator that has to ask for a PIN or a biometric proves a factor of a second kind by itself.
    verified = all(
        possession is not None and possession.get("userVerification") == "REQUIRED" for possession in possessions
    )
    two = {"1FA": verified, "2FA": True}.get(str(method.get("factorMode")))
    resistant = [_resistant(possession) for possession in possessions]
    # Knowledge, possession and inherence are the three kinds: two of them cannot be knowledge alone.
    possession = True if two else _weakest(possession is not None for possession in possessions)
    return Asked(two, None if two is None and not possession else possession, _weakest(resistant))


def _demanded(constraint: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a constraint where its factor is demanded: it is unless it says otherwise, as one with exclusions does."""
    if constraint is None or constraint.get("required") is False:
        return None
    if constraint.get("required") is None and constraint.get("excludedAuthenticationMethods"):
        return None
    return constraint


def _resistant(possession: Mapping[str, Any] | None) -> Known:
    if possession is None:
        return False
    if possession.get("phishingResistant") == "REQUIRED":
        return True
    named = possession.get("authenticationMethods") or []
    return bool(named) and all(method.get("key") in _BOUND_TO_ORIGIN for method in named)


def _chains(chains: Sequence[Mapping[str, Any]]) -> Asked:
    ways = [way for chain in chains for way in _ways(chain)]
    if not ways:
        return NOTHING_KNOWN
    return Asked(
        _weakest(_has_two(way) for way in ways),
        _weakest(_has_possession(way) for way in ways),
        _weakest(any(_step_resists(step) for step in way) for way in ways),
    )


def _ways(chain: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield each way through a chain: one of the methods of every step."""
    following = [way for after in chain.get("next") or [] for way in _ways(after)] or [[]]
    for method in chain.get("authenticationMethods") or []:
        for rest in following:
            yield [method, *rest]


def _kinds(step: Mapping[str, Any]) -> set[str] | None:
    """Return the kinds of factor that a step proves; None for an authenticator of which that is not documented."""
    key = step.get("key")
    if key in _KNOWLEDGE:
        return {"knowledge"}
    if key in _POSSESSION:
        # A PIN or a biometric that the authenticator asks for is a factor of another kind.
        return {"possession", "verified"} if step.get("userVerification") == "REQUIRED" else {"possession"}
    return None


def _has_two(way: Sequence[Mapping[str, Any]]) -> Known:
    kinds = [_kinds(step) for step in way]
    if len(set().union(*(kind for kind in kinds if kind is not None))) > 1:
        return True
    return None if None in kinds else False


def _has_possession(way: Sequence[Mapping[str, Any]]) -> Known:
    kinds = [_kinds(step) for step in way]
    if any(kind is not None and "possession" in kind for kind in kinds):
        return True
    return None if None in kinds else False


def _step_resists(step: Mapping[str, Any]) -> bool:
    return step.get("phishingResistant") == "REQUIRED" or step.get("key") in _BOUND_TO_ORIGIN


def _weakest(answers: Iterable[Known]) -> Known:
    """Return what holds of every way: no where one does not, unknown where that is open."""
    found = list(answers)
    if False in found:
        return False
    return None if None in found else True
