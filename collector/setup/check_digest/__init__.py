"""The digest of a check's code: of everything that decides its verdict, and of nothing else (ADR 0015).

A check is read as a graph: its own function, and whatever that uses, each in a normal form of its syntax tree. A node
refers to others by numbers, so that two equal nodes are still told apart, and recursion needs no rule of its own. The
digest is over all forms in the order in which they are reached.

What counts: the id, the level that a set is judged for, the views with their keys, types, defaults and kinds, names,
types and defaults of limits, every function, class and constant that is used, the reasons that are given, files where
code may read any, and the versions of installed distributions.

What does not: titles, severity, remediation, docstrings, comments, layout, annotations, where code lies, and names of
modules, functions, classes, constants, parameters, locals and fields. Names count from where code may look something
up by name: `getattr` with a name that is computed, `**`, `__dict__`, `__name__`, `eval`, a library that may, or a field
of a value without a known type. Annotations are trusted. Where a value is of a kind that is not supported, its whole
module counts.

What is left out on purpose: the version of Python and its standard library, what a C library or the environment does,
and code that is changed after it was imported. Engine, decoding, redaction and the code of parts are not
part of the rule: the digests of annexd's and of the connector's files cover them. A check has no input or output
(CONTRIBUTING).
"""
