"""The tables derived from the log: schema, projections that fill them, reading, migrations."""
