"""Find values that look like secrets in a text, also behind encodings, in bounded work.

What a secret looks like is in token_shapes, what stands before one in named_values, what hides one in encodings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.core.encodings import (
    Budget,
    BudgetSpentError,
    json_inside,
    has_bytes,
    rewritten,
    runs,
)
from collector.core.named_values import may_have_named, named_values
from collector.core.secret_names import is_no_secret, is_secret_name, place_of
from collector.core.token_shapes import TOKEN_RUN as _TOKEN_RUN
from collector.core.token_shapes import TOKEN_SHAPES, find_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class SecretSpan(NamedTuple):
    """A span of a text, `start` to `end`, that looks like a secret of a kind."""

    start: int
    end: int
    kind: str


NOT_LOOKED_AT = "not-looked-at"
"""The kind of a text in which more is nested than is looked at: it is taken as a whole."""

SHORTEST = 6
"""No detector matches in fewer characters than this."""

# Shapes without a prefix of letters: the part that each of them has, in a text that may hold one, and its pattern.
_SHAPES = (
    (
        "-----BEGIN ",
        "private-key",
        r"-----BEGIN [A-Z0-9 ]*(?:PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----"
        r"[\s\S]*?(?:-----END [A-Za-z0-9 ]*(?:KEY|V1)[A-Z ]*-----|\Z)",
    ),
    ("---- BEGIN ", "private-key", r"---- BEGIN [A-Z0-9 ]*PRIVATE KEY ----[\s\S]*?(?:---- END [A-Z0-9 ]*----|\Z)"),
    ("PuTTY-User-Key", "private-key", r"PuTTY-User-Key-File-\d[\s\S]*?(?:Private-MAC: ?[0-9a-fA-F]*|\Z)"),
    ("b3BlbnNzaC1rZXktdjE", "private-key", r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=\s]*"),
    ("<RSAKeyValue", "private-key", r"<RSAKeyValue>[\s\S]*?(?:</RSAKeyValue>|\Z)"),
    ("Q~", "azure-client-secret", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{24,44}"),
    (
        "=",
        "azure-account-key",
        r"(?i:(?<=AccountKey=)|(?<=SharedAccessKey=)|(?<=SharedSecret=))[A-Za-z0-9+/%]{8,}={0,2}",
    ),
    (
        "$",
        "password-hash",
        r"\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|sha1|md5|scrypt|argon2(?:id|i|d)|pbkdf2[\w-]*|bcrypt-sha256)\$[^\s\"';<>]{12,}"
        r"|\b(?:pbkdf2_sha\d+|bcrypt_sha256|argon2|scrypt)\$[^\s\"':;,<>]{12,}",
    ),
    ("{S", "password-hash", r"\{S?SHA(?:256|384|512)?\}[A-Za-z0-9+/=]{16,}"),
    ("SCRAM-SHA", "password-hash", r"SCRAM-SHA-(?:1|256|512)\$\d+:[^\s\"',;]{16,}"),
    (":A", "bot-token", r"(?<!\d)\d{8,10}:A[A-Za-z0-9_-]{34}"),
    (":APA91b", "push-key", r"[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{40,}"),
    ("-us", "mail-key", r"\b[0-9a-f]{32}-us\d{1,2}\b"),
    (".atlasv1.", "terraform-token", r"[A-Za-z0-9]{8,}\.atlasv1\.[A-Za-z0-9_-]{40,}"),
    ("NRAL", "newrelic-key", r"\b[0-9a-f]{36}NRAL\b"),
    ("FFFFNRAL", "newrelic-key", r"[0-9a-fA-F]{30,}FFFFNRAL"),
    ("AZDO", "azure-devops-token", r"\b[A-Za-z0-9]{60,80}AZDO[A-Za-z0-9]{4,8}\b"),
    (
        "http",
        "webhook-url",
        r"(?<=https://)(?:hooks\.slack\.com/[\w/-]{16,}"
        r"|(?:[\w.-]+\.)?discord(?:app)?\.com/api/(?:v\d+/)?webhooks/[\w/-]{20,}"
        r"|[\w.-]+\.webhook\.office\.com/[\w@/-]{20,}|outlook\.office(?:365)?\.com/webhook/[\w@/-]{20,}"
        r"|[\w.-]+\.logic\.azure\.com[:\w/.-]*\?\S{8,}|[\w.-]+\.powerplatform\.com[:\w/.-]*\?\S{8,}"
        r"|chat\.googleapis\.com/v1/spaces/\S{16,}|hooks\.zapier\.com/hooks/[\w/]{8,}"
        r"|maker\.ifttt\.com/trigger/\S+/with/(?:json/)?key/[\w-]{10,}|hook[\w.-]*\.(?:make|integromat)\.com/\w{16,}"
        r"|events\.pagerduty\.com/integration/\w{16,}\S*|[\w.-]+/hooks/[a-z0-9]{26}\b"
        r"|api\.telegram\.org/bot[\w:-]{20,}|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/[\w-]{16,}"
        r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?\S+|oapi\.dingtalk\.com/robot/send\?\S+"
        r"|hc-ping\.com/[\w/-]{16,}|[\w.-]+\.webhook\.site/[\w-]{16,}|webhook\.site/[\w-]{16,}"
        r"|sns\.[\w.-]+/\?\S*Token=\S+|[\w.-]+\.rollout\.io/\S{16,})",
    ),
    (
        ".",
        "bot-token",
        r"[MNO](?<![A-Za-z0-9_.-][MNO])[A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}(?![A-Za-z0-9_-])",
    ),
    ("jdbc:oracle", "url-password", r"(?<=jdbc:oracle:thin:)[^\s/\"']+/[^\s@\"']+(?=@)"),
    ("FlyV1", "fly-token", r"FlyV1 \S{16,}"),
    ("passin", "option", r"(?<=pass:)[^\s\"']+"),
    ("passout", "option", r"(?<=pass:)[^\s\"']+"),
    ("sshpass", "option", r"(?<=sshpass -p)\S+"),
    (
        "IDENTIFIED",
        "assignment",
        r"(?i:IDENTIFIED\s+(?:WITH\s+\w+\s+)?BY\s+(?:PASSWORD\s+|VALUES\s+)?)['\"](?P<v>[^'\"]+)",
    ),
    (
        "identified",
        "assignment",
        r"(?i:IDENTIFIED\s+(?:WITH\s+\w+\s+)?BY\s+(?:PASSWORD\s+|VALUES\s+)?)['\"](?P<v>[^'\"]+)",
    ),
    ("PASSWORD '", "assignment", r"PASSWORD\s+'(?P<v>[^']+)"),
    ("password '", "assignment", r"password\s+'(?P<v>[^']+)"),
    (" password ", "assignment", r"(?:(?<=login )|(?<=machine ))\S+\s+(?:login\s+\S+\s+)?password\s+(?P<v>\S+)"),
    ("/user:", "option", r"/user:\S+\s+(?P<v>[^\s/\"']+)"),
    ("ConvertTo-SecureString", "assignment", r"ConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<v>[^\"']+)"),
    ("chpasswd", "assignment", r"echo\s+[\"']?[\w$-]+:(?P<v>[^\s|\"']+)[\"']?\s*\|\s*(?:sudo\s+)?chpasswd"),
    ("--stdin", "assignment", r"echo\s+[\"']?(?P<v>[^\s|\"']+)[\"']?\s*\|[^|\n]{0,200}--(?:password-)?stdin"),
    ("password-stdin", "assignment", r"echo\s+[\"']?(?P<v>[^\s|\"']+)[\"']?\s*\|[^|\n]{0,200}--password-stdin"),
)
_COMPILED = tuple((part, kind, re.compile(pattern)) for part, kind, pattern in _SHAPES)
_MARKED = "=$<'\":{- "
_BY_RUN = tuple(shape for shape in _COMPILED if not any(char in shape[0] for char in "=$<'{ -/") or shape[0] == "-us")
_BY_MARK = tuple(shape for shape in _COMPILED if shape not in _BY_RUN)

_LONG = re.compile(r"[A-Za-z0-9+/]{40}")
_AZURE_KEY = re.compile(
    r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,76}(?:\+ASt|ACDb|AzSe|AzFu|\+ABa|\+AMC|\+ARm|\+ASb|\+AEh|AzCa|\+ACR|AIoT|APIM"
    r"|AzEg)[A-Za-z0-9+/]{5,8}={0,2}(?![A-Za-z0-9+/])|\b[A-Za-z0-9]{40,60}JQQJ99[A-Za-z0-9+/]{20,}={0,2}"
)
"""Keys of Azure, which have the letters of their service near the end: learn.microsoft.com/purview, credential types."""
_KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")
_SECRET_KEY = re.compile(
    r"(?<![A-Za-z0-9+/])(?=[^\n]{0,39}[a-z])(?=[^\n]{0,39}[A-Z0-9])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])"
)
# A platform's own name for a thing, such as subnet-0123456789abcdef0: long, frequent, and never an encoded secret.
_IDENTIFIER = re.compile(
    r"[a-z]{1,12}(?:-[a-z]{1,8}){0,3}-[0-9a-f]{8}(?:[0-9a-f]{9})?|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)|(?:sha\d{1,3}[:-])?[0-9a-f]{64}"
)
ENCODED = frozenset(
    "encoded url-encoded html-encoded json-encoded escaped quoted-printable invisible wide joined".split()
)
"""Kinds of spans that hide a secret behind an encoding."""
_KINDS = ENCODED | {
    *(kind for _, kind, _ in _SHAPES),
    *(shape.kind for shape in TOKEN_SHAPES),
    *("aws-secret-key azure-key assignment option authorization url-query url-user url-password element".split()),
    NOT_LOOKED_AT,
}
_MARK = re.compile(r"\[redacted ([a-z0-9-]{3,24})(?: \d{1,9})? [0-9a-f]{16}\]")


def _hidden(mark: re.Match[str]) -> str:
    """Return asterisks for a replacement that was made before, which is not replaced again."""
    return "*" * len(mark[0]) if mark[1] in _KINDS else mark[0]


def suspect(text: str) -> bool:
    """Return False if a text certainly holds no secret; a cheap filter before `find_secrets`."""
    return _cues(text) != 0


_NAMED, _RUN, _WHOLE = 1, 2, 4
_IDENTIFIERS = 15
"""The shortest identifier or token that is looked for."""


def _cues(text: str) -> int:
    """Return what a text has to be searched for: values by name, runs of token characters, encodings of the whole."""
    length = len(text)
    if length < SHORTEST or (length >= _IDENTIFIERS and _IDENTIFIER.fullmatch(text) is not None):
        return 0
    cues = _NAMED if may_have_named(text) else 0
    if length >= _IDENTIFIERS and _TOKEN_RUN.search(text) is not None:
        cues |= _RUN
    if not text.isascii() or "%" in text or "\\" in text or "\x00" in text or "\n" in text or "&" in text:
        return cues | _WHOLE
    if "{" in text or "[" in text or "=3D" in text or (length >= 32 and has_bytes(text)):  # noqa: PLR2004  ten bytes
        return cues | _WHOLE
    return cues


def find_secrets(text: str, check: Callable[[], object] | None = None) -> list[SecretSpan]:
    """Return the spans of a text that are secrets, in order and without overlap.

    A secret behind an encoding makes the whole encoded run one span. The work is bounded for the text as a whole: what
    was not looked at is one span of the kind `not-looked-at`. `check` is called as work goes on, and raises to end it.
    """
    if "[redacted " in text:
        text = _MARK.sub(_hidden, text)
    cues = _cues(text)
    if not cues:
        return []
    try:
        return _search(text, cues, Budget(check), 0)
    except BudgetSpentError:
        return [SecretSpan(0, len(text), NOT_LOOKED_AT)]


def _find(text: str, budget: Budget, layer: int) -> list[SecretSpan]:
    cues = _cues(text)
    return _search(text, cues, budget, layer) if cues else []


def _search(text: str, cues: int, budget: Budget, layer: int) -> list[SecretSpan]:
    budget.spend(len(text), layer)
    found = _merged(list(_plain(text, cues)))
    rest = _without(text, found)
    if cues & _WHOLE:
        for plain, kind in rewritten(rest):
            if _find(plain, budget, layer + 1):
                return [SecretSpan(0, len(text), kind)]
        is_escaped = "\\" in rest
        if is_escaped or _MAY_HAVE_PLACES.search(rest) is not None:
            for value in json_inside(rest):
                if _value_holds(value, budget, layer + 1, is_escaped=is_escaped):
                    return [SecretSpan(0, len(text), "json-encoded")]
    if not cues & (_RUN | _WHOLE):
        return found
    for start, end, plain in runs(rest, budget):
        if found and found[-1].kind == "encoded" and start < found[-1].end:
            continue
        if _find(plain, budget, layer + 1):
            found.append(SecretSpan(start, end, "encoded"))
    return _merged(found)


def _plain(text: str, cues: int) -> Iterator[SecretSpan]:
    """Yield what is a secret in a text as it stands; spans may overlap."""
    if cues & _RUN:
        has_key_id = False
        for start, end, kind in find_tokens(text):
            yield SecretSpan(start, end, kind)
            has_key_id = has_key_id or kind == "aws-access-key-id"
        if has_key_id:
            yield from secret_keys_in(text)
        yield from _shaped(text, _BY_RUN)
        if _LONG.search(text) is not None:
            yield from (SecretSpan(*match.span(), "azure-key") for match in _AZURE_KEY.finditer(text))
    if cues & _NAMED:
        yield from _shaped(text, _BY_MARK)
        yield from (SecretSpan(*span) for span in named_values(text, text.lower()))


def _shaped(text: str, shapes: tuple[tuple[str, str, re.Pattern[str]], ...]) -> Iterator[SecretSpan]:
    for part, kind, pattern in shapes:
        if part in text:
            for match in pattern.finditer(text):
                yield SecretSpan(*match.span("v" if match.lastgroup == "v" else 0), kind)


def secret_keys_in(text: str) -> list[SecretSpan]:
    """Return the spans of a text that may be the secret of an access key of AWS, which stands beside them."""
    return [SecretSpan(*match.span(), "aws-secret-key") for match in _SECRET_KEY.finditer(text)]


def _merged(found: list[SecretSpan]) -> list[SecretSpan]:
    """Return spans in order, those that overlap as one, of the kind of the longest."""
    found.sort(key=lambda span: (span.start, -span.end))
    merged: list[SecretSpan] = []
    for span in found:
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            longest = max(last, span, key=lambda one: one.end - one.start)
            merged[-1] = SecretSpan(last.start, max(last.end, span.end), longest.kind)
        else:
            merged.append(span)
    return merged


def _without(text: str, found: list[SecretSpan]) -> str:
    """Return the text with spaces in place of the secrets found, so that they do not hide encoded ones."""
    if not found:
        return text
    pieces, end = [], 0
    for secret in found:
        pieces += [text[end : secret.start], " " * (secret.end - secret.start)]
        end = secret.end
    return "".join([*pieces, text[end:]])


_MAY_HAVE_PLACES = re.compile(
    r'(?i)"[^"]*(?:env|variables|args|settings|headers|parameters|value|default|content)[^"]{0,12}"'
)


def _value_holds(value: Any, budget: Budget, layer: int, *, is_escaped: bool) -> bool:  # noqa: ANN401  JSON
    """Whether a document inside a text holds a secret: by a name, by its place, or where it is escaped by its look."""
    if isinstance(value, str):
        return is_escaped and bool(_find(value, budget, layer))
    if isinstance(value, list):
        return any(_value_holds(inner, budget, layer, is_escaped=is_escaped) for inner in value)
    if not isinstance(value, dict):
        return False
    for key, inner in value.items():
        if is_secret_name(key) and _has_text(inner):
            return True
        if place_of(key) and isinstance(inner, dict) and any(_has_text(text) for text in inner.values()):
            return True
        if is_escaped and _find(key, budget, layer):
            return True
    names = [inner for key, inner in value.items() if key.lower() in _PAIR_NAMES and isinstance(inner, str)]
    if any(map(is_secret_name, names)) and any(
        _has_text(value.get(key)) for key in value if key.lower() in _PAIR_VALUES
    ):
        return True
    return any(_value_holds(inner, budget, layer, is_escaped=is_escaped) for inner in value.values())


_PAIR_NAMES = frozenset({"name", "key", "parameterkey", "tagkey", "optionname", "variable", "header"})
_PAIR_VALUES = frozenset({"value", "parametervalue", "tagvalue", "default", "defaultvalue", "content"})


def _has_text(value: Any) -> bool:  # noqa: ANN401  JSON
    return isinstance(value, str) and value.strip() != "" and not is_no_secret(value.strip())
