"""The shipped verifier under every Python that is found: the same verdict, whatever each has in its library."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from collector.bundle.readme import shipped
from tests.attacks.zips import read_zip, unicode_path
from tests.bundle.conftest import Office

FIRST, LAST = 8, 14


def _candidates() -> Iterator[Path]:
    for minor in range(FIRST, LAST + 1):
        found = shutil.which(f"python3.{minor}")
        yield from [Path(found)] if found else []
    for place in (".pyenv/versions", ".local/share/uv/python"):
        yield from (Path.home() / place).glob("*/bin/python3.*")


@cache
def pythons() -> dict[str, Path]:
    """Return an interpreter of each version that is on this machine."""
    found: dict[str, Path] = {}
    for path in _candidates():
        match = re.fullmatch(r"python3\.(\d+)", path.name)
        if match is not None and FIRST <= int(match[1]) <= LAST:
            said = subprocess.run(
                [path, "-I", "-c", "import sys; print(*sys.version_info[:2])"],
                capture_output=True,
                text=True,
                check=False,
            )
            if said.stdout.split() == ["3", match[1]]:
                found.setdefault(f"3.{match[1]}", path)
    return found


def test_it_is_written_in_the_language_of_its_first_version() -> None:
    """A word that Python 3.8 does not know would end in a traceback on the auditor's machine."""
    tree = ast.parse(shipped("verify.py"), feature_version=(3, FIRST))

    later = {"removeprefix", "removesuffix", "bit_count", "pairwise", "zip_strict", "file_digest", "is_relative_to"}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    words = {word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    assert later & used == set()
    assert "strict" not in words
    assert "zipfile" not in {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }


def test_every_python_comes_to_the_same(office: Office) -> None:
    """A name in an extra field was read by one Python and not by another, and unzip wrote a third thing."""
    office.export()
    whole = office.folder / "out.zip"
    swapped = read_zip(whole)
    one, other = swapped.member("/proof/policy.txt"), swapped.member("/proof/keys.txt")
    for member, shown in ((one, other), (other, one)):
        member.local["extra"] = member.listed["extra"] = unicode_path(shown.name, member.name)
    behind = read_zip(whole)
    behind.member("/manifest-sha256.txt").packed = behind.member("/manifest-sha256.txt").stream() + b"more"
    for name, archive in (("swapped", swapped), ("behind", behind)):
        (office.folder / f"{name}.zip").write_bytes(archive.data())
    script = office.folder / "verify.py"
    script.write_bytes(shipped("verify.py"))

    for version, python in {"this": Path(shutil.which("python3") or "python3"), **pythons()}.items():
        said = {
            name: subprocess.run(
                [python, "-I", script, office.folder / f"{name}.zip", "--key", str(office.key)],
                capture_output=True,
                text=True,
                check=False,
            )
            for name in ("out", "swapped", "behind")
        }
        assert {name: one.returncode for name, one in said.items()} == {"out": 0, "swapped": 1, "behind": 1}, version
        assert all(one.stderr.startswith("FAIL ") for name, one in said.items() if name != "out"), version
    print(f"verified by Python {', '.join(pythons())}")  # noqa: T201  which there were
