"""Limits that an operator sets."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.core.checks import Verdict, check, passed
from collector.core.errors import ConfigError
from collector.setup.config import Config, load
from collector.setup.limits import rule
from collector.setup.loading import check_code
from tests.played.connector import Member


@check("a_check", title="It holds", severity="low", fix="Mend it")
def a_check(
    _member: Member,
    *,
    max_age: timedelta = timedelta(days=90),
    min_length: int = 14,
    least: int = 2,
    allowed_regions: tuple[str, ...] = ("a", "b"),
    required_tags: tuple[str, ...] = ("owner",),
    strict: bool = True,
) -> Verdict:
    """Judge with limits of every kind."""
    del max_age, min_length, least, allowed_regions, required_tags, strict
    return passed()


def configured(folder: Path, text: str) -> Config:
    """Return a configuration with these lines for the check."""
    path = folder / "config.toml"
    path.write_text(f"[checks.a_check]\n{text}\n")
    return load(path, {})


@pytest.mark.parametrize(
    "text",
    [
        'max_age = "60d"',
        'max_age = "90d"',
        "min_length = 20",
        'allowed_regions = ["a"]',
        "allowed_regions = []",
        'required_tags = ["owner", "team"]',
        "strict = true",
        "least = 2",
    ],
)
def test_a_stricter_limit_needs_no_reason(tmp_path: Path, text: str) -> None:
    """Asking more of oneself is nobody's concern."""
    assert rule(configured(tmp_path, text), a_check, check_code).check is a_check


@pytest.mark.parametrize(
    "text",
    [
        'max_age = "91d"',
        "min_length = 13",
        'allowed_regions = ["a", "c"]',
        'required_tags = ["team"]',
        "required_tags = []",
        "strict = false",
        "least = 3",
        "least = 1",
    ],
)
@pytest.mark.parametrize("explanation", ["", 'reason = "so"', 'policy_ref = "P-1"'])
def test_a_limit_that_may_be_looser_needs_reason_and_policy(tmp_path: Path, text: str, explanation: str) -> None:
    """Where the name of a limit does not say which way is stricter, nobody can vouch that it is."""
    with pytest.raises(ConfigError, match=r"config.toml:2: checks.a_check\.\w+: .* is not known to be as strict as"):
        rule(configured(tmp_path, f"{text}\n{explanation}"), a_check, check_code)


def test_a_loosened_limit_with_its_reason_is_in_force(tmp_path: Path) -> None:
    """The operator has the last word, and gives it in writing."""
    config = configured(tmp_path, 'max_age = "180d"\nreason = "no key store yet"\npolicy_ref = "ISP-7"')
    limits: dict[str, Any] = dict(rule(config, a_check, check_code).limits)

    assert limits["max_age"] == timedelta(days=180)
    assert limits["min_length"] == 14


def test_an_unknown_limit_is_told_with_those_there_are(tmp_path: Path) -> None:
    """A limit under another name would be believed in and never be in force."""
    with pytest.raises(ConfigError) as caught:
        rule(configured(tmp_path, 'maximum_age = "1d"'), a_check, check_code)

    assert "config.toml:2: checks.a_check.maximum_age" in caught.value.what
    assert "max_age" in caught.value.mend
