# The two commands of a newcomer are `make run` and `make test`; everything else is for maintainers.
PYTHON ?= python3
BIN := .venv/bin
TEST_PROCESSES ?= 2

.PHONY: help run cluster test test-asterisk check lint sim mutants bench lock docs clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

run: .venv/run  ## set everything up and start the server on 127.0.0.1:8080
	@exec $(BIN)/matchline serve

cluster: .venv/dev system-packages  ## start PostgreSQL, three nodes and a load balancer on this machine, to try them
	@exec $(BIN)/python -m examples.cluster

test: .venv/dev .venv/node system-packages  ## set everything up, then lint, type-check and run the whole test suite
	$(MAKE) --no-print-directory lint
	MATCHLINE_REQUIRE_ALL=1 $(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadfile

test-asterisk: .venv/dev system-packages asterisk-tree  ## the calls through a real Asterisk, which is installed into a cache folder
	MATCHLINE_REQUIRE_ALL=1 MATCHLINE_ASTERISK="$(ASTERISK_TREE)" $(BIN)/python -m pytest tests/asterisk

lint: .venv/dev  ## format check, lint, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy src tests bench

sim: .venv/dev  ## replay a simulation (SEED=…), or try fresh seeds for a minute
	$(BIN)/python -m tests.simulation $(SEED) $(FLAGS)

mutants: .venv/dev  ## break the code on purpose and tell which tests notice
	$(BIN)/python -m tests.simulation.mutants

bench: .venv/dev system-packages  ## measure; prints the tables that bench/README.md keeps
	$(BIN)/python -m bench

docs: .venv/dev  ## write the generated reference pages anew
	$(BIN)/matchline reference docs/reference
	$(BIN)/python sdk/typescript/generate.py

lock: .venv/dev  ## resolve the dependencies anew into requirements/*.lock
	$(PYTHON) -m venv .venv/lock && .venv/lock/bin/pip install -q uv
	.venv/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group build --extra scxml pyproject.toml -o requirements/run.lock
	.venv/lock/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group dev pyproject.toml -o requirements/dev.lock

clean:  ## remove the environment and the local data
	rm -rf .venv var node_modules

include requirements/setup.mk
