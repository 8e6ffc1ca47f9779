"""Limits that the operator sets, and whether they are at least as strict as a check's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError
from collector.engine.rule import Rule, show_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.checks import Check, Limit
    from collector.setup.config import CheckConfig, Config

_FEWER_IS_STRICTER = frozenset({"allowed", "approved", "trusted", "exempt", "ignored"})
_MORE_IS_STRICTER = frozenset({"required", "forbidden"})


def rule(config: Config, check: Check[...], code_of: Callable[[Check[...]], str]) -> Rule:
    """Return the check with the limits in force. Raises ConfigError on one that is invalid or lacks a reason."""
    settings = config.checks.get(check.id)
    if settings is None:
        return Rule(check, check.limit_values({}), code_of)
    at = ("checks", check.id)
    known = {limit.name: limit for limit in check.limits}
    for name in settings.limits:
        if name not in known:
            raise config.file.unknown_key((*at, name), (*known, "enabled", "reason", "policy_ref"))
    try:
        values = check.limit_values(settings.limits)
    except ConfigError as error:
        raise config.file.error(at, error.what, mend=error.mend) from error
    loosened = [
        limit for limit in check.limits if limit.name in settings.limits and _is_loosened(limit, values[limit.name])
    ]
    _require_reason(config, settings, at, loosened, values)
    why = {"reason": settings.reason, "policy_ref": settings.policy_ref}
    return Rule(check, values, code_of, {name: text for name, text in why.items() if text is not None})


def _require_reason(
    config: Config, settings: CheckConfig, at: tuple[str, ...], loosened: list[Limit], values: dict[str, Any]
) -> None:
    if not loosened or (settings.reason is not None and settings.policy_ref is not None):
        return
    first = loosened[0]
    raise config.file.error(
        (*at, first.name),
        f"{show_limit(values[first.name])} is not known to be as strict as {show_limit(first.default)},"
        " which the check comes with",
        so="a loosened limit is on the cover of every bundle, with its reason",
        mend='write reason = "..." and policy_ref = "..." beside it, or take the limit out',
    )


def _is_loosened(limit: Limit, value: Any) -> bool:  # noqa: ANN401  whatever type the check's limit has
    """Whether a value is not known to be as strict as the default, by the words in the limit's name."""
    if value == limit.default:
        return False
    words = set(limit.name.split("_"))
    if isinstance(value, list | tuple | set | frozenset):
        given, own = set(value), set(limit.default)
        return not ((words & _FEWER_IS_STRICTER and given <= own) or (words & _MORE_IS_STRICTER and given >= own))
    if isinstance(value, bool | str):
        return True
    return not (("max" in words and value < limit.default) or ("min" in words and value > limit.default))
