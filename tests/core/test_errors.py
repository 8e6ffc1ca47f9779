"""Errors for people, and secrets that stay out of them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.core.errors import (
    AnnexdError,
    ConfigError,
    ConnectorError,
    Denied,
    Halted,
    RateLimited,
    StoreError,
    Unavailable,
    Unexpected,
    VerificationError,
)
from collector.core.secrets import Secret


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ConfigError, 3),
        (ConnectorError, 4),
        (Denied, 4),
        (Unavailable, 4),
        (RateLimited, 4),
        (Unexpected, 4),
        (StoreError, 5),
        (VerificationError, 6),
    ],
)
def test_exit_codes_stay_what_they_are(kind: type[AnnexdError], code: int) -> None:
    """Scripts of operators depend on them."""
    assert kind.exit_code == code
    assert issubclass(kind, AnnexdError)


def test_an_error_says_what_happened_and_what_to_do() -> None:
    """At three in the morning, in two lines."""
    error = Denied("it was refused", code="AccessDenied", so="two checks are unknown", mend="grant x:Read")

    assert error.lines() == ["it was refused", "  so       two checks are unknown", "  to fix   grant x:Read"]
    assert (str(error), error.code, error.retry_after) == ("it was refused", "AccessDenied", None)
    assert AnnexdError("only this").lines() == ["only this"]
    assert RateLimited("slow down", retry_after=timedelta(seconds=3)).retry_after == timedelta(seconds=3)


def test_a_halt_is_no_error_of_the_platform_s() -> None:
    """Whoever catches our errors must not catch our wish to end."""
    assert not issubclass(Halted, AnnexdError)


def test_a_secret_shows_where_it_comes_from_and_not_what_it_is() -> None:
    """Tracebacks print what they find."""
    values = iter(["old", "new"])
    secret = Secret("env:TOKEN", lambda: next(values))

    assert (secret.reveal(), secret.reveal()) == ("old", "new")
    assert repr(secret) == str(secret) == f"{secret}" == "Secret(env:TOKEN)"
