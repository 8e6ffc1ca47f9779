"""Loads connectors by name, with their checks and the digest of their code."""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import collector
import connectors
from collector.core.canonical import Digest, canonical, digest_of
from collector.core.checks import Check
from collector.core.connectors import Connector
from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

GROUP = "annexd.connectors"
"""The entry points by which other distributions offer connectors."""


@dataclass(frozen=True)
class LoadedConnector:
    """A connector with its checks by id, and the digest of its code. `distribution` is None for annexd's own."""

    connector: Connector[Any, Any]
    checks: dict[str, Check[...]]
    code: Digest
    distribution: str | None = None


class MissingSdkError(ConfigError):
    """The connector is installed without the vendor's SDK."""


def builtin() -> tuple[str, ...]:
    """Return the names of the connectors that come with annexd."""
    return tuple(
        sorted(module.name for module in pkgutil.iter_modules(connectors.__path__) if not module.name.startswith("_"))
    )


def offered() -> dict[str, str]:
    """Return the connectors that other distributions offer here, each with its distribution. Nothing is imported."""
    entries = {entry.name: _distribution(entry) or "" for entry in entry_points(group=GROUP)}
    return {name: entries[name] for name in sorted(entries.keys() - set(builtin()))}


def connector(name: str) -> LoadedConnector:
    """Load a connector.

    Raises ConfigError where there is none, its SDK is missing, one of somebody else cannot be imported, a kind has a
    name of one word, or two checks have one id.
    """
    if name in builtin():
        return _load(name, f"connectors.{name}", None)
    entries = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in entries:
        raise ConfigError(
            f"there is no connector {name!r}",
            mend=f"the connectors are: {', '.join(sorted({*builtin(), *entries})) or 'none'}",
        )
    return _load(name, entries[name].module, entries[name])


def connector_in(name: str, package: str) -> LoadedConnector:
    """Load a connector from the package that has it, whether it is installed or not. Raises ConfigError as above."""
    return _load(name, package, None)


def require_prefix(connector: Connector[Any, Any], check: str, where: str) -> None:
    """Raise ConfigError, beginning with `where`, on a check whose id begins with no prefix of its connector."""
    if check.startswith(connector.check_prefixes or ("\0",)):
        return
    if not connector.check_prefixes:
        raise ConfigError(
            f"{where}: there is a check called {check}, and {connector.name} declares no check_prefixes",
            so="whose check an id is could not be told",
            mend=f'declare the beginnings of its ids: Connector(check_prefixes=("{connector.name}_",), ...)',
        )
    raise ConfigError(
        f"{where}: the id {check} does not begin with {' or '.join(connector.check_prefixes)}",
        mend="an id is the platform, the service and the good state: aws_iam_user_has_owner",
    )


def check_code(check: Check[...]) -> str:
    """Return the digest of the code that decides a check's verdict.

    Raises ConfigError where its source cannot be read.
    """
    from collector.setup.check_digest.digest import check_digest

    return check_digest(check)


def sources_digest(files: Iterable[tuple[str, Path]], *labels: str) -> Digest:
    """Return one digest of files by name and content, in the order of their names, and of labels beside them."""
    digests = sorted((name, digest_of(path.read_bytes())) for name, path in files)
    return digest_of(canonical({"files": [list(pair) for pair in digests], "labels": list(labels)}))


def _load(name: str, module_name: str, entry: EntryPoint | None) -> LoadedConnector:
    modules = list(_modules(name, module_name, entry))
    instances = {id(instance): instance for instance in _instances(modules, Connector)}
    own = [instance for instance in instances.values() if instance.name == name]
    if len(own) != 1:
        others = sorted({instance.name for instance in instances.values()} - {name})
        called = f"; others in it are called {', '.join(others)}" if others else ""
        raise ConfigError(
            f"the module {module_name} has {len(own)} connectors called {name!r}, and should have one{called}",
            mend=f'give it one Connector(name="{name}", ...), by the name of its entry point',
        )
    for kind in own[0].collections:
        if not all(kind.partition(".")):
            raise ConfigError(
                f"the connector {name} lists a kind called {kind!r}",
                so="the second word of its name is its service, which findings and checks are listed by",
                mend=f'give it two words or more: @resource("{name}.{kind.strip(".")}", ...)',
            )
    checks: dict[str, Check[...]] = {}
    for check in _instances(modules, Check):
        if check.id == "folders":
            raise ConfigError(
                f"the connector {name} has a check called folders",
                so="[checks] folders is where own checks are, so nothing could be said of this one",
                mend="give it another id",
            )
        if checks.setdefault(check.id, check) is not check:
            raise ConfigError(
                f"the connector {name} has two checks called {check.id}",
                so="one would hide what the other says",
                mend="give one of them another id",
            )
    for id_ in checks:
        require_prefix(own[0], id_, f"the connector {name}")
    distribution = _distribution(entry)
    code = sources_digest(_files(modules[0]), *([distribution] if distribution is not None else []))
    return LoadedConnector(own[0], dict(sorted(checks.items())), code, distribution)


