"""The two verifiers side by side: annexd's own, and the file that comes with every bundle."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import shutil
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path
from types import ModuleType

from collector.bundle.readme import shipped
from collector.bundle.verifying.bundle import verify_bundle
from collector.core.errors import VerificationError
from storage.log.notes import VerifierKey

_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, RuntimeError)
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OverflowError, MemoryError)


@cache
def script() -> ModuleType:
    """Return the shipped file as a module."""
    spec = importlib.util.spec_from_loader("shipped_verify", loader=None)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    exec(compile(shipped("verify.py"), "verify.py", "exec"), module.__dict__)  # noqa: S102  it is our own file
    return module


def ours(bundle: Path, key: VerifierKey, previous: Path | None = None) -> str:
    """Return what annexd finds wrong, nothing where it proves the bundle."""
    try:
        verify_bundle(bundle, key=key, previous=previous)
    except VerificationError as error:
        return error.what
    return ""


def theirs(bundle: Path, key: VerifierKey, previous: Path | None = None) -> str:
    """Return what the shipped file finds wrong, nothing where it proves the bundle."""
    module = script()
    heads: list[str] = []
    if previous is not None:
        with contextlib.closing(module.opened(str(previous))) as files:
            heads = module.heads_of(files)
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.closing(module.opened(str(bundle))) as files:
            module.verify(files, module.read_key(str(key)), heads, None)
    except module.Bad as error:
        return str(error)
    except (*_UNREADABLE, *_BROKEN) as error:  # what its main tells as a bundle that cannot be read
        return f"{type(error).__name__}: {error}"
    return ""


def unpacked(bundle: Path, to: Path) -> Path:
    """Unpack a bundle of our own, and return its top folder."""
    shutil.rmtree(to, ignore_errors=True)
    with zipfile.ZipFile(bundle) as packed:
        packed.extractall(to)
    (top,) = to.iterdir()
    return top


def contents(bundle: Path) -> dict[str, bytes] | None:
    """Return what a reader gets of a zip; None where it cannot be read."""
    try:
        with zipfile.ZipFile(bundle) as packed:
            return {member.filename: packed.read(member) for member in packed.infolist()}
    except (*_UNREADABLE, *_BROKEN):
        return None
