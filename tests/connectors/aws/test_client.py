"""What clients keep for the parts that are made of one answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.builders import OWN
from tests.connectors.aws.wires import CountingWire


@pytest.fixture
def account() -> Account:
    """A client that sends nothing."""
    return connect(Settings(), (OWN,), CountingWire())


def test_whoever_asks_meanwhile_waits_for_the_one_answer(account: Account) -> None:
    """Parts of one resource are read at the same time."""
    started, goes_on = threading.Event(), threading.Event()
    reads: list[str] = []

    def read() -> str:
        reads.append("read")
        started.set()
        assert goes_on.wait(20)
        return "answer"

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(account.once, "name", read)
        assert started.wait(20)
        others = [pool.submit(account.once, "name", read) for _ in range(3)]
        goes_on.set()
        found = [each.result(20) for each in (first, *others)]

    assert found == ["answer"] * 4
    assert reads == ["read"]


def test_names_are_apart(account: Account) -> None:
    """One does not wait for the other, and has its own answer; the same name elsewhere is another one."""
    other = connect(Settings(), (OWN, "eu-west-1"), CountingWire())

    found = [account.once("a", lambda: 1), account.once("b", lambda: 2), other.once("a", lambda: 3)]

    assert [*found, account.once("a", lambda: 4)] == [1, 2, 3, 1]


def test_an_error_is_for_those_who_asked_and_not_kept(account: Account) -> None:
    """The next one asks again."""

    def fails() -> int:
        raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        account.once("name", fails)

    assert account.once("name", lambda: 1) == 1
