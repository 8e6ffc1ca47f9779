"""Results that collections share: asked for once, with the refusal where there was one."""

from __future__ import annotations

import threading

import pytest

from collector.core.errors import ConnectorError, Denied, Stopped
from connectors._http import SharedResults


def test_a_result_is_made_once_also_for_threads_that_ask_together() -> None:
    """Ten parts of one resource would ask ten times."""
    results, made = SharedResults(), []

    def make() -> int:
        made.append(1)
        return len(made)

    asking = [threading.Thread(target=lambda: results.get("a", make)) for _ in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()

    assert (results.get("a", make), results.get("b", make)) == (1, 2)


def test_a_refusal_is_kept_and_told_to_everybody() -> None:
    """Asking again would be refused again, and cost another call."""
    results, made = SharedResults(), []

    def make() -> int:
        made.append(1)
        raise Denied("it was refused")

    for _ in range(3):
        with pytest.raises(Denied, match="it was refused"):
            results.get("a", make)
    assert len(made) == 1


@pytest.mark.parametrize("error", [ValueError("a defect"), Stopped("the run ends")])
def test_what_is_no_refusal_is_not_kept(error: BaseException) -> None:
    """A run that ends has not been refused anything."""
    results = SharedResults()

    def broken() -> int:
        raise error

    with pytest.raises(type(error)):
        results.get("a", broken)
    assert results.get("a", lambda: 7) == 7


def test_a_vendors_error_may_stand_for_a_refusal() -> None:
    """What it stands for is raised in its place."""
    results = SharedResults(lambda error: Denied("refused") if isinstance(error, LookupError) else None)

    def refused() -> int:
        raise KeyError("theirs")

    with pytest.raises(ConnectorError, match="refused"):
        results.get("a", refused)
