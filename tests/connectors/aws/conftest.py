"""A wire that counts, and an AWS to ask through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors import reasons
from tests.connectors.aws.played import Played
from tests.connectors.aws.wires import CountingWire
from tests.doubles.aws import acme, aws, aws_double
from tests.doubles.sdk_data import sdk_data

__all__ = ["acme", "aws", "aws_double", "sdk_data"]


@pytest.fixture
def wire() -> CountingWire:
    """A wire that lets every call through and remembers it."""
    return CountingWire()


@pytest.fixture(autouse=True)
def no_credentials_from_here(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Whatever the machine has of AWS is not for tests."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture
def played() -> object:
    """A server that answers what a test tells it to, in turn."""
    with Played() as server:
        yield server


@pytest.fixture(autouse=True)
def golden_reasons(request: pytest.FixtureRequest) -> Iterator[None]:
    """Compare the reasons of the verdicts that a test produces with those in the golden file."""
    reasons.forget()
    yield
    reasons.compare("aws", request.node, request.session.items)
