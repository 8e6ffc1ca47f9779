"""JSON that every program reads alike: UTF-8, no key twice in an object, no NaN, no half of a character."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import orjson

from collector.core.errors import VerificationError


def check_json(data: bytes, what: str) -> Any:  # noqa: ANN401  any JSON value
    """Return what JSON says. Raises VerificationError where two programs could read two things."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a character has no bytes
    except (ValueError, RecursionError) as error:
        raise VerificationError(f"{what} is no JSON that every program reads alike: {error}") from error
    return value


def check_reading(data: bytes, what: str) -> None:
    """Raise VerificationError as `check_json` does; quick where JSON is written as annexd writes it."""
    try:
        if orjson.dumps(orjson.loads(data), option=orjson.OPT_SORT_KEYS) == data:
            return
    except (orjson.JSONDecodeError, TypeError):
        pass
    check_json(data, what)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        message = "an object has a key twice"
        raise ValueError(message)
    return made


def _constant(word: str) -> NoReturn:
    message = f"{word} is no number"
    raise ValueError(message)
