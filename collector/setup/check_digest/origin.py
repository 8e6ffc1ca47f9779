"""The origin of code: whether it is followed, its source, and the files of its package."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.metadata
import re
import site
import sys
import sysconfig
import types
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from collector.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = frozenset({"collector", "connectors", "mappings", "storage"})
"""The packages of annexd, which are always followed."""

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


@dataclass
class Source:
    """A module's syntax tree. `functions` are by name and first line, `classes` by qualified name.

    `rebound` are global and nonlocal names that functions assign to.
    """

    module: str
    data: bytes
    tree: ast.Module
    functions: dict[tuple[str, int], list[Definition]] = field(default_factory=dict)
    classes: dict[str, list[ast.ClassDef]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)


@lru_cache(maxsize=512)
def source_of(module_name: str) -> Source:
    """Return a module's source. Raises ConfigError where it cannot be read."""
    file = getattr(module_of(module_name), "__file__", None)
    if file is None or not file.endswith(".py"):
        raise unreadable_error(module_name)
    try:
        data = Path(file).read_bytes()
        tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError) as error:
        raise unreadable_error(module_name) from error
    source = Source(module_name, data, tree)
    _index(source, tree, "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Global | ast.Nonlocal):
            source.rebound.update(node.names)
        for name, module, attribute in imported_by(node, module_name):
            source.imports.setdefault(name, (module, attribute))
    return source


def unreadable_error(what: str) -> ConfigError:
    """Return the error for code whose source is missing."""
    return ConfigError(
        f"the source of {what} cannot be read",
        so="a finding has to say which rule was applied, by a digest of its code",
        mend="install it from files that end in .py",
    )


def module_of(name: str) -> types.ModuleType:
    """Return an imported module. Raises ConfigError where it was not imported."""
    if name not in sys.modules:
        raise unreadable_error(name)
    return sys.modules[name]


def home_module(function: types.FunctionType) -> str:
    """Return the name of the module that a function is defined in, also where a decorator changed `__module__`."""
    return str(function.__globals__.get("__name__", function.__module__))


def imported_by(node: ast.AST, within: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield the names that a statement imports: the name here, the module, and the attribute, None for the module."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname is None:
                top = alias.name.partition(".")[0]
                yield top, top, None
            else:
                yield alias.asname, alias.name, None
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name, absolute(node, within), alias.name


def absolute(node: ast.ImportFrom, within: str) -> str:
    """Return the full name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    module = sys.modules.get(within)
    package = within.split(".")
    above = node.level - (1 if hasattr(module, "__path__") else 0)
    base = package[: len(package) - above] if above else package
    return ".".join([*base, *([node.module] if node.module else [])])


def _index(source: Source, node: ast.AST, prefix: str) -> None:
    for child in ast.iter_child_nodes(node):
        inner = prefix
        match child:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                line = min([child.lineno, *(decorator.lineno for decorator in child.decorator_list)])
                source.functions.setdefault((child.name, line), []).append(child)
                inner = f"{prefix}{child.name}.<locals>."
            case ast.Lambda():
                source.functions.setdefault(("<lambda>", child.lineno), []).append(child)
                inner = f"{prefix}<lambda>.<locals>."
            case ast.ClassDef():
                source.classes.setdefault(f"{prefix}{child.name}", []).append(child)
                inner = f"{prefix}{child.name}."
        _index(source, child, inner)


@lru_cache(maxsize=4096)
def is_followed(module_name: str, check_package: str) -> bool:
    """Whether a module's code is followed: annexd's own, the check's, or of no installed distribution."""
    top = module_name.partition(".")[0]
    if top in ROOMS or top == check_package:
        return True
    file = getattr(sys.modules.get(module_name), "__file__", None)
    if file is None or not file.endswith(".py"):
        return False
    if top in sys.stdlib_module_names and Path(file).is_relative_to(sysconfig.get_path("stdlib")):
        return False
    return not any(Path(file).is_relative_to(folder) for folder in _installed_in()) or not versions(module_name)


@lru_cache(maxsize=1)
def _installed_in() -> tuple[Path, ...]:
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
    return tuple(Path(folder) for folder in [*folders, site.getusersitepackages()])


_DISTRIBUTION_OF = {"yaml": "PyYAML"}
"""The distributions of packages with another name: looking for one among all that are installed takes half a second."""


@lru_cache(maxsize=256)
def versions(module_name: str) -> tuple[str, ...]:
    """Return the distributions that a module's top package comes from, each with its version; none where unknown."""
    top = module_name.partition(".")[0]
    try:
        distribution = importlib.metadata.distribution(_DISTRIBUTION_OF.get(top, top))
        if any(str(path).partition("/")[0] in {top, f"{top}.py"} for path in distribution.files or ()):
            return (f"{distribution.name} {distribution.version}",)
    except importlib.metadata.PackageNotFoundError:
        pass
    names = importlib.metadata.packages_distributions().get(top, ())
    return tuple(sorted({f"{name} {importlib.metadata.version(name)}" for name in names}))


def public_path(module: str, name: str) -> str:
    """Return the path of a foreign object without the private modules in it."""
    first, *rest = module.split(".")
    return ".".join([first.lstrip("_") or first, *(part for part in rest if not part.startswith("_")), name])


@lru_cache(maxsize=64)
def files_digest(module_name: str) -> str:
    """Return a digest of every file of a module's top package; of a module alone, of the files beside it."""
    top = module_of(module_name.partition(".")[0])
    made = hashlib.sha256()
    for path, name in _files(top):
        made.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode("utf-8", "surrogatepass"))
    return made.hexdigest()


@lru_cache(maxsize=256)
def package_folder(module_name: str) -> Path | None:
    """Return the folder of a module's top package, or that of a module without a package."""
    top = sys.modules.get(module_name.partition(".")[0])
    paths = list(getattr(top, "__path__", ()))
    if paths:
        return Path(paths[0])
    file = getattr(top, "__file__", None)
    return None if file is None else Path(file).parent


def _files(top: types.ModuleType) -> Iterator[tuple[Path, str]]:
    folders = [Path(folder) for folder in getattr(top, "__path__", ())]
    if not folders and top.__file__ is not None:
        here = Path(top.__file__).parent
        yield from ((path, path.name) for path in sorted(here.iterdir()) if path.is_file())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path, path.relative_to(folder).as_posix()


_READS = re.compile(rb"\b(?:open|Path|importlib|pkgutil|__file__|__spec__|__path__|read_text|read_bytes|os|io)\b")


def may_read_files(source: Source) -> bool:
    """Whether a module's text has a name by which files are read."""
    return _READS.search(source.data) is not None


def find_module(name: str) -> types.ModuleType | None:
    """Import and return a module; None where it cannot be imported."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None
