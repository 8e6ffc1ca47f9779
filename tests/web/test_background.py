"""The pages in the process of something else, such as the daemon."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.core.errors import ConfigError
from collector.web.background import BackgroundPages
from tests.cli.conftest import an_app

if TYPE_CHECKING:
    from pathlib import Path

    from collector.web.site import Site


def test_pages_are_there_until_they_are_left(site: Site, tmp_path: Path) -> None:
    """Whoever has the printed link signs in once; nobody else sees anything."""
    app = an_app(tmp_path / "config.toml", '[web]\nlisten = "127.0.0.1:0"\n')
    app.stores.extend(site.app.stores)  # type: ignore[attr-defined]  # the played one
    with BackgroundPages(app) as pages:
        with httpx.Client(base_url=pages.origin, follow_redirects=True, timeout=30) as browser:
            unknown = browser.get("/findings", follow_redirects=False)
            asked = browser.get(pages.link)
            fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
            entered = browser.post("/login/link", data=fields, headers={"origin": pages.origin})
        with pytest.raises(ConfigError):
            BackgroundPages(an_app(tmp_path / "config.toml", f'[web]\nlisten = "{pages.origin.partition("//")[2]}"\n'))
    with httpx.Client(base_url=pages.origin, timeout=5) as browser, pytest.raises(httpx.ConnectError):
        browser.get("/")

    assert unknown.status_code == 303
    assert (asked.status_code, entered.status_code, entered.url.path) == (200, 200, "/")
    assert "Where the evidence stands" in entered.text


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_used_is_said_at_once(site: Site, tmp_path: Path, content: str | None) -> None:
    """In the thread of the pages the error would be nobody's, and the daemon would go on without them."""
    for name in ("web.crt", "web.key") if content is not None else ():
        (tmp_path / name).write_text(content or "")
    web = '[web]\nlisten = "127.0.0.1:0"\ncertificate = "web.crt"\ncertificate_key = "web.key"\n'
    app = an_app(tmp_path / "config.toml", web)
    app.stores.extend(site.app.stores)  # type: ignore[attr-defined]  # the played one

    with pytest.raises(ConfigError, match=r"web\.crt and .*web\.key cannot be used"):
        BackgroundPages(app)
