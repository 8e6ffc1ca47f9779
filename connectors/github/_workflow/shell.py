"""The commands of a script for a POSIX shell, as far as a reader without a shell can tell them.

Comments, texts in quotes and here-documents are told from commands: `echo "gh pr checkout"` checks out nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_SEPARATORS = ";|&()"
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
_EXPRESSION = re.compile(r"\$\{\{(?:'[^']*'|[^'])*?\}\}", re.DOTALL)
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))")
_KEYWORDS = frozenset(
    {"if", "then", "elif", "else", "fi", "do", "done", "while", "until", "for", "!", "{", "}", "time"}
)
_PREFIXES = frozenset({"sudo", "env", "command", "exec", "nohup", "xargs", "stdbuf", "nice", "timeout", "builtin"})
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
_LITERAL_DOLLAR = "\x01"
_MAX_DEPTH = 6


@dataclass
class Command:
    """One command: its words without quotes. Variables stay `$NAME`, expressions `${{ }}`, both resolved by others."""

    words: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The program, without its folder; empty for a bare assignment."""
        return self.words[0].rpartition("/")[2] if self.words else ""

    @property
    def is_only_text(self) -> bool:
        """Whether the command writes its words and does nothing else with them."""
        return self.name in {"echo", "printf", ":"}


@dataclass
class Script:
    """The commands of a script in order, with those of substitutions and of `bash -c`, and the variables it sets."""

    commands: list[Command] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    documents: list[str] = field(default_factory=list)  # here-documents


def variables_in(word: str) -> list[str]:
    """Return the names of the shell variables in a word."""
    return [one or other for one, other in _VARIABLE.findall(word)]


def read_script(text: str) -> Script:
    """Return the commands and variables of a script."""
    script = Script()
    _read(text, script, 0)
    return script


def _read(text: str, script: Script, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    expressions: list[str] = []

    def keep(match: re.Match[str]) -> str:
        expressions.append(match.group(0))
        return f"\x02{len(expressions) - 1}\x03"

    reader = _Reader(_EXPRESSION.sub(keep, text))
    for words in reader.commands():
        restored = [re.sub(r"\x02(\d+)\x03", lambda match: expressions[int(match.group(1))], word) for word in words]
        _add(restored, script, depth)
    script.documents += [
        re.sub(r"\x02(\d+)\x03", lambda match: expressions[int(match.group(1))], text) for text in reader.documents
    ]
    if any(command.name in _SHELLS for command in script.commands):
        reader.substitutions += reader.documents  # `bash <<END` runs its document
    for inner in reader.substitutions:
        _read(re.sub(r"\x02(\d+)\x03", lambda match: expressions[int(match.group(1))], inner), script, depth + 1)


def _add(words: list[str], script: Script, depth: int) -> None:
    words = list(words)
    while words:
        assignment = _ASSIGNMENT.fullmatch(words[0])
        if assignment is not None:
            script.variables[assignment.group(1)] = assignment.group(2)
        elif words[0] in {"export", "local", "declare", "readonly"}:
            for word in words[1:]:
                if (found := _ASSIGNMENT.fullmatch(word)) is not None:
                    script.variables[found.group(1)] = found.group(2)
        elif not (words[0] in _KEYWORDS or _is_prefix(words)):
            break
        words.pop(0)
        while words and words[0].startswith("-"):
            words.pop(0)
    if not words:
        return
    command = Command(words)
    script.commands.append(command)
    if command.name == "eval":
        _read(" ".join(words[1:]), script, depth + 1)
    elif command.name in _SHELLS:
        flag = next((place for place, word in enumerate(words) if re.fullmatch(r"-[a-z]*c", word)), None)
        if flag is not None and flag + 1 < len(words):
            _read(words[flag + 1], script, depth + 1)


def _is_prefix(words: list[str]) -> bool:
    """Whether the first word only starts the command that follows it; the time of `timeout 5` goes with it."""
    if words[0].rpartition("/")[2] not in _PREFIXES:
        return False
    if words[0].endswith("timeout") and len(words) > 1 and words[1][:1].isdigit():
        words.pop(1)
    return True


class _Reader:
    """Splits a script into words, character by character."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0
        self._ends: list[str] = []
        self.substitutions: list[str] = []
        self.documents: list[str] = []

    def commands(self) -> Iterator[list[str]]:  # noqa: C901, PLR0912  one branch for each character that has a meaning
        """Yield the words of each command."""
        words: list[str] = []
        word: str | None = None
        while self._place < len(self._text):
            char = self._text[self._place]
            if char == "\\":
                following = self._text[self._place + 1 : self._place + 2]
                if following != "\n":
                    word = (word or "") + following
                self._place += 2
            elif char == "#" and word is None:
                self._skip_to("\n")
            elif char == "'":
                word = (word or "") + self._single()
            elif char == '"':
                word = (word or "") + self._double()
            elif char == "`" or self._text.startswith("$(", self._place):
                word = (word or "") + self._substitution()
            elif (start := _HEREDOC.match(self._text, self._place)) is not None and not self._text.startswith(
                "<<<", self._place
            ):
                self._ends.append(start.group(2))
                self._place = start.end()
            elif char in " \t\r\n" + _SEPARATORS:
                if word is not None:
                    words.append(word)
                    word = None
                self._place += 1
                if char == "\n":
                    self._skip_documents()
                if char not in " \t\r" and words:
                    yield words
                    words = []
            else:
                word = (word or "") + char
                self._place += 1
        if word is not None:
            words.append(word)
        if words:
            yield words

    def _skip_to(self, end: str) -> None:
        found = self._text.find(end, self._place)
        self._place = len(self._text) if found < 0 else found

    def _skip_documents(self) -> None:
        """Skip here-documents, which begin after the line that announces them."""
        for end in self._ends:
            lines: list[str] = []
            while self._place < len(self._text):
                line, _, _ = self._text[self._place :].partition("\n")
                self._place += len(line) + 1
                if line.strip() == end:
                    break
                lines.append(line)
            self.documents.append("\n".join(lines))
        self._ends.clear()

    def _single(self) -> str:
        start = self._place + 1
        self._place = start
        self._skip_to("'")
        text = self._text[start : self._place]
        self._place += 1
        return text.replace("$", _LITERAL_DOLLAR)

    def _double(self) -> str:
        made = ""
        self._place += 1
        while self._place < len(self._text) and self._text[self._place] != '"':
            if self._text[self._place] == "\\":
                made += self._text[self._place + 1 : self._place + 2]
                self._place += 2
            elif self._text[self._place] == "`" or self._text.startswith("$(", self._place):
                made += self._substitution()
            else:
                made += self._text[self._place]
                self._place += 1
        self._place += 1
        return made

    def _substitution(self) -> str:
        """Keep the commands of `$( )` or of backquotes for themselves; the word has an unknown variable instead."""
        if self._text[self._place] == "`":
            start = self._place + 1
            self._place = start
            self._skip_to("`")
        else:
            start = self._place + 2
            self._place, open_ones = start, 1
            while self._place < len(self._text):
                char = self._text[self._place]
                open_ones += (char == "(") - (char == ")")
                if open_ones == 0:
                    break
                self._place += 1
        self.substitutions.append(self._text[start : self._place])
        self._place += 1
        return "$OUTPUT_OF_A_COMMAND"
