"""The workers of the configuration: what a run is given to have them, and what one of them is made of over there."""

from __future__ import annotations

import logging
import sys
from base64 import b64decode
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from collector.core.canonical import canonical, digest_of
from collector.core.errors import ConfigError
from collector.engine.workers.dask_channels import DaskWorkers, Tls
from collector.engine.workers.ports import WorkerParts
from collector.engine.workers.processes import Processes
from collector.engine.workers.team import Workers
from collector.setup.app import open_app
from collector.setup.logs import log_on, logged

if TYPE_CHECKING:
    from collector.core.canonical import Digest
    from collector.setup.app import App
    from collector.setup.execution_config import ExecutionConfig
    from collector.setup.logs import Logged
    from storage import SqlStore
    from storage.database.keys import WorkerKey


def workers_of(app: App, store: SqlStore) -> Workers | None:
    """Return the workers of a run that writes to a store; None where threads do the work."""
    config = app.config.execution
    if config.engine == "threads":
        return None
    key = store.worker_key()
    return Workers(
        channels=partial(_dask, config) if config.engine == "dask" else partial(_processes, app, bytes(key)),
        store=store,
        store_name=store.name,
        keys=key.id,
        config=work_digest(app),
        tasks=app.config.limits.tasks,
        parts=app.config.limits.parts,
    )


def _processes(app: App, keys: bytes) -> Processes:
    build = partial(_process_worker, str(app.config.file.path.resolve()), logged())
    return Processes(app.config.execution.processes, build, keys)


def _dask(config: ExecutionConfig) -> DaskWorkers:
    scheduler, tls = dask_of(config)
    return DaskWorkers(scheduler, tls, config.workers, config.wait.total_seconds())


def dask_of(config: ExecutionConfig) -> tuple[str, Tls]:
    """Return the address of the scheduler and the certificates. Raises ConfigError where there are none."""
    files = (config.ca, config.certificate, config.certificate_key)
    if config.scheduler is None or None in files:
        raise ConfigError(
            "the configuration names no Dask scheduler",
            mend='write engine = "dask", scheduler, ca, certificate and certificate_key in [execution]',
        )
    ca, certificate, key = (Path(str(file)) for file in files)
    return config.scheduler, Tls(ca, certificate, key)


def dask_worker(path: Path, name: str) -> WorkerParts:
    """Return what a worker on a machine of its own is made of; the configuration is read anew. Raises ConfigError."""
    from storage.database.keys import WorkerKey

    app = open_app(path)
    secret = app.config.execution.worker_key
    if secret is None:
        raise ConfigError(
            "the configuration names no worker key",
            mend="write worker_key in [execution]; annexd key worker gives it, where the store key is",
        )
    try:
        key = WorkerKey.of(b64decode(secret.reveal(), validate=True))
    except ValueError as error:
        raise ConfigError(f"the worker key in {secret.source} is none: {error}") from error
    return worker_parts(app, name, key)


def work_digest(app: App) -> Digest:
    """Return the digest of what a worker's results depend on: sources, checks and limits in force.

    Not where the store is: a worker may reach it by another address, and as another user.
    """
    config = app.config
    settings = {
        "sources": config.file.data.get("sources", {}),
        "every": {name: int(source.every.total_seconds()) for name, source in config.sources.items()},
        "rules": {rule.check.id: [rule.code, rule.shown_limits] for rule in app.rules()},
        "limits": msgspec.to_builtins(config.limits),
    }
    return digest_of(canonical(settings))


def worker_parts(app: App, name: str, key: WorkerKey) -> WorkerParts:
    """Return what a worker is made of. Raises StoreError where the store cannot be read, and ConfigError."""
    store = app.open_store(writer=False)
    return WorkerParts(
        name=name,
        code=app.code_digest,
        config=work_digest(app),
        store=store.name,
        keys=key.id,
        reader=store,
        sealing=lambda task, run: store.sealing(task, run, key),
        redaction_key=key.redaction,
        sources={source.name: source for source in app.sources()},
        rules={rule.check.id: rule for rule in app.rules()},
        clock=app.clock,
        tasks=app.config.limits.tasks,
        parts=app.config.limits.parts,
    )


def _process_worker(path: str, log: Logged, number: int, keys: bytes) -> WorkerParts:
    """Return what a worker in a process of this machine is made of; `keys` came by the pipe."""
    # Imported here, because commands that read no store need none of it.
    from storage.database.keys import WorkerKey

    log_on(sys.stderr, logging.getLevelName(log.level), as_json=log.as_json)
    return worker_parts(open_app(Path(path)), f"worker {number + 1}", WorkerKey.of(keys))
