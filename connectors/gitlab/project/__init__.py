"""One project: protection of its default branch, approvals, changes, tokens, variables, pipelines and scans."""
