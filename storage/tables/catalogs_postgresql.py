"""What is asked of PostgreSQL's catalogs about the definition of a store; `?` is the name of its schema.

https://www.postgresql.org/docs/current/catalogs.html documents each column. `.` stands for the store's schema. Objects
of extensions are left out: they belong to whoever installs those.
"""
# ruff: noqa: S608  statements are put together from parts that stand here

from __future__ import annotations

from typing import NamedTuple

_KINDS = {
    "r": "table",
    "i": "index",
    "I": "partitioned index",
    "S": "sequence",
    "v": "view",
    "m": "materialized view",
    "c": "composite type",
    "f": "foreign table",
    "p": "partitioned table",
}
_KIND = f"CASE c.relkind {' '.join(f'WHEN {letter!r} THEN {kind!r}' for letter, kind in _KINDS.items())} END"


class Catalog(NamedTuple):
    """A statement about one kind of object: the first values of a row make its name, the others are its facts."""

    statement: str
    name: str
    facts: tuple[str, ...]


_IN = "n.nspname = ?"
_NO_EXTENSION = (
    "NOT EXISTS (SELECT 1 FROM pg_depend x WHERE x.classid = '{catalog}'::regclass AND x.objid = {oid}"
    " AND x.deptype = 'e')"
)
_NAME = "CASE WHEN {n}.nspname = ? THEN '.' ELSE {n}.nspname || '.' END || {name}"

_TABLES = f"""
    SELECT {_KIND}, c.relname, c.relpersistence, a.amname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
      ARRAY(SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
            WHERE i.inhrelid = c.oid AND c.relkind = 'r' ORDER BY 1),
      ARRAY(SELECT p.relname::text FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
            WHERE i.inhparent = c.oid AND c.relkind = 'r' ORDER BY 1),
      c.relowner = (SELECT l.relowner FROM pg_class l WHERE l.relnamespace = n.oid AND l.relname = 'log_leaf')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
    WHERE {_IN} AND c.relkind NOT IN ('i', 'I') AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
"""
_COLUMNS = f"""
    SELECT c.relname, a.attname, {_NAME.format(n="tn", name="format_type(a.atttypid, a.atttypmod)")}, a.attnotnull,
      pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
      {_NAME.format(n="ln", name="l.collname")}, a.attislocal, a.attinhcount::int
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
    WHERE {_IN} AND c.relkind NOT IN ('i', 'I', 'c') AND a.attnum > 0 AND NOT a.attisdropped
      AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
"""
# NOT NULL is a fact of the column; newer servers also make a constraint of it.
_CONSTRAINTS = f"""
    SELECT c.relname, k.conname, k.contype, k.convalidated, k.condeferrable, k.condeferred,
      coalesce(to_jsonb(k) ->> 'conenforced', 'true'), coalesce(to_jsonb(k) ->> 'conperiod', 'false'),
      ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS p(at, o)
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = p.at ORDER BY p.o),
      {_NAME.format(n="fn", name="f.relname")},
      ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS p(at, o)
            JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = p.at ORDER BY p.o),
      k.confupdtype, k.confdeltype, k.confmatchtype, pg_get_expr(k.conbin, k.conrelid),
      ARRAY(SELECT concat_ws(' ', r.relname, p.proname, g.tgtype, g.tgenabled)
            FROM pg_trigger g JOIN pg_class r ON r.oid = g.tgrelid JOIN pg_proc p ON p.oid = g.tgfoid
            WHERE g.tgconstraint = k.oid AND g.tgisinternal ORDER BY 1)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class f ON f.oid = k.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
    WHERE {_IN} AND NOT (k.contype = 'n' AND k.convalidated AND NOT k.connoinherit AND k.conislocal)
"""
_INDEXES = f"""
    SELECT i.relname, c.relname, x.indisunique, x.indisprimary, x.indisexclusion, x.indimmediate, x.indisvalid,
      x.indisready, x.indislive, x.indnullsnotdistinct, m.amname, pg_get_expr(x.indpred, x.indrelid),
      ARRAY(SELECT concat_ws(' ', pg_get_indexdef(x.indexrelid, k, false),
              (SELECT o.opcname FROM pg_opclass o WHERE o.oid = x.indclass[k - 1]),
              (SELECT l.collname FROM pg_collation l WHERE l.oid = x.indcollation[k - 1]), x.indoption[k - 1])
            FROM generate_series(1, x.indnatts::int) AS k ORDER BY k)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am m ON m.oid = i.relam
    WHERE {_IN} AND {_NO_EXTENSION.format(catalog="pg_class", oid="c.oid")}
"""
_TRIGGERS = f"""
    SELECT g.tgname, c.relname, g.tgtype::int, g.tgenabled, {_NAME.format(n="fn", name="p.proname")},
      g.tgqual IS NOT NULL, g.tgargs, cardinality(g.tgattr::int2[]), g.tgdeferrable, g.tgoldtable, g.tgnewtable
    FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace fn ON fn.oid = p.pronamespace
    WHERE {_IN} AND (NOT g.tgisinternal OR g.tgconstraint = 0)
"""
_FUNCTIONS = f"""
    SELECT p.proname, pg_get_function_identity_arguments(p.oid), p.prokind, l.lanname, p.prosrc, p.probin,
      pg_get_function_result(p.oid), p.prosecdef, p.provolatile, p.proisstrict, p.proconfig
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
    WHERE {_IN} AND {_NO_EXTENSION.format(catalog="pg_proc", oid="p.oid")}
"""
_RULES = f"""
    SELECT r.rulename, c.relname, r.ev_type, r.ev_enabled, r.is_instead
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {_IN} AND c.relkind NOT IN ('v', 'm')
"""
_POLICIES = f"""
    SELECT y.polname, c.relname, y.polcmd, y.polpermissive
    FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_IN}
"""
# Labels of the system's own security are on everything where that is used; others mask columns.
_LABELS = f"""
    SELECT c.relname, s.provider, s.objsubid, s.label FROM pg_seclabel s JOIN pg_class c ON c.oid = s.objoid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE {_IN} AND s.classoid = 'pg_class'::regclass AND s.provider <> 'selinux'
"""
_TYPES = f"""
    SELECT t.typname, t.typtype FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE {_IN} AND t.typrelid = 0 AND t.typcategory <> 'A' AND {_NO_EXTENSION.format(catalog="pg_type", oid="t.oid")}
"""
_OPERATORS = f"""
    SELECT concat_ws(' ', format_type(nullif(o.oprleft, 0), null), o.oprname, format_type(o.oprright, null)), 'operator'
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
    WHERE {_IN} AND {_NO_EXTENSION.format(catalog="pg_operator", oid="o.oid")}
    UNION ALL SELECT o.opcname, 'operator class' FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace
    WHERE {_IN} AND {_NO_EXTENSION.format(catalog="pg_opclass", oid="o.oid")}
    UNION ALL SELECT l.collname, 'collation' FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
    WHERE {_IN} AND {_NO_EXTENSION.format(catalog="pg_collation", oid="l.oid")}
"""
# A cast of one's own between types of the server changes what comparisons mean. 16384 is the first number of an object
# that did not come with the server.
_CASTS = """
    SELECT format_type(c.castsource, null), format_type(c.casttarget, null), c.castcontext FROM pg_cast c
    JOIN pg_type s ON s.oid = c.castsource JOIN pg_type t ON t.oid = c.casttarget
    WHERE c.oid >= 16384 AND s.oid < 16384 AND t.oid < 16384
"""
_SETTINGS = """
    SELECT coalesce(r.rolname, 'every role'), v.setting FROM pg_db_role_setting d
    LEFT JOIN pg_roles r ON r.oid = d.setrole CROSS JOIN LATERAL unnest(d.setconfig) AS v(setting)
    WHERE d.setdatabase IN (0, (SELECT b.oid FROM pg_database b WHERE b.datname = current_database()))
      AND starts_with(v.setting, 'session_replication_role=') AND v.setting <> 'session_replication_role=origin'
"""
_AT_LOGIN = "SELECT evtname, evtenabled FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled <> 'D'"
# A role whose search path names that schema first would be shown its table. One with a whole store is another store.
SHADOWS = f"""
    SELECT {_KIND}, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class o ON o.relname = c.relname JOIN pg_namespace m ON m.oid = o.relnamespace AND m.nspname = ?
    WHERE n.nspname <> ? AND n.nspname !~ '^pg_' AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND o.relkind = 'r'
      AND c.relname = ANY (?::text[])
      AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT EXISTS (SELECT 1 FROM pg_attribute b WHERE b.attrelid = c.oid AND b.attname = a.attname))
      AND (SELECT count(*) FROM pg_class w WHERE w.relnamespace = n.oid AND w.relkind = 'r'
        AND w.relname IN ('alembic_version', 'log_leaf', 'meta', 'finding_event', 'checkpoint', 'version')) < 6
"""


