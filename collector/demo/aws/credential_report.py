"""The credential report of the AWS double, in AWS's format.

Columns and values: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
The report of moto has no row for the root user, says `not_supported` where AWS says `N/A`, and is dated 2015.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from moto.iam.models import AccessKey, IAMBackend, User

COLUMNS = (
    "user",
    "arn",
    "user_creation_time",
    "password_enabled",
    "password_last_used",
    "password_last_changed",
    "password_next_rotation",
    "mfa_active",
    *(
        f"access_key_{number}_{what}"
        for number in (1, 2)
        for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    ),
    "cert_1_active",
    "cert_1_last_rotated",
    "cert_2_active",
    "cert_2_last_rotated",
)
_NO_KEY = ("false", "N/A", "N/A", "N/A", "N/A")
_NO_CERTIFICATES = ("false", "N/A", "false", "N/A")


@dataclass(frozen=True)
class RootUser:
    """The root user of an account; `key_created_at` None means that it has no access key, as it should be."""

    created_at: datetime
    mfa: bool = True
    last_used_at: datetime | None = None
    key_created_at: datetime | None = None


def credential_report(backend: IAMBackend, account: str, root: RootUser | None) -> str:
    """Return the report as CSV; without a root user it has no root row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    if root is not None:
        writer.writerow(_root_row(account, root))
    writer.writerows(_user_row(user) for user in backend.users.values())
    return text.getvalue().removesuffix("\n")


def _root_row(account: str, root: RootUser) -> Sequence[str]:
    """Return the root user's row; as on AWS the password columns are `not_supported`, except for the last use."""
    created, used = _time(root.created_at), "no_information" if root.last_used_at is None else _time(root.last_used_at)
    key = _NO_KEY if root.key_created_at is None else ("true", _time(root.key_created_at), "N/A", "N/A", "N/A")
    password = ("not_supported", used, "not_supported", "not_supported")
    arn = f"arn:aws:iam::{account}:root"
    return ("<root_account>", arn, created, *password, _flag(root.mfa), *key, *_NO_KEY, *_NO_CERTIFICATES)


def _user_row(user: User) -> Sequence[str]:
    keys = [*(_key_columns(key) for key in user.access_keys[:2]), _NO_KEY, _NO_KEY][:2]
    columns = [column for key in keys for column in key]
    created, mfa = _time(user.create_date), _flag(bool(user.mfa_devices))
    return (user.name, user.arn, created, *_password_columns(user), mfa, *columns, *_NO_CERTIFICATES)


def _password_columns(user: User) -> Iterator[str]:
    if user.password is None:
        yield from ("false", "N/A", "N/A", "N/A")
        return
    yield "true"
    used: datetime | None = user.password_last_used
    yield "no_information" if used is None else _time(used)
    yield _time(user.create_date)  # no user of the made-up company changed a password
    yield "N/A"  # the account's passwords do not expire


def _key_columns(key: AccessKey) -> Sequence[str]:
    rotated = (_flag(key.status == "Active"), _time(key.create_date))
    if key.last_used is None:
        return (*rotated, "N/A", "N/A", "N/A")
    return (*rotated, _time(key.last_used.timestamp), key.last_used.region, key.last_used.service)


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _flag(value: bool) -> str:
    return "true" if value else "false"
