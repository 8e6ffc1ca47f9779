"""What the doctor says of keys where the store opens, and what it looks for cannot be read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

from collector.actions.doctor_items import DoctorState
from collector.actions.doctor_keys import keys
from collector.core.errors import StoreError
from collector.setup.config import load


class UnreadableStore:
    """A store that opens, and of which nothing can be read."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def signing_key(self) -> object:
        """Raise StoreError."""
        raise StoreError("the signing key cannot be read")

    def log(self, **_: Any) -> object:
        """Raise StoreError."""
        raise StoreError("log entry 7 cannot be read", mend="run annexd verify")


def test_what_could_not_be_read_is_a_point_and_no_silence(tmp_path: Path) -> None:
    """A doctor that leaves out what it could not look at calls the patient healthy."""
    (tmp_path / "annexd.db").touch()
    (tmp_path / "config.toml").write_text(f'[store]\nurl = "sqlite:///{tmp_path}/annexd.db"\n')
    app: Any = SimpleNamespace(config=load(tmp_path / "config.toml"), open_store=lambda **_: UnreadableStore())

    points = {point.about: point for point in keys(app)}

    assert points["signing key"].state is DoctorState.PROBLEM
    assert points["key backup"].state is DoctorState.UNKNOWN
    assert "log entry 7 cannot be read" in points["key backup"].says