def _modules(name: str, module_name: str, entry: EntryPoint | None) -> Iterator[ModuleType]:
    """Import a module and all public ones below it, so that their decorators run, and yield them."""
    try:
        module = importlib.import_module(module_name)
        yield module
        for below in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module_name}."):
            if not below.name.rpartition(".")[2].startswith("_"):
                yield importlib.import_module(below.name)
    except SystemExit as error:
        raise ConfigError(
            f"the connector {name} cannot be imported: its module ended the process: {error}",
            so="nothing of its platform can be read",
            mend="ask whoever wrote it: a module must not call sys.exit when it is imported",
        ) from error
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        own = module_name.partition(".")[0]
        if missing in {"", "collector", "connectors", "mappings", "storage", own}:
            _refuse(name, module_name, entry, error)
        raise MissingSdkError(
            f"the connector {name} needs the package {missing}, which is not installed",
            mend=f"pip install 'annexd[{_EXTRAS.get(name, name)}]'" if entry is None else f"pip install {missing}",
        ) from error
    except Exception as error:  # noqa: BLE001  the module may be anybody's, and may raise anything
        _refuse(name, module_name, entry, error)


def _refuse(name: str, module_name: str, entry: EntryPoint | None, error: Exception) -> NoReturn:
    """Raise ConfigError with the place of an error in somebody else's module; one of our own is a defect of annexd."""
    if module_name.startswith("connectors."):
        raise error
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    whose = _distribution(entry)
    raise ConfigError(
        f"the connector {name} cannot be imported: {type(error).__name__}: {said}{_place(error)}",
        so="nothing of its platform can be read",
        mend=f"correct it, or ask whoever wrote {whose or f'the module {module_name}'}",
    ) from error


def _place(error: Exception) -> str:
    """Return the last line of a module that is not annexd's, from which the error came; empty where there is none."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f", in {error.filename}:{error.lineno}"
    ours = tuple(f"{path}/" for room in (collector, connectors) for path in room.__path__)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(("<frozen", *ours))]
    theirs = [frame for frame in frames if Path(frame.filename).is_file() and "/importlib/" not in frame.filename]
    return f", in {theirs[-1].filename}:{theirs[-1].lineno}" if theirs else ""


_EXTRAS = {"azure": "microsoft", "entra": "microsoft", "gcp": "google", "googleworkspace": "google"}
"""The extra that installs a connector's SDK, where it has another name."""

_OTHER_PREFIXES = {"m365": "entra"}
"""First words of check ids that are not the name of their connector, for when it cannot be loaded to be asked."""


def platform_of(check: str) -> str:
    """Return the connector that the id of a check is of; for checks that are not known because an SDK is missing."""
    first = check.partition("_")[0]
    return _OTHER_PREFIXES.get(first, first)


def _files(module: ModuleType) -> Iterator[tuple[str, Path]]:
    """Yield the source files of a module with their relative names, private ones too."""
    if module.__file__ is None:
        return
    file = Path(module.__file__)
    below = sorted(file.parent.rglob("*.py")) if hasattr(module, "__path__") else [file]
    for path in below:
        yield path.relative_to(file.parent).as_posix(), path


def _instances(modules: Iterable[ModuleType], of: type[Any]) -> Iterator[Any]:
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, of):
                yield value


def _distribution(entry: EntryPoint | None) -> str | None:
    if entry is None or entry.dist is None:
        return None
    return f"{entry.dist.name} {entry.dist.version}"
