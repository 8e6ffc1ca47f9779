"""`risks.toml`: the company's matrix, and the risks that it was used on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from collector.company.control_names import known_controls
from collector.company.entries import Entry, entries, head_of, once
from collector.core.isms.risks import Matrix, Risk, RiskRegister
from collector.setup.loading import platform_of

if TYPE_CHECKING:
    from collector.core.controls import Framework
    from collector.setup.app import App
    from collector.setup.toml_file import TomlFile


def read_risks(file: TomlFile, app: App, frameworks: tuple[Framework, ...]) -> RiskRegister:
    """Read the register. Raises ConfigError that names file, line, key and the nearest value that would do."""
    register = head_of(file, RiskRegister, "matrix", "risk")
    matrix = _matrix(file)
    found: list[Risk] = []
    ids: set[str] = set()
    for entry in entries(file, "risk"):
        risk = entry.take(Risk)
        once(entry, "id", risk.id, ids)
        _on_the_scales(entry, risk, matrix)
        for key, why in risk.faults(matrix):
            raise entry.error(key, why)
        known_controls(entry, "controls", risk.controls, frameworks)
        for check in risk.checks:
            if platform_of(check) not in app.missing:
                entry.known("checks", check, app.checks, "check")
        found.append(risk)
    return replace(register, matrix=matrix, risks=tuple(found))


def _matrix(file: TomlFile) -> Matrix:
    if "matrix" not in file.data:
        raise file.error(
            ("matrix",),
            "there is no matrix",
            so="a level that follows from nothing compares with nothing",
            mend="write [matrix] with likelihood, consequence, levels, accept and cells",
        )
    matrix = file.convert(file.data["matrix"], Matrix, ("matrix",))
    for key, why in matrix.faults():
        raise file.error(("matrix", key), why, mend="correct the matrix at that place")
    return matrix


def _on_the_scales(entry: Entry, risk: Risk, matrix: Matrix) -> None:
    for key, word, scale in (
        ("likelihood", risk.likelihood, matrix.likelihood),
        ("consequence", risk.consequence, matrix.consequence),
        ("level", risk.level, matrix.levels),
    ):
        entry.known(key, word, scale, key)
    if risk.residual is not None:
        entry.known("residual", risk.residual.likelihood, matrix.likelihood, "likelihood")
        entry.known("residual", risk.residual.consequence, matrix.consequence, "consequence")
        entry.known("residual", risk.residual.level, matrix.levels, "level")
