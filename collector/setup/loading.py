"""Loads connectors by name, with their checks and the digest of their code."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

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


def connector(name: str) -> LoadedConnector:
    """Load a connector. Raises ConfigError where there is none, its SDK is missing, or two checks have one id."""
    if name in builtin():
        return _load(name, f"connectors.{name}", None)
    offered = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in offered:
        raise ConfigError(
            f"there is no connector {name!r}",
            mend=f"the connectors are: {', '.join(sorted({*builtin(), *offered})) or 'none'}",
        )
    return _load(name, offered[name].module, offered[name])


def connector_in(name: str, package: str) -> LoadedConnector:
    """Load a connector from the package that has it, whether it is installed or not. Raises ConfigError as above."""
    return _load(name, package, None)


def require_prefix(connector: Connector[Any, Any], check: str, where: str) -> None:
    """Raise ConfigError, beginning with `where`, on a check whose id begins with no prefix of its connector."""
    if check.startswith(connector.check_prefixes or ("\0",)):
        return
    if not connector.check_prefixes:
        raise ConfigError(
            f"{where}: the connector {connector.name} names no check_prefixes, and there is a check called {check}",
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
        raise ConfigError(
            f"the module {module_name} has {len(own)} connectors called {name!r}, and should have one",
            mend=f'give it one Connector(name="{name}", ...)',
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
        if not missing or missing in {"collector", "connectors", "mappings", "storage"}:
            raise
        raise MissingSdkError(
            f"the connector {name} needs the package {missing}, which is not installed",
            mend=f"pip install 'annexd[{_EXTRAS.get(name, name)}]'" if entry is None else f"pip install {missing}",
        ) from error


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
