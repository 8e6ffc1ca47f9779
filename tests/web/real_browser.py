"""Chromium and a server on this machine: what tests of the pages in a real browser share."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.web.serving import listening, server
from tests.bundle.chromium import browser

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page
    from starlette.applications import Starlette

_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)

WIDTHS = (390, 1024, 1440)

TOO_WIDE = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(element => {
  if (element.closest("svg") || element.matches(".vh, .skip, thead, thead *")) return false;
  const box = element.getBoundingClientRect();
  return box.width > 0 && (box.right > document.documentElement.clientWidth + 1 || box.left < -1);
}).map(element => element.outerHTML.slice(0, 120))"""
"""What stands out of the window."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Yield the browser of this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser(), args=list(_ARGS))
        yield launched
        launched.close()


@contextmanager
def running(app: Starlette, sock: socket.socket | None = None) -> Iterator[str]:
    """Serve an application, and yield its address."""
    with listening(0) if sock is None else sock as listened:
        serving = server(app)
        thread = threading.Thread(target=lambda: serving.run(sockets=[listened]), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listened.getsockname()[1]}"
        serving.should_exit = True
        thread.join(30)


@dataclass
class Heard:
    """What a window did beside showing a page: messages, errors, dialogs, and requests that went elsewhere."""

    said: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        """Whether there was none of it; that an address there is not answers 404 is said by the browser itself."""
        return not self.dialogs and not self.elsewhere and all("status of 404" in text for text in self.said)


def listening_to(page: Page, address: str) -> Heard:
    """Listen to a window from now on."""
    heard = Heard()

    def dialog(opened: Any) -> None:
        heard.dialogs.append(opened.message)
        opened.dismiss()

    def asked(request: Any) -> None:
        if not request.url.startswith(address):
            heard.elsewhere.append(request.url)

    page.on("console", lambda message: heard.said.append(message.text))
    page.on("pageerror", lambda error: heard.said.append(str(error)))
    page.on("dialog", dialog)
    page.on("request", asked)
    return heard
