"""The configuration file: its tables and their defaults, read and validated.

A flag comes before the environment, the environment before the file, the file before what is built in.
"""

from __future__ import annotations

import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from collector.core.controls import NonEmptyStr
from collector.core.errors import ConfigError
from collector.core.spans import parse_span, show_span
from collector.engine.platform_clocks import CLOCK_LIMIT
from collector.setup.alerts_config import AlertsConfig, read_alerts
from collector.setup.copy_places import placed
from collector.setup.cron import Cron
from collector.setup.execution_config import ExecutionConfig, read_execution
from collector.setup.key_refs import KeyRef, SigningKeyRef, StoreKeyRef, key_ref
from collector.setup.own_links import PlacedLink, read_links
from collector.setup.retention_policy import Retention
from collector.setup.toml_file import TomlFile, keys_of, read_toml, would_do
from collector.setup.traces_config import TracesConfig, read_traces
from collector.setup.web_config import WebConfig, read_web

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT = Path("config.toml")
"""The path of the configuration where none is given."""

SQLITE = "sqlite:///"

POSTGRESQL = "postgresql+psycopg://"

Count = Annotated[int, Meta(ge=1)]

CLOCK_LIMITS = (timedelta(seconds=10), timedelta(minutes=20))
"""The smallest and the largest limit for the difference of two clocks."""

LISTEN = "127.0.0.1:9720"
"""Where the daemon is watched where nothing else is written."""

TIME_ZONE = "time_zone"
"""The key of a source that its `cron` is read with."""

FOLDERS = "folders"
"""The key of `[checks]` that is not a check."""


class StoreConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[store]`: where evidence is kept.

    `key` and `signing_key` are files beside the database where left out, or beside the configuration where the
    database is on a server. `signer_memory` is the file of what was signed last: None is beside the file of the signing
    key. `origin` names a new log. `anchor` is the address of a time-stamping authority, `anchor_ca`
    the file of its root. `copies` are places outside where each checkpoint is kept too. `verify_every` is how often the
    daemon verifies all of it; None where it is "off".
    """

    url: NonEmptyStr = "sqlite:///annexd.db"
    key: StoreKeyRef | None = None
    signing_key: SigningKeyRef | None = None
    signer_memory: Path | None = None
    origin: Annotated[str, Meta(pattern=r"^[^\s+~\x00-\x1f]{1,200}$")] | None = None
    anchor: Annotated[str, Meta(pattern=r"^https?://\S+$")] | None = None
    anchor_ca: Path | None = None
    copies: tuple[NonEmptyStr, ...] = ()
    verify_every: timedelta | None = timedelta(days=7)


class SourceConfig(Struct, frozen=True, kw_only=True):
    """`[sources.NAME]`: what every connector takes. All other keys are its own, and stand in `settings` as written.

    `every` is how old its evidence may become before it is due again; the daemon looks at it as often, or by the slots
    of `cron`, each up to `jitter` later. `serves` names services provided; `holds_pii` says that it holds personal data
    that is processed for customers.
    """

    connector: NonEmptyStr
    every: timedelta = timedelta(hours=24)
    cron: Cron | None = None
    jitter: timedelta | None = None
    serves: tuple[NonEmptyStr, ...] = ()
    holds_pii: bool = False
    calls_per_second: Annotated[float, Meta(gt=0)] | None = None
    concurrency: Count | None = None
    settings: dict[str, Any] = {}


class Provided(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[services.provided]]`: a service that the organisation provides to others."""

    name: NonEmptyStr
    model: Literal["saas", "paas", "iaas", "other"]
    pii_processor: bool = False
    since: date | None = None
    until: date | None = None


class Used(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[services.used]]`: a service that the organisation builds on."""

    provider: NonEmptyStr
    model: Literal["saas", "paas", "iaas", "other"]
    since: date | None = None
    report: NonEmptyStr | None = None  # the ask id under which the provider's own report is filed


