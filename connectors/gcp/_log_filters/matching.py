"""Whether an entry is taken by a filter, where only some of its fields are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from connectors.gcp._log_filters.language import Call, Comparison, Every, Expression, Not, OneOf, Text, parsed

Entry = Mapping[str, tuple[str, ...]]
"""What is known of an entry: the values of fields, by their names in the form that `named` gives them.

A field without a value is known not to be there, nor what would be below it.
"""

_SEVERITIES = ("DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY")
_QUANTIFIERS = re.compile(r"[*+{?]")
_MOST_QUANTIFIERS = 4  # more of them, or one of a group, can make Python's expressions run for hours


def named(field: str) -> str:
    """Return the name of a field in one form: Google takes protoPayload.methodName and proto_payload.method_name."""
    return field.replace('"', "").replace("_", "").lower()


def takes(text: str, entry: Entry) -> bool | None:
    """Return whether a filter takes an entry; None where fields decide that are not known, or words that are not."""
    expression = parsed(text)
    return None if expression is None else _holds(expression, entry)


def every(found: Iterable[bool | None]) -> bool | None:
    """Return whether all hold: none of them may be unknown."""
    states = set(found)
    return False if False in states else None if None in states else True


def some(found: Iterable[bool | None]) -> bool | None:
    """Return whether one holds at least."""
    states = set(found)
    return True if True in states else None if None in states else False


def _holds(expression: Expression, entry: Entry) -> bool | None:
    match expression:
        case Every(of):
            return every(_holds(each, entry) for each in of)
        case OneOf(of):
            return some(_holds(each, entry) for each in of)
        case Not(of):
            found = _holds(of, entry)
            return None if found is None else not found
        case Text(text):
            # It may be in a field that is not known, and of a part of a value Google's pages do not say whether it is.
            known = {value.lower() for values in entry.values() for value in values}
            return True if text.lower() in known else None
        case Call("log_id" | "LOG_ID", (log,)) if "logname" in entry:
            return any(name.endswith(f"/logs/{log.replace('/', '%2F')}") for name in entry["logname"])
        case Comparison():
            return _compares(expression, entry)
        case _:
            return None


def _compares(asked: Comparison, entry: Entry) -> bool | None:
    name = named(asked.field)
    if _is_absent(name, entry):
        return None if asked.operator.startswith("!") else False
    if (asked.operator, asked.value) == (":", "*"):
        return True if name in entry or any(each.startswith(f"{name}.") for each in entry) else None
    if name not in entry:
        return None
    known = entry[name]
    if len(known) == 1 or asked.operator in {"=", ":"}:
        return some(_is(value, asked, name) for value in known)
    return None


def _is_absent(name: str, entry: Entry) -> bool:
    parts = name.split(".")
    return any(entry.get(".".join(parts[: depth + 1])) == () for depth in range(len(parts)))


def _is(known: str, asked: Comparison, name: str) -> bool | None:
    if isinstance(asked.value, Call):
        return _is_of(known, asked.value) if asked.operator == "=" else None
    wanted = asked.value
    if name == "severity" and wanted.upper() not in _SEVERITIES:
        return None  # by a number, or a part of the word
    match asked.operator:
        case "=":
            return known.lower() == wanted.lower()
        case "!=":
            return known.lower() != wanted.lower()
        case ":":
            return wanted.lower() in known.lower()
        case "=~":
            return _fits(wanted, known)
        case "!~":
            found = _fits(wanted, known)
            return None if found is None else not found
        case _:
            return _is_as_severe(known, asked.operator, wanted) if name == "severity" else None


def _is_of(known: str, call: Call) -> bool | None:
    """Return whether a value is among those that a function of Monitoring's filters names."""
    match call:
        case Call("one_of", words):
            return known in words
        case Call("starts_with", (word,)):
            return known.startswith(word)
        case Call("ends_with", (word,)):
            return known.endswith(word)
        case Call("has_substring", (word,)):
            return word in known
        case _:
            return None


def _fits(pattern: str, known: str) -> bool | None:
    found = _QUANTIFIERS.findall(pattern)
    if len(found) - pattern.count("(?") > _MOST_QUANTIFIERS or re.search(r"\)[*+{]", pattern):
        return None
    try:
        return re.search(pattern, known) is not None
    except re.error:
        return None


def _is_as_severe(known: str, operator: str, wanted: str) -> bool | None:
    apart = _SEVERITIES.index(known) - _SEVERITIES.index(wanted.upper())
    return {"<": apart < 0, "<=": apart <= 0, ">": apart > 0, ">=": apart >= 0}.get(operator)
