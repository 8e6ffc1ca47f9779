"""`[daemon.traces]`: where traces of runs go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from collector.core.secrets import Secret
from collector.setup.secret_refs import secret

if TYPE_CHECKING:
    from pathlib import Path

    from collector.setup.toml_file import TomlFile


class TracesConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[daemon.traces]`. What is left out is taken from the variables OTEL_* that OpenTelemetry has for it.

    `endpoint` is where spans are posted by OTLP over HTTP, with its whole path; `headers` are sent with them.
    """

    enabled: bool = True
    endpoint: Annotated[str, Meta(pattern=r"^https?://\S+$")] | None = None
    headers: dict[str, Secret] = {}


def read_traces(file: TomlFile, raw: object, at: tuple[str, ...]) -> TracesConfig:
    """Return the table. Raises ConfigError with the place of what is wrong."""
    folder = file.path.resolve().parent
    return file.convert(raw, TracesConfig, at, lambda of, value: _header(of, value, folder))


def _header(of: type, value: object, folder: Path) -> object:
    if of is Secret:
        return secret(value, folder)
    message = f"expected {of.__name__}"
    raise ValueError(message)
