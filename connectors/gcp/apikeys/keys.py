"""API keys: strings that whoever has them can use, within their restrictions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors._google import Operation
from connectors.gcp._network.space import space_of
from connectors.gcp._sdk.client import GoogleCloud
from connectors.gcp._sdk.connector import gcp

KEYS = Operation("apikeys", "v2", "apikeys.projects.locations.keys.list")


class ApiTarget(Struct, frozen=True, kw_only=True, rename="camel"):
    """An API that a key may be used for."""

    service: str


class Browsers(Struct, frozen=True, kw_only=True, rename="camel"):
    """Pages that a key may be used from. Google leaves out what is empty."""

    allowed_referrers: tuple[str, ...] = ()


class Servers(Struct, frozen=True, kw_only=True, rename="camel"):
    """Addresses that a key may be used from. Google leaves out what is empty."""

    allowed_ips: tuple[str, ...] = ()


class AndroidApps(Struct, frozen=True, kw_only=True, rename="camel"):
    """Android apps that a key may be used from, without their fingerprints. Google leaves out what is empty."""

    allowed_applications: tuple[dict[str, str], ...] = ()


class IosApps(Struct, frozen=True, kw_only=True, rename="camel"):
    """iOS apps that a key may be used from. Google leaves out what is empty."""

    allowed_bundle_ids: tuple[str, ...] = ()


class Restrictions(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a key may be used for, and from where. Google leaves out what nobody has restricted."""

    api_targets: tuple[ApiTarget, ...] = ()
    browser_key_restrictions: Browsers = Browsers()
    server_key_restrictions: Servers = Servers()
    android_key_restrictions: AndroidApps = AndroidApps()
    ios_key_restrictions: IosApps = IosApps()

    def narrows_callers(self, max_public_share: float) -> bool | None:
        """Return whether some callers are refused; None where an address is none that can be read.

        An entry that admits everybody makes the list no restriction, and so do addresses that hold more of the internet
        together.
        """
        referrers, addresses = self.browser_key_restrictions.allowed_referrers, self.server_key_restrictions.allowed_ips
        if self.android_key_restrictions.allowed_applications or self.ios_key_restrictions.allowed_bundle_ids:
            return True
        if referrers and not any(_is_any_page(each) for each in referrers):
            return True
        if not addresses:
            return False
        try:
            return max(space_of(version, addresses).public_part for version in (4, 6)) <= max_public_share
        except ValueError:
            return None


@resource("gcp.apikeys.key", key="uid", volatile=("etag", "updateTime"), redact=("keyString",))
class ApiKey(Struct, frozen=True, kw_only=True, rename="camel"):
    """An API key; its string is never asked for."""

    uid: str
    create_time: datetime
    restrictions: Restrictions = Restrictions()  # left out where there are none
    display_name: str = ""  # left out where nobody gave one


@gcp.collects(ApiKey, at="project", call=KEYS.id, permissions="apikeys.keys.list")
def api_keys(client: GoogleCloud) -> Iterator[Body]:
    # Keys are there, and work, whether the API that lists them is on or not.
    yield from client.whatever.pages(KEYS, key="keys", parent=f"{client.name}/locations/global", pageSize=300)


def _is_any_page(referrer: str) -> bool:
    """Whether pages of anybody are meant: all of them, or all below the last label of a name, such as *.com."""
    host = (referrer.partition("://")[2] or referrer).partition("/")[0]
    named = host.strip("*. ")
    return named == "" or (host.strip().startswith("*") and "." not in named.partition(":")[0])


@check(
    "gcp_apikeys_restricted",
    title="API keys are restricted by API and by caller",
    severity="high",
    fix="Restrict the key to the APIs and the callers that need it, or delete it",
)
def restricted(key: ApiKey, *, max_public_share: float = 0.0001) -> Verdict:
    narrowed = key.restrictions.narrows_callers(max_public_share)
    missing = [] if key.restrictions.api_targets else ["which APIs it is for"]
    if narrowed is False:
        missing.append("who may use it")
    if missing:
        return failed(f"nothing restricts {' and '.join(missing)}: {key.display_name or key.uid}")
    if narrowed is None:
        return unknown(f"an address that {key.display_name or key.uid} may be used from cannot be read")
    return passed()


@check(
    "gcp_apikeys_rotated",
    title="API keys are younger than the limit",
    severity="medium",
    fix="Make a new key, move its users over, and delete the old one",
)
def rotated(key: ApiKey, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    age = now - key.create_time
    if age <= max_age:
        return passed()
    return failed(f"{key.display_name or key.uid} is {age.days} days old; {max_age.days} are allowed")
