"""`App`: the configuration with its connectors, frameworks and store."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from collector.core.addresses import shown_address
from collector.core.canonical import Digest, canonical, digest_of
from collector.core.errors import ConfigError
from collector.core.secrets import Secret
from collector.engine.clock import SystemClock
from collector.engine.gate import Budget
from collector.engine.platform_clocks import CLOCK_LIMIT
from collector.engine.run import Limits
from collector.engine.sources import Source
from collector.setup import loading
from collector.setup.company_limits import with_company_limits
from collector.setup.config import Config, load
from collector.setup.limits import rule
from collector.setup.loading import LoadedConnector, MissingSdkError, check_code, platform_of, sources_digest
from collector.setup.own_checks import OwnChecks, load_own_checks
from collector.setup.own_links import is_own, require_known_links, with_links
from collector.setup.source_settings import settings_of
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from collector.core.checks import Check
    from collector.core.controls import Framework
    from collector.engine.clock import Clock
    from collector.engine.rule import Rule
    from collector.setup.config import RunLimits, SourceConfig
    from collector.setup.key_refs import SigningKeyRef
    from storage import SqlStore
    from storage.log.mac_beginning import Acknowledgement

ROOMS = ("collector", "connectors", "mappings", "storage")
"""The packages that annexd is made of."""

_PASSWORD = re.compile(r"(?<=[^/]):[^@/]*(?=@)|(?<=[?&])password=[^&]*&?")
"""A password in the address of a store. The digest of a configuration is public, and a short one could be guessed."""


@dataclass(frozen=True)
class App:
    """annexd as it is configured. `used` are the connectors that its sources name, `own` the operator's checks.

    `clock` dates what is recorded.
    """

    config: Config
    used: dict[str, LoadedConnector]
    own: OwnChecks = field(default_factory=OwnChecks, kw_only=True)
    clock: Clock = field(default_factory=SystemClock, compare=False, kw_only=True)

    @property
    def loaded(self) -> dict[str, LoadedConnector]:
        """Every connector that can be loaded here, configured or not; a scan needs only those that are."""
        return self._all[0]

    @property
    def missing(self) -> frozenset[str]:
        """The connectors whose SDK is not installed."""
        return self._all[1]

    @cached_property
    def _all(self) -> tuple[dict[str, LoadedConnector], frozenset[str]]:
        loaded = dict(self.used)
        missing = set()
        for name in loading.builtin():
            if name not in loaded:
                try:
                    loaded[name] = self.connector(name)
                except MissingSdkError:
                    missing.add(name)
        return loaded, frozenset(missing)

    def connector(self, name: str) -> LoadedConnector:
        """Return a connector, configured or not, with the operator's checks for it. Raises ConfigError."""
        return self.used[name] if name in self.used else self.own.added_to(name, loading.connector(name))

    @cached_property
    def checks(self) -> dict[str, Check[...]]:
        """Every check that is known here, by id, whether its platform is configured or not."""
        return {id_: check for connector in self.loaded.values() for id_, check in connector.checks.items()}

    def connector_of(self, check_id: str) -> str:
        """Return the name of the connector that a check belongs to."""
        return next(name for name, connector in self.loaded.items() if check_id in connector.checks)

    def sources(self, names: Collection[str] | None = None) -> list[Source]:
        """Return the configured sources, or those named. Raises ConfigError on invalid settings and unknown names."""
        configured = self.config.sources
        for name in names or ():
            if name not in configured:
                raise ConfigError(
                    f"{self.config.file.path}: there is no source {name!r}",
                    mend=would_do(name, configured, "the sources are"),
                )
        return [self._source(name, source) for name, source in configured.items() if names is None or name in names]

    def require_a_source(self) -> None:
        """Raise ConfigError where the configuration names no source, so that there is nothing to look at."""
        if not self.config.sources:
            raise ConfigError(
                f"{self.config.file.path}: there is no source to look at",
                mend="write a table [sources.NAME] with a connector; annexd config example shows one",
            )

    def prove_secrets(self, sources: Iterable[Source]) -> None:
        """Read each secret of the sources once. Raises ConfigError, with its place, where one is missing."""
        for source in sources:
            for name in source.settings.__struct_fields__:
                value = getattr(source.settings, name)
                if isinstance(value, Secret):
                    try:
                        value.reveal()
                    except ConfigError as error:
                        at = ("sources", source.name, name)
                        raise self.config.file.error(at, error.what, so=error.so, mend=error.mend) from error

    def rules(self, check_ids: Collection[str] | None = None) -> list[Rule]:
        """Return the enabled checks of the configured platforms, or those named, with the limits in force."""
        mine = {id_: check for _, connector in sorted(self.used.items()) for id_, check in connector.checks.items()}
        for id_ in check_ids or ():
            if id_ not in mine:
                raise ConfigError(
                    f"there is no check {id_!r} of a configured platform",
                    mend=would_do(id_, mine, "the checks are"),
                )
        return [
            rule(self.config, check, check_code)
            for id_, check in mine.items()
            if self._is_enabled(id_) and (check_ids is None or id_ in check_ids)
        ]

    def open_store(
        self,
        *,
        writer: bool,
        restoring: bool = False,
        wait: timedelta = timedelta(0),
        acknowledged: Acknowledgement | None = None,
        alongside: bool = False,
        hand_over_to: SigningKeyRef | None = None,
    ) -> SqlStore:
        """Open the store that is configured. Raises StoreError, and ConfigError on an invalid address.

        `acknowledged` lets the unproven entries of a store stay that is older than MACs; `alongside` writes facts while
        a run may be going on. `hand_over_to` is the signing key that a rotation ends with.
        """
        from collector.setup.opening import open_configured

        return open_configured(
            self.config.store,
            self.clock,
            writer=writer,
            restoring=restoring,
            wait=wait,
            acknowledged=acknowledged,
            alongside=alongside,
            hand_over_to=hand_over_to,
        )

    def framework(self, id_: str) -> Framework:
        """Return an edition, built in or from a folder of the operator's, with the operator's links.

        Raises ConfigError where it cannot be loaded. Whether the checks that it names exist is not checked.
        """
        import mappings

        if id_ not in self._loaded_frameworks:
            loaded = mappings.load(id_, self.config.framework_folders)
            self._loaded_frameworks[id_] = with_links(loaded, self.config.links)
        return self._loaded_frameworks[id_]

    @cached_property
    def _loaded_frameworks(self) -> dict[str, Framework]:
        """Framework versions that were loaded: their files are read once, as the configuration is."""
        return {}

    def frameworks(self) -> tuple[Framework, ...]:
        """Return the frameworks in use; a direct link is supporting where its check turns on a limit nobody has stated.

        Raises ConfigError on unknown frameworks and unknown checks in them.
        """
        import mappings

        known = mappings.available(self.config.framework_folders)
        used = tuple(dict.fromkeys(self.config.frameworks.use))
        for id_ in used:
            if id_ not in known:
                raise self.config.file.error(
                    ("frameworks", "use"),
                    f"there is no framework {id_!r}",
                    mend=would_do(id_, known, "the frameworks are"),
                )
        require_known_links(self.config.links, used, self.checks, self.missing)
        frameworks = tuple(self._with_company_limits(id_) for id_ in used)
        mappings.cross_check(frameworks, {*self.checks, *self._not_loadable(frameworks)})
        return frameworks

    def _with_company_limits(self, id_: str) -> Framework:
        if id_ not in self._limited_frameworks:
            self._limited_frameworks[id_] = with_company_limits(self.framework(id_), self.config, self.checks)
        return self._limited_frameworks[id_]

    @cached_property
    def _limited_frameworks(self) -> dict[str, Framework]:
        return {}

    def is_own_link(self, framework: str, control: str, check: str) -> bool:
        """Whether the operator wrote the link from a check to a control, and not the framework's file."""
        return is_own(self.config.links, framework, control, check)

    def limits(self) -> Limits:
        """Return how much a run may use."""
        limits = self.config.limits
        return Limits(
            tasks=limits.tasks,
            parts=limits.parts,
            deadline=limits.deadline,
            largest_answer=limits.largest_answer,
            clock=limits.clock,
            budgets={
                name: Budget(source.concurrency, source.calls_per_second)
                for name, source in self.config.sources.items()
            },
        )

    @cached_property
    def config_digest(self) -> Digest:
        """The digest of what is in force: the file's values with secrets as references, and the defaults."""
        config = self.config
        settings = {
            "store": shown_address(_PASSWORD.sub("", config.store.url)),
            "sources": config.file.data.get("sources", {}),
            "every": {name: int(source.every.total_seconds()) for name, source in config.sources.items()},
            "frameworks": list(config.frameworks.use),
            "services": msgspec.to_builtins(config.services),
            "checks": config.file.data.get("checks", {}),
            "rules": {rule.check.id: rule.shown_limits for rule in self.rules()},
            "limits": _run_limits(config.limits),
            "retention": msgspec.to_builtins(config.retention),
        }
        # Only where they are set, so that the digest of a configuration without them does not change.
        if config.links:
            settings["links"] = config.file.data["links"]
        if config.frameworks.folders:
            settings["framework_folders"] = [str(path) for path in config.frameworks.folders]
        return digest_of(canonical(settings))

    @cached_property
    def code_digest(self) -> Digest:
        """The digest of the code: annexd's own files, configured connectors of others, the operator's folders."""
        frameworks = [
            (f"frameworks {number}/{path.name}", path)
            for number, folder in enumerate(self.config.framework_folders)
            for path in sorted(folder.glob("*.toml"))
        ]
        return code_of((connector for _, connector in sorted(self.used.items())), (*self.own.files, *frameworks))

    def _is_enabled(self, check_id: str) -> bool:
        settings = self.config.checks.get(check_id)
        return settings is None or settings.enabled

    def _not_loadable(self, frameworks: Iterable[Framework]) -> Iterator[str]:
        """Yield the mapped checks of platforms whose SDK is missing; whether they exist is not known."""
        for framework in frameworks:
            for control in framework.controls:
                for check in control.checks:
                    if platform_of(check) in self.missing:
                        yield check

    def _source(self, name: str, source: SourceConfig) -> Source:
        loaded = self.used[source.connector]
        settings = settings_of(self.config, name, loaded.connector.settings, source.settings)
        return Source(name, loaded.connector, settings, loaded.code, source.every)


