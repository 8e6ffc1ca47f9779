# Needs make, a POSIX shell and Python 3.11 or newer; everything else is pinned in constraints.txt.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ROOMS := collector connectors mappings storage
CODE := $(ROOMS) tests $(wildcard bench)
# Passed to pytest as they are: make test ARGS=--randomly-seed=1234
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-deep check static docs fix bench constraints clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Two stamps: the pinned packages are installed again only when they change, ours when its own metadata does.
$(VENV)/packages.stamp: constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	touch $@

$(VENV)/annexd.stamp: $(VENV)/packages.stamp pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(VENV)/annexd.stamp ## Scan a made-up company on this machine
	$(BIN)/annexd demo

test: $(VENV)/annexd.stamp ## Run the tests, without the deep ones, on two cores
	$(BIN)/python -m tests.halves $(ARGS)

test-deep: $(VENV)/annexd.stamp ## Run only the tests that try many more examples
	$(BIN)/python -m pytest -m deep $(ARGS)

static: $(VENV)/annexd.stamp ## Check format, rules, types, imports and documents
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(MAKE) docs

docs: $(VENV)/annexd.stamp ## Check links, decisions and changelog fragments
	$(BIN)/python -m pytest -q tests/test_documents.py $(wildcard tests/docs)
	$(BIN)/towncrier build --draft --version next >/dev/null

check: static ## Everything that a change must pass, with branch coverage
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

fix: $(VENV)/annexd.stamp ## Repair what can be repaired
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: $(VENV)/annexd.stamp ## Measure against the goals
	$(BIN)/python -m bench $(ARGS)

# For every platform at once, and without the address of the index they came from.
PIN := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

constraints: $(VENV)/annexd.stamp ## Pin the newest allowed versions again
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13'
	$(PIN) --upgrade --extra test -o constraints.txt
	$(PIN) --upgrade --extra test --extra all -c constraints.txt -o constraints-all.txt

clean: ## Remove everything that make has made
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
