"""The digests of every check that comes with annexd, in copies of the code that were changed."""

from __future__ import annotations

import ast
import dis
import importlib
import pkgutil
import shutil
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec import Struct

from collector.core.checks import Check
from collector.setup import loading
from collector.setup.check_digest import digest as digests
from collector.setup.check_digest import origin
from collector.setup.check_digest.digest import check_digest
from collector.setup.check_digest.draft import Names
from tests.setup.check_digest import renaming


def builtin() -> dict[str, Check[...]]:
    """Return every check that comes with annexd."""
    return {id_: check for name in loading.builtin() for id_, check in loading.connector(name).checks.items()}


def copied(root: str, folder: Path) -> dict[str, str]:
    """Import every module of a copy, and return the digests of its checks."""
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        package = importlib.import_module(root)
        modules = [
            importlib.import_module(module.name) for module in pkgutil.walk_packages(package.__path__, f"{root}.")
        ]
    finally:
        sys.path.remove(str(folder))
    checks = {value.id: value for module in modules for value in vars(module).values() if isinstance(value, Check)}
    return {id_: check_digest(check) for id_, check in sorted(checks.items())}


@pytest.fixture(scope="module")
def today() -> dict[str, str]:
    """Return the current digests."""
    return {id_: check_digest(check) for id_, check in sorted(builtin().items())}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the checks whose digests differ. Raises AssertionError where the checks differ."""
    assert before.keys() == after.keys()
    return {id_ for id_ in before if before[id_] != after[id_]}


def test_every_name_may_change(tmp_path: Path, today: dict[str, str]) -> None:
    """Of modules, functions, classes, constants and whatever is local, and with every text for people gone.

    Names of parameters count where code looks up names, which few checks do.
    """
    renaming.copy(tmp_path, "renamed")

    text = "".join(path.read_text() for path in tmp_path.rglob("*.py"))
    assert text.count("new_") > 5000
    differ = changed(copied("renamed", tmp_path), today)
    assert differ <= {id_ for id_, check in builtin().items() if _names_count(check)}
    assert len(differ) < len(today) / 10


def _names_count(check: Check[...]) -> bool:
    return any(node.draft.names is not Names.NONE for _, node in digests.reached_targets(check))


def test_fields_of_views_may_be_renamed_where_their_keys_stay(tmp_path: Path, today: dict[str, str]) -> None:
    """Most of them at once; those with a name that other things have too are left as they are.

    The name of a field counts where the type of what it is read from is not known, or where code looks up names.
    """
    fields = {
        (of.__module__, of.__qualname__): dict(zip(of.__struct_fields__, of.__struct_encode_fields__, strict=True))
        for module in [loaded_module for name, loaded_module in sys.modules.items() if name.startswith("connectors.")]
        for of in vars(module).values()
        if isinstance(of, type)
        and issubclass(of, Struct)
        and of.__module__ == module.__name__
        and of.__name__ != "Settings"
    }
    renaming.copy(tmp_path, "refielded", fields=fields)

    text = "".join(path.read_text() for path in tmp_path.rglob("*.py"))
    assert text.count("__import__('msgspec').field(name=") > 150
    names = {name for keys in fields.values() for name in keys}
    differ = changed(copied("refielded", tmp_path), today)
    assert differ <= {id_ for id_, check in builtin().items() if _reads_by_name(check, names)}
    assert len(differ) < len(today) / 10


def _reads_by_name(check: Check[...], fields: set[str]) -> bool:
    return _names_count(check) or any(node.draft.attributes & fields for _, node in digests.reached_targets(check))


def loaded(code: types.CodeType) -> Iterator[str]:
    """Yield every global that the bytecode of a function loads, those inside it too."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from loaded(constant)


def users_of(wanted: object) -> set[str]:
    """Return the checks whose bytecode, or that of what it uses, loads an object."""
    users = set()
    for id_, check in builtin().items():
        seen: set[int] = set()
        waiting: list[object] = [check.judge, *(need.kind.view for need in check.needs)]
        while waiting:
            value = waiting.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, Check):
                waiting += [value.judge, *(need.kind.view for need in value.needs)]
            elif isinstance(value, types.FunctionType) and value.__module__.startswith(("connectors", "collector")):
                waiting += [value.__globals__[name] for name in loaded(value.__code__) if name in value.__globals__]
            elif isinstance(value, type) and value.__module__.startswith("connectors"):
                waiting += [getattr(member, "fget", member) for member in vars(value).values()]
        if id(wanted) in seen:
            users.add(id_)
    return users


HELPERS = [
    ("aws._policy.patterns", "has_wildcard", "in pattern or", "in pattern and"),
    ("github.security.alert_limits", "age_verdict", "if not late:", "if late:"),
    ("aws._policy.evaluator", "_decided", "Effect(Outcome.ALLOWS", "Effect(Outcome.DOES_NOT"),
    (
        "github.repository.effective_protection",
        "merge_layers",
        "layer.code_owners for layer in",
        "layer.no_deletion for layer in",
    ),
]


@pytest.mark.parametrize(
    ("root", "helpers"),
    [
        pytest.param("helpers", HELPERS, id="all"),
        *(pytest.param(f"helper_{one[1]}", [one], id=one[1], marks=pytest.mark.deep) for one in HELPERS),
    ],
)
def test_a_changed_helper_changes_the_checks_that_use_it(
    tmp_path: Path, today: dict[str, str], root: str, helpers: list[tuple[str, str, str, str]]
) -> None:
    """All of them and no others."""
    shutil.copytree(renaming.ROOT, tmp_path / root, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / root).rglob("*.py"):
        path.write_text(path.read_text().replace("connectors.", f"{root}."))
    expected = set()
    for module, name, old, new in helpers:
        path = tmp_path / root / f"{module.replace('.', '/')}.py"
        assert path.read_text().count(old) == 1
        path.write_text(path.read_text().replace(old, new))
        users = users_of(getattr(sys.modules[f"connectors.{module}"], name))
        assert 0 < len(users) < len(today)
        expected |= users

    assert len(expected) < len(today)
    assert changed(copied(root, tmp_path), today) == expected


def _root(function: types.FunctionType) -> str:
    return function.__module__.partition(".")[0]


def test_every_global_that_is_loaded_was_followed() -> None:
    """What Python itself says of scopes must not know a name that the normal form took for a local one."""
    for check in builtin().values():
        for target, _ in digests.reached_targets(check):
            if target.kind == "function":
                module = target.of.__globals__
                used = {name for name in loaded(target.of.__code__) if name in module}
                followed = {id(other.of) for other, _ in digests.reached_targets(check)}
                lost = [
                    name
                    for name in used
                    if isinstance(module[name], types.FunctionType) and id(module[name]) not in followed
                ]
                assert [name for name in lost if _root(module[name]) not in sys.stdlib_module_names] == []


def test_each_module_is_read_once_for_all_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan makes every digest once; reading the sources is what takes the time."""
    checks = builtin()
    monkeypatch.setattr(digests, "_NODES", {})
    monkeypatch.setattr(digests, "_DIGESTS", {})
    origin.source_of.cache_clear()
    read: list[bytes] = []
    parse = ast.parse

    def noting(data: bytes, *args: Any, **options: Any) -> ast.Module:
        read.append(data)
        return cast("ast.Module", parse(data, *args, **options))

    monkeypatch.setattr(ast, "parse", noting)

    for check in checks.values():
        check_digest(check)

    assert len(read) > 50
    assert len(read) == len({*read})
