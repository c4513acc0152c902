.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

# Some environments forbid to keep compiled code: every process that tests start would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

# The first Python that is new enough; `make PYTHON=python3.12 ...` chooses another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

.PHONY: help install up demo test unit check eval bench chaos farm e2e lock clean

help: ## Show what can be made
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 16

$(INSTALLED): requirements/dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Wirewatch needs Python 3.11 or newer; found $$(python3 --version 2>/dev/null || echo none)." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv; install its venv package (Debian: apt install python3-venv)." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what requirements/dev.lock names (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

install: $(INSTALLED) ## Make .venv from the lock file
	@:

up: $(INSTALLED) ## Run everything here, with its data under .wirewatch
	@exec $(BIN)/wirewatch up

demo: $(INSTALLED) ## Show the whole flow once, in a directory that is thrown away
	@$(BIN)/wirewatch demo

test: $(INSTALLED) ## Run all tests
	@$(BIN)/python -m pytest -n auto --dist loadfile

unit: $(INSTALLED) ## Run the tests that need no server
	@$(BIN)/python -m pytest -q -n auto -m 'not costly' tests/unit

check: $(INSTALLED) ## Check format, style, types and the direction of imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

eval: $(INSTALLED) ## Measure quality against labelled data
	@$(BIN)/python -m bench.evaluate $(ARGS)

bench: $(INSTALLED) ## Measure throughput and latency
	@$(BIN)/python -m bench $(ARGS)

chaos: $(INSTALLED) ## Kill everything many times; nothing may be lost or done twice
	@$(BIN)/python -m bench.chaos $(ARGS)

farm: $(INSTALLED) ## Poll thousands of local feeds, good and bad, through kills; nothing may be lost
	@$(BIN)/python -m bench.feeds $(ARGS)

e2e: $(INSTALLED) ## Run the containers end to end
	@$(BIN)/python -m pytest -m e2e -v -s tests/e2e

COMPILE := $(BIN)/uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header

lock: $(INSTALLED) ## Renew the lock files from pyproject.toml
	@$(COMPILE) --all-extras pyproject.toml -o requirements/dev.lock
	@echo 'hatchling>=1.27' | $(COMPILE) --constraint requirements/dev.lock - -o requirements/build.lock
	@$(COMPILE) --constraint requirements/dev.lock pyproject.toml -o requirements/api.lock
	@$(COMPILE) --constraint requirements/dev.lock --extra worker pyproject.toml -o requirements/worker.lock

clean: ## Remove the virtual environment and caches (data under .wirewatch stays)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
