"""The pinned files are complete, so that nothing is resolved when they are installed, today or in a year."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.pinned_metadata import RECORDED, ROOT

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "darwin")
# Each file, and the extras of annexd that it is for. All of them hold the build group as well.
FILES = {
    "constraints.txt": ("demo",),
    "constraints-test.txt": ("test", "all"),
    "deploy/constraints.txt": ("aws", "github", "google", "metrics", "microsoft", "postgres"),
}
_ENTRY = re.compile(r"^(?P<pin>[A-Za-z0-9._-]+(?:\[[^]]*\])?==[^\s\\]+(?: ; [^\\]+)?)", re.MULTILINE)


def pinned(file: str) -> list[Requirement]:
    """The requirements of a constraints file, each with its marker."""
    return [Requirement(found["pin"].strip()) for found in _ENTRY.finditer((ROOT / file).read_text())]


def versions(file: str, environment: dict[str, str]) -> dict[str, str]:
    """The version that the file installs in an environment, by normalised name."""
    return {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pinned(file)
        if pin.marker is None or pin.marker.evaluate(environment)
    }


def environments() -> Iterator[dict[str, str]]:
    """The values of markers for each Python and platform that annexd supports."""
    for python in PYTHONS:
        for platform in PLATFORMS:
            yield {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "sys_platform": platform,
                "platform_system": {"linux": "Linux", "darwin": "Darwin"}[platform],
                "platform_machine": {"linux": "x86_64", "darwin": "arm64"}[platform],
                "platform_python_implementation": "CPython",
                "implementation_name": "cpython",
                "os_name": "posix",
            }


class Metadata:
    """What the pinned distributions require, as recorded, and what annexd itself requires."""

    def __init__(self) -> None:
        self.of: dict[str, dict[str, object]] = json.loads(RECORDED.read_text())

    def requires(self, name: str, version: str, extras: frozenset[str], env: dict[str, str]) -> list[Requirement]:
        """The requirements of a distribution with these extras, in an environment."""
        texts = self.of[f"{name}=={version}"]["requires"]
        assert isinstance(texts, list)
        return [need for need in map(Requirement, texts) if applies(need, extras, env)]


def applies(need: Requirement, extras: frozenset[str], env: dict[str, str]) -> bool:
    """Whether a requirement counts where these extras are asked for."""
    return need.marker is None or any(need.marker.evaluate({**env, "extra": extra}) for extra in extras | {""})


def own_requirements(extras: tuple[str, ...]) -> list[Requirement]:
    """What pyproject.toml asks for: dependencies, the extras with those that they name, and the build group."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    optional = project["project"]["optional-dependencies"]
    texts = [*project["project"]["dependencies"], *project["dependency-groups"]["build"]]
    waiting, done = list(extras), set[str]()
    while waiting:
        extra = waiting.pop()
        if extra in done:
            continue
        done.add(extra)
        for need in map(Requirement, optional[extra]):
            if need.name == "annexd":
                waiting += need.extras
            else:
                texts.append(str(need))
    return [Requirement(text) for text in texts]


def missing(file: str, env: dict[str, str], metadata: Metadata) -> list[str]:
    """What an installation by this file alone would lack, or have in a version that somebody does not accept."""
    have, lacks = versions(file, env), []
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [("annexd", need) for need in own_requirements(FILES[file]) if applies(need, frozenset(), env)]
    while waiting:
        wanted_by, need = waiting.pop()
        name, extras = canonicalize_name(need.name), frozenset(need.extras)
        if name not in have or not need.specifier.contains(have[name], prereleases=True):
            lacks.append(f"{wanted_by} wants {need}, pinned is {have.get(name)}")
            continue
        if (name, extras) not in seen:
            seen.add((name, extras))
            waiting += [(name, deeper) for deeper in metadata.requires(name, have[name], extras, env)]
    return lacks


@pytest.fixture(scope="module")
def metadata() -> Metadata:
    """The recorded metadata of everything that is pinned."""
    return Metadata()


@pytest.mark.parametrize("file", FILES)
def test_the_pins_are_a_closure_for_every_python(file: str, metadata: Metadata) -> None:
    """With --no-deps a distribution that is not named is missing, an extra's as well."""
    assert [lack for env in environments() for lack in missing(file, env, metadata)] == []


def test_a_pin_that_is_left_out_is_noticed(metadata: Metadata, monkeypatch: pytest.MonkeyPatch) -> None:
    """`psycopg[binary]` is asked for with an extra, and only that extra brings this one."""
    everything = versions("constraints-test.txt", next(environments()))
    without = {name: version for name, version in everything.items() if name != "psycopg-binary"}
    monkeypatch.setattr(sys.modules[__name__], "versions", lambda *_: without)

    lacks = missing("constraints-test.txt", next(environments()), metadata)

    assert [lack.split(" wants ")[0] for lack in lacks] == ["psycopg"]


def test_every_pin_runs_on_every_python(metadata: Metadata) -> None:
    """A pin that one Python refuses fails only on somebody else's machine."""
    refusals = [
        (name, python)
        for name, found in metadata.of.items()
        for python in PYTHONS
        if not SpecifierSet(str(found["requires_python"])).contains(f"{python}.9")
    ]

    assert refusals == []


def test_the_recorded_metadata_is_that_of_the_pins(metadata: Metadata) -> None:
    """`make constraints` writes both; one without the other would prove nothing."""
    linux = versions("constraints-test.txt", next(environments()))

    assert {f"{name}=={version}" for name, version in linux.items()} == metadata.of.keys()


def wheel(folder: Path, name: str, version: str, *, requires: str = "") -> str:
    """Write a wheel that holds one module, and return its digest as a constraints file has it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + (f"Requires-Dist: {requires}\nProvides-Extra: mail\n" if requires else "Provides-Extra: mail\n"),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = io.StringIO()
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        csv.writer(record).writerow([path, f"sha256={digest}", len(text)])
    made = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(made, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
        archive.writestr(f"{info}/RECORD", record.getvalue() + f"{info}/RECORD,,\n")
    return f"sha256:{hashlib.sha256(made.read_bytes()).hexdigest()}"


def test_the_oldest_pip_installs_the_pins_beside_newer_releases(tmp_path: Path) -> None:
    """Two pinned packages have newer releases, one of them is wanted with an extra: nothing may be resolved.

    The command is the Makefile's own, with the pip that comes with this Python.
    """
    index = tmp_path / "index"
    index.mkdir()
    lines = [
        f"{name}=={version} --hash={wheel(index, name, version, requires=requires)}"
        for name, version, requires in (("reader", "1.0", "model[mail]>=1"), ("model", "1.0", ""), ("post", "1.0", ""))
    ]
    for name in ("model", "post"):
        wheel(index, name, "2.0")
    (tmp_path / "pins.txt").write_text("\n".join(lines) + "\n")
    makefile = (ROOT / "Makefile").read_text().replace("$(PIP) -qq install --no-deps --no-build-isolation -e .", "true")
    (tmp_path / "Makefile").write_text(makefile + "\ntry:\n\t$(call install,pins.txt)\n")
    environment = {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)}

    ran = subprocess.run(
        [shutil.which("make") or "make", "try", "UV=", f"PYTHON={sys.executable}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    python = tmp_path / ".venv" / "bin" / "python"
    asked = "import model, post, reader; print(model.VERSION, post.VERSION, reader.VERSION)"
    told = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1.0", "1.0", "1.0"]
