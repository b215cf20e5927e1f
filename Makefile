# Every command that a person needs; `make help` lists them. `make ci` is exactly what .ci/run calls.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3.11
BIN := .venv/bin
READY := .venv/ready
# Tests wait more than they work, so there may be more at once than cores. Each file is run by one of them, in order; those with few and long
# tests stand first in the alphabet, and would be left over at the end if files were ordered by the number of their tests.
SIDE_BY_SIDE ?= 3
INSTALLED := .venv/installed
# What the pages' style sheet, scripts and Welsh are made from.
PAGES := server/assets/build server/assets/package-lock.json $(wildcard server/assets/*.scss server/calltime_server/locale/*/LC_MESSAGES/office.po)
# What the phone's app is made from; .venv/phone is newer than all of it.
BUILT_APP := .venv/phone
APP := edge/phone/package-lock.json $(wildcard edge/phone/build edge/phone/*.ts edge/phone/index.html edge/phone/making/*.ts) $(shell find edge/phone/src -type f)
.PHONY: help setup assets lint types imports money test ci demo bench-edge bench-ingest bench-faults bench-space bench-settle bench-web bench-phone deb words pages-words payment-rules lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

setup: $(READY) $(BUILT_APP) ## Make .venv with the pinned packages (nothing outside the checkout is touched)

assets: $(READY) $(BUILT_APP) ## Make the pages' style sheet, scripts and Welsh, and the phone's app, where what they are made from has changed (part of setup)

$(READY): $(INSTALLED) $(PAGES)
	@PYTHON=$(abspath $(BIN)/python) server/assets/build
	@touch $@

$(BUILT_APP): $(INSTALLED) $(APP)
	@PYTHON=$(abspath $(BIN)/python) edge/phone/build
	@touch $@

$(INSTALLED): requirements.lock pyproject.toml
	@echo "setting up .venv (a few minutes the first time)"
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found. Install Python 3.11, or name yours: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lint: $(READY) $(BUILT_APP) ## Style, naive datetimes, broad handlers, forgotten prints; format (Ruff; Biome for the phone)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	edge/phone/npm --prefix edge/phone run --silent lint

types: $(READY) $(BUILT_APP) ## mypy and tsc, strict
	$(BIN)/mypy
	edge/phone/npm --prefix edge/phone run --silent types

imports: $(READY) ## Who may know whom (import-linter)
	$(BIN)/lint-imports

money: $(READY) ## No float anywhere near pay
	$(BIN)/python tests/checks/no_float.py

test: $(READY) $(BUILT_APP) ## All tests; those that need Mosquitto or TimescaleDB say what was missing
	edge/phone/npm --prefix edge/phone run --silent test
	$(BIN)/pytest -n $(SIDE_BY_SIDE) --dist loadfile --no-loadscope-reorder

ci: lint types imports money test ## Everything that must hold before main moves

demo: $(READY) $(BUILT_APP) ## One published day of care, from tap to pound (ONCE=1: stop by itself when done)
	$(BIN)/calltime-sim demo $(if $(ONCE),--once) $(DEMO)

bench-edge: $(READY) ## Figures of the door as JSON lines: tap to confirmed, memory, start, drain, bytes written (about two minutes)
	PYTHONPATH=tests $(BIN)/python -m bench.edge

bench-ingest: $(READY) ## Figures of the post room as JSON lines: records a second, latency, a backlog of a million (about ten minutes)
	PYTHONPATH=tests $(BIN)/python -m bench.ingest $(BENCH)

bench-faults: $(READY) ## What is lost when database, gateway or broker fail, beside a script; JSON lines (eight minutes; FAULTS=--short: half a minute)
	PYTHONPATH=tests $(BIN)/python -m bench.faults $(FAULTS)

bench-space: $(READY) ## Room that a tap takes, by the length of a chunk, as JSON lines (about two minutes)
	PYTHONPATH=tests $(BIN)/python -m bench.space

bench-settle: $(READY) ## Four weeks of Cornwall from taps to lines and to the closed ledger, beside two scripts; JSON lines (ten minutes; SETTLE=--short)
	PYTHONPATH=tests $(BIN)/python -m bench.settle $(SETTLE)

bench-web: $(READY) ## A year of Cornwall behind the pages: how long each takes at 20 requests a second, beside its queries (half an hour; WEB=--short)
	PYTHONPATH=tests $(BIN)/python -m bench.web $(WEB)

bench-phone: $(READY) $(BUILT_APP) ## The phone in Chromium on a sixth of the processor: tap to confirmed, cold start, bytes per tap; JSON lines (three minutes; PHONE=--short)
	PYTHONPATH=tests $(BIN)/python -m bench.phone $(PHONE)

deb: $(READY) ## Build the door as a Debian package, for the architecture of this machine
	edge/packaging/build-deb

words: $(READY) ## Bring catalogues and fridge-door pages in step with the sentences of the door
	$(BIN)/python tests/checks/door_words.py
	docs/fridge-door/make

pages-words: $(READY) ## Bring the catalogues of the office's pages in step with their sentences
	$(BIN)/python tests/checks/page_words.py

payment-rules: $(READY) ## Bring docs/payment-rules.md in step with the contract files and the sentences of their steps
	$(BIN)/python tests/checks/payment_rules.py

lock: $(READY) ## Pin again (names, versions and hashes only)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras --group dev --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra edge --extra pi --extra telephone -c requirements.lock --no-annotate --no-header pyproject.toml -o edge/packaging/requirements.lock

clean: ## Remove what was made here
	rm -rf .venv out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache server/assets/node_modules server/calltime_server/web/static/built edge/phone/node_modules server/calltime_server/web/static/phone
