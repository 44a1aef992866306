# Dealwright: everything from one command each. `make` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo up test lint check lives tool-lives events adoptions choices bench clean
MAKEFLAGS += --no-print-directory
# Tests and commands start many processes: none of them compiles again what another one has compiled.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
READY := .venv/.ready
# Many tests wait for real processes: one more than two cores have keeps them busy.
SIDE_BY_SIDE := 3
BIN := .venv/bin

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(READY) ## eight deals live their whole lives on virtual clocks; ARGS=--keep leaves all running, ARGS=--all-tools shows deals in all tools
	@echo "demo: deals from first research to renewal"
	@exec $(BIN)/dealwright demo $(ARGS)

up: $(READY) ## server, UI, worker, API and mailbox, until Ctrl-C; ARGS="--data DIR" names where they keep their data
	@echo "up: everything on this machine, until Ctrl-C"
	@exec $(BIN)/dealwright up $(ARGS)

test: $(READY) ## all tests, with the real servers; ARGS are pytest's
	@echo "test: the whole suite"
	@exec $(BIN)/pytest -n $(SIDE_BY_SIDE) $(ARGS)

lint: $(READY) ## format, lint, types, import rules
	@echo "lint: format"
	@$(BIN)/ruff format --check --quiet
	@echo "lint: rules"
	@$(BIN)/ruff check --quiet
	@echo "lint: types"
	@$(BIN)/mypy --no-error-summary
	@echo "lint: import rules"
	@$(BIN)/lint-imports --no-logo >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }

check: lint ## lint, and the tests that need no Temporal server
	@echo "check: tests without a Temporal server"
	@exec $(BIN)/pytest -m "not server" -q -n 2 $(ARGS)

lives: $(READY) ## the long property run: 100,000 random deal lives, or DEALWRIGHT_LIVES, and new counterexamples
	@echo "lives: $${DEALWRIGHT_LIVES:-100000} random deal lives"
	@DEALWRIGHT_LIVES=$${DEALWRIGHT_LIVES:-100000} exec $(BIN)/pytest --hypothesis-profile=exploring \
	  --timeout=0 tests/dealwright/test_lives.py tests/dealwright/test_decide_counterexamples.py $(ARGS)

tool-lives: $(READY) ## deals that people drive, sell and bill in tools that misbehave, with processes killed; on a quiet machine
	@echo "tool-lives: deals in tools that misbehave"
	@DEALWRIGHT_TOOL_LIVES=1 exec $(BIN)/pytest tests/faults -k "life_in or misbehaves" $(ARGS)

events: $(READY) ## the long intake run: 20,000 webhook events, or DEALWRIGHT_EVENTS, while Temporal is away and the gateway killed
	@echo "events: $${DEALWRIGHT_EVENTS:-20000} webhook events"
	@DEALWRIGHT_EVENTS=$${DEALWRIGHT_EVENTS:-20000} exec $(BIN)/pytest tests/faults/test_many_events.py $(ARGS)

adoptions: $(READY) ## 1,000 open deals, or DEALWRIGHT_ADOPTING_DEALS, adopt another playbook while facts pour in; on a quiet machine
	@echo "adoptions: $${DEALWRIGHT_ADOPTING_DEALS:-1000} deals adopt another playbook"
	@DEALWRIGHT_ADOPTING_DEALS=$${DEALWRIGHT_ADOPTING_DEALS:-1000} exec $(BIN)/pytest --timeout=0 \
	  tests/dealwright/test_many_deals_adopt.py tests/workflows/test_many_deals_adopt.py $(ARGS)

choices: $(READY) ## two workers make 10,000 choices of a pool, or DEALWRIGHT_CHOICES; on a quiet machine
	@echo "choices: $${DEALWRIGHT_CHOICES:-10000} choices of a pool by two workers"
	@DEALWRIGHT_CHOICES=$${DEALWRIGHT_CHOICES:-10000} exec $(BIN)/pytest --timeout=0 \
	  tests/store/test_routing_at_size.py $(ARGS)

bench: $(READY) ## what a deal costs against a bare workflow; ARGS=--open-deals with 10,000 of them, twenty minutes; writes var/bench.json
	@echo "bench: what a deal costs against a bare workflow"
	@exec $(BIN)/python -m bench $(ARGS)

clean: ## remove environments, caches and built packages; data in var/ stays
	@echo "clean: environments and caches"
	@rm -rf .venv .tools dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment, as uv.lock has it. Again whenever one of its files changes.
$(READY): pyproject.toml dealwright/pyproject.toml uv.lock $(filter .tools/%,$(UV))
	@echo "setup: packages as locked in uv.lock"
	@$(UV) sync --frozen --all-extras --quiet --compile-bytecode
	@touch $@

# uv, where it is not on the PATH: from the package index into .tools, with the newest Python at hand.
.tools/bin/uv:
	@python=; \
	for candidate in python3.14 python3.13 python3.12 python3.11 python3; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	    python=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "setup: Python 3.11 or newer is needed; found: $$(python3 --version 2>&1 || echo none)." >&2; \
	  echo "       Install it (Debian, Ubuntu: apt install python3 python3-venv), or install uv." >&2; \
	  exit 1; \
	fi; \
	echo "setup: uv $(UV_VERSION) into .tools, with $$($$python --version)"; \
	rm -rf .tools; \
	if ! said=$$("$$python" -m venv .tools 2>&1); then \
	  rm -rf .tools; \
	  echo "$$said" >&2; \
	  echo "setup: $$python cannot make a virtual environment." >&2; \
	  echo "       Install its venv module (Debian, Ubuntu: apt install $$python-venv), or install uv." >&2; \
	  exit 1; \
	fi; \
	.tools/bin/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"
