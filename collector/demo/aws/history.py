"""The events at Acme on AWS over the ninety days of the demo, the last of which leaves the state of `company`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from moto.iam.models import AccessKey

from collector.demo.aws import company
from collector.demo.aws.buckets import close_to_public, public_by_policy
from collector.demo.aws.company import MANAGEMENT, NAMES, PRODUCTION, ROLE, SANDBOX, STAGING
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.people import access_key, join_organization
from collector.demo.aws.seeding import AccountSeed, deny, policy

_REPORTS = "acme-prod-reports"
_LOST_PERMISSION = "s3:ListAllMyBuckets"
_TIDIED_UP = "tidied-up"


@dataclass(frozen=True)
class Event:
    """A change of the company, dated in days before the last day."""

    days: int
    apply: Callable[[AwsHistory], None]


class AwsHistory:
    """Acme on AWS, built as of the double's day; `advance_to` applies the events up to a later one."""

    def __init__(self, double: AwsDouble, today: datetime) -> None:
        self._double = double
        self.company, self.accounts = company.build(double, today, later=(SANDBOX,))
        self.key = (self.company.access_key_id, self.company.secret_access_key)
        """Key id and secret that the scan signs in with."""
        self.undelivered = dict(double.world.undelivered)
        """Trails whose bucket refuses them on the last day, with the time since when."""
        self._pending = list(_EVENTS)
        self._undo_events()

    def advance_to(self, days: int) -> None:
        """Apply every event up to so many days before the last day."""
        while self._pending and self._pending[0].days >= days:
            self._pending.pop(0).apply(self)
        for account in self.accounts.values():
            account.renew_uses()
        self._double.forget_answers("iam")  # nothing else has times of use

    def rotate_own_key(self) -> None:
        """Give the scan's user a new key."""
        iam = self.accounts[MANAGEMENT].client("iam")
        made = iam.create_access_key(UserName=ROLE)["AccessKey"]
        iam.delete_access_key(UserName=ROLE, AccessKeyId=self.key[0])
        self.key = (made["AccessKeyId"], made["SecretAccessKey"])

    def _undo_events(self) -> None:
        """Set back what the events change, as it was on the first day."""
        self._double.world.undelivered.clear()
        _root_last_used(self, 400)
        for number, user in ((MANAGEMENT, ROLE), (PRODUCTION, "build")):
            for key in _keys(self.accounts[number], user):
                key.create_date = self.accounts[number].ago(150).replace(tzinfo=None)


def _keys(account: AccountSeed, user: str) -> list[AccessKey]:
    keys: list[AccessKey] = account.iam.users[user].access_keys
    return keys


def _root_last_used(history: AwsHistory, days: float) -> None:
    extras, account = history.accounts[PRODUCTION].extras, history.accounts[PRODUCTION]
    if extras.root is not None:
        extras.root = replace(extras.root, last_used_at=account.ago(days))


def _publish_reports(history: AwsHistory) -> None:
    public_by_policy(history.accounts[PRODUCTION], _REPORTS)


def _close_reports(history: AwsHistory) -> None:
    close_to_public(history.accounts[PRODUCTION], _REPORTS)


def _rotate_build_key(history: AwsHistory) -> None:
    account = history.accounts[PRODUCTION]
    old = [key.access_key_id for key in _keys(account, "build")]
    access_key(account, "build", created=27, used=1)
    for id_ in old:
        account.client("iam").delete_access_key(UserName="build", AccessKeyId=id_)


def _new_account(history: AwsHistory) -> None:
    join_organization(history.accounts[MANAGEMENT], SANDBOX, NAMES[SANDBOX])


def _stuck_trail(history: AwsHistory) -> None:
    history.accounts[STAGING].double.world.undelivered.update(history.undelivered)


def _lose_permission(history: AwsHistory) -> None:
    iam = history.accounts[PRODUCTION].client("iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName=_TIDIED_UP, PolicyDocument=policy(deny(_LOST_PERMISSION)))


def _regain_permission(history: AwsHistory) -> None:
    history.accounts[PRODUCTION].client("iam").delete_role_policy(RoleName=ROLE, PolicyName=_TIDIED_UP)


_EVENTS = (
    Event(62, AwsHistory.rotate_own_key),
    Event(48, _publish_reports),
    Event(34, _new_account),
    Event(27, _rotate_build_key),
    Event(20, _close_reports),
    Event(12, lambda history: _root_last_used(history, 12)),
    Event(9, _stuck_trail),
    Event(7, _lose_permission),
    Event(4, _regain_permission),
)
"""The oldest first. Keys are older than 90 days from day 60 on, unless they were rotated."""
