"""The IAM credential report: passwords, MFA and access keys of every user, the root user included.

Columns and values: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from msgspec import Struct

from collector.core.errors import Unavailable, Unexpected, Unread
from collector.core.people import Person
from collector.core.resources import Body, resource
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.connector import aws
from connectors.aws._sdk.errors import explain

_MAX_ATTEMPTS = 60
_SECONDS_BETWEEN = 2.0
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html and of GenerateCredentialReport
_ASK_AGAIN = frozenset({"LimitExceeded", "ReportInProgress", "ReportExpired", "ReportNotPresent"})


@resource(
    "aws.iam.credential_report",
    key="user",
    volatile=(
        "generated_time",
        "password_last_used",
        "access_key_1_last_used_date",
        "access_key_1_last_used_region",
        "access_key_1_last_used_service",
        "access_key_2_last_used_date",
        "access_key_2_last_used_region",
        "access_key_2_last_used_service",
    ),
    person=Person(
        name="user",
        last_use=("password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"),
    ),
)
class CredentialRow(Struct, frozen=True, kw_only=True):
    """One row of the report, as text: `true`, `false`, a time, `N/A`, `no_information` or `not_supported`."""

    user: str
    user_creation_time: str
    password_enabled: str
    password_last_used: str
    password_last_changed: str
    mfa_active: str
    access_key_1_active: str
    access_key_1_last_rotated: str
    access_key_1_last_used_date: str
    access_key_2_active: str
    access_key_2_last_rotated: str
    access_key_2_last_used_date: str

    @property
    def is_root(self) -> bool:
        """Whether the row is the root user's; no IAM user can have this name."""
        return self.user == "<root_account>"

    @property
    def has_password(self) -> bool:
        """Whether the user can sign in to the console."""
        return is_true(self.password_enabled, "password_enabled")

    def active_keys(self) -> Iterator[AccessKey]:
        """Yield the active access keys."""
        if is_true(self.access_key_1_active, "access_key_1_active"):
            yield AccessKey(number=1, rotated=self.access_key_1_last_rotated, used=self.access_key_1_last_used_date)
        if is_true(self.access_key_2_active, "access_key_2_active"):
            yield AccessKey(number=2, rotated=self.access_key_2_last_rotated, used=self.access_key_2_last_used_date)


class AccessKey(Struct, frozen=True, kw_only=True):
    """An active access key of a row; the report numbers keys and does not name them."""

    number: int
    rotated: str
    used: str


@aws.collects(
    CredentialRow,
    at="account",
    call=("iam:GenerateCredentialReport", "iam:GetCredentialReport"),
    permissions=("iam:GenerateCredentialReport", "iam:GetCredentialReport"),
)
def credential_report(account: Account) -> Iterator[Body]:
    yield from report_rows(account)


def report_rows(account: Account) -> Iterator[Body]:
    """Yield the rows of the report, each with the time at which it was made. Raises Unexpected for another table."""
    answer = _report(account)
    # AWS returns a report that is up to four hours old, so the time at which it was made is kept with each row.
    generated = {"generated_time": answer["GeneratedTime"]} if "GeneratedTime" in answer else {}
    report = answer["Content"].decode("utf-8")
    rows = csv.DictReader(io.StringIO(report, newline=""), restkey="", restval=None, strict=True)
    if "user" not in (rows.fieldnames or ()):
        raise Unexpected("the credential report has no column called user")
    for row in rows:
        if "" in row or None in row.values():
            raise Unexpected(f"a row of the credential report has not {len(rows.fieldnames or ())} columns")
        yield {**row, **generated}


def _report(account: Account) -> Body:
    """Return the finished report. Raises Unavailable where AWS does not finish one in time.

    While IAM is busy with a report, or has just dropped an old one, it answers with errors that mean to ask again.
    """
    busy = "INPROGRESS"
    for _ in range(_MAX_ATTEMPTS):
        try:
            busy = account.value("iam", "GenerateCredentialReport", "State")
            if busy == "COMPLETE":
                return account.call("iam", "GetCredentialReport", having="Content")
        except Exception as error:
            refusal = explain(error)
            if refusal is None or refusal.code not in _ASK_AGAIN:
                raise
            busy = refusal.code
        account.wire.pause(_SECONDS_BETWEEN)
    raise Unavailable(
        f"AWS did not finish the credential report within {_MAX_ATTEMPTS * _SECONDS_BETWEEN:.0f} seconds"
        f" ({busy} at the end)"
    )


def is_true(text: str, column: str) -> bool:
    """Return a boolean of the report; `not_supported` and `n/a` are false. Raises Unread for any other text."""
    match text.lower():
        case "true":
            return True
        case "false" | "not_supported" | "n/a":
            return False
        case _:
            raise Unread(f"the credential report says {text!r} in {column}")
