"""Where there is no Chromium, what takes one is left out, and nowhere unseen."""

from __future__ import annotations

import pytest

from tests.bundle.chromium import browser


@pytest.mark.parametrize(("ci", "outcome"), [("true", "Failed"), ("", "Skipped")])
def test_without_a_chromium_ci_fails(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str) -> None:
    """A skip that nobody reads would say that all pages were looked at."""
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setenv("CI", ci)

    with pytest.raises(BaseException, match="there is no Chromium") as raised:
        browser()
    assert raised.typename == outcome