def open_app(path: Path, clock: Clock | None = None) -> App:
    """Read the configuration and load what it names; without a clock, the machine's is used.

    Raises ConfigError on an invalid configuration.
    """
    return app_of(load(path), SystemClock() if clock is None else clock)


def app_of(config: Config, clock: Clock) -> App:
    """Load what a configuration names. Raises ConfigError on an invalid one."""
    used: dict[str, LoadedConnector] = {}
    for name, source in config.sources.items():
        if source.connector not in used:
            try:
                used[source.connector] = loading.connector(source.connector)
            except ConfigError as error:
                raise config.file.error(
                    ("sources", name, "connector"), error.what, so=error.so, mend=error.mend
                ) from error
    own = load_own_checks(config.check_folders, used)
    used = {name: own.added_to(name, connector) for name, connector in used.items()}
    app = App(config, used, own=own, clock=clock)
    for name in own.checks:
        app.connector(name)  # an id that is taken is refused, whether its platform is configured or not
    _refuse_duplicate_checks(used)
    mine = {id_ for connector in used.values() for id_ in connector.checks}
    for id_ in config.checks:
        if id_ not in mine and id_ not in app.checks and platform_of(id_) not in app.missing:
            raise config.file.error(
                ("checks", id_), "there is no such check", mend=would_do(id_, app.checks, "the checks are")
            )
    app.rules()
    return app


def _run_limits(limits: RunLimits) -> dict[str, Any]:
    written: dict[str, Any] = msgspec.to_builtins(limits)
    if limits.clock == CLOCK_LIMIT:
        del written["clock"]  # so that the digest of a configuration that does not set it is what it was
    return written


def _refuse_duplicate_checks(used: Mapping[str, LoadedConnector]) -> None:
    owners: dict[str, str] = {}
    for name, connector in used.items():
        for id_ in connector.checks:
            if owners.setdefault(id_, name) != name:
                raise ConfigError(
                    f"the connectors {owners[id_]} and {name} both have a check called {id_}",
                    mend="take out the source of one of them",
                )


def code_of(connectors: Iterable[LoadedConnector], files: Iterable[tuple[str, Path]] = ()) -> Digest:
    """Return the digest of annexd's own files, of connectors of others, by their names, and of the operator's files."""
    others = (connector.code for connector in connectors if connector.distribution is not None)
    return sources_digest([*_own_files(), *files], *others)


def _own_files() -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        (parent,) = import_module(room).__path__
        folder = Path(parent)
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".py", ".toml"}:
                yield f"{room}/{path.relative_to(folder).as_posix()}", path
