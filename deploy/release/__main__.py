"""`python -m deploy.release`: make dist/ with wheel, sdist, bill of materials and SHA256SUMS. `make release` calls it.

SOURCE_DATE_EPOCH says of which second it is; where it is not set, the second of the last commit.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from deploy.release.building import ROOT, built_twice
from deploy.release.sbom import made

DIST = ROOT / "dist"


def main() -> None:
    """Make the release, and print the digests."""
    made_at = int(os.environ.get("SOURCE_DATE_EPOCH") or _last_commit())
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        built_twice(DIST, Path(scratch), made_at)
    (wheel,) = DIST.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(name))
    version = metadata["Version"]
    (DIST / f"annexd-{version}.cdx.json").write_text(
        made(version, made_at, metadata.get_all("Requires-Dist", [])), encoding="utf-8"
    )
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(DIST.iterdir()))
    (DIST / "SHA256SUMS").write_text(sums, encoding="ascii")
    sys.stdout.write(sums)


def _last_commit() -> str:
    command = ["git", "log", "-1", "--format=%ct"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603  our own words


if __name__ == "__main__":
    main()
