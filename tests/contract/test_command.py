"""`python -m collector.contract`: what it says where the suite cannot be run. That it runs is in tests/extending."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from collector.contract.__main__ import main
from collector.contract.harness import harness_of, offered
from collector.core.errors import UsageError


def test_without_pytest_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only who runs the suite has to have it."""
    real = importlib.util.find_spec

    def hidden(name: str, *rest: Any) -> Any:
        return None if name == "pytest" else real(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", hidden)

    assert main(["acme"]) == 2
    assert "pip install 'annexd[contract]'" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["-q"]])
def test_without_a_connector_it_says_how_one_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A suite over nothing would be green."""
    assert main(words) == 2
    assert "python -m collector.contract NAME" in capsys.readouterr().err


def test_a_harness_that_nobody_offers_is_told_with_the_group() -> None:
    """The name of the entry points is what the author needs."""
    assert offered() == ()
    with pytest.raises(UsageError) as caught:
        harness_of("acme")

    assert 'annexd.contract: acme = "module:function"' in caught.value.mend
