"""`[checks] folders`: the operator's own checks for platforms that annexd, or an installed connector, can read."""

from __future__ import annotations

import hashlib
import sys
import traceback
from dataclasses import dataclass, field, replace
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

from collector.core.checks import Check
from collector.core.errors import ConfigError
from collector.setup import loading
from collector.setup.check_digest.digest import forget_sources
from collector.setup.loading import LoadedConnector

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PACKAGE = "annexd_own_checks_"
_FOLDERS: dict[str, Path] = {}
"""The folders whose files are modules, by the name of the package that each is made."""


@dataclass(frozen=True)
class OwnChecks:
    """The checks by connector and id, and the files that they come from, each by its name in digests."""

    checks: Mapping[str, Mapping[str, Check[...]]] = field(default_factory=dict)
    files: tuple[tuple[str, Path], ...] = ()

    def added_to(self, name: str, loaded: LoadedConnector) -> LoadedConnector:
        """Return a connector with the own checks of its platform. Raises ConfigError where an id is taken."""
        own = self.checks.get(name, {})
        for id_, check in own.items():
            if id_ in loaded.checks:
                raise ConfigError(
                    f"{_file_of(check)}: the connector {name} has a check called {id_} already",
                    so="one would hide what the other says",
                    mend="give your own check another id",
                )
        return replace(loaded, checks=dict(sorted({**loaded.checks, **own}.items()))) if own else loaded


def load_own_checks(folders: Sequence[Path], used: Mapping[str, LoadedConnector]) -> OwnChecks:
    """Import every module of the folders, and return the checks that are defined there.

    `used` are the connectors that are loaded already. Raises ConfigError on a folder that is not there or has no check,
    a file that cannot be imported, an id that is there twice, and a check of a resource that no connector lists.
    """
    checks: dict[str, dict[str, Check[...]]] = {}
    owners: dict[str, Check[...]] = {}
    files: list[tuple[str, Path]] = []
    for number, folder in enumerate(folders):
        checks_here = list(_checks_in(folder, used))
        if not checks_here:
            raise ConfigError(f"{folder}: no module here has a check", mend="correct [checks] folders, or write one")
        for check in checks_here:
            if owners.setdefault(check.id, check) is not check:
                raise ConfigError(
                    f"{_file_of(check)}: there is a check called {check.id} in {_file_of(owners[check.id])}",
                    so="one would hide what the other says",
                    mend="give one of them another id",
                )
            connector = _connector_of(check, used)
            checks.setdefault(connector, {})[check.id] = check
        files += [(f"checks {number}/{path.name}", path) for path in sorted(folder.glob("*.py"))]
    return OwnChecks(checks, tuple(files))


def _checks_in(folder: Path, used: Mapping[str, LoadedConnector]) -> Iterator[Check[...]]:
    """Yield the checks of a folder, each once, wherever in the folder its code is.

    Raises ConfigError on a check whose code is elsewhere and that is no check of a connector: a change of it would be
    left out of the digests of the folder.
    """
    of_connectors = {id(check) for loaded in used.values() for check in loaded.checks.values()}
    yielded: set[int] = set()
    for module in _modules(folder):
        package = module.__name__.partition(".")[0]
        for name, value in vars(module).items():
            if not isinstance(value, Check) or id(value) in yielded or id(value) in of_connectors:
                continue
            home = value.judge.__module__
            if not home.startswith(f"{package}."):
                if home.partition(".")[0] == "connectors":  # of a built-in connector without a source
                    continue
                raise ConfigError(
                    f"{folder}: the check {value.id} ({name}) is written in {home}, outside of this folder",
                    so="a change of its code would not be on record",
                    mend="move its code into the folder, or make it a connector of its own",
                )
            yielded.add(id(value))
            yield value


def _modules(folder: Path) -> Iterator[ModuleType]:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: there is no such folder of checks", mend="correct [checks] folders")
    for path in sorted(folder.rglob("*.py")):
        if path.parent != folder:
            raise ConfigError(f"{path}: a folder below a folder of checks is not read", mend=f"move it to {folder}")
        if not path.stem.isidentifier():
            raise ConfigError(f"{path}: this is not the name of a module", mend="use letters, digits and _")
    package = _PACKAGE + hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    loaded = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
    if loaded:  # from files that may have been changed since
        for name in loaded:
            del sys.modules[name]
        forget_sources()
    sys.modules[package] = made = ModuleType(package)
    made.__path__ = []
    _FOLDERS[package] = folder
    for path in sorted(folder.glob("*.py")):
        if not path.stem.startswith("_"):
            yield _imported(f"{package}.{path.stem}", path)


def _imported(name: str, path: Path) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{path}: needs the module {error.name}, which is not there",
            mend="install it beside annexd; the SDK of a platform comes with the extra of its name",
        ) from error
    except (Exception, SystemExit) as error:  # noqa: BLE001  the file is the operator's, and may raise anything
        _refuse(path, error)


def _refuse(path: Path, error: BaseException) -> NoReturn:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    line = error.lineno if isinstance(error, SyntaxError) else (lines[-1] if lines else None)
    what = error.msg if isinstance(error, SyntaxError) else str(error)
    raise ConfigError(
        f"{path}{'' if line is None else f':{line}'}: cannot be imported: {type(error).__name__}: {what}",
        so="no check of this file can be applied",
        mend="correct the file, or take its folder out of [checks] folders",
    ) from error


def _connector_of(check: Check[...], used: Mapping[str, LoadedConnector]) -> str:
    """Return the name of the connector that lists every resource that a check reads. Raises ConfigError."""
    kinds = [need.kind for need in check.needs]
    platform = kinds[0].name.partition(".")[0]
    known = {**used}
    if platform not in known:
        known[platform] = loading.connector(platform)
    for name, loaded in known.items():
        listed = loaded.connector.collections
        if all(kind.name in listed and listed[kind.name].kind is kind for kind in kinds):
            loading.require_prefix(loaded.connector, check.id, _file_of(check))
            return name
    raise ConfigError(
        f"{_file_of(check)}: {check.id} reads {', '.join(kind.name for kind in kinds)},"
        f" which is not what the connector {platform} lists",
        mend="import the views from the connector, and take all of them from one connector",
    )


def _file_of(check: Check[...]) -> str:
    return str(sys.modules[check.judge.__module__].__file__)


class _SourceLoader(SourceFileLoader):
    """Compiles the text of the file; bytecode beside it is neither read nor written, because it may be outdated."""

    def path_stats(self, path: str) -> NoReturn:
        """Raise OSError, so that importlib uses no cache."""
        raise OSError(path)


class _Finder:
    """Finds modules in the folders of own checks, so that a file can import another one with `from . import`."""

    @staticmethod
    def find_spec(fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004
        """Return the spec of a module of such a folder, None for any other."""
        package, _, stem = fullname.rpartition(".")
        file = _FOLDERS[package] / f"{stem}.py" if package in _FOLDERS else None
        if file is None or not file.is_file():
            return None
        return spec_from_file_location(fullname, file, loader=_SourceLoader(fullname, str(file)))


sys.meta_path.append(_Finder)
