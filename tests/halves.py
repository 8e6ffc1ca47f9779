"""Run the tests as two processes side by side, one a core; each half takes about as long as the other.

Every test folder belongs to one half: the slow ones are named here, everything else is the other half.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).parent
FIRST = ("storage", "connectors", "sweep", "doubles")
NO_TESTS = 5
"""What pytest ends with where a half has nothing of what was asked for."""


def main() -> int:
    """Run both halves with the arguments given; print one after the other, and return the worse of their codes."""
    first = [str(TESTS / name) for name in FIRST]
    second = [str(path) for path in sorted(TESTS.iterdir()) if _is_tests(path) and path.name not in FIRST]
    with tempfile.TemporaryFile("w+") as told:
        beside = subprocess.Popen(_command(first), stdout=told, stderr=subprocess.STDOUT)
        code = subprocess.run(_command(second), check=False).returncode
        codes = {code, beside.wait()}
        told.seek(0)
        sys.stdout.write(told.read())
    return max(codes - {NO_TESTS}, default=NO_TESTS)


def _command(paths: list[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *sys.argv[1:], *paths]


def _is_tests(path: Path) -> bool:
    return path.name.startswith("test_") if path.is_file() else any(path.rglob("test_*.py"))


if __name__ == "__main__":
    sys.exit(main())
