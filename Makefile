# Hearth: the commands a person types. `make` alone lists them.
# Needs Python 3.11 or newer, make and git; no root, no compiler, no Node, no gettext, no server.

VENV ?= .venv
PY := $(VENV)/bin/python
PORT ?= 8000
HOST ?= 127.0.0.1
PROCESSES ?= 2
RUN_STAMP := $(VENV)/.requirements
DEV_STAMP := $(VENV)/.requirements-dev

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test lint rules format types messages bench coverage clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(RUN_STAMP) ## make the environment in .venv

install-dev: $(DEV_STAMP) ## the same, with what tests and checks need

$(PY):
	@set -e; \
	if [ -n "$(PYTHON)" ]; then found="$(PYTHON)"; else \
	  found=""; \
	  for name in python3.11 python3.12 python3.13 python3; do \
	    if command -v $$name >/dev/null 2>&1 && \
	       $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      if $$name -c 'import venv, ensurepip' 2>/dev/null; then found=$$name; break; fi; \
	      novenv=$$name; \
	    fi; \
	  done; \
	fi; \
	if [ -z "$$found" ]; then \
	  if [ -n "$$novenv" ]; then \
	    echo "$$novenv is here, but its venv module is not. On Debian and Ubuntu: apt install python3-venv"; \
	  else \
	    echo "Hearth needs Python 3.11 or newer and found none. Name one with: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; \
	  fi; \
	  exit 1; \
	fi; \
	echo "Making the environment in $(VENV) with $$found"; \
	$$found -m venv $(VENV)

$(RUN_STAMP): requirements.txt | $(PY)
	@echo "Installing what runs (about a minute the first time)"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt requirements-encoder.txt requirements.txt | $(PY)
	@echo "Installing what tests and checks"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(RUN_STAMP) $@

run: $(RUN_STAMP) ## serve the demo on http://127.0.0.1:8000 (PORT=, HOST=, HEARTH_DEMO=0 for an empty portal)
	@HEARTH_DEMO=$${HEARTH_DEMO:-1} $(PY) manage.py start --host $(HOST) --port $(PORT)

test: $(DEV_STAMP) ## every test this machine has servers for; says what it left out
	@$(PY) -m pytest -q -n $(PROCESSES) $(ARGS)

lint: $(DEV_STAMP) ## style, import order, types, migrations, catalogues and the house rules
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports --no-logo
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py compile_catalogues --check
	@$(MAKE) --no-print-directory -j2 types rules

types: $(DEV_STAMP) ## the types alone
	$(PY) -m mypy

rules: $(DEV_STAMP) ## the house rules alone
	$(PY) -m pytest -q tests/house

format: $(DEV_STAMP) ## put the source into the house style
	$(VENV)/bin/ruff check --fix --quiet .
	$(VENV)/bin/ruff format .

messages: $(RUN_STAMP) ## compile the Chinese catalogue and list what is untranslated
	$(PY) manage.py compile_catalogues

bench: $(DEV_STAMP) ## measure the pages beside a bare Wagtail page (benchmarks/README.md)
	$(PY) -m benchmarks.http_bench $(ARGS)

coverage: $(DEV_STAMP) ## the tests with a coverage report
	$(VENV)/bin/coverage run -m pytest -q $(ARGS)
	$(VENV)/bin/coverage report

clean: ## remove caches (never your data)
	@find . -path ./$(VENV) -prune -o -name __pycache__ -type d -print0 | xargs -0 rm -rf
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache htmlcov .coverage
