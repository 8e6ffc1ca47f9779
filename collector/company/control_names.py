"""Controls as company files name them: the framework version, a slash, the number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mappings
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.company.entries import Entry
    from collector.core.controls import Framework


def known_controls(entry: Entry, key: str, named: Iterable[str], frameworks: Iterable[Framework]) -> None:
    """Raise ConfigError with the nearest name unless each is a control of a framework version.

    A control of a version that is not in use is accepted unchecked until that version is used.
    """
    known = {f"{framework.id}/{control.id}" for framework in frameworks for control in framework.controls}
    editions = {name.partition("/")[0] for name in known}
    for word in named:
        edition, slash, _ = word.partition("/")
        if not slash:
            nearest = would_do(word, sorted(known), "the controls are")
            raise entry.error(key, f"{word!r} does not name a framework version", mend=nearest)
        if edition in editions:
            entry.known(key, word, sorted(known), "control")
        else:
            entry.known(key, edition, sorted({*editions, *mappings.available()}), "framework version")
