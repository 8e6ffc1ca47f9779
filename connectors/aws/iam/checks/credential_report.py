"""Checks of the IAM credential report: passwords, second factors and access keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.errors import Unread
from connectors.aws.iam.resources.credential_report import CredentialRow, is_true

# Values of the report, by the IAM User Guide, "Generate credential reports":
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
_NOT_APPLICABLE = "N/A"


_NO_INFORMATION = "no_information"


# IAM records sign-ins since this day: "no information" on a password that was set later means that it was never used.
_SIGN_INS_KNOWN_SINCE = datetime(2014, 10, 20, tzinfo=UTC)


@check(
    "aws_iam_root_not_used_recently",
    title="The root user has not been used lately",
    severity="high",
    fix="Work through roles for administrators, and keep the root user for what only it can do",
)
def root_not_used_recently(
    rows: All[CredentialRow], *, now: datetime, unused_for: timedelta = timedelta(days=90)
) -> Verdict:
    root = next((row for row in rows if row.is_root), None)
    if root is None:
        return unknown("the credential report has no row for the root user")
    uses = (root.password_last_used, root.access_key_1_last_used_date, root.access_key_2_last_used_date)
    last = max((time for text in uses if (time := _last_use(text)) is not None), default=None)
    if last is not None and now - last < unused_for:
        return failed(f"the root user was last used {(now - last).days} days ago; {unused_for.days} are asked for")
    if _NO_INFORMATION in uses and not _all_uses_known(_time(root.user_creation_time)):
        return unknown("AWS has no information on when the root user was last used")
    return passed("never used" if last is None else f"last used {last.date()}")


@check(
    "aws_iam_user_console_mfa_enabled",
    title="The user signs in to the console with a second factor",
    severity="critical",
    fix="Let the user register an MFA device, or move the user to single sign-on and remove the password",
)
def console_mfa_enabled(row: CredentialRow) -> Verdict:
    if row.is_root:
        return not_applicable("the root user is no IAM user; aws_iam_root_mfa_enabled judges it")
    if not row.has_password:
        return not_applicable(f"{row.user} has no console password")
    if is_true(row.mfa_active, "mfa_active"):
        return passed()
    return failed(f"{row.user} has a console password and no MFA device")


@check(
    "aws_iam_user_unused_credentials_disabled",
    title="Credentials that nobody uses are disabled",
    severity="high",
    fix="Remove the password or deactivate the key, and delete it once nobody misses it",
)
def unused_credentials_disabled(
    row: CredentialRow, *, now: datetime, unused_after: timedelta = timedelta(days=45)
) -> Verdict:
    if row.is_root:
        return not_applicable("the root user is no IAM user; aws_iam_root_not_used_recently judges it")
    credentials = [(f"access key {key.number}", key.rotated, key.used) for key in row.active_keys()]
    if row.has_password:
        credentials.insert(0, ("password", row.password_last_changed, row.password_last_used))
    if not credentials:
        return not_applicable(f"{row.user} has neither a password nor an active access key")
    stale: list[str] = []
    doubts: list[str] = []
    for name, created, used in credentials:
        changed, last = _time(created), _last_use(used)
        # A change is no use: it starts the time of a credential that was never used, and of no other.
        since = changed if last is None else last
        if since is not None and now - since <= unused_after:
            continue
        if since is None or (used == _NO_INFORMATION and not _all_uses_known(changed)):
            doubts.append(f"AWS has no information on when the {name} of {row.user} was last used")
            continue
        text = f"the {name} of {row.user} was not used for {(now - since).days} days"
        renewed = last is not None and changed is not None and now - changed <= unused_after
        stale.append(f"{text}, though it was changed {(now - changed).days} days ago" if renewed and changed else text)
    if stale:
        return failed(f"{'; '.join(stale)}; {unused_after.days} are allowed")
    return unknown("; ".join(doubts)) if doubts else passed()


@check(
    "aws_iam_access_key_rotated",
    title="Every active access key is younger than the limit",
    severity="medium",
    fix="Make a second key, move whatever uses the old one, then delete the old one; better, use a role",
)
def access_key_rotated(row: CredentialRow, *, now: datetime, max_age: timedelta = timedelta(days=90)) -> Verdict:
    keys = list(row.active_keys())
    if not keys:
        return not_applicable(f"{row.user} has no active access key")
    old: list[str] = []
    doubts: list[str] = []
    for key in keys:
        try:
            created = _time(key.rotated)
        except Unread as reason:
            doubts.append(str(reason))
            continue
        if created is None:
            doubts.append(f"the report does not say when access key {key.number} of {row.user} was made")
        elif now - created > max_age:
            old.append(f"access key {key.number} of {row.user} is {(now - created).days} days old")
    if old:
        return failed(f"{'; '.join(old)}; {max_age.days} are allowed")
    return unknown("; ".join(doubts)) if doubts else passed()


@check(
    "aws_iam_user_single_active_access_key",
    title="The user has no second active access key",
    severity="low",
    fix="Delete the spare key once everything uses the new one",
)
def single_active_access_key(row: CredentialRow) -> Verdict:
    count = sum(1 for _ in row.active_keys())
    return passed() if count <= 1 else failed(f"{row.user} has {count} active access keys")


@check(
    "aws_iam_user_federated_access_only",
    title="The user has no console password, unless it is one of the named ones",
    severity="medium",
    fix="Give people access by single sign-on, and keep console passwords for the named emergency users",
)
def federated_access_only(row: CredentialRow, *, allowed_console_users: tuple[str, ...] = ()) -> Verdict:
    if row.is_root:
        return not_applicable("the root user is no IAM user")
    if not row.has_password:
        return passed(f"{row.user} has no console password")
    if row.user in allowed_console_users:
        return passed(f"{row.user} has a console password and is listed in allowed_console_users")
    return failed(f"{row.user} has a console password of its own")


def _last_use(text: str) -> datetime | None:
    """Return the time of a last use; None where there was none or AWS has no information. Raises as `_time`."""
    return None if text == _NO_INFORMATION else _time(text)


def _all_uses_known(created: datetime | None) -> bool:
    return created is not None and created >= _SIGN_INS_KNOWN_SINCE


def _time(text: str) -> datetime | None:
    """Return the time in a column; None for N/A. Raises Unread for anything but an ISO 8601 time with its zone."""
    if text == _NOT_APPLICABLE:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unread(f"the credential report says {text!r} where a time should be") from error
    if moment.tzinfo is None:
        raise Unread(f"the credential report gives the time {text!r} without its zone")
    return moment
