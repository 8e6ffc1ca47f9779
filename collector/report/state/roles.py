"""Whom a framework addresses, and which sources may speak in the rows of each role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from collector.core.controls import Framework, Role
    from collector.setup.config import Config, Provided

_PII = "iso27018:"
"""Editions for those who process personal data for others; they have no rows for anybody else."""


@dataclass(frozen=True)
class Audience:
    """One role of a framework. `sources` are those whose findings count in its rows; None: all of them."""

    role: Role | None
    sources: frozenset[str] | None
    note: str = ""


def audiences(framework: Framework, config: Config, day: date) -> tuple[Audience, ...]:
    """Return the roles in which a framework is assessed, each once. Raises ConfigError where it addresses nobody."""
    if framework.id.startswith(_PII):
        return (_processor(framework, config, day),)
    if not any(control.roles for control in framework.controls):
        return (Audience(None, None),)
    serving = _serving(config, _provided(config, day))
    provided = ", ".join(one.name for one in _provided(config, day))
    return (
        Audience("customer", None, "customer rows: every source counts"),
        Audience(
            "provider",
            serving,
            f"provider rows: {_counted(serving)}, for {provided}"
            if provided
            else "provider rows rest on nothing: no [[services.provided]] is stated",
        ),
    )


def _processor(framework: Framework, config: Config, day: date) -> Audience:
    services = [one for one in _provided(config, day) if one.pii_processor]
    if not services:
        raise config.file.error(
            ("frameworks", "use"),
            f"{framework.id} speaks to processors of personal data, and no service provided is said to be one",
            so="its rows would speak of duties that the company has not taken on",
            mend="write pii_processor = true in the [[services.provided]] that it is about; otherwise take the"
            " framework out: the company's own duties are in ISO/IEC 27001 5.34 and in ISO/IEC 27701",
        )
    holding = frozenset(name for name in _serving(config, services) if config.sources[name].holds_pii)
    about = ", ".join(one.name for one in services)
    return Audience(None, holding, f"rows for {about}: {_counted(holding)}; others hold no personal data of customers")


def _provided(config: Config, day: date) -> list[Provided]:
    return [
        one
        for one in config.services.provided
        if (one.since is None or one.since <= day) and (one.until is None or day <= one.until)
    ]


def _serving(config: Config, services: Iterable[Provided]) -> frozenset[str]:
    names = {one.name for one in services}
    return frozenset(name for name, source in config.sources.items() if not names.isdisjoint(source.serves))


def _counted(sources: frozenset[str]) -> str:
    return f"only {', '.join(sorted(sources))} counts" if sources else "no source counts, because none serves it"


def not_addressed(framework: Framework, role: Role | None) -> Iterator[tuple[str, str]]:
    """Yield the controls, by id and title, that do not speak to a role: a label of its own, and no state."""
    if role is not None:
        yield from ((one.id, one.title) for one in framework.controls if one.roles and role not in one.roles)
