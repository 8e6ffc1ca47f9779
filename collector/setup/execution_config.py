"""`[execution]`: what does the work of a run: threads of the process that writes, or workers beside it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

from collector.core.secrets import Secret
from collector.setup.secret_refs import secret
from collector.setup.toml_file import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.setup.toml_file import TomlFile


class ExecutionConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[execution]`. With "threads" one process does all; with "processes" so many `workers` collect and judge for it.

    With "dask" they are those that the Dask `scheduler` knows, each with this table in a configuration of its own.
    Scheduler, workers and the process that writes know each other by certificates of one authority, `ca`. `worker_key`
    is needed by workers only. `wait` is how long workers are waited for.

    `workers` left out: one for each processor that this process may use, or all that the scheduler knows.
    """

    engine: Literal["threads", "processes", "dask"] = "threads"
    workers: Annotated[int, Meta(ge=1, le=64)] | None = None
    scheduler: Annotated[str, Meta(pattern=r"^tls://[^\s/:]+:\d{1,5}$")] | None = None
    ca: Path | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
    worker_key: Secret | None = None
    wait: timedelta = timedelta(seconds=60)

    @property
    def processes(self) -> int:
        """How many processes there are beside the one that writes."""
        mine = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        return self.workers or mine or 1


_OF_DASK = ("scheduler", "ca", "certificate", "certificate_key")


def read_execution(
    file: TomlFile, url: str, span_at: Callable[[tuple[str, ...], object], timedelta]
) -> ExecutionConfig:
    """Return the table; `url` is where the store is. Raises ConfigError with the place of what is wrong."""
    at = ("execution",)
    raw = file.data.get("execution", {})
    folder = file.path.resolve().parent
    if isinstance(raw, dict) and "wait" in raw:
        raw = raw | {"wait": span_at((*at, "wait"), raw["wait"])}
    config = file.convert(raw, ExecutionConfig, at, lambda of, value: _placed(of, value, folder))
    if config.engine == "threads" and (
        unused := [name for name in keys_of(ExecutionConfig) if name in raw and name != "engine"]
    ):
        raise file.error(
            (*at, unused[0]),
            "threads have no workers",
            mend='write engine = "processes" beside it, or take this out; [limits] tasks is how many lists at a time',
        )
    if config.engine == "dask":
        for name in _OF_DASK:
            if getattr(config, name) is None:
                raise file.error(
                    at, f"{name} is missing", mend="docs/scale.md shows how scheduler and workers are started"
                )
        if url.startswith("sqlite:"):
            raise file.error(
                (*at, "engine"),
                "workers on other machines cannot read a file",
                mend='keep the store in PostgreSQL, or write engine = "processes"',
            )
    return config


def _placed(of: type, value: object, folder: Path) -> object:
    if of is Path and isinstance(value, str):
        return folder / value
    if of is Secret:
        return secret(value, folder)
    message = f"expected {of.__name__}"
    raise ValueError(message)
