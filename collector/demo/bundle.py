"""The auditor's bundle of the made-up company, and its verification without annexd."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import exporters
from collector.demo.views import DemoBundle

if TYPE_CHECKING:
    from pathlib import Path

    from collector.core.periods import Period
    from collector.setup.app import App
    from storage import SqlStore

NAME = "bundle.zip"
KEY = "vkey.txt"
UNPACKED = "bundle"


def export_demo_bundle(app: App, store: SqlStore, folder: Path, period: Period) -> DemoBundle:
    """Export a period for stage 1, unpack it, verify it with its own script, and return the result."""
    path, key, unpacked = folder / NAME, folder / KEY, folder / UNPACKED
    request = ExportRequest(
        period=period,
        frameworks=tuple(framework.id for framework in app.frameworks()),
        made_for="stage-1",
        classification="confidential",
        recipient="Example Certification",
        purpose="to prepare stage 1",
    )
    export(app, store, request, path, exporters())
    key.write_text(f"{store.checkpoints.key()}\n", encoding="ascii")
    _unpack(path, unpacked)
    verified, message = verified_without_annexd(unpacked / "verify" / "verify.py", path, key)
    return DemoBundle(
        path=str(path),
        key=str(key),
        page=str(unpacked / "data" / "index.html"),
        verified=verified,
        said=message,
    )


def verified_without_annexd(script: Path, bundle: Path, key: Path) -> tuple[bool | None, str]:
    """Run verify.py without any installed package; return whether it passed, and its PASS line or else its last."""
    if shutil.which("openssl") is None:
        return None, "openssl, which verify.py needs, is not installed here"
    ended = subprocess.run(  # noqa: S603  what was just exported
        [sys.executable, "-I", "-S", str(script), str(bundle), "--key", str(key)],
        capture_output=True,
        text=True,
        check=False,
    )
    lines = (ended.stdout if ended.returncode == 0 else ended.stderr).strip().splitlines() or [""]
    passed = next((line for line in lines if line.startswith("PASS")), lines[-1])
    return ended.returncode == 0, " ".join(passed.split())


def _unpack(path: Path, to: Path) -> None:
    """Unpack a bundle, without the folder that contains everything in it."""
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            inner = to / name.partition("/")[2]
            inner.parent.mkdir(parents=True, exist_ok=True)
            inner.write_bytes(packed.read(name))
