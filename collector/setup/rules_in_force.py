"""The rules and mappings that a run is judged with, and their changes since the run before, as a fact."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from collector.core.canonical import canonical, digest_of
from collector.core.errors import ConfigError
from collector.core.facts import EditionInForce, InForce, RuleInForce
from collector.setup.check_digest.carried import carried
from collector.setup.loading import check_code
from collector.setup.this_machine import this_user

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from collector.core.canonical import Digest
    from collector.core.controls import Control
    from collector.setup.app import App

logger = logging.getLogger(__name__)


def in_force(app: App, last: InForce | None, *, run: str, at: datetime) -> InForce | None:
    """Return the rules in force with their changes since `last`, None where nothing changed."""
    rules, editions = tuple(_rules(app)), tuple(_editions(app, last))
    config, code = str(app.config_digest), str(app.code_digest)
    if last is not None and (last.config, last.code, last.rules, last.editions) == (config, code, rules, editions):
        return None
    old = {} if last is None else {rule.check: rule for rule in last.rules}
    new = {rule.check: rule for rule in rules}
    both = sorted(old.keys() & new.keys())
    return InForce(
        run=run,
        at=at,
        by=this_user(),
        config=config,
        code=code,
        was_config=None if last is None else last.config,
        was_code=None if last is None else last.code,
        added=tuple(sorted(new.keys() - old.keys())) if last is not None else (),
        removed=tuple(sorted(old.keys() - new.keys())),
        code_changed=tuple(id_ for id_ in both if carried(old[id_].code) != new[id_].code),
        limits_changed=tuple(id_ for id_ in both if old[id_].limits != new[id_].limits),
        disabled=tuple(id_ for id_ in both if old[id_].enabled and not new[id_].enabled),
        enabled=tuple(id_ for id_ in both if new[id_].enabled and not old[id_].enabled),
        rules=rules,
        editions=editions,
        mapping_changed=() if last is None else tuple(changed_controls(last.editions, editions)),
    )


def changed_controls(was: Iterable[EditionInForce], now: Iterable[EditionInForce]) -> Iterator[str]:
    """Yield the controls whose mapping was changed, added or removed in an edition that is in use before and after."""
    before = {edition.framework: edition.controls for edition in was}
    for edition in now:
        known = before.get(edition.framework, edition.controls)
        for id_ in sorted(known.keys() | edition.controls.keys()):
            if known.get(id_) != edition.controls.get(id_):
                yield f"{edition.framework}/{id_}"


def _editions(app: App, last: InForce | None) -> Iterator[EditionInForce]:
    """Yield the editions in use; one that cannot be loaded as it was in the last run, so that a change is seen."""
    before = {} if last is None else {edition.framework: edition for edition in last.editions}
    for id_ in dict.fromkeys(app.config.frameworks.use):
        try:
            framework = app.framework(id_)
        except ConfigError as error:
            # Commands that read it report the error; a scan goes on.
            logger.warning("the framework version %s cannot be loaded: %s", id_, error)
            if id_ in before:
                yield before[id_]
            continue
        bare = [_mapping(control) for control in framework.controls]
        controls = {str(control["id"]): str(_digest(control)) for control in bare}
        yield EditionInForce(id_, str(_digest({**to_builtins(framework), "control": bare})), controls)


def _digest(of: Mapping[str, Any]) -> Digest:
    return digest_of(canonical(of))


def _mapping(control: Control) -> dict[str, Any]:
    """Return what a control is judged by. Attributes judge nothing; neither does whom else a record answers."""
    content: dict[str, Any] = to_builtins(control)
    del content["attributes"]
    for ask in content["asks"]:
        del ask["same_as"]
        if not ask["instead_of"]:
            del ask["instead_of"]
    for link in content["checks"].values():
        if not link["company_rule"]:
            del link["company_rule"]
    return content


def _rules(app: App) -> Iterable[RuleInForce]:
    """Yield every check of the configured platforms, also those that are disabled, in their order."""
    in_use = {rule.check.id: rule for rule in app.rules()}
    known = {id_: check for connector in app.used.values() for id_, check in connector.checks.items()}
    for id_ in sorted(known):
        settings = app.config.checks.get(id_)
        rule = in_use.get(id_)
        yield RuleInForce(
            id_,
            check_code(known[id_]),
            {} if rule is None else rule.shown_limits,
            enabled=rule is not None,
            reason=None if settings is None else settings.reason,
        )
