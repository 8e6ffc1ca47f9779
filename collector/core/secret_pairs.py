"""Pairs of a name and a value, and objects that say of a value beside them that it is a secret."""

from __future__ import annotations

import re
from typing import Any

from collector.core.secret_names import is_no_secret, is_secret_name, words

NAME_KEYS = words(
    "Key Name key name KEY NAME ParameterKey parameterKey parameter_key OutputKey OptionName optionName TagKey tagKey "
    "tag_key keyName KeyName ParameterName parameterName variable Variable variableName VariableName variable_name "
    "HeaderName headerName header field Field setting Setting attribute Attribute envName k Label label"
)
VALUE_KEYS = words(
    "Value value VALUE ParameterValue parameterValue parameter_value OutputValue ResolvedValue resolvedValue TagValue "
    "tagValue tag_value HeaderValue headerValue default Default DefaultValue defaultValue default_value plainValue "
    "StringValue stringValue content Content v rawValue currentValue OptionValue optionValue text val"
)
_ALWAYS = frozenset({"ParameterKey", "parameterKey", "OutputKey"})
"""Names beside which the value is a company's own, as in the parameters and outputs of a template."""
MARKS = words(
    "type Type sensitive Sensitive secret isSecret is_secret secured masked hidden encrypted noEcho NoEcho "
    "Namespace namespace permissions"
)
"""Keys that may say that the value beside them is a secret."""
_SECRET_TYPES = re.compile(r"(?i)secure_?(?:string|object)|secret|password|encrypted|credential")


_NAMED_THING = frozenset({"name", "Name", "id", "Id", "ID", "key", "Key", "keyId", "KeyId", "arn", "Arn"})
_OF_OBJECTS = frozenset({"name", "Name", "id", "Id", "ID", "type", "Type", "arn", "Arn", "Quantity", "quantity"})
"""Keys of a thing that happens to be called environment or headers, and is no map of names to values."""


CONSTANT = re.compile(r"[A-Za-z]+|[A-Z0-9]+(?:_[A-Z0-9]+)+")
OF_SECRET = frozenset({"data", "stringData", "string_data", "binaryData"})
"""Keys of a Secret of Kubernetes with its values."""
OPTIONS_OF_TWO = frozenset({"-u", "--user", "-H", "--header"})


def is_list_of_things(value: Any) -> bool:  # noqa: ANN401  JSON
    """Whether a list that is called secrets has things with names: these and their dates are evidence."""
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(one, dict) and not _NAMED_THING.isdisjoint(one) for one in value)
    )


def is_map(value: dict[Any, Any], key: str) -> bool:
    """Whether an object at a place is a map of names to values, and not a thing that is called so."""
    if key.lower() == "environment":
        return _OF_OBJECTS.isdisjoint(value)
    return "Quantity" not in value and "quantity" not in value


def holds_value(inner: Any) -> bool:  # noqa: ANN401  JSON
    """Whether an object holds one value, as in the parameters of a template."""
    return isinstance(inner, dict) and not VALUE_KEYS.isdisjoint(inner)


def is_plain_argument(text: str) -> bool:
    """Whether what follows `-p` is a number or a path, and no password."""
    return is_no_secret(text) or text.isdecimal() or text[:1] in {"/", "."}


def rule_of_pair(value: dict[str, Any], names: tuple[str, ...]) -> str | None:
    """Return the name of the rule for a value whose name, type or mark shows it to be a secret; None for others."""
    for name in names:
        said = value[name]
        if name in MARKS:
            if said is True and name not in {"type", "Type"}:
                return f"mark:{name}"
            if type(said) is str and _says_secret(name, said):
                return f"mark:{name}"
        elif type(said) is str and (name in _ALWAYS or is_secret_name(said)):
            return f"name:{said[:40]}"
    return None


def _says_secret(name: str, said: str) -> bool:
    if name in {"type", "Type"}:
        return _SECRET_TYPES.fullmatch(said) is not None
    if name in {"Namespace", "namespace"}:
        return said.endswith(":environment")
    if name == "permissions":
        return said.lower() == "full"
    return said.lower() == "true"