CATALOGS = (
    Catalog(
        _TABLES,
        "{0} {1}",
        (
            "persistence",
            "access",
            "row_security",
            "forced",
            "partition",
            "parents",
            "children",
            "owner_is_that_of_log",
        ),
    ),
    Catalog(
        _COLUMNS,
        "column {0}.{1}",
        ("type", "not_null", "default", "identity", "generated", "collation", "local", "inherited"),
    ),
    Catalog(
        _CONSTRAINTS,
        "constraint {0}.{1}",
        (
            *("kind", "valid", "deferrable", "deferred", "enforced", "period", "columns", "of", "its_columns"),
            *("on_update", "on_delete", "match", "check", "triggers"),
        ),
    ),
    Catalog(
        _INDEXES,
        "index {0}",
        (
            *("of", "unique", "primary", "exclusion", "immediate", "valid", "ready", "live", "nulls_alike", "access"),
            *("where", "columns"),
        ),
    ),
    Catalog(
        _TRIGGERS,
        "trigger {1}.{0}",
        ("type", "enabled", "function", "has_when", "arguments", "columns", "deferrable", "old", "new"),
    ),
    Catalog(
        _FUNCTIONS,
        "function {0}({1})",
        ("kind", "language", "source", "binary", "returns", "as_owner", "volatile", "strict", "settings"),
    ),
    Catalog(_RULES, "rule {1}.{0}", ("event", "enabled", "instead")),
    Catalog(_POLICIES, "policy {1}.{0}", ("command", "permissive")),
    Catalog(_LABELS, "security label {0}.{1} by {2}", ("label",)),
    Catalog(_TYPES, "type {0}", ("kind",)),
    Catalog(_OPERATORS, "{1} {0}", ()),
    Catalog(_CASTS, "cast {0} to {1}", ("context",)),
    Catalog(_SETTINGS, "setting of {0}: {1}", ()),
    Catalog(_AT_LOGIN, "event trigger {0}", ("enabled",)),
)
"""Everything that is asked of the store's schema, and of what elsewhere changes its answers."""
