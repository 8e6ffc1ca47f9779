"""A company with one played source, and the command line as its operator uses it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collector.cli.main import main
from tests.played.platform import Platform

PLAYED = """\
[store]
url = "sqlite:///evidence.db"

[sources.acme]
connector = "played"
platform = "acme"
"""


@dataclass(frozen=True)
class Said:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it wrote, as data."""
        return json.loads(self.out)


@dataclass
class Company:
    """A folder with a configuration, and the platform that it names."""

    folder: Path
    platform: Platform
    capture: pytest.CaptureFixture[str]

    @property
    def config(self) -> Path:
        """The configuration's path."""
        return self.folder / "config.toml"

    def write(self, text: str) -> Path:
        """Replace the configuration."""
        self.config.write_text(text, encoding="utf-8")
        return self.config

    def add(self, text: str) -> Path:
        """Add to the configuration."""
        return self.write(self.config.read_text(encoding="utf-8") + text)

    def run(self, *args: str) -> Said:
        """Give one command."""
        self.capture.readouterr()
        code = main(["-c", str(self.config), *args])
        said = self.capture.readouterr()
        return Said(code, said.out, said.err)
