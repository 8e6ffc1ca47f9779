"""Whose a limit is: a line that nobody in the company has drawn fails no control."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Check, Limit
from collector.core.controls import Link, Strength
from collector.setup.app import App, open_app
from collector.setup.company_limits import NOT_STATED, deciding_defaults, defaults_in_force, draws_a_line

HEAD = """
[store]
url = "sqlite:///annexd.db"
[sources.acme]
connector = "aws"
accounts = ["111122223333"]
role = "arn:aws:iam::111122223333:role/annexd"
[sources.code]
connector = "github"
token = { env = "TOKEN" }
organizations = ["acme"]
[frameworks]
use = ["iso27001:2022"]
"""


def app(folder: Path, text: str = "") -> App:
    """Annexd with this configuration."""
    path = folder / "config.toml"
    path.write_text(HEAD + text)
    return open_app(path)


def link(made: App, control: str, check: str) -> Link:
    """A link as it counts."""
    (framework,) = made.frameworks()
    return next(one for one in framework.controls if one.id == control).checks[check]


@pytest.mark.parametrize(
    ("name", "default", "draws"),
    [
        ("max_age", timedelta(days=90), True),
        ("max_admins", 5, True),
        ("min_length", 14, True),
        ("min_reviews", 1, False),
        ("at_least", 2, True),
        ("share", 0.5, True),
        ("max_admins", 1, True),
        ("admin_ports", (22, 3389), False),
        ("approved_public_buckets", (), False),
        ("strict", True, False),
        ("env_pattern", "prod", False),
    ],
)
def test_numbers_and_spans_draw_a_line(name: str, default: Any, draws: bool) -> None:
    """A list says what is meant, and a minimum of one only that there is any."""
    assert draws_a_line(Limit(name, type(default), default)) is draws


ROTATED = ("5.17", "aws_iam_access_key_rotated")
STRONG = ("5.17", "aws_iam_password_policy_strong")


def test_a_default_that_nobody_has_stated_leaves_the_link_supporting(tmp_path: Path) -> None:
    """And the link says which limit it is."""
    found = link(app(tmp_path), *ROTATED)

    assert found.strength is Strength.SUPPORTING
    assert f"max_age = 90d is {NOT_STATED}" in found.because


@pytest.mark.parametrize("text", ['max_age = "60d"', 'max_age = "90d"', 'policy_ref = "ISP-7"'])
def test_a_stated_limit_or_its_policy_makes_the_link_direct(tmp_path: Path, text: str) -> None:
    """The same number counts once the company has said it."""
    assert link(app(tmp_path, f"[checks.{ROTATED[1]}]\n{text}"), *ROTATED).strength is Strength.DIRECT


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("min_length = 16", Strength.SUPPORTING),
        ("min_length = 16\nreuse_prevention = 24", Strength.DIRECT),
        ('policy_ref = "ISP-7"', Strength.DIRECT),
    ],
)
def test_every_line_has_to_be_stated(tmp_path: Path, text: str, strength: Strength) -> None:
    """A verdict turns on the one that was forgotten."""
    assert link(app(tmp_path, f"[checks.{STRONG[1]}]\n{text}"), *STRONG).strength is strength


@pytest.mark.parametrize(
    ("control", "check"),
    [
        ("8.3", "aws_s3_bucket_not_public"),
        ("8.20", "aws_vpc_security_group_no_db_ports_open"),
        ("8.32", "github_repo_merged_prs_reviewed"),
        ("5.3", "github_repo_review_required"),
        ("8.5", "aws_iam_user_console_mfa_enabled"),
    ],
)
def test_what_needs_no_line_of_the_company_stays_direct(tmp_path: Path, control: str, check: str) -> None:
    """The rule is the control's own."""
    assert link(app(tmp_path), control, check).strength is Strength.DIRECT


def test_a_list_of_what_is_approved_has_to_be_stated_where_the_link_says_so(tmp_path: Path) -> None:
    """That no app is approved says only that nobody has written the list."""
    check = "github_org_apps_approved"

    assert link(app(tmp_path), "8.4", check).strength is Strength.SUPPORTING
    stated = app(tmp_path, f'[checks.{check}]\napproved_apps = ["renovate"]\nreason = "r"\npolicy_ref = "ISP-9"')
    assert link(stated, "8.4", check).strength is Strength.DIRECT


def test_an_own_link_is_no_way_around(tmp_path: Path) -> None:
    """Who writes the link has not written the rule."""
    own = f'[[links]]\ncheck = "{ROTATED[1]}"\ncontrol = "iso27001:2022/8.8"\nstrength = "direct"\nbecause = "ISP-9"'

    assert link(app(tmp_path, own), "8.8", ROTATED[1]).strength is Strength.SUPPORTING


def test_defaults_in_force_are_all_that_let_something_through(tmp_path: Path) -> None:
    """A list of ports is annexd's as well, though no verdict is weakened by it; an empty list is nobody's."""
    made = app(tmp_path)

    def shown(check: str) -> tuple[dict[str, str], dict[str, str]]:
        found: Check[...] = made.checks[check]
        return defaults_in_force(made.config, found), deciding_defaults(made.config, found)

    ports = {"approved_public_ports": "[80, 443]", "max_public_share": "0.0001"}
    assert shown("aws_vpc_security_group_only_approved_internet_ports") == (ports, {})
    assert shown("aws_s3_bucket_not_public") == ({}, {})
    assert shown(ROTATED[1]) == ({"max_age": "90d"}, {"max_age": "90d"})
