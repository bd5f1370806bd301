# make demo · make test · make run: each sets up what it needs on a machine with Python 3.11 or newer alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_READY := $(VENV)/.ready-test

# Compiled modules are kept: the tests start the program dozens of times.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test run check clean
.DELETE_ON_ERROR:

demo: $(READY)
	$(BIN)/claimwatch demo

run: $(READY)
	$(BIN)/claimwatch run --config config

test: $(TEST_READY)
	$(BIN)/python -m pytest

check: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Claimwatch needs Python 3.11 or newer; name one with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing; on Debian: apt-get install python3-venv"; exit 1; }

$(READY): $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

$(TEST_READY): $(READY)
	$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) demo-output build *.egg-info
