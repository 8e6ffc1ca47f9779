"""The roles that a framework addresses, and the sources that count in the rows of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from collector.core.controls import Framework, Role
    from collector.setup.config import Config, Provided

_PII = "iso27018:"
"""Framework versions for processors of personal data; they have no rows for others."""


@dataclass(frozen=True)
class Audience:
    """One role of a framework. `sources` are those whose findings count in its rows; None: all of them."""

    role: Role | None
    sources: frozenset[str] | None
    note: str = ""


def audiences(framework: Framework, config: Config, day: date) -> tuple[Audience, ...]:
    """Return the roles in which a framework is assessed, each once. Raises ConfigError where there is none."""
    if framework.id.startswith(_PII):
        return (_processor(framework, config, day),)
    if not any(control.roles for control in framework.controls):
        return (Audience(None, None),)
    serving = _serving(config, _provided(config, day))
    provided = ", ".join(service.name for service in _provided(config, day))
    return (
        Audience("customer", None, "customer rows: every source counts"),
        Audience(
            "provider",
            serving,
            f"provider rows: {_counted(serving)}, for {provided}"
            if provided
            else "provider rows are based on nothing: no [[services.provided]] is stated",
        ),
    )


def _processor(framework: Framework, config: Config, day: date) -> Audience:
    services = [service for service in _provided(config, day) if service.pii_processor]
    if not services:
        raise config.file.error(
            ("frameworks", "use"),
            f"{framework.id} is for processors of personal data, and no service provided is stated to be one",
            so="its rows would be about duties that the company does not have",
            mend="write pii_processor = true in the [[services.provided]] that it is about; otherwise take the"
            " framework out: the company's own duties are in ISO/IEC 27001 5.34 and in ISO/IEC 27701",
        )
    holding = frozenset(name for name in _serving(config, services) if config.sources[name].holds_pii)
    about = ", ".join(service.name for service in services)
    return Audience(None, holding, f"rows for {about}: {_counted(holding)}; others hold no personal data of customers")


def _provided(config: Config, day: date) -> list[Provided]:
    return [
        service
        for service in config.services.provided
        if (service.since is None or service.since <= day) and (service.until is None or day <= service.until)
    ]


def _serving(config: Config, services: Iterable[Provided]) -> frozenset[str]:
    names = {service.name for service in services}
    return frozenset(name for name, source in config.sources.items() if not names.isdisjoint(source.serves))


def _counted(sources: frozenset[str]) -> str:
    return f"only {', '.join(sorted(sources))} counts" if sources else "no source counts, because none serves it"


def not_addressed(framework: Framework, role: Role | None) -> Iterator[tuple[str, str]]:
    """Yield the controls, by id and title, that are not addressed to a role."""
    if role is not None:
        yield from (
            (control.id, control.title) for control in framework.controls if control.roles and role not in control.roles
        )
