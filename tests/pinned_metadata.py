"""Record what every pinned distribution requires, as its own metadata says, for the test of the constraints files.

`make constraints` runs this with the index at hand; the tests then need none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
RECORDED = ROOT / "tests" / "recorded" / "distributions" / "requirements.json"


def record(constraints: Path) -> dict[str, dict[str, Any]]:
    """Return `requires` and `requires_python` of each distribution that the file names here, by `name==version`.

    Nothing is installed: pip reports the metadata that it would install by.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "install", "--dry-run"]
        options = ["--ignore-installed", "--no-deps", "--require-hashes", "--report", str(report)]
        subprocess.run([*command, *options, "-r", str(constraints)], check=True)
        distributions = json.loads(report.read_text())["install"]
    return {
        f"{canonicalize_name(found['metadata']['name'])}=={found['metadata']['version']}": {
            "requires": sorted(found["metadata"].get("requires_dist", [])),
            "requires_python": found["metadata"].get("requires_python", ""),
        }
        for found in distributions
    }


if __name__ == "__main__":
    RECORDED.write_text(
        json.dumps(record(ROOT / "constraints-test.txt"), indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
