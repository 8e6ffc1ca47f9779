"""Find the values of secrets in a text by what stands before them: a name, an option, a header, an element, a URL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.core.secret_names import is_no_secret, is_secret_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED = re.compile(
    r"(?<![A-Za-z0-9_])(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,79}+)"
    r"(?:\\{0,8}[\"'`])?\]?[ \t]{0,8}(?P<sep>=>|:=|==|=|:)[ \t]{0,8}"
)
_QUOTE = re.compile(r"\\{0,8}(?:\"\"\"|\'\'\'|[\"'`])")
_TYPED = re.compile(
    r"(?<![A-Za-z0-9_])(?P<name>[A-Za-z_]\w{0,79}+)[ \t]{0,4}:[ \t]{0,4}"
    r"&?[A-Za-z_][\w<>\[\]'.|]{0,40}[ \t]{0,4}=[ \t]{0,4}(?=[\"'`])"
)
_SET = re.compile(
    r"(?:set|config|add|put|export)[ \t]+(?P<name>[A-Za-z/_][\w:/.@-]{1,80}[_./:-][\w-]{1,40})[ \t]+"
    r"(?P<value>[^\s=-][^\s]{0,1024})"
)
_BLOCK = re.compile(r"[|>][+-]?\d?[ \t]*\r?\n(?P<indent>[ \t]+)")
_BARE = re.compile(r"[^\s\"'`<>;]{1,8192}")
_NEXT_NAME = re.compile(r"[&,](?=[A-Za-z_][\w.-]{0,60}=)")
_LINE = re.compile(r"[^\r\n]{1,8192}")
_DECLARED = re.compile(
    r"(?:^|[\s:;\"'])(?:ENV|ARG|setx|SETX)[ \t]+(?P<name>[A-Za-z_]\w{1,80}+)[ \t]+(?P<value>[^\s=][^\r\n]{0,1024})"
)
_WORDS_TOO = frozenset({"token", "tokens", "secret", "secrets", "bearer", "auth", "cookie", "cookies", "credentials"})
_WORD = re.compile(r"[A-Z]?[a-z]+(?:[:_/-][a-z]+)*[.,]?")
_WHOLE_LINE = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie"})

_OPTION = re.compile(
    r"(?<![A-Za-z0-9_-])(?:(?P<user>-u|-U|--user|--proxy-user)(?![\w-])|--?(?P<name>[A-Za-z][\w-]{2,60}+)|(?P<short>-[pPwa]))"
    r"[ \t=]{1,4}(?=[^\s=-])"
)
_NO_PASSWORD = re.compile(r"(?:\d[\d:.\-/a-z]{0,20}|[~.]{0,2}/\S*|\[redacted)(?=\s|$)")
_NOT_OF = re.compile(r"(?:^|[\s;&|])(?:mkdir|cp|mv|rsync|ssh|tmux|install|nmap|set|test|read|ps|git|grep|docker run)\s")
_ATTACHED = re.compile(r"\b(?:mysql\w*|mariadb\w*|7z|7za|unrar|rar)\b[^\n|;]{0,200}?\s-p(?P<value>[^\s\-=][^\s]{2,})")

_SCHEME = re.compile(
    r"(?i)\b(?P<scheme>bearer|basic|token|ssws|apikey|api-key|negotiate|digest)[ \t]{1,4}"
    r"(?P<value>[A-Za-z0-9._~+/=%:|-]{6,8192})"
)
_PARAMETER = re.compile(r"[a-z_]{2,20}=")
_LIKELY = re.compile(r"[A-Z].*[a-z]|[a-z].*[A-Z]|\d|[=+/_~].*", re.DOTALL)

_QUERY = re.compile(
    r"(?i)[?&;#](?:amp;)?(?:key|code|sig|signature|hmac|auth|ticket|sid|session|otp|assertion|samlresponse|samlrequest"
    r"|client_assertion|x-amz-signature|x-goog-signature|x-oss-signature|googleaccessid|ossaccesskeyid|refresh|access"
    r"|k|t|s|sv_token|hash|secret|subscription-key|st|pass|policy|key-pair-id|hdnts|hdnea|verify|nonce|id_token_hint)"
    r"=(?P<value>[^&#\s\"'<>\\]{6,8192})"
)
_USERINFO = re.compile(r"(?<=://)(?P<user>[^\s/:@\"'<>?#]{0,512})(?P<colon>:?)")
_PORT = re.compile(r"\d{1,5}(?:[/?#]|$)")
_MORE_AT = re.compile(r"(?:@[^\s/@\"'<>]{1,256}){1,8}(?=@)")
_PASSWORD_AT = re.compile(r"[^\s\"'<>]{1,512}?(?=@[A-Za-z0-9\[])")
_NO_USER = 20
"""Names of users are shorter than tokens."""
_NAMES_OF_USERS = frozenset({"git", "hg", "svn", "user", "username", "oauth2", "anonymous", "root", "admin", "ubuntu"})

_ELEMENT = re.compile(r"<(?P<name>[A-Za-z_][\w:.-]{0,60}+)(?:\s[^<>]{0,300})?>(?P<value>[^<]{1,8192})</")
_PAIR = re.compile(
    r"(?i)\b(?:name|key|variable|parameterkey|tagkey|optionname|header)\\{0,8}[\"']?\s{0,8}[=:]\s{0,8}\\{0,8}[\"']?"
    r"(?P<name>[A-Za-z_][\w.-]{0,79}+)\\{0,8}[\"']?[\s,;]{1,40}-?\s{0,4}\\{0,8}[\"']?"
    r"(?:value|default|parametervalue|tagvalue|content|defaultvalue|string)\\{0,8}[\"']?\s{0,8}(?P<sep>[=:])\s{0,8}"
)
_HEADER_PAIR = re.compile(
    r"(?:[\[(]\s{0,4}[\"']|[\"']-{1,2})(?P<name>[\w.-]{1,80})\\{0,8}[\"']\s{0,4},\s{0,4}(?=\\{0,8}[\"'])"
)


_SCHEMES = ("bearer", "basic", "token ", "ssws", "key ", "digest")
_FORMS = (
    (("env ", "arg ", "setx"), _DECLARED, "assignment"),
    ((": ",), _TYPED, "assignment"),
    (("set ", "config ", "add ", "put ", "export "), _SET, "assignment"),
    (("</",), _ELEMENT, "element"),
    (("value", "default", "content", "string"), _PAIR, "assignment"),
    (('", ', "', ", '","', "','", '\\", '), _HEADER_PAIR, "assignment"),
)
"""Parts of a text in small letters of which one is there, the form that it may have, and the kind of its values."""


def may_have_named(text: str, *, is_simple: bool) -> bool:
    """Return False if a text certainly holds no value by what stands before it.

    `is_simple` says that it has no character that quotes or assigns.
    """
    if not is_simple and ("=" in text or '"' in text or "'" in text or "$" in text or "<" in text or "{S" in text):
        return True
    has_space, has_colon = " " in text, ":" in text
    if has_space and (": " in text or " -" in text or "-----" in text):
        return True
    if has_colon and "://" in text:
        return True
    if not has_space and not has_colon:
        return False
    low = text.lower()
    if has_colon and (
        "pass" in low
        or "pw" in low
        or "secret" in low
        or "token" in low
        or "key" in low
        or "cred" in low
        or "auth" in low
        or "cookie" in low
        or "/user:" in low
    ):
        return True
    return has_space and (
        "bearer" in low
        or "basic " in low
        or "token " in low
        or "ssws " in low
        or "key " in low
        or "digest " in low
        or "password " in low
        or "identified " in low
        or "stdin" in low
    )


def named_values(text: str, low: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of each value that its name shows to be a secret; they may overlap."""
    yield from _assigned(text)
    if "-" in text and (" " in text or "\t" in text):
        yield from _optional(text)
    if any(scheme in low for scheme in _SCHEMES):
        yield from _headed(text)
    if "://" in text and "@" in text:
        yield from _userinfo(text)
    if "=" in text and ("?" in text or "&" in text or ";" in text or "#" in text):
        for match in _QUERY.finditer(text):
            if not is_no_secret(match["value"]) and _LIKELY.search(match["value"]) is not None:
                yield (*match.span("value"), "url-query")
    if "," in text and "\n" in text:
        yield from _cells(text)
    for cues, pattern, kind in _FORMS:
        if any(cue in low for cue in cues):
            yield from _of_form(text, pattern, kind)


