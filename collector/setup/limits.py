"""Limits that the operator sets, and whether they are at least as strict as those that a check comes with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError
from collector.engine.judge import Rule, show_limit

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.checks import Check, Limit
    from collector.setup.config import CheckConfig, Config

_FEWER_IS_STRICTER = frozenset({"allowed", "approved", "trusted", "exempt", "ignored"})
_MORE_IS_STRICTER = frozenset({"required", "forbidden"})


def rule(config: Config, check: Check[...], code_of: Callable[[Check[...]], str]) -> Rule:
    """Return the check with the limits in force. Raises ConfigError on one that cannot be, or that lacks a reason."""
    said = config.checks.get(check.id)
    if said is None:
        return Rule(check, check.limit_values({}), code_of)
    at = ("checks", check.id)
    known = {limit.name: limit for limit in check.limits}
    for name in said.limits:
        if name not in known:
            raise config.file.unknown_key((*at, name), (*known, "enabled", "reason", "policy_ref"))
    try:
        values = check.limit_values(said.limits)
    except ConfigError as error:
        raise config.file.error(at, error.what, mend=error.mend) from error
    loosened = [limit for limit in check.limits if limit.name in said.limits and _loosened(limit, values[limit.name])]
    _explained(config, said, at, loosened, values)
    why = {"reason": said.reason, "policy_ref": said.policy_ref}
    return Rule(check, values, code_of, {name: text for name, text in why.items() if text is not None})


def _explained(
    config: Config, said: CheckConfig, at: tuple[str, ...], loosened: list[Limit], values: dict[str, Any]
) -> None:
    if not loosened or (said.reason is not None and said.policy_ref is not None):
        return
    first = loosened[0]
    raise config.file.error(
        (*at, first.name),
        f"{show_limit(values[first.name])} is not known to be as strict as {show_limit(first.default)},"
        " which the check comes with",
        so="a loosened limit is on the cover of every bundle, with its reason",
        mend='write reason = "..." and policy_ref = "..." beside it, or take the limit out',
    )


def _loosened(limit: Limit, value: Any) -> bool:  # noqa: ANN401  whatever type the check's limit has
    """Whether a value is not provably as strict as the default: where the name does not say, it counts as loosened."""
    if value == limit.default:
        return False
    words = set(limit.name.split("_"))
    if isinstance(value, list | tuple | set | frozenset):
        given, own = set(value), set(limit.default)
        return not ((words & _FEWER_IS_STRICTER and given <= own) or (words & _MORE_IS_STRICTER and given >= own))
    if isinstance(value, bool | str):
        return True
    return not (("max" in words and value < limit.default) or ("min" in words and value > limit.default))
