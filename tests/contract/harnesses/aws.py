"""The harness of AWS: one account that is furnished in one region, on moto."""

from __future__ import annotations

import atexit
import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from moto.iam.models import iam_backends

from collector.core.connectors import Connector
from collector.setup.loading import connector
from connectors.aws._sdk.client import NO_CALL, Account, connect
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.wires import CountingWire
from tests.doubles.aws_company import ACCOUNT, CANARIES, PREPARED, REGION, furnish
from tests.doubles.aws_door import PAGED, Door, Steered

# One for the whole process: to start it, to read the SDK's models and to furnish the company take seconds each.
_STARTED: list[tuple[Steered, Account, dict[str, str]]] = []


def _steered() -> tuple[Steered, dict[str, str]]:
    if not _STARTED:
        double = Steered(PREPARED)
        double.__enter__()
        atexit.register(partial(double.__exit__, None, None, None))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            kept = connect(_settings(double), (), CountingWire())
        _STARTED.append((double, kept, {}))
    double, _, key = _STARTED[0]
    if not key or key["AWS_ACCESS_KEY_ID"] not in iam_backends[ACCOUNT]["aws"].access_keys:
        # What moto holds belongs to the process, and another folder's tests may have emptied it.
        double.reset()
        given = furnish(double)
        key |= {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }
    return double, key


def _settings(double: Steered) -> Settings:
    # The one other account of the organization is closed, so that no role has to be entered.
    return Settings(accounts="organization", role_name="annexd", regions=(REGION,), endpoint_url=double.url)


class AwsHarness:
    """AWS with one account that is furnished in one region."""

    paged = PAGED
    free = frozenset({"sts:GetCallerIdentity"})
    attempts = 5
    canaries = CANARIES

    def __init__(self) -> None:
        self.connector = _connector()

    @contextmanager
    def fixture(self) -> Iterator[Door]:
        """Open a new door to the one company, which nobody changes."""
        double, key = _steered()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
            for name, value in key.items():
                patch.setenv(name, value)
            double.door = Door(double.whole)
            try:
                yield double.door
            finally:
                double.door = None

    def settings(self, double: Any) -> Settings:  # noqa: ARG002  there is one double
        """See everything."""
        return _settings(_STARTED[0][0])


def _connector() -> Connector[Any, Any]:
    """Return the connector as one source with both ways to find accounts, with the calls that each list alone makes.

    Who annexd is, is asked for every task, and by one list: how often that was cannot be told from the list alone.
    """
    shared = (NO_CALL, connector("aws").connector.identity_call)
    whole = copy.copy(connector("aws").connector)
    whole.collections = {
        id_: replace(one, when=lambda _settings: True, calls=tuple(call for call in one.calls if call not in shared))
        for id_, one in whole.collections.items()
    }
    return whole


def harness() -> AwsHarness:
    """Return the harness of AWS."""
    return AwsHarness()
