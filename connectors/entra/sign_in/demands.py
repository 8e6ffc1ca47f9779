"""What a policy of conditional access demands before it lets somebody in, where it leaves a choice too."""

from __future__ import annotations

from collections.abc import Callable

from connectors.entra.sign_in.conditional_access import Policy, Strength

PHISHING_RESISTANT = frozenset({"windowsHelloForBusiness", "fido2", "x509CertificateMultiFactor"})
"""Combinations of methods that no fake page can use. https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths"""

MANAGED_DEVICE = frozenset({"compliantDevice", "domainJoinedDevice"})


def blocks(policy: Policy) -> bool:
    """Whether a policy lets nobody in."""
    return policy.grant_controls is not None and "block" in policy.grant_controls.built_in_controls


def demands_mfa(policy: Policy) -> bool:
    """Whether nobody comes in with one factor alone."""
    return _demands(policy, lambda control: control == "mfa", lambda strength: strength.requirements_satisfied == "mfa")


def demands_phishing_resistance(policy: Policy) -> bool:
    """Whether each combination of methods that is accepted resists phishing."""
    return _demands(
        policy,
        lambda _control: False,
        lambda strength: (
            bool(strength.allowed_combinations) and set(strength.allowed_combinations) <= PHISHING_RESISTANT
        ),
    )


def demands_managed_device(policy: Policy) -> bool:
    """Whether nobody comes in from a device that the company does not manage."""
    return _demands(policy, lambda control: control in MANAGED_DEVICE, lambda _strength: False)


def demands_new_password(policy: Policy) -> bool:
    """Whether a new password has to be set, or the risk be removed in another way, before anybody comes in."""
    return _demands(policy, lambda control: control in {"passwordChange", "riskRemediation"}, lambda _strength: False)


def _demands(policy: Policy, good: Callable[[str], bool], strong: Callable[[Strength], bool]) -> bool:
    grant = policy.grant_controls
    if grant is None:
        return False
    if blocks(policy):
        return True
    choices = [good(control) for control in grant.built_in_controls]
    choices += [False for _ in (*grant.custom_authentication_factors, *grant.terms_of_use)]
    if grant.authentication_strength is not None:
        choices.append(strong(grant.authentication_strength))
    if not choices:
        return False
    return any(choices) if grant.operator == "AND" else all(choices)
