"""A PDF of a bundle's report, printed by a Chromium of this machine: a convenience copy that nothing proves.

It lies beside the bundle and is no part of it. Its first line says so, and of which bundle it is.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import escape

from collector.bundle.verifying.members import opened
from collector.core.errors import ConfigError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

REPORT = "data/report.html"

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_SECONDS = 180
_LINK = re.compile(r'(<a[^>]*?) href="(?!#)[^"]*"')
_MAIN = '<main id="main"'
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
)


def pdf_beside(bundle: Path) -> Path:
    """Return where the PDF of a bundle goes: beside it, by its name."""
    return bundle.with_suffix(".pdf")


def check_pdf(bundle: Path, *, force: bool) -> str:
    """Return the browser that prints. Raises ConfigError where there is none, or where the PDF is there already."""
    to = pdf_beside(bundle)
    if to == bundle:
        raise ConfigError(f"{bundle} is called as its PDF would be", so="nothing was exported", mend="call it .zip")
    if to.exists() and not force:
        raise ConfigError(
            f"{to} is there already", so="nothing was exported, and nothing replaced", mend="move it, or say --force"
        )
    found = next((path for name in _NAMES if (path := shutil.which(name)) is not None), None)
    if found is None:
        raise ConfigError(
            f"there is no Chromium to print a PDF with: none of {', '.join(_NAMES)} is on the PATH",
            so="nothing was exported, and nothing recorded",
            mend="install one, or leave out --pdf and print data/report.html from any browser",
        )
    return found


def write_pdf(bundle: Path, browser: str, digest: str) -> Path:
    """Print the report of a bundle, which has the digest, to a PDF beside it. Raises StoreError where that fails."""
    to = pdf_beside(bundle)
    with tempfile.TemporaryDirectory(prefix="annexd-pdf-", dir=to.absolute().parent) as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        with opened(bundle) as members:
            page.write_text(_standing_alone(members.text(REPORT), bundle.name, digest), encoding="utf-8")
        _print(browser, page, printed)
        printed.chmod(0o600)
        printed.replace(to)
    return to


def _standing_alone(page: str, name: str, digest: str) -> str:
    """Return the report without links to pages that do not lie beside it, and with what it is a copy of."""
    said = (
        f'<p class="note">A convenience copy of the report in {escape(name)}, {escape(digest)}.'
        " Nothing proves this file: the bundle does, with annexd verify --render.</p>"
    )
    return _LINK.sub(r"\1", page).replace(_MAIN, f"{said}{_MAIN}", 1)


def _print(browser: str, page: Path, to: Path) -> None:
    command = [browser, *_FLAGS, f"--user-data-dir={page.parent / 'profile'}", f"--print-to-pdf={to}", page.as_uri()]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.insert(1, "--no-sandbox")  # it starts as root in no other way; the page is ours, and runs no script
    why = _ended(command)
    if not to.exists():
        raise StoreError(
            f"{browser} printed no PDF: {why}",
            so="the bundle is there and whole; only its convenience copy is missing",
            mend="print data/report.html from a browser",
        )


def _ended(command: Sequence[str]) -> str:
    """Run the browser; return how it ended."""
    try:
        ended = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603  found on the PATH
    except subprocess.TimeoutExpired:
        return f"it took longer than {_SECONDS} seconds"
    except OSError as error:
        return str(error)
    return f"it ended with {ended.returncode}: {ended.stderr.decode('utf-8', 'replace').strip()[-200:]}"
