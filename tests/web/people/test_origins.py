"""Whose address a request has, and which page it is from, behind a proxy and without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.datastructures import Headers

from collector.web.people.origins import Origins
from collector.web.starting import site_of
from tests.web.people.conftest import WEB, web_config

if TYPE_CHECKING:
    from pathlib import Path

    from collector.web.site import Site

PROXY = '[web]\ntrusted_proxy = ["10.0.0.5", "10.1.0.0/28"]'


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1, 10.1.0.7", "198.51.100.1"),
        ("10.0.0.5", "1.1.1.1, no address", "unknown"),
        ("10.0.0.5", "198.51.100.1:4711", "198.51.100.1"),
        ("10.0.0.5", "198.51.100.1:4711, 10.1.0.7:443", "198.51.100.1"),
        ("10.0.0.5", "[2001:db8:1:2:3::4]:4711", "2001:db8:1:2::/64"),
        ("10.0.0.5", "2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("10.0.0.5", "2001:db8::198.51.100.1", "2001:db8::/64"),
        ("10.0.0.5", "::ffff:198.51.100.1", "198.51.100.1"),
        ("::ffff:10.0.0.5", "198.51.100.1", "198.51.100.1"),
        ("2001:db8:1:2::7", None, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", None, "fe80::/64"),
        ("10.0.0.5", None, "10.0.0.5"),
        ("10.1.0.16", "198.51.100.1", "10.1.0.16"),
        (None, "198.51.100.1", "unknown"),
    ],
)
def test_only_a_trusted_proxy_says_for_whom_it_asks(
    tmp_path: Path, peer: str | None, forwarded: str | None, address: str
) -> None:
    """Whoever writes the header themselves gets no tries more by it."""
    origins = Origins(web_config(tmp_path, WEB.replace("[web]", PROXY, 1)))
    headers = Headers({} if forwarded is None else {"x-forwarded-for": forwarded})

    assert origins.address(peer, headers) == address


def test_a_second_header_of_the_proxy_counts(tmp_path: Path) -> None:
    """Some proxies add a header and leave the one that they were sent: its address is anybody's choice."""
    origins = Origins(web_config(tmp_path, WEB.replace("[web]", PROXY, 1)))
    sent, added = (b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"198.51.100.1")

    assert origins.address("10.0.0.5", Headers(raw=[sent, added])) == "198.51.100.1"


@pytest.mark.parametrize(
    ("url", "sent", "host"),
    [
        ("https://Annexd.Example.com:443/", "https://annexd.example.com", "annexd.example.com"),
        ("https://annexd.example.com:8443", "https://annexd.example.com:8443", "annexd.example.com"),
        ("https://[2001:DB8::1]", "https://[2001:db8::1]", "[2001:db8::1]"),
    ],
)
def test_what_is_written_as_url_is_what_browsers_send(
    site: Site, tmp_path: Path, url: str, sent: str, host: str
) -> None:
    """They lower the host and leave out the port that is usual."""
    config = web_config(tmp_path, WEB.replace("[web]", PROXY, 1).replace("https://annexd.example.com", url, 1))

    assert Origins(config).is_own_page(Headers({"origin": sent}))
    assert site_of(site.app, config).hosts == (host,)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        ("http://127.0.0.1:8137", True),
        ("http://localhost:8137", True),
        ("http://127.0.0.1:8138", False),
        ("https://127.0.0.1:8137", False),
        ("http://127.0.0.1", False),
        ("http://127.0.0.1.evil.example:8137", False),
    ],
)
def test_another_port_of_this_machine_is_another_page(tmp_path: Path, origin: str, *, own: bool) -> None:
    """Cookies are not kept apart by port, so the origin has to be."""
    origins = Origins(web_config(tmp_path, "[web]\n"))

    assert origins.is_own_page(Headers({"origin": origin})) is own
