"""Checks of the keys that people make for service accounts."""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from connectors.gcp.iam.resources import Key, ServiceAccount


def _short(key: Key) -> str:
    return key.name.rpartition("/")[2]


def _usable(account: ServiceAccount, now: datetime) -> list[Key]:
    return [key for key in account.keys if not key.disabled and key.valid_before_time > now]


@check(
    "gcp_iam_service_account_no_user_keys",
    title="Service accounts have no keys that people keep",
    severity="medium",
    fix="Attach the account to what runs as it, or use workload identity federation; then delete the key",
)
def no_user_keys(account: ServiceAccount, *, now: datetime, allowed_keys: tuple[str, ...] = ()) -> Verdict:
    # One that is disabled can be enabled again; one that has ended cannot be used again.
    kept = [key for key in account.keys if key.valid_before_time > now and _short(key) not in allowed_keys]
    if kept:
        return failed(f"{account.email} has {len(kept)} keys: {', '.join(sorted(map(_short, kept)))}")
    return passed()


@check(
    "gcp_iam_service_account_key_rotated",
    title="Keys of service accounts are younger than the limit",
    severity="medium",
    fix="Make a second key, move what uses the first one over, and delete it; better, use no key at all",
)
def key_rotated(account: ServiceAccount, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    usable = _usable(account, now)
    if not usable:
        return not_applicable(f"{account.email} has no key that could be used")
    old = [key for key in usable if now - key.valid_after_time > max_age]
    if old:
        ages = ", ".join(f"{_short(key)} is {(now - key.valid_after_time).days} days old" for key in old)
        return failed(f"of {account.email} {ages}; {max_age.days} are allowed")
    uploaded = [_short(key) for key in usable if key.key_origin != "GOOGLE_PROVIDED"]
    if uploaded:
        return unknown(f"how old {', '.join(uploaded)} is nobody says: whoever uploaded it chose the date")
    return passed()