class Services(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[services]`: the two roles of ISO/IEC 27017, service by service."""

    provided: tuple[Provided, ...] = ()
    used: tuple[Used, ...] = ()


class Frameworks(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[frameworks]`: the editions that results are shown for, and folders of the operator's own."""

    use: tuple[NonEmptyStr, ...] = ("iso27001:2022",)
    folders: tuple[Path, ...] = ()


class CompanyFiles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[company]`: where the company's own files are. Left out: the name that is built in, if there is such a file."""

    scope: Path | None = None
    soa: Path | None = None
    exceptions: Path | None = None
    actions: Path | None = None
    risks: Path | None = None
    register: Path | None = None
    metrics: Path | None = None


class CheckConfig(Struct, frozen=True, kw_only=True):
    """`[checks.ID]`: the settings of a check. All other keys are limits, and stand in `limits` as written."""

    enabled: bool = True
    reason: NonEmptyStr | None = None
    policy_ref: NonEmptyStr | None = None
    limits: dict[str, Any] = {}


class RunLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[limits]`: how much a run may use. `deadline` is of one task, `largest_answer` counts bytes.

    `clock` is how far this machine's clock and a platform's may be apart before a clock_anomaly is recorded.
    """

    tasks: Count = 16
    parts: Count = 32
    deadline: timedelta = timedelta(minutes=30)
    largest_answer: Count = 64 << 20
    clock: timedelta = CLOCK_LIMIT


class DaemonConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[daemon]`: how `annexd serve` works. `sources` are looked at side by side.

    `drain` is how long runs have to end after SIGTERM. `listen` is where it is watched by HTTP: the built-in address
    may be in use, one that was written may not. `traces` is None where the table is not there.
    """

    sources: Count = 4
    drain: timedelta = timedelta(seconds=60)
    listen: Annotated[str, Meta(pattern=r"^(off|\[[0-9a-fA-F:]+\]:\d{1,5}|[^:\s]+:\d{1,5})$")] = LISTEN
    traces: TracesConfig | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        """Where it is watched by HTTP; None where that is off."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if host else None


class Config(Struct, frozen=True, kw_only=True):
    """The whole configuration. `file` is kept for error messages, `check_folders` have the operator's checks."""

    file: TomlFile
    store: StoreConfig
    sources: dict[str, SourceConfig]
    frameworks: Frameworks
    services: Services
    company: CompanyFiles
    checks: dict[str, CheckConfig]
    limits: RunLimits
    retention: Retention = Retention()
    execution: ExecutionConfig = ExecutionConfig()
    daemon: DaemonConfig = DaemonConfig()
    alerts: AlertsConfig = AlertsConfig()
    web: WebConfig | None = None
    check_folders: tuple[Path, ...] = ()
    links: tuple[PlacedLink, ...] = ()

    @property
    def daemon_file(self) -> Path:
        """Where the daemon of the store says what it does: beside the database, or beside the configuration."""
        return Path(f"{_stem(self.store.url, self.folder)}.serve.json")

    @property
    def access_folder(self) -> Path:
        """Where the page views of auditors are kept: beside the database, or beside the configuration."""
        return Path(f"{_stem(self.store.url, self.folder)}.access")

    @property
    def framework_folders(self) -> tuple[Path, ...]:
        """The folders of the operator's own frameworks."""
        return tuple(self.folder / path for path in self.frameworks.folders)

    @property
    def folder(self) -> Path:
        """The folder that relative paths of the file begin at."""
        return self.file.path.resolve().parent


_TABLES = (
    "store",
    "sources",
    "frameworks",
    "services",
    "company",
    "checks",
    "links",
    "limits",
    "retention",
    "execution",
    "daemon",
    "alerts",
    "web",
)


def chosen_path(flag: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the configuration: the flag's, or ANNEXD_CONFIG, or config.toml here."""
    return flag or Path(environ.get("ANNEXD_CONFIG") or DEFAULT)


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read a configuration. Raises ConfigError with file, line, key and a remedy.

    Settings of connectors and limits of checks are validated when the connectors are loaded.
    """
    if not path.exists():
        raise ConfigError(
            f"there is no configuration at {path}",
            mend="annexd init writes one; or name yours with --config or ANNEXD_CONFIG",
        )
    return config_of(read_toml(path), environ)


def config_of(file: TomlFile, environ: Mapping[str, str]) -> Config:
    """Return the configuration that the values of a file are. Raises ConfigError as `load` does."""
    for table in file.data:
        if table not in _TABLES:
            raise file.unknown_key((table,), _TABLES)
    store = _store(file, environ)
    config = Config(
        file=file,
        store=store,
        sources={name: _source(file, name, raw) for name, raw in _tables(file, "sources").items()},
        frameworks=file.convert(file.data.get("frameworks", {}), Frameworks, ("frameworks",), _path),
        services=file.convert(file.data.get("services", {}), Services, ("services",)),
        company=file.convert(file.data.get("company", {}), CompanyFiles, ("company",), _path),
        checks={id_: _check(file, id_, raw) for id_, raw in _tables(file, "checks", FOLDERS).items()},
        limits=_limits(file),
        retention=file.convert(file.data.get("retention", {}), Retention, ("retention",)),
        execution=read_execution(file, store.url, lambda at, value: span_at(file, at, value)),
        daemon=_daemon(file),
        alerts=read_alerts(file, lambda at, value: span_at(file, at, value)),
        web=read_web(file, lambda at, value: span_at(file, at, value)),
        check_folders=_check_folders(file),
        links=read_links(file),
    )
    _refuse_unknown_services(config)
    return config


def _store(file: TomlFile, environ: Mapping[str, str]) -> StoreConfig:
    raw = file.data.get("store", {})
    read = file.convert(_verify_every(file, raw) if isinstance(raw, dict) else raw, StoreConfig, ("store",), _path)
    folder = file.path.resolve().parent
    elsewhere = environ.get("ANNEXD_STORE_URL")
    url = _address(file, elsewhere, read.url)
    # A path in the file is relative to the file, one in the environment to where the command is given.
    if url.startswith(SQLITE):
        url = f"{SQLITE}{(Path.cwd() if elsewhere else folder) / url.removeprefix(SQLITE)}"
    # With a database on a server, the keys are beside the configuration.
    stem = _stem(url, folder)
    key = StoreKeyRef("file", f"{stem}.key") if read.key is None else read.key.placed(folder)
    signing_key = SigningKeyRef("file", f"{stem}.signing.pem") if read.signing_key is None else read.signing_key
    memory, anchor_ca = (None if path is None else folder / path for path in (read.signer_memory, read.anchor_ca))
    if memory is None and signing_key.path is None:
        memory = Path(f"{stem}.signing.pem.state")  # where it was before the key left its file
    return replace(
        read,
        url=url,
        key=key,
        signing_key=signing_key.placed(folder),
        signer_memory=memory,
        anchor_ca=anchor_ca,
        copies=_copies(file, read.copies, folder),
    )


def _copies(file: TomlFile, addresses: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    try:
        return tuple(placed(address, folder) for address in addresses)
    except ValueError as error:
        raise file.error(("store", "copies"), str(error), so="no checkpoint is copied there") from error


def _stem(url: str, folder: Path) -> str:
    """Return what the names of the files beside a store begin with."""
    return url.removeprefix(SQLITE) if url.startswith(SQLITE) else str(folder / "annexd")


def _verify_every(file: TomlFile, raw: dict[str, Any]) -> dict[str, Any]:
    at = "verify_every"
    return raw | {at: None} if raw.get(at) == "off" else _spans(file, raw, ("store",), at)


def _address(file: TomlFile, elsewhere: str | None, written: str) -> str:
    """Return the address of the store. Raises ConfigError where annexd cannot use its database.

    postgresql:// and postgres:// become an address with the driver that annexd uses.
    """
    url = re.sub(r"^postgres(ql)?://", POSTGRESQL, elsewhere or written)
    if url.startswith((SQLITE, POSTGRESQL)):
        return url
    kind = url.partition(":")[0]
    what = f"annexd keeps no evidence in {kind!r}"
    mend = f"write {SQLITE}annexd.db or postgresql://USER@HOST/DATABASE"
    if elsewhere:
        raise ConfigError(f"ANNEXD_STORE_URL: {what}", mend=mend)
    raise file.error(("store", "url"), what, mend=mend)


def _tables(file: TomlFile, name: str, *but: str) -> dict[str, dict[str, Any]]:
    """Return the tables below a table, without the keys in `but`."""
    tables = file.data.get(name, {})
    if not isinstance(tables, dict):
        raise file.error((name,), "this is not a table", mend=f"write [{name}.NAME] above its keys")
    tables = {key: raw for key, raw in tables.items() if key not in but}
    for key, raw in tables.items():
        if not isinstance(raw, dict):
            raise file.error((name, key), "this is not a table", mend=f"write [{name}.{key}] above its keys")
    return tables


def _source(file: TomlFile, name: str, raw: dict[str, Any]) -> SourceConfig:
    at = ("sources", name)
    ours = [key for key in keys_of(SourceConfig) if key != "settings"]
    if "connector" not in raw:
        raise file.error(at, "no connector is named", mend='say which platform it is: connector = "aws"')
    cron = _cron(file, at, raw)
    own = {key: value for key, value in raw.items() if key in ours and key != "cron"}
    own["settings"] = {key: value for key, value in raw.items() if key not in ours and key != TIME_ZONE}
    source = file.convert(_spans(file, own, at, "every", "jitter"), SourceConfig, at)
    if cron is None:
        if source.jitter is not None:
            raise file.error((*at, "jitter"), "a jitter is of the slots of cron", mend="write cron, or take this out")
        return source
    every = source.every if "every" in raw else cron.longest_gap
    if every < cron.longest_gap:
        raise file.error(
            (*at, "every"),
            f"its evidence would be too old between two slots, which are up to {show_span(cron.longest_gap)} apart",
            mend="leave every out, or write slots that are closer together",
        )
    return replace(source, cron=cron, every=every)


def _cron(file: TomlFile, at: tuple[str, ...], raw: dict[str, Any]) -> Cron | None:
    """Return the slots by the calendar, None where it has none."""
    zone = raw.get(TIME_ZONE, "UTC")
    if "cron" not in raw:
        if TIME_ZONE in raw:
            raise file.error((*at, TIME_ZONE), "a time zone is of the slots of cron", mend="write cron beside it")
        return None
    for key, value in (("cron", raw["cron"]), (TIME_ZONE, zone)):
        if not isinstance(value, str):
            raise file.error((*at, key), f"{value!r} is no text", mend='such as cron = "0 3 * * mon-fri"')
    try:
        return Cron(raw["cron"], zone)
    except ValueError as error:
        raise file.error((*at, "cron"), str(error), mend='such as "0 3 * * mon-fri"') from error


def _check(file: TomlFile, id_: str, raw: dict[str, Any]) -> CheckConfig:
    at = ("checks", id_)
    ours = [key for key in keys_of(CheckConfig) if key != "limits"]
    own = {key: value for key, value in raw.items() if key in ours}
    own["limits"] = {key: value for key, value in raw.items() if key not in ours}
    check = file.convert(own, CheckConfig, at)
    if not check.enabled and check.reason is None:
        raise file.error(
            (*at, "enabled"),
            "a check is disabled without a reason",
            so="its controls become unknown, and the auditor asks why",
            mend='write reason = "..." beside it',
        )
    return check


def _check_folders(file: TomlFile) -> tuple[Path, ...]:
    at = ("checks", FOLDERS)
    written = file.data.get("checks", {}).get(FOLDERS, [])
    if isinstance(written, dict):
        raise file.error(
            at, "folders is where own checks are, and never a check", mend='write folders = ["checks"] under [checks]'
        )
    return tuple(file.path.resolve().parent / path for path in file.convert(written, tuple[Path, ...], at, _path))


def _limits(file: TomlFile) -> RunLimits:
    raw = file.data.get("limits", {})
    at = ("limits",)
    limits = file.convert(_spans(file, raw, at, "deadline", "clock") if isinstance(raw, dict) else raw, RunLimits, at)
    least, most = CLOCK_LIMITS
    if not least <= limits.clock <= most:
        raise file.error(
            (*at, "clock"),
            f"{raw['clock']!r} is no limit for a clock",
            so="dates of answers are whole seconds, and a wrong time zone is half an hour or more",
            mend=f"write {show_span(least)} to {show_span(most)}",
        )
    return limits


def _daemon(file: TomlFile) -> DaemonConfig:
    raw = file.data.get("daemon", {})
    at = ("daemon",)
    if not isinstance(raw, dict):
        return file.convert(raw, DaemonConfig, at)
    own = {key: value for key, value in raw.items() if key != "traces"}
    config = file.convert(_spans(file, own, at, "drain"), DaemonConfig, at)
    return replace(config, traces=read_traces(file, raw["traces"], (*at, "traces"))) if "traces" in raw else config


def _spans(file: TomlFile, raw: dict[str, Any], at: tuple[str, ...], *names: str) -> dict[str, Any]:
    return raw | {name: span_at(file, (*at, name), raw[name]) for name in names if name in raw}


def span_at(file: TomlFile, at: tuple[str, ...], value: object) -> timedelta:
    """Return the span of time that stands at a place in the file. Raises ConfigError with an example."""
    if not isinstance(value, str):
        raise file.error(at, f"{value!r} is not a span of time", mend='write it as text, such as "24h"')
    try:
        span = parse_span(value)
    except ValueError as error:
        raise file.error(at, str(error), mend='such as "24h"') from error
    if not span:
        raise file.error(at, f"{value!r} is no time at all", mend='such as "24h"')
    return span


def _path(of: type, value: object) -> object:
    if of is Path and isinstance(value, str):
        return Path(value)
    if issubclass(of, KeyRef):
        return key_ref(of, value)
    message = "expected the path of a file"
    raise ValueError(message)


def _refuse_unknown_services(config: Config) -> None:
    known = [service.name for service in config.services.provided]
    for name, source in config.sources.items():
        for service in source.serves:
            if service not in known:
                raise config.file.error(
                    ("sources", name, "serves"),
                    f"there is no service {service!r} in [[services.provided]]",
                    mend=would_do(service, known, "the services provided are"),
                )
