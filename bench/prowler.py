"""Prowler in an environment of its own, made from the package index the first time that it is asked for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

_VERSION = "5.46.0"
_FOLDER = Path(f".venv-prowler-{_VERSION}")

PROWLER = f"python3 -m venv {_FOLDER} && {_FOLDER}/bin/pip install prowler=={_VERSION}"
"""The command by which it is got; some 300 packages, and minutes."""


def prowler_command() -> str | None:
    """Return Prowler's command, installing it where it is not there yet; None where that failed."""
    command = _FOLDER / "bin" / "prowler"
    if command.exists():
        return str(command.absolute())
    print(f"installing Prowler {_VERSION} into {_FOLDER}: this takes minutes", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", str(_FOLDER)], check=True)  # noqa: S603  this Python
        subprocess.run(  # noqa: S603  of the environment just made
            [str(_FOLDER / "bin" / "pip"), "install", "--quiet", f"prowler=={_VERSION}"], check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        print(error)
        shutil.rmtree(_FOLDER, ignore_errors=True)
        return None
    return str(command.absolute())
