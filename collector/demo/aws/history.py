"""What happened at Acme on AWS on the way to the state that it is in today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from moto.iam.models import AccessKey

from collector.demo.aws import company
from collector.demo.aws.buckets import close_to_public, public_by_policy
from collector.demo.aws.company import MANAGEMENT, NAMES, PRODUCTION, ROLE, SANDBOX, STAGING
from collector.demo.aws.double import AwsDouble
from collector.demo.aws.people import access_key, join
from collector.demo.aws.seeding import AccountSeed, deny, policy

_REPORTS = "acme-prod-reports"
_LOST = "s3:ListAllMyBuckets"
_TIDIED_UP = "tidied-up"


@dataclass(frozen=True)
class Event:
    """Something that happened so many days before the last day."""

    days: int
    happen: Callable[[AwsHistory], None]


class AwsHistory:
    """Acme on AWS, built as it was on the double's day; `go_on` brings it to a later one."""

    def __init__(self, double: AwsDouble, today: datetime) -> None:
        self._double = double
        self.estate, self.places = company.build(double, today, later=(SANDBOX,))
        self.key = (self.estate.access_key_id, self.estate.secret_access_key)
        """Key id and secret that the scan signs in with."""
        self.undelivered = dict(double.world.undelivered)
        """Trails whose bucket refuses them in the end, since when."""
        self._to_come = list(_EVENTS)
        self._begin()

    def go_on(self, days: int) -> None:
        """Let everything happen up to so many days before the last day."""
        while self._to_come and self._to_come[0].days >= days:
            self._to_come.pop(0).happen(self)
        for place in self.places.values():
            place.go_on()
        self._double.forget_answers("iam")  # nothing else has times of use

    def rotate_own_key(self) -> None:
        """Give the scan's user a new key."""
        iam = self.places[MANAGEMENT].client("iam")
        made = iam.create_access_key(UserName=ROLE)["AccessKey"]
        iam.delete_access_key(UserName=ROLE, AccessKeyId=self.key[0])
        self.key = (made["AccessKeyId"], made["SecretAccessKey"])

    def _begin(self) -> None:
        """Take back what has not happened yet."""
        self._double.world.undelivered.clear()
        _root_last_used(self, 400)
        for account, user in ((MANAGEMENT, ROLE), (PRODUCTION, "build")):
            for key in _keys(self.places[account], user):
                key.create_date = self.places[account].ago(150).replace(tzinfo=None)


def _keys(place: AccountSeed, user: str) -> list[AccessKey]:
    keys: list[AccessKey] = place.iam.users[user].access_keys
    return keys


def _root_last_used(history: AwsHistory, days: float) -> None:
    extras, place = history.places[PRODUCTION].extras, history.places[PRODUCTION]
    if extras.root is not None:
        extras.root = replace(extras.root, last_used_at=place.ago(days))


def _publish_reports(history: AwsHistory) -> None:
    public_by_policy(history.places[PRODUCTION], _REPORTS)


def _close_reports(history: AwsHistory) -> None:
    close_to_public(history.places[PRODUCTION], _REPORTS)


def _rotate_build_key(history: AwsHistory) -> None:
    place = history.places[PRODUCTION]
    old = [key.access_key_id for key in _keys(place, "build")]
    access_key(place, "build", created=27, used=1)
    for id_ in old:
        place.client("iam").delete_access_key(UserName="build", AccessKeyId=id_)


def _new_account(history: AwsHistory) -> None:
    join(history.places[MANAGEMENT], SANDBOX, NAMES[SANDBOX])


def _stuck_trail(history: AwsHistory) -> None:
    history.places[STAGING].double.world.undelivered.update(history.undelivered)


def _lose_permission(history: AwsHistory) -> None:
    iam = history.places[PRODUCTION].client("iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName=_TIDIED_UP, PolicyDocument=policy(deny(_LOST)))


def _regain_permission(history: AwsHistory) -> None:
    history.places[PRODUCTION].client("iam").delete_role_policy(RoleName=ROLE, PolicyName=_TIDIED_UP)


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
