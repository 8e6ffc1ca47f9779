"""Build wheel and sdist twice, from two copies that differ in all that must not matter, and compare them."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", "dist", "build", "__pycache__", ".*_cache", ".hypothesis", "htmlcov"
)


class DifferentError(Exception):
    """Two builds of one source are not the same."""


def build(source: Path, to: Path, made_at: int) -> dict[str, str]:
    """Build wheel and sdist of a folder, and return their digests by name."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(made_at)}
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(to)]
    subprocess.run(command, cwd=source, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603  our own words
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(to.iterdir())}


def copied(to: Path) -> Path:
    """Copy the source to another folder, with other times and other rights; what can be run stays so."""
    shutil.copytree(ROOT, to, ignore=LEFT_OUT)
    for path in to.rglob("*"):
        if path.is_file():
            path.chmod(0o700 if path.stat().st_mode & 0o100 else 0o600)
            os.utime(path, (1_000_000_000, 1_000_000_000))
    return to


def built_twice(to: Path, scratch: Path, made_at: int) -> dict[str, str]:
    """Build to a folder, and once more elsewhere; return the digests. Raises DifferentError where they differ."""
    first = build(ROOT, to, made_at)
    second = build(copied(scratch / "copy"), scratch / "dist", made_at)
    if first != second:
        names = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
        message = f"two builds differ: {', '.join(names)}"
        raise DifferentError(message)
    return first
