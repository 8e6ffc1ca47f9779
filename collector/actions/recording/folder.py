"""Write a recording: one file for each operation and status, what it is, and what its reviewer has to know."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from collector.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.actions.recording.scrubbing import Scrubbed

FORMAT = "annexd.recording/1"
DESCRIPTION = "recording.json"
REVIEW = "REVIEW.md"
ANSWERS = "answers"

_KINDS = {
    "word": "words, of names and of free text",
    "number": "long numbers, such as account ids",
    "hex": "hexadecimal identifiers",
    "uuid": "UUIDs",
    "address": "IP addresses and networks",
    "secret": "texts at a key that means a secret, or that look like one",
}


def require_empty(folder: Path) -> None:
    """Make the folder, readable by its owner only. Raises UsageError where it has files or cannot be written."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} is not an empty folder, and stays as it is", mend="name another one with --to")
        (folder / ANSWERS).mkdir(parents=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise _not_writable(folder, error) from error


def write(folder: Path, scrubbed: Scrubbed, about: dict[str, Any]) -> list[str]:
    """Write the files and return their names. Raises UsageError where they cannot be written."""
    written: dict[str, str] = {}
    for (operation, status), answers in scrubbed.answers.items():
        name = f"{ANSWERS}/{re.sub(r'[^A-Za-z0-9]+', '-', operation).strip('-')}.{status}.json"
        while name in written:  # two operations that differ in punctuation only
            name = name.replace(f".{status}", f"-.{status}")
        written[name] = _text(answers)
    written[DESCRIPTION] = _text({"format": FORMAT, **about, "scopes": scrubbed.roots, "settings": scrubbed.settings})
    written[REVIEW] = review(scrubbed, about)
    try:
        for name, text in written.items():
            path = folder / name
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _not_writable(folder, error) from error
    return list(written)


def review(scrubbed: Scrubbed, about: dict[str, Any]) -> str:
    """Return the page that a person reads before the recording is given to anybody."""
    count = sum(map(len, scrubbed.answers.values()))
    operations = len({name for name, _ in scrubbed.answers})
    lines = [
        "# Read this before you share the recording",
        "",
        f"{count} answers of {about['title']} to {operations} operations, scrubbed by annexd {about['annexd']}.",
        "Nothing was sent anywhere, and annexd never will: whether you give it on is for you to decide.",
        "",
        "No program knows every name of your company. Look through these lists, then through the files in `answers`.",
        "Invented words end in x, as lumotax. Where anything is yours, delete the folder, and say what was missed.",
        "",
        "## Words to look at first",
        "",
        "They were replaced in one place as anybody's word, and kept in another as the platform's. If one of them is a",
        "name of yours, look at where it was kept.",
        "",
        *_list(sorted(scrubbed.doubtful)),
        "",
        "## Replaced",
        "",
        *(f"- {scrubbed.replaced.get(kind, 0)} {what}" for kind, what in _KINDS.items()),
        "",
        "The same text has the same replacement within this recording, and another one in the next.",
        "",
        "## Kept",
        "",
        "Every distinct text of which a word was kept, with how often. `…` is an invented word, `#` a number. Times,",
        "numbers of up to five digits, true and false are kept too, and are not listed.",
        "",
        *_list(f"{text} ({times})" for text, times in sorted(scrubbed.kept.items())),
        "",
        "## Keys",
        "",
        "Keys of objects that were kept:",
        "",
        *_list(sorted(scrubbed.keys)),
        "",
        "## Recorded",
        "",
        *(
            f"- {operation}: {len(answers)} with status {status}"
            for (operation, status), answers in scrubbed.answers.items()
        ),
        "",
    ]
    return "\n".join(lines)


def _list(texts: Iterable[str]) -> list[str]:
    return [f"- `{text.replace('`', chr(39)).replace(chr(10), ' ')}`" for text in texts] or ["(none)"]


def _text(value: Any) -> str:  # noqa: ANN401  JSON
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _not_writable(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"{folder} cannot be written: {error.strerror}", mend="name another folder with --to")
