"""Small packages with a check, written to a folder and imported from there."""

from __future__ import annotations

import importlib
import itertools
import sys
from pathlib import Path
from textwrap import dedent

from collector.core.checks import Check
from collector.setup.check_digest import digest as digests
from collector.setup.check_digest import origin
from collector.setup.check_digest.digest import check_digest

_NUMBERS = itertools.count()

HEAD = """
from __future__ import annotations
from datetime import datetime, timedelta
from msgspec import Struct, field
from collector.core.checks import All, The, Verdict, check, failed, passed, unknown
from collector.core.errors import Unread
from collector.core.resources import resource
"""

VIEW = """
@resource("one.box", key="name", volatile=("seen",))
class Box(Struct, frozen=True, kw_only=True):
    name: str
    size: int = field(name="boxSize", default=3)
    seen: str | None = None
"""


def digest(tmp_path: Path, code: str, *, view: str = VIEW, **files: str) -> str:
    """Return the digest of the one check that is called `rule`, written with the usual imports and a view."""
    return check_digest(load(tmp_path, HEAD + view + dedent(code), **files))


def load(tmp_path: Path, text: str, **files: str) -> Check[...]:
    """Write the package `pkg`, each time anew, and import the check `rule` from it. `files` are more modules."""
    folder = tmp_path / str(next(_NUMBERS))
    package = folder / "pkg"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    for name, content in {"rules": text, **files}.items():
        (package / (name.replace("__", ".") if "__" in name else f"{name}.py")).write_text(dedent(content))
    _forget()
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        rule: Check[...] = importlib.import_module("pkg.rules").rule
    finally:
        sys.path.remove(str(folder))
    return rule


def _forget() -> None:
    """Remove the package of the test before, which has the same name, from modules and caches."""
    for name in [module for module in sys.modules if module.partition(".")[0] == "pkg"]:
        del sys.modules[name]
    for cached in (origin.source_of, origin.is_followed, origin.files_digest, origin.package_folder):
        cached.cache_clear()
    digests._NODES.clear()
