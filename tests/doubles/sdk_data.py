"""Botocore's data, read and cut once a process; each of its sessions would read some megabytes of it again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader

from connectors.aws._sdk.service_models import _DeclaredFiles

_CHANGED = ("/cloudfront/", "/s3/", "/s3control/", "/sqs/")
"""Services whose data a client changes while it is made, or moto with extras of its own: each loader has its own."""
_READ: dict[object, Any] = {}


@pytest.fixture(scope="session", autouse=True)
def sdk_data() -> Iterator[None]:
    """Let all loaders share what one of them has read, as the sessions of one loader do."""
    whole, declared = JSONFileLoader.load_file, _DeclaredFiles.load_file

    def load_whole(self: JSONFileLoader, file_path: str) -> Any:
        if any(service in file_path for service in _CHANGED):
            return whole(self, file_path)
        if file_path not in _READ:
            _READ[file_path] = whole(self, file_path)
        return _READ[file_path]

    def load_declared(self: _DeclaredFiles, file_path: str) -> Any:
        if any(service in file_path for service in _CHANGED):
            return declared(self, file_path)
        key = (file_path, frozenset((service, frozenset(names)) for service, names in self._operations.items()))
        if key not in _READ:
            _READ[key] = declared(self, file_path)
        return _READ[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", load_whole)
        patch.setattr(_DeclaredFiles, "load_file", load_declared)
        yield
