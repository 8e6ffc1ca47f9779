"""Headless Chromium over its pipe: pages of a bundle as a person sees them. Nothing is installed for it."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_READ = 1 << 16

_PLACED = """
import fcntl, os, sys
pipes = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
os.dup2(pipes[0], 3)
os.dup2(pipes[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Puts two pipes where the browser looks for them, and becomes the browser."""


def browser() -> str:
    """Return the program. Skips the test where this machine has none, and fails it in CI, where a skip is not seen."""
    found = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if found is None:
        what = f"there is no Chromium on this machine: none of {', '.join(_NAMES)} is on the PATH"
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what}; CI=true takes one", pytrace=False)
        pytest.skip(what)
    return found


@dataclass
class Chromium:
    """One window. Commands go to file descriptor 3 of the browser, and answers come from 4, each ended by a NUL."""

    profile: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _rest: bytes = b""

    def __enter__(self) -> Self:
        program = browser()
        theirs_in, self._in = os.pipe()
        self._out, theirs_out = os.pipe()
        profile = f"--user-data-dir={self.profile}"
        flags = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run")
        quiet = ("--disable-dev-shm-usage", "--disable-background-networking", "--remote-debugging-pipe", profile)
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PLACED, str(theirs_in), str(theirs_out), program, *flags, *quiet, "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        target = self.ask("Target.createTarget", {"url": "about:blank"}, session=None)["targetId"]
        answer = self.ask("Target.attachToTarget", {"targetId": target, "flatten": True}, session=None)
        self._session: str = answer["sessionId"]
        self.ask("Page.enable")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        os.close(self._in)
        os.close(self._out)

    def ask(self, method: str, parameters: dict[str, Any] | None = None, session: str | None = "") -> dict[str, Any]:
        """Send a command, and return its result."""
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters or {}}
        if session is not None:
            message["sessionId"] = self._session
        os.write(self._in, json.dumps(message).encode() + b"\0")
        answer = self._until(lambda found: found.get("id") == number)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def open(self, page: Path, *, width: int, dark: bool = False) -> None:
        """Show a page of this machine in a window of a width, without scripts."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", {"media": "screen", "features": [scheme]})
        address, _, anchor = str(page).partition("#")
        self.ask("Page.navigate", {"url": f"file://{address}" + (f"#{anchor}" if anchor else "")})
        self._until(lambda found: found.get("method") == "Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression of JavaScript gives; it runs beside the page, whose policy forbids scripts."""
        return self.ask("Runtime.evaluate", {"expression": expression, "returnByValue": True})["result"].get("value")

    def picture(self, *, whole: bool = False) -> bytes:
        """A screenshot as PNG, of what the window shows or of the whole page."""
        made = self.ask("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})
        return base64.b64decode(made["data"])

    def pdf(self) -> bytes:
        """The page as it is printed on A4."""
        self.ask("Emulation.setEmulatedMedia", {"media": "print"})
        made = self.ask("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
        return base64.b64decode(made["data"])

    def _until(self, wanted: Any) -> dict[str, Any]:
        while True:
            while b"\0" not in self._rest:
                more = os.read(self._out, _READ)
                assert more, "the browser ended"
                self._rest += more
            text, _, self._rest = self._rest.partition(b"\0")
            found: dict[str, Any] = json.loads(text)
            if wanted(found):
                return found
