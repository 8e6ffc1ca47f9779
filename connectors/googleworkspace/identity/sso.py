"""Single sign-on: profiles of other identity providers, and who signs in by which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from collector.core.connectors import Listed
from collector.core.resources import resource
from connectors.googleworkspace._policy.people import Units
from connectors.googleworkspace._sdk.client import Workspace
from connectors.googleworkspace._sdk.connector import googleworkspace
from connectors.googleworkspace._sdk.scopes import SINGLE_SIGN_ON

PROFILES = "cloudidentity.inboundSamlSsoProfiles.list"
ASSIGNMENTS = "cloudidentity.inboundSsoAssignments.list"

_ELSEWHERE = frozenset({"SAML_SSO", "OIDC_SSO"})
_PERHAPS = "DOMAIN_WIDE_SAML_IF_ENABLED"
"""Google's older profile of the whole company, which no API shows."""


@resource("googleworkspace.identity.sso_profile", key="name")
class SsoProfile(Struct, frozen=True, kw_only=True, rename="camel"):
    """A profile of an identity provider by SAML. The company's older profile is in no API, and so not among them."""

    name: str
    display_name: str = ""  # left out where nobody has named it


@resource("googleworkspace.identity.sso_assignment", key="name")
class SsoAssignment(Struct, frozen=True, kw_only=True, rename="camel"):
    """By which provider the people of a unit or of a group sign in."""

    name: str
    mode: str = field(name="ssoMode")
    target_org_unit: str = ""  # one of the two is set
    target_group: str = ""


@googleworkspace.collects(SsoProfile, at="customer", call=PROFILES, permissions=SINGLE_SIGN_ON)
def profiles(client: Workspace) -> Listed:
    yield from client.pages(
        PROFILES, key="inboundSamlSsoProfiles", filter=f'customer=="customers/{client.customer}"', pageSize=100
    )


@googleworkspace.collects(SsoAssignment, at="customer", call=ASSIGNMENTS, permissions=SINGLE_SIGN_ON)
def assignments(client: Workspace) -> Listed:
    yield from client.pages(
        ASSIGNMENTS, key="inboundSsoAssignments", filter=f'customer=="customers/{client.customer}"', pageSize=100
    )


def sign_in_elsewhere(assignments: Sequence[SsoAssignment], units: Callable[[], Units], path: str) -> str | None:
    """Return how somebody in a unit signs in at another provider, or may; None where it is known that they do not.

    `units` is only called where an assignment of a unit may decide.
    """
    if any(one.target_group and one.mode != "SSO_OFF" for one in assignments):
        return "may sign in at another identity provider, by a group whose members are not compared"
    of_units = {one.target_org_unit.removeprefix("orgUnits/"): one.mode for one in assignments if one.target_org_unit}
    if not {*of_units.values()} & {*_ELSEWHERE, _PERHAPS}:
        return None
    tree = units()
    unit = next((unit_id for unit_id, known in tree.paths.items() if known == path), None)
    if unit is None:
        return f"is in the unit {path}, which the list of units does not have"
    above = sorted(tree.lines[unit] & of_units.keys(), key=lambda unit_id: len(tree.lines[unit_id]))
    mode = of_units[above[-1]] if above else "SSO_OFF"
    if mode in _ELSEWHERE:
        return "signs in at another identity provider"
    return "may sign in by the company's older single sign-on profile, which no API shows" if mode == _PERHAPS else None
