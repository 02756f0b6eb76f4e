# One command for each thing people do. Every target sets up what it needs; the second time that takes no time.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
PORT ?= 8000
# Three on two cores: tests wait for browsers, servers and databases a good part of their time.
WORKERS ?= 3
# Tests write thousands of small files and wait for each to reach the disk: memory is as good where there is enough of it.
SCRATCH ?= $(shell test "$$(df -Pk /dev/shm 2>/dev/null | awk 'NR == 2 {print $$4}')" -ge 6000000 2>/dev/null && echo /dev/shm)
PYTEST = $(if $(SCRATCH),PYTEST_DEBUG_TEMPROOT=$(SCRATCH)) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -q

.PHONY: help setup run test test-fast lint format web web-check wires-js bench docs clean

help:
	@echo "make run        set up, make the demo workspace and serve it on http://127.0.0.1:$(PORT)"
	@echo "make test       set up and run all tests"
	@echo "make lint       ruff and mypy"
	@echo "make bench      speed on the demo: a table, and JSON under evals/results"
	@echo "make docs       write the reference pages of docs/ from the code"
	@echo "make web        build the page into api/static (needs node 20 or newer)"
	@echo "make wires-js   install the official JavaScript clients, so that make test runs them too"
	@echo "make web-check  prove that api/static is what web/ builds"

setup: python
	@$(PYTHON) scripts/setup.py run

.PHONY: python dev
python:
	@test -n "$(PYTHON)" || { echo "Plainsay needs Python 3.11, 3.12 or 3.13, and no python3 was found." >&2; exit 2; }

dev: python
	@$(PYTHON) scripts/setup.py dev

run: setup
	@$(BIN)/plainsay demo --port $(PORT)

test: dev
	@$(PYTHON) scripts/setup.py browser
	@$(PYTEST)

test-fast: dev
	@$(PYTEST) -m "not slow and not browser and not data"

lint: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: dev
	@$(BIN)/python scripts/reference.py

bench: dev
	@$(BIN)/plainsay evals run bench

web: web/node_modules/.package-lock.json
	@cd web && npm run --silent build

web-check: web/node_modules/.package-lock.json
	@cd web && npm run --silent check && npx --no-install vite build --outDir dist --emptyOutDir
	@diff -r web/dist api/static && echo "api/static is what web/ builds"

wires-js: tests/wires_js/node_modules/.package-lock.json

tests/wires_js/node_modules/.package-lock.json: tests/wires_js/package-lock.json
	@cd tests/wires_js && npm ci --no-audit --no-fund
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	@cd web && npm ci --no-audit --no-fund
	@touch $@

clean:
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache web/dist