def _of_form(text: str, pattern: re.Pattern[str], kind: str) -> Iterator[tuple[int, int, str]]:
    """Yield the values beside the names that a pattern finds; where it has no group for them, what comes behind."""
    for match in pattern.finditer(text):
        if not is_secret_name(match["name"]):
            continue
        if "value" not in pattern.groupindex:
            yield from _value(text, match.end(), "=", match["name"])
        elif match["value"].strip() and not is_no_secret(match["value"].strip()):
            yield (*match.span("value"), kind)


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    taken = 0
    for match in _NAMED.finditer(text):
        name, sep, start = match["name"], match["sep"], match.start()
        # What stands in a value that is taken goes with it; looked at again, a chain of names would take long.
        if start < taken or not is_secret_name(name):
            continue
        # In `arn:aws:secretsmanager:...:secret:prod` and `role/token:x` a colon before a name makes it part of a path.
        if sep == ":" and start and text[start - 1] in ":/.":
            continue
        for span in _value(text, match.end(), sep, name, text[start - 1] if start else ""):
            taken = span[1]
            yield span


def _value(text: str, at: int, sep: str, name: str, before: str = "") -> Iterator[tuple[int, int, str]]:
    """Yield the value that begins at a place: what is in quotes, or a word, or for some headers the line.

    `before` is the character before the name: a quote there ends the line.
    """
    quote, block = _QUOTE.match(text, at), _BLOCK.match(text, at)
    if block is not None:
        start, end = block.end(), _end_of_block(text, block["indent"], block.end())
    elif quote is not None:
        start, end = quote.end(), _closing(text, quote[0], quote.end())
    elif name.lower() in _WHOLE_LINE:
        line = _LINE.match(text, at)
        if line is None:
            return
        start, end = line.span()
        if before in {'"', "'", "`"} and (quoted := text.find(before, start, end)) >= 0:
            end = quoted
    else:
        bare = _BARE.match(text, at)
        if bare is None or sep == "==":
            return
        start, end = bare.span()
        following = _NEXT_NAME.search(text, start, end)
        end = following.start() if following is not None else end
        if sep == ":" and text[start] in "[{":
            return
        while end > start and text[end - 1] in ",)]}\\" and not text.startswith("[redacted", start):
            end -= 1
        if sep == ":" and end - start < 6 and not _ends_line(text, end) and not any(map(str.isdigit, text[start:end])):  # noqa: PLR2004  as any word of a sentence
            return
        if sep == ":" and name.lower() in _WORDS_TOO and not _is_mixed(text[start:end]):
            # `token:software`, "an OAuth bearer: missing": in these a word is only a word.
            return
    value = text[start:end]
    if value.strip() and not is_no_secret(value.strip()) and not value.startswith("[redacted"):
        yield start, end, "assignment"


