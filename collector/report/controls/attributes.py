"""The attributes of ISO/IEC 27002:2022, by which controls may be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.core.controls import Control
    from collector.report.state.assessment import Assessment

Asked = tuple[str, str]
"""The name of an attribute, empty for any, and the value, both as they are compared."""


def attribute_filters(texts: Iterable[str], assessment: Assessment) -> Sequence[Asked]:
    """Read `Preventive` or `security_domains=Defence`. Raises UsageError on what no control in use has."""
    controls = [control for framework, _ in assessment.frameworks for control in framework.controls]
    known = {
        text: None
        for control in controls
        for name, values in control.attributes.items()
        for value in values
        for text in (value, f"{name}={value}")
    }
    plain = {_plain(text) for text in known}
    asked = []
    for text in texts:
        if _plain(text) not in plain:
            raise UsageError(
                f"no control has the attribute {text!r}", mend=would_do(text, list(known), "the attributes are")
            )
        name, equals, value = _plain(text).partition("=")
        asked.append((name, value) if equals else ("", name))
    return asked


def has_attributes(control: Control, asked: Iterable[Asked]) -> bool:
    """Return whether a control has every attribute that was asked for."""
    have = {(_plain(name), _plain(value)) for name, values in control.attributes.items() for value in values}
    have |= {("", value) for _, value in have}
    return all(one in have for one in asked)


def _plain(text: str) -> str:
    """Return a name or value as it is compared: case, hyphens and underscores do not count."""
    return " ".join(text.replace("_", " ").replace("-", " ").replace("#", "").casefold().split())
