"""Whose a limit is: the company's, or annexd's default that nobody has stated.

A check whose verdict turns on a default draws a line that the company never drew. Its links are supporting at most,
until the configuration states the limit, or names the policy that has it (`policy_ref`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.core.controls import Strength
from collector.engine.rule import show_limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.core.checks import Check, Limit
    from collector.core.controls import Control, Framework, Link
    from collector.engine.rule import Rule
    from collector.setup.config import Config

    _Limits = Mapping[str, Mapping[str, str]]

NOT_STATED = "annexd's default; no company rule stated"
"""Printed beside a limit that nobody has set."""

_LEAST = frozenset({"min", "least"})

_OF_THE_METHOD = frozenset({"max_public_share"})
"""Limits that tell a few addresses from the internet: what is open to all fails with any value, so links stay direct.

They are annexd's defaults like others, and shown as such.
"""


def draws_a_line(limit: Limit) -> bool:
    """Return whether a verdict turns on this limit: it is a number or a span of time.

    A list or a text says what is meant, or what is let through: without it the rule would still be the control's own.
    Where that is not so, the link names the list in `company_rule`.
    So would a minimum of one, which asks only that there is any.
    """
    if limit.name in _OF_THE_METHOD:
        return False
    if isinstance(limit.default, timedelta):
        return True
    if isinstance(limit.default, bool) or not isinstance(limit.default, int | float):
        return False
    return not (limit.default == 1 and not _LEAST.isdisjoint(limit.name.split("_")))


def defaults_in_force(config: Config, check: Check[...]) -> dict[str, str]:
    """Return by name, with its value, each limit of a check that is annexd's default; empty lists let nothing through.

    A policy reference states all limits of the check.
    """
    values = {limit.name: limit.default for limit in check.limits}
    return {
        name: shown for name, shown in _unstated(config, check).items() if values[name] not in ((), [], frozenset(), "")
    }


def _unstated(config: Config, check: Check[...]) -> dict[str, str]:
    settings = config.checks.get(check.id)
    if settings is not None and settings.policy_ref is not None:
        return {}
    stated = {} if settings is None else settings.limits
    return {limit.name: show_limit(limit.default) for limit in check.limits if limit.name not in stated}


def deciding_defaults(config: Config, check: Check[...]) -> dict[str, str]:
    """Return those of the defaults in force on which the verdict turns."""
    lines = {limit.name for limit in check.limits if draws_a_line(limit)}
    return {name: value for name, value in defaults_in_force(config, check).items() if name in lines}


def shown_limits(config: Config, rule: Rule) -> dict[str, str]:
    """Return the limits of a rule as pages print them, each that nobody has stated with these words."""
    defaults = defaults_in_force(config, rule.check)
    return {name: f"{value} ({NOT_STATED})" if name in defaults else value for name, value in rule.shown_limits.items()}


def with_company_limits(framework: Framework, config: Config, checks: Mapping[str, Check[...]]) -> Framework:
    """Return the framework with each direct link supporting whose check turns on a limit that nobody has stated."""
    known = {id_: checks[id_] for control in framework.controls for id_ in control.checks if id_ in checks}
    unstated = {id_: _unstated(config, check) for id_, check in known.items()}
    deciding = {id_: deciding_defaults(config, check) for id_, check in known.items()}
    return replace(framework, controls=tuple(_weakened(control, unstated, deciding) for control in framework.controls))


def _weakened(control: Control, unstated: _Limits, deciding: _Limits) -> Control:
    checks = {
        id_: _supporting(link, unstated.get(id_, {}), deciding.get(id_, {})) for id_, link in control.checks.items()
    }
    return replace(control, checks=checks) if checks != control.checks else control


def _supporting(link: Link, unstated: Mapping[str, str], deciding: Mapping[str, str]) -> Link:
    named = {name: value for name, value in unstated.items() if name in link.company_rule}
    defaults = {**deciding, **named}
    if not defaults or link.strength is not Strength.DIRECT:
        return link
    limits = ", ".join(f"{name} = {value}" for name, value in defaults.items())
    because = f"{link.because} (would be direct; {limits} is {NOT_STATED})"
    return replace(link, strength=Strength.SUPPORTING, because=because)
