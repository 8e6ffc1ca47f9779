"""Keys of Cloud KMS, in each location that it has for the project."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._iam.policies import Policy, public_grants
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp
from connectors.gcp._sdk.links import last_of
from connectors.gcp._sdk.unused import off

_API = ("cloudkms", "v1")
_PLACES = "cloudkms.projects.locations"
LOCATIONS = Operation(*_API, f"{_PLACES}.list")
RINGS = Operation(*_API, f"{_PLACES}.keyRings.list")
KEYS = Operation(*_API, f"{_PLACES}.keyRings.cryptoKeys.list")
RING_POLICY = Operation(*_API, f"{_PLACES}.keyRings.getIamPolicy")
KEY_POLICY = Operation(*_API, f"{_PLACES}.keyRings.cryptoKeys.getIamPolicy")


class VersionTemplate(Struct, frozen=True, kw_only=True, rename="camel"):
    """What new versions are like."""

    protection_level: str = ""


class Primary(Struct, frozen=True, kw_only=True, rename="camel"):
    """The version that encrypts."""

    state: str


@resource("gcp.kms.crypto_key", key="name")
class CryptoKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """A key, with its own policy and that of its ring. Google leaves out what does not apply."""

    name: str
    purpose: str
    policy: Policy
    ring_policy: Policy
    primary: Primary | None = None  # None: a key without versions, or of a purpose that has no primary
    rotation_period: str | None = None  # seconds, as "7776000s"; None: it does not rotate by itself
    next_rotation_time: datetime | None = None
    import_only: bool = False
    version_template: VersionTemplate = VersionTemplate()


@gcp.collects(
    CryptoKey,
    at="project",
    call=(LOCATIONS.id, RINGS.id, KEYS.id),
    permissions=("cloudkms.locations.list", "cloudkms.keyRings.list", "cloudkms.cryptoKeys.list"),
    unused=off("cloudkms.googleapis.com"),
)
def crypto_keys(client: GoogleCloud) -> Iterator[Body]:
    for location in client.locations(LOCATIONS):
        for ring in client.google.pages(RINGS, key="keyRings", parent=location, pageSize=1000):
            yield from client.google.pages(KEYS, key="cryptoKeys", parent=ring["name"], pageSize=1000)


@gcp.part(CryptoKey, "policy", call=KEY_POLICY.id, permissions="cloudkms.cryptoKeys.getIamPolicy")
def key_policy(client: GoogleCloud, key: Body) -> Any:
    return client.policy(KEY_POLICY, resource=key["name"], options_requestedPolicyVersion=3)


@gcp.part(CryptoKey, "ringPolicy", call=RING_POLICY.id, permissions="cloudkms.keyRings.getIamPolicy")
def ring_policy(client: GoogleCloud, key: Body) -> Any:
    ring = key["name"].partition("/cryptoKeys/")[0]
    return client.policy(RING_POLICY, resource=ring, options_requestedPolicyVersion=3)


@check(
    "gcp_kms_key_rotation_period",
    title="Symmetric keys rotate within the limit",
    severity="medium",
    fix="Set a rotation period and the next rotation of the key",
)
def rotation_period(key: CryptoKey, *, now: datetime, max_period: timedelta = timedelta(days=365)) -> Verdict:
    name = last_of(key.name)
    if why := _never_rotates(key):
        return not_applicable(why)
    if key.version_template.protection_level.startswith("EXTERNAL"):
        return unknown(f"{name} is kept outside of Google, where it is rotated, and Google does not rotate it")
    if key.rotation_period is None or key.next_rotation_time is None:
        return failed(f"{name} has no rotation period")
    period = timedelta(seconds=float(key.rotation_period.removesuffix("s")))
    if period > max_period:
        return failed(f"{name} rotates every {period.days} days; {max_period.days} are allowed")
    if key.next_rotation_time - now > max_period:
        days = (key.next_rotation_time - now).days
        return failed(f"{name} rotates next in {days} days, whatever its period; {max_period.days} are allowed")
    if key.next_rotation_time <= now:
        return unknown(f"{name} was to rotate on {key.next_rotation_time:%Y-%m-%d}, and has not")
    return passed(f"{name} rotates every {period.days} days")


def _never_rotates(key: CryptoKey) -> str:
    """Return why rotation means nothing for a key; empty where it does."""
    name = last_of(key.name)
    if key.purpose != "ENCRYPT_DECRYPT":
        return f"{name} is for {key.purpose}, and Google rotates only keys that encrypt symmetrically"
    if key.import_only:
        return f"{name} takes imported versions only, which Google does not rotate"
    if key.primary is None or key.primary.state != "ENABLED":
        state = "is missing" if key.primary is None else f"is {key.primary.state}"
        return f"the primary version of {name} {state}, so that it encrypts nothing"
    return ""


@check(
    "gcp_kms_key_not_public",
    title="KMS keys are not public",
    severity="critical",
    fix="Remove allUsers and allAuthenticatedUsers from the policy of the key and of its ring",
)
def not_public(key: CryptoKey) -> Verdict:
    public = [*public_grants(key.policy), *(f"{said} by the key ring" for said in public_grants(key.ring_policy))]
    return failed(f"{last_of(key.name)}: {'; '.join(public)}") if public else passed()