def _cells(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the cells of columns that a table names as secrets in its first line."""
    head, _, _ = text.partition("\n")
    if len(head) > _LONGEST_HEAD or "," not in head:
        return
    columns = [at for at, name in enumerate(head.split(",")) if is_secret_name(name.strip(' "\r\ufeff'))]
    start = len(head) + 1
    while columns and start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        at = start
        for number, cell in enumerate(text[start:end].split(",")):
            bare = cell.strip(' "\r')
            if number in columns and bare and not is_no_secret(bare):
                yield at, at + len(cell.rstrip("\r")), "cell"
            at += len(cell) + 1
        start = end + 1


_LONGEST_HEAD = 2000


def _end_of_block(text: str, indent: str, start: int) -> int:
    """Return where the lines end that are indented as the first one of a block of YAML is."""
    end = text.find("\n", start)
    while end >= 0 and text.startswith(indent, end + 1):
        end = text.find("\n", end + 1)
    return end if end >= 0 else len(text)


def _is_mixed(value: str) -> bool:
    """Whether a text is more than a word or a small number: letters with digits or of both cases, or something else."""
    return not (value.isdecimal() and len(value) <= 3) and _WORD.fullmatch(value) is None  # noqa: PLR2004  a status


def _ends_line(text: str, end: int) -> bool:
    return end >= len(text) or text[end] in "\r\n,}"


def _closing(text: str, quote: str, start: int) -> int:
    """Return where the quoted text that begins at `start` ends; the end of the text where nothing closes it."""
    end = text.find(quote, start)
    while end > start and len(quote) == 1 and text[end - 1] == "\\" and text[end - 2 : end] != "\\\\":
        end = text.find(quote, end + 1)
    return end if end >= 0 else len(text)


def _optional(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield values of options: `--password X`, `-p X`, `-u a:X`."""
    for match in _OPTION.finditer(text):
        quote = _QUOTE.match(text, match.end())
        start = quote.end() if quote is not None else match.end()
        bare = _BARE.match(text, start)
        end = _closing(text, quote[0], start) if quote is not None else bare.end() if bare is not None else start
        if match["user"]:
            colon = text.find(":", start, end)
            if colon >= 0 and not text[colon + 1 : end].isdecimal() and not text.startswith("//", colon + 1):
                start = colon + 1
            else:
                continue
        elif match["short"]:
            line = text[max(text.rfind("\n", 0, match.start()) + 1, match.start() - 200) : match.start()]
            if _NO_PASSWORD.match(text, start) is not None or _NOT_OF.search(line) is not None:
                continue
        elif not is_secret_name(match["name"]):
            continue
        if start < end and not is_no_secret(text[start:end]) and not text.startswith("[redacted", start):
            yield start, end, "option"
    if " -p" in text:
        for match in _ATTACHED.finditer(text):
            if not is_no_secret(match["value"]):
                yield (*match.span("value"), "option")


def _headed(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what stands behind the name of a scheme: `Bearer X`."""
    for match in _SCHEME.finditer(text):
        value, scheme = match["value"], match["scheme"].lower()
        # "Basic authentication", "Token based": words; what looks like none, or is as long as no word, is sent.
        word = value.rstrip(".:")
        is_likely = not (word.isalpha() and (word.islower() or word.istitle())) or len(word) >= 24  # noqa: PLR2004  longer than words
        if scheme in {"token", "digest", "api-key", "apikey"}:
            is_likely = len(value) >= 16 and any(map(str.isdigit, value)) and "-" not in value[:4]  # noqa: PLR2004  words too
        if is_likely and _LIKELY.search(word) is not None and not is_no_secret(value) and not _PARAMETER.match(value):
            yield (*match.span("value"), "authorization")


def _userinfo(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the user and password in a URL, and a user that is alone and looks like more than a name."""
    for match in _USERINFO.finditer(text):
        user, at = match["user"], match.end()
        if match["colon"]:
            password = _PASSWORD_AT.match(text, at)
            # A port is followed by a path, and an `@` behind it belongs to the path.
            if password is not None and _PORT.match(text[at : at + 6]) is None:
                end = password.end()
                further = _MORE_AT.match(text, end)
                end = further.end() if further is not None else end
                if not is_no_secret(password[0]):
                    yield match.start("user"), end, "url-password"
        elif text[at : at + 1] == "@" and user:
            is_web = text.endswith(("http://", "https://"), 0, match.start())
            if (
                user.lower() not in _NAMES_OF_USERS
                and not is_no_secret(user)
                and (is_web or (len(user) >= _NO_USER and any(map(str.isdigit, user))))
            ):
                yield (*match.span("user"), "url-user")
