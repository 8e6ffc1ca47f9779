# Needs make, a POSIX shell and Python 3.11 or newer; everything else is pinned in constraints.txt and constraints-test.txt.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
ROOMS := collector connectors mappings storage
CODE := $(ROOMS) tests deploy $(wildcard bench)
# Passed to pytest as they are: make test ARGS=--randomly-seed=1234
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test golden test-deep test-browser check static docs fix bench constraints release audit clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# The constraints files are complete (tests/test_constraints.py), so nothing is resolved: --no-deps takes exactly what they
# name, with any pip, and `pip check` proves that nothing is missing. -qq keeps warnings about the machine's own pip
# configuration off the screen; errors are shown.
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) -qq install --no-deps --require-hashes
# uv is used where the machine has it, with the same file, and pip wherever uv does not succeed.
UV ?= $(shell command -v uv)
UV_INSTALL := $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes,false)
# A venv is made again where its Python is gone or another one.
MAKE_VENV := test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)

# install FILE: everything pinned in FILE, then annexd itself from this folder.
define install
	@$(MAKE_VENV)
	@echo "Installing $$(grep -c == $(1)) pinned packages into $(VENV), once ..."
	@$(UV_INSTALL) -r $(1) 2>/dev/null || $(INSTALL) -r $(1)
	@$(PIP) -qq install --no-deps --no-build-isolation -e .
	@$(PIP) -q check
	@touch $@
endef

# What the demo needs, and what tests and checks need beside it.
$(VENV)/demo.stamp: constraints.txt pyproject.toml
	$(call install,constraints.txt)

$(VENV)/test.stamp: constraints-test.txt pyproject.toml
	$(call install,constraints-test.txt)
	@touch $(VENV)/demo.stamp

demo: $(VENV)/demo.stamp ## Look at a made-up company over ninety days
	@$(BIN)/annexd demo

test: $(VENV)/test.stamp ## Run the tests, without the deep ones, in three processes
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

golden: $(VENV)/test.stamp ## Write the texts and rules that tests compare with, to be read as a diff
	$(BIN)/python -m tests.setup.check_digest.golden
	ANNEXD_GOLDEN=1 $(BIN)/python -m pytest -q -p no:randomly $(ARGS)
	$(BIN)/python -m tests.check_coverage
	git diff --stat -- tests/golden tests/setup/check_digest connectors docs/connectors

test-deep: $(VENV)/test.stamp ## Run only the tests that try many more examples
	$(BIN)/python -m pytest -m deep -o faulthandler_timeout=3600 $(ARGS)

static: $(VENV)/test.stamp ## Check format, rules, types, imports and documents
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(MAKE) docs

docs: $(VENV)/test.stamp ## Check links, decisions and changelog fragments
	$(BIN)/python -m pytest -q tests/test_documents.py $(wildcard tests/docs)
	$(BIN)/towncrier build --draft --version next >/dev/null

test-browser: $(VENV)/test.stamp ## Look at all pages in Chromium, where this machine has one; CI=true takes one
	$(BIN)/python -m pytest -m browser $(ARGS)

check: static ## Everything that a change must pass, with branch coverage
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

fix: $(VENV)/test.stamp ## Repair what can be repaired
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

bench: $(VENV)/test.stamp ## Measure against the goals
	$(BIN)/python -m bench $(ARGS)

# For every platform at once, and without the address of the index they came from. Each file is a complete closure; the
# smaller ones hold the same versions as the larger.
PIN := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --group build

constraints: $(VENV)/test.stamp ## Pin the newest allowed versions again
	$(PIP) -qq install 'uv>=0.13'
	$(PIN) --upgrade --extra test -o constraints-test.txt
	$(PIN) --extra demo -c constraints-test.txt -o constraints.txt
	$(PIN) --extra aws --extra github --extra google --extra metrics --extra microsoft --extra postgres --extra traces --extra web --extra workers -c constraints-test.txt -o deploy/constraints.txt
	$(BIN)/python -m tests.pinned_metadata

release: $(VENV)/test.stamp ## Make dist/: wheel and sdist, built twice and compared, SBOM, SHA256SUMS
	$(BIN)/python -m deploy.release

# Needs an index with its list of vulnerabilities, so no test calls it. In a folder of its own: it is no part of annexd.
PIP_AUDIT := pip-audit==2.10.1
audit: ## Hold what is pinned against known vulnerabilities; needs the network
	@test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python -m pip --disable-pip-version-check -qq install '$(PIP_AUDIT)'
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r deploy/constraints.txt
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes -r constraints.txt

clean: ## Remove everything that make has made
	rm -rf $(VENV) .venv-audit dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
