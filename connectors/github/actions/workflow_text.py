"""Known dangerous patterns in the text of a workflow. The text itself is not stored.

The text is searched by regular expressions, not parsed. A search may find what is harmless and must not miss what is
dangerous. https://docs.github.com/en/actions/reference/security/secure-use
"""

from __future__ import annotations

import re
from typing import Any

_USES = re.compile(r"""["']?\buses["']?\s*:\s*["']?([^\s"',}#]+)""")
_PINNED = re.compile(r"@(?:[0-9a-f]{40}|[0-9a-f]{64})$|^docker://[^@]+@sha256:[0-9a-f]{64}$")
_TRIGGERS = re.compile(r"\b(pull_request_target|workflow_run)\b")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
# Fields that an outsider can write, by GitHub's list of untrusted input:
# https://docs.github.com/en/actions/concepts/security/script-injections
_UNTRUSTED = re.compile(
    r"github\.(?:head_ref|event\.(?:[\w.*\[\]'\"-]*\.)?"
    r"(?:title|body|message|email|name|page_name|ref|label|default_branch|display_title|head_branch))\b"
)
_HEAD = re.compile(
    r"github\.(?:head_ref|event\.pull_request\.head\.(?:sha|ref)|event\.workflow_run\.head_(?:sha|branch))"
)
_SHELL = re.compile(r"^\s*(?:-\s*)?(?:run|script)\s*:")


def patterns_in(text: str) -> dict[str, Any]:
    """Return the patterns found in a workflow, as stored in the part `facts` of github.repo.workflow.

    `uses` and `unpinned`: actions used, and those not pinned to a digest. `privileged_triggers`: triggers that give
    code of outsiders the secrets of the repository. `takes_head`: whether the code of a pull request is checked out.
    `untrusted`: fields of outsiders that occur; `untrusted_in_shell`: whether one occurs in a command.
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    plain = "\n".join(lines)
    uses = sorted({match for line in lines for match in _USES.findall(line)})
    untrusted = sorted(
        {match.group(0) for text_part in _EXPRESSION.findall(plain) for match in _UNTRUSTED.finditer(text_part)}
    )
    in_shell = any(
        _SHELL.match(line) and any(_UNTRUSTED.search(text_part) for text_part in _EXPRESSION.findall(line))
        for line in lines
    )
    return {
        "uses": uses,
        "unpinned": [text_part for text_part in uses if not is_pinned(text_part)],
        "privileged_triggers": sorted(set(_TRIGGERS.findall(plain))),
        "takes_head": _HEAD.search(plain) is not None and "actions/checkout" in plain,
        "untrusted": untrusted,
        "untrusted_in_shell": in_shell,
    }


def is_pinned(action: str) -> bool:
    """Whether an action cannot change under the same name: one of the repository itself, or one named by its digest."""
    return action.startswith("./") or _PINNED.search(action) is not None
