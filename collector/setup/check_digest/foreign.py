"""The form of objects of the standard library and installed distributions, and which of them look up names."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from collector.setup.check_digest.draft import Names
from collector.setup.check_digest.origin import public_path, versions

if TYPE_CHECKING:
    from collector.setup.check_digest.draft import Draft, Token

_LOOK_UP_MEMBERS = frozenset(
    {
        *(f"builtins.{name}" for name in ("getattr", "setattr", "hasattr", "delattr", "dir", "vars")),
        *(f"dataclasses.{name}" for name in ("asdict", "astuple", "fields", "make_dataclass", "replace")),
        "copy.replace",
        "operator.attrgetter",
        "operator.methodcaller",
        "string.Formatter",
        "typing.get_type_hints",
    }
)
_LOOK_UP_NOTHING = frozenset(
    {
        *(
            f"msgspec.{name}"
            for name in ("DecodeError", "ValidationError", "json", "json.decode", "json_decode", "field")
        ),
        # By the name that is written, and by the module that the object says it is from.
        *(f"yaml.{name}" for name in ("BaseLoader", "MarkedYAMLError", "YAMLError", "compose")),
        *("yaml.loader.BaseLoader", "yaml.error.MarkedYAMLError", "yaml.error.YAMLError"),
        *(f"yaml.{name}" for name in ("MappingNode", "ScalarNode", "SequenceNode")),
        *(f"yaml.nodes.{name}" for name in ("MappingNode", "ScalarNode", "SequenceNode")),
    }
)
"""Objects of installed distributions that look up no member by its name."""

_LOOK_UP_ALL = frozenset(
    f"builtins.{name}" for name in ("globals", "locals", "vars", "eval", "exec", "compile", "__import__")
)
_ALL_OF = frozenset({"ast", "gc", "importlib", "inspect", "marshal", "pickle", "pkgutil", "runpy", "sys", "types"})
_FILES_OF = frozenset(
    {
        *("codecs", "fileinput", "glob", "importlib", "io", "linecache", "mmap", "os", "pathlib", "pkgutil", "posix"),
        *("nt", "runpy", "shelve", "shutil", "sqlite3", "subprocess", "sys", "tempfile", "zipfile", "zipimport"),
    }
)

# Names of the language by which code reads names as text, or where it is stored.
MEMBERS = frozenset(
    {"__dict__", "__struct_fields__", "__dataclass_fields__", "__annotations__", "__slots__", "format", "format_map"}
)
REACHES_OUT = frozenset({"__globals__", "__code__", "__builtins__", "__subclasses__"})
ALL = REACHES_OUT | {"__name__", "__qualname__", "__module__", "__doc__"}
FILES = frozenset({"__file__", "__path__", "__spec__", "__loader__", "__cached__"})


def foreign_token(draft: Draft, module: str, name: str) -> Token:
    """Return the form of a foreign object, and raise the draft's needs by what it may look up."""
    path = public_path(module, name)
    top = path.partition(".")[0]
    is_standard = top in sys.stdlib_module_names
    if path in _LOOK_UP_MEMBERS or (not is_standard and path not in _LOOK_UP_NOTHING):
        draft.need(Names.MEMBERS)
    if path in _LOOK_UP_ALL or top in _ALL_OF:
        draft.need(Names.ALL)
        return ["foreign", path, draft.whole_module(draft.module), draft.reads_files()]
    if path == "builtins.open" or top in _FILES_OF:
        return ["foreign", path, draft.reads_files()]
    return ["foreign", path] if is_standard else ["foreign", path, *versions(module)]


def module_and_name(of: Any) -> tuple[str, str] | None:  # noqa: ANN401  any object of others
    """Return module and name of a foreign class or function, None for anything else."""
    module, name = getattr(of, "__module__", None), getattr(of, "__qualname__", None)
    if isinstance(module, str) and isinstance(name, str):
        return module, name
    if type(of).__name__ in {"builtin_function_or_method", "ufunc"} and isinstance(name, str):
        owner = getattr(of, "__self__", None)
        return getattr(owner, "__name__", type(owner).__module__), name
    return None
