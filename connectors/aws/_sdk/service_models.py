"""Botocore's data on the services, cut to the operations that a connector declares.

A client of EC2 has 830 methods, and its data takes some 30 MB with the documentation of each. What is not declared is
not there: a client that is made from this data cannot call an operation that changes something.
"""

from __future__ import annotations

import gzip
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from botocore.loaders import JSONFileLoader, Loader

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_SIGN_IN = ("sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity")
"""What signing in calls; the services that botocore's own providers of credentials use beside it are not cut."""

_MODEL = "service-2"
_EXTRAS = "service-2.sdk-extras"
_JSON = "json"


class _Service(msgspec.Struct):
    """A file of botocore's on a service. Operations and shapes stay text until one is needed."""

    metadata: dict[str, Any]
    operations: dict[str, msgspec.Raw]
    shapes: dict[str, msgspec.Raw]
    version: str | None = None
    context_params: dict[str, Any] | None = msgspec.field(name="clientContextParams", default=None)  # None: no options


class _DeclaredFiles(JSONFileLoader):
    """Reads botocore's files, and of a service with declared operations only these."""

    def __init__(self, operations: dict[str, set[str]]) -> None:
        self._operations = operations
        self._lock = threading.Lock()
        self._cut: dict[str, dict[str, Any] | None] = {}

    def load_file(self, file_path: str) -> Any:
        """Return the data of a file, named without its ending; None where there is none."""
        file = Path(file_path)
        operations = self._operations.get(file.parent.parent.name)
        if operations is not None and file.name == _EXTRAS:
            return self._extras(file, super().load_file(file_path))
        if file.name != _MODEL or operations is None:
            return super().load_file(file_path)
        # Botocore's loader keeps what it has read, but threads that ask at the same time would each read it.
        with self._lock:
            if file_path not in self._cut:
                text = _text(file)
                self._cut[file_path] = None if text is None else cut(text, operations)
            return self._cut[file_path]

    def _extras(self, file: Path, extras: Any) -> Any:
        """Return what botocore adds to a service's data, as far as it is about shapes that were not cut away.

        What it adds to others would be a shape without a type, at which botocore stops when it reads an error.
        """
        model = self.load_file(str(file.with_name(_MODEL)))
        if extras is None or model is None:
            return extras
        added = extras.get("merge", {}).get("shapes", {})
        shapes = {name: shape for name, shape in added.items() if name in model["shapes"]}
        return {**extras, "merge": {**extras.get("merge", {}), "shapes": shapes}}


def declared_loader(declared: Iterable[str]) -> Loader:
    """Return a loader of botocore's data in which the services of some operations have these operations only.

    `declared` are operations as `service:Operation`, in the words of botocore's data.
    """
    operations: dict[str, set[str]] = {}
    for call in (*declared, *_SIGN_IN):
        service, _, operation = call.partition(":")
        operations.setdefault(service, set()).add(operation)
    return Loader(file_loader=_DeclaredFiles(operations))


def cut(text: bytes, operations: Collection[str]) -> dict[str, Any]:
    """Return a service's data with these operations, the shapes that they need, and no documentation."""
    service = msgspec.json.decode(text, type=_Service)
    kept = {name: _plain(raw) for name, raw in service.operations.items() if name in operations}
    shapes: dict[str, Any] = {}
    waiting = [name for operation in kept.values() for name in _shapes_named(operation)]
    while waiting:
        name = waiting.pop()
        if name not in shapes:
            shapes[name] = _plain(service.shapes[name])
            waiting += _shapes_named(shapes[name])
    metadata = service.metadata
    if _JSON in metadata.get("protocols", ()):
        # Botocore would choose CBOR where a service has both; what an answer lacks is looked for in JSON and XML.
        metadata = {**metadata, "protocol": _JSON, "protocols": [_JSON]}
    data = {"version": service.version, "metadata": metadata, "operations": kept, "shapes": shapes}
    if service.context_params is not None:
        data["clientContextParams"] = service.context_params  # botocore reads their texts as well
    return data


def _text(file: Path) -> bytes | None:
    """Return the contents of a file that is named without its ending, as botocore has them on disk."""
    if (plain := file.with_name(f"{file.name}.json")).is_file():
        return plain.read_bytes()
    packed = file.with_name(f"{file.name}.json.gz")
    return gzip.decompress(packed.read_bytes()) if packed.is_file() else None


def _plain(raw: msgspec.Raw) -> Any:
    return _without_documentation(msgspec.json.decode(raw))


def _shapes_named(data: Any) -> Iterator[str]:
    """Yield the names of the shapes that a piece of the data refers to."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_named(value)
    elif isinstance(data, list):
        for value in data:
            yield from _shapes_named(value)


def _without_documentation(data: Any) -> Any:
    """Return a copy without the texts; a member of a structure that is named `documentation` is no text, and stays."""
    if isinstance(data, dict):
        return {
            key: _without_documentation(value)
            for key, value in data.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return [_without_documentation(value) for value in data] if isinstance(data, list) else data
