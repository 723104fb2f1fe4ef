.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := set -o pipefail; $(BIN)/pip --disable-pip-version-check
# A line for each package while it is fetched, and one for each that is installed.
SHORT := | sed -u -n -E 's/^(Collecting|  Downloading|Building|Successfully installed) ?(.{0,90}).*/\1 \2/p'
SHELL := /bin/bash

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	@echo "Installing what the program needs into $(VENV); that takes a minute or two the first time."
	$(PIP) install --constraint constraints.txt --editable . $(SHORT)
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need into $(VENV)."
	$(PIP) install --constraint constraints.txt --editable '.[dev]' $(SHORT)
	@touch $@

install: $(VENV)/.installed ## install the program into .venv
	@echo "spacetraders is in $(BIN)"

demo: $(VENV)/.installed ## make ADVANCED_CIRCUITRY in a sandbox with six ships
	@$(BIN)/spacetraders demo

shell: $(VENV)/.installed ## open a shell in which `spacetraders` is found
	@echo "spacetraders is in the PATH of this shell; leave it with exit."
	@PATH="$(abspath $(BIN)):$$PATH" VIRTUAL_ENV="$(abspath $(VENV))" bash

test-setup: ## install the PostgreSQL server that half of the store's tests starts (Debian, as root)
	@.ci/setup

test: $(VENV)/.installed-dev ## install what the tests need and run them
	$(BIN)/pytest -n 3 --dist worksteal

test-loaded: $(VENV)/.installed-dev ## run the tests beside two busy loops and a disk writer
	$(BIN)/python -m tests.under_load

check: $(VENV)/.installed-dev ## formatting, lint, types, layer law, generated code
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.api.stubs --check

stubs: $(VENV)/.installed-dev ## generate the gRPC stubs from the protos
	$(BIN)/python -m tests.api.stubs

bench-sandbox: $(VENV)/.installed-dev ## measure what one sandbox process serves; JSON in build/bench
	$(BIN)/python -m bench.sandbox

bench-production: $(VENV)/.installed-dev ## measure a production run; JSON in build/bench
	$(BIN)/python -m bench.production

bench-daemon: $(VENV)/.installed-dev ## measure what a daemon costs: start, processor, memory; JSON in build/bench
	$(BIN)/python -m bench.daemon

kill-matrix: $(VENV)/.installed-dev ## kill a daemon at every named point; writes docs/reference/kill-matrix.md
	$(BIN)/pytest -n 2 -m kill_matrix

kill-random: $(VENV)/.installed-dev ## kill a daemon two hundred times at random
	$(BIN)/pytest -m kill_random

JOBS ?= 2

bench: $(VENV)/.installed-dev ## measure makespan against baselines and bound; writes docs/reference/benchmarks.md
	$(BIN)/python -m bench.makespan --jobs $(JOBS)

bench-quick: $(VENV)/.installed-dev ## the same for four goods, to look at; JSON in build/bench
	$(BIN)/python -m bench.makespan --quick --jobs $(JOBS)

bench-ablation: $(VENV)/.installed-dev ## measure the plan without each of its rules; writes docs/reference/ablation.md
	$(BIN)/python -m bench.ablation --jobs $(JOBS)

bench-scale: $(VENV)/.installed-dev ## measure a pass of the planner by factories, ships and history; JSON in build/bench
	$(BIN)/python -m bench.scale

bench-starve: $(VENV)/.installed-dev ## measure whether ready goods wait for few ships; JSON in build/bench
	$(BIN)/python -m bench.starve

bench-months: $(VENV)/.installed-dev ## measure what a year of work costs afterwards; JSON in build/bench
	$(BIN)/python -m bench.months

bench-income: $(VENV)/.installed-dev ## measure what chains earn in three days, against greedy traders; JSON in build/bench
	$(BIN)/python -m bench.income --verbose

.PHONY: help install demo shell test test-setup test-loaded check stubs bench bench-quick bench-scale bench-starve bench-income bench-production bench-sandbox \
	bench-daemon bench-months bench-ablation \
	kill-matrix kill-random
