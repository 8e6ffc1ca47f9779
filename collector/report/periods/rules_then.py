"""The rules of an earlier moment, if the installed code is the same: its checks with the limits in force then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError
from collector.engine.rule import Rule, show_limit
from collector.setup.check_digest.carried import carried
from collector.setup.loading import check_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.core.checks import Check, Limit
    from collector.core.facts import CheckCounts


def rule_then(check: Check[...], then: CheckCounts, today: Rule | None = None) -> Rule | str:
    """Return a check as it was applied then, or the reason why that cannot be done any more.

    Only the digest of the code was recorded: where that differs today, the code of then cannot be run. A limit of
    `today` that is written the same is taken as it is.
    """
    code = check_code(check)
    if carried(then.code) != code:
        return f"its code is another one now ({code}) than then ({then.code}), which is not kept here"
    said = {name: text for name, text in then.limits.items() if name not in {limit.name for limit in check.limits}}
    limits: dict[str, Any] = {}
    for limit in check.limits:
        if limit.name not in then.limits:
            return f"its limit {limit.name} was not recorded then"
        own = [] if today is None else [today.limits[limit.name]]
        values = list(_read(check, limit, then.limits[limit.name], own))
        if not values:
            return f"its limit {limit.name} = {then.limits[limit.name]!r} cannot be read back"
        limits[limit.name] = values[0]
    return Rule(check, limits, check_code, said)


def _read(check: Check[...], limit: Limit, text: str, own: list[Any]) -> Iterator[Any]:
    """Yield the values whose text is `text`: those of `own` and the default first, then those parsed from it."""
    yield from (value for value in (*own, limit.default) if show_limit(value) == text)
    for candidate in _candidates(text):
        try:
            value = check.limit_values({limit.name: candidate})[limit.name]
        except ConfigError:
            continue
        if show_limit(value) == text:
            yield value


def _candidates(text: str) -> Iterator[object]:
    if text in {"true", "false"}:
        yield text == "true"
    for read in (int, float):
        try:
            yield read(text)
        except ValueError:
            continue
    if text.startswith("[") and text.endswith("]"):
        inner = text[1:-1].split(", ") if text != "[]" else []
        yield inner
        if all(word.lstrip("-").isdigit() for word in inner):
            yield [int(word) for word in inner]
    yield text
