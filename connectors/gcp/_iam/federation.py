"""Whether a condition of a workload identity provider leaves out the tokens that an issuer gives to other people.

https://cloud.google.com/iam/docs/workload-identity-federation-with-deployment-pipelines#conditions: an issuer that many
companies share signs tokens for all of them, so that the condition has to say whose they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_NAME = r"(?:assertion|attribute|google)(?:\.\w+|\[['\"][^'\"]+['\"]\])+?"
_TEXT = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_WORD = re.compile(rf"{_TEXT}|\|\||&&|[()\[\]{{}}]|.", re.DOTALL)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_EQUALS = re.compile(rf"(?P<name>{_NAME})\s*==\s*(?P<text>{_TEXT})|(?P<other>{_TEXT})\s*==\s*(?P<turned>{_NAME})")
_AMONG = re.compile(rf"(?P<name>{_NAME})\s+in\s+\[(?P<texts>\s*(?:{_TEXT})(?:\s*,\s*(?:{_TEXT}))*\s*)\]")
_PART = re.compile(rf"(?P<name>{_NAME})\.(?P<how>startsWith|endsWith)\(\s*(?P<text>{_TEXT})\s*\)")
_DIFFERS = re.compile(rf"(?:{_NAME})\s*!=\s*(?:{_TEXT})")
_WHOLE_START = re.compile(r"(?:[^:/]+:)*[^:/]+/.*")
_WHOLE_END = re.compile(r".*@[^@]+\.[^@]+")

_NOBODYS = frozenset({
    "aud", "base_ref", "environment", "event_name", "exp", "head_ref", "iat", "iss", "jti", "nbf", "pipeline_source",
    "ref", "ref_protected", "ref_type", "run_attempt", "runner_environment", "workflow",
})  # fmt: skip
"""Claims that anybody's token can have with any value: who asks chooses the audience, and the name of a branch."""


def narrows(condition: str, mapping: Mapping[str, str]) -> bool | None:
    """Return whether a condition holds only for tokens with a claim that says whose they are.

    False: it asks for nothing, or only for what anybody can have. None: it cannot be read.
    """
    text = _bare(condition)
    if "?" in re.sub(_TEXT, "", text):
        return None
    alternatives = list(_split(text, "||"))
    if len(alternatives) > 1:
        found = {narrows(each, mapping) for each in alternatives}
        return False if False in found else None if None in found else True
    together = list(_split(text, "&&"))
    if len(together) > 1:
        found = {narrows(each, mapping) for each in together}
        return True if True in found else None if None in found else False
    return _asks(text, mapping)


def _asks(text: str, mapping: Mapping[str, str]) -> bool | None:
    """Return what one comparison does; what is only not equal to something leaves nearly nobody out."""
    if found := _EQUALS.fullmatch(text):
        return _claim(found["name"] or found["turned"], mapping) not in _NOBODYS
    if found := _AMONG.fullmatch(text):
        return _claim(found["name"], mapping) not in _NOBODYS
    if found := _PART.fullmatch(text):
        if _claim(found["name"], mapping) in _NOBODYS:
            return False
        # A part of a name is also the beginning of others' names: acme of acme-evil.
        whole = _WHOLE_START if found["how"] == "startsWith" else _WHOLE_END
        return True if whole.fullmatch(found["text"][1:-1]) else None
    if _DIFFERS.fullmatch(text) or text in {"", "true"}:
        return False
    return None if re.search(r"[A-Za-z_]", re.sub(_TEXT, "", text)) else False


def _bare(text: str) -> str:
    """Return a text without parentheses around the whole of it."""
    text = text.strip()
    while text.startswith("(") and next(_split(text, ")"), "") == text[:-1] and text.endswith(")"):
        text = text[1:-1].strip()
    return text


def _split(text: str, mark: str) -> Iterator[str]:
    """Yield the parts of a text between a mark, outside of quotes and of brackets; `)` is where the first one ends."""
    depth = 0
    part = ""
    for word in _WORD.findall(text):
        depth += (word in _OPENING) - (word in _CLOSING)
        if depth == 0 and word == mark:
            yield part
            part = ""
        else:
            part += word
    yield part


def _claim(name: str, mapping: Mapping[str, str]) -> str:
    """Return the claim that a name stands for; an attribute stands for what it is mapped from."""
    source = mapping.get(name, name)
    found = re.fullmatch(r"assertion(?:\.(\w+)|\[['\"]([^'\"]+)['\"]\])", source.strip())
    return (found[1] or found[2]) if found is not None else source
