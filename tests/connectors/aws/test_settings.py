"""What a source with connector = "aws" may say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from connectors.aws._sdk.settings import Settings, quota, roots

ROLE = "arn:aws:iam::111122223333:role/audit/annexd"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"role": "annexd"}, "is not the ARN of a role"),
        ({"role": ROLE, "partition": "aws-cn"}, "partition"),
        ({"role_name": "path/annexd"}, "without path"),
        ({"accounts": "organization"}, "needs role or role_name"),
        ({"accounts": ["111122223333", "222233334444"]}, "needs role or role_name"),
        ({"accounts": [], "role": ROLE}, "accounts is empty"),
        ({"accounts": ["1111"], "role": ROLE}, "12 digits"),
        ({"regions": []}, "regions is empty"),
        ({"regions": ["eu-centrl-1"]}, "did you mean 'eu-central-1'"),
        ({"regions": ["eu-central-1"], "partition": "aws-us-gov"}, "is not a region of aws-us-gov"),
        ({"session_name": "a b"}, "session_name"),
        ({"acounts": ["111122223333"]}, "acounts"),
    ],
)
def test_a_wrong_setting_is_refused_before_the_network(values: dict[str, Any], says: str) -> None:
    """A scan that starts with half of its accounts would look complete."""
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(values, Settings)


@pytest.mark.parametrize(
    ("values", "scopes"),
    [
        ({}, [()]),
        ({"role": ROLE}, [(), ("111122223333",)]),
        ({"accounts": "organization", "role": ROLE}, [()]),
        ({"accounts": ["222233334444"]}, [(), ("222233334444",)]),
        (
            {"accounts": ["222233334444"], "regions": ["eu-central-1", "eu-west-1"]},
            [(), ("222233334444",), ("222233334444", "eu-central-1"), ("222233334444", "eu-west-1")],
        ),
    ],
)
def test_roots_are_what_the_settings_alone_name(values: dict[str, Any], scopes: list[tuple[str, ...]]) -> None:
    """A named region stays in the plan when the list of regions is refused."""
    assert roots(msgspec.convert(values, Settings)) == scopes


def test_other_accounts_are_entered_by_a_role_of_the_same_name() -> None:
    """One name in all accounts is how such roles are rolled out; a path is the first account's own."""
    settings = Settings(role=ROLE, accounts="organization")

    assert settings.role_in("222233334444") == "arn:aws:iam::222233334444:role/annexd"
    assert settings.hub == "111122223333"


def test_calls_count_against_the_account_they_are_made_in() -> None:
    """AWS counts by account; two regions of one share what it allows."""
    assert quota(Settings(), ("111122223333", "eu-west-1")) == "111122223333"
    assert quota(Settings(), ()) == "source"
