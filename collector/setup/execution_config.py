"""`[execution]`: what does the work of a run: threads of the process that writes, or workers beside it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collector.setup.toml_file import TomlFile


class ExecutionConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[execution]`. With "threads" one process does all; with "processes" so many `workers` collect and judge for it.

    `workers` left out: one for each processor that this process may use.
    """

    engine: Literal["threads", "processes"] = "threads"
    workers: Annotated[int, Meta(ge=1, le=64)] | None = None

    @property
    def count(self) -> int:
        """How many workers there are; 0 for threads."""
        if self.engine == "threads":
            return 0
        return self.workers or len(os.sched_getaffinity(0))


def read_execution(file: TomlFile) -> ExecutionConfig:
    """Return the table. Raises ConfigError with the place of what is wrong."""
    at = ("execution",)
    config = file.convert(file.data.get("execution", {}), ExecutionConfig, at)
    if config.engine == "threads" and config.workers is not None:
        raise file.error(
            (*at, "workers"),
            "threads have no workers",
            mend='write engine = "processes" beside it, or take this out; [limits] tasks is how many lists at a time',
        )
    return config
