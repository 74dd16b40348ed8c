# Everything runs in .venv, which is made from the lock files in requirements/ and reused while they
# are unchanged. `make` alone lists what there is.

COUNTRY ?= PAK
# those for which everything in the lock files comes ready-built; `make PYTHON=3.12 ...` chooses one,
# and a variable of that name in the environment, which may mean anything, does not
PYTHON := >=3.11,<3.15

# What is set from outside reaches the shell through the environment, as it was typed, so that
# nothing in it is expanded by make or run by the shell.
override COUNTRY := $(value COUNTRY)
override PYTHON := $(value PYTHON)
override SOURCES := $(value SOURCES)
override LOCKFLAGS := $(value LOCKFLAGS)
export COUNTRY PYTHON SOURCES LOCKFLAGS

BIN := .venv/bin
# uv makes the environment: yours if there is one, else one of our own, fetched with pip; it fetches
# from where pip does
SYSTEM_PYTHON := $(shell command -v python3 2>/dev/null || command -v python 2>/dev/null)
UV := $(or $(shell command -v uv 2>/dev/null),build/uv/bin/uv)
LIKE_PIP = $(if $(SYSTEM_PYTHON),eval "$$($(SYSTEM_PYTHON) tools/set_up.py settings)" &&)
COMPILE = set -f; $(LIKE_PIP) $(UV) pip compile --no-config --quiet --universal --generate-hashes --no-annotate \
	--custom-compile-command "make lock" $$LOCKFLAGS

# every option of the command works in every environment that is made here
EXTRAS := $(addprefix --extra ,report pdf notify excel dask)

UV_HTTP_TIMEOUT ?= 180
export UV_HTTP_TIMEOUT

# what is skipped is named; one process a core; files stay whole, since their tests share what they
# have made, and in the order of tests/conftest.py
PYTEST := $(BIN)/python -m pytest -rs -n auto --dist loadfile --no-loadscope-reorder

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help report test test-all lint format lab data lock clean new-venv

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

report: .venv/.report  ## report on a state, into reports/: Pakistan, or COUNTRY=IND, or COUNTRY="IND LKA"
	@set -f; $(BIN)/partnerships report -- $$COUNTRY

test: .venv/.test  ## the tests, without the slow ones
	$(PYTEST)

test-all: .venv/.test  ## all tests
	$(PYTEST) -m ""

lint: .venv/.test  ## style, formatting and types of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/.test  ## mend what `make lint` finds, where that can be done by a program
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lab: .venv/.lab  ## the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

data: .venv/.test  ## compile data/ anew from source files: SOURCES=the folder they are in
	$(if $(SOURCES),,$(error Say where the source files are: make data SOURCES=FOLDER))
	$(BIN)/python -m analysis.loaders.build "$$SOURCES"

lock: $(UV)  ## lock files and environment.yml from pyproject.toml; LOCKFLAGS=--upgrade for newer versions
	$(COMPILE) --group setup --output-file requirements/uv.txt
	$(COMPILE) --group oracles --no-deps --output-file requirements/oracles.txt
	$(COMPILE) --group build pyproject.toml --extra test --output-file requirements/test.txt
	$(COMPILE) --group build pyproject.toml $(EXTRAS) --constraint requirements/test.txt \
		--output-file requirements/report.txt
	$(COMPILE) --group build pyproject.toml $(EXTRAS) --extra notebook --constraint requirements/test.txt \
		--output-file requirements/lab.txt
	$(UV) run --no-project --python "$$PYTHON" tools/environment.py

clean:  ## remove the environment and all caches, not your reports
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
	find src tests tools -name __pycache__ -prune -exec rm -rf {} +

# --- the environment ---------------------------------------------------------------------------

# An environment survives neither its folder being renamed nor its Python going: then, as when there
# is none, it is made anew.
NEW := $(if $(filter clean,$(MAKECMDGOALS)),new-venv,$(shell test -x $(BIN)/python \
	-a "$$(cat .venv/.folder 2>/dev/null)" = "$$(pwd -P)" || echo new-venv))

new-venv: | $(UV)
	@rm -rf .venv
	@$(LIKE_PIP) $(UV) venv --quiet --python "$$PYTHON" .venv
	@pwd -P > .venv/.folder

# One environment in three sizes, at the same versions: what is asked for joins what is there already.
# The package itself comes last, in place, built by the locked hatchling; its kernelspec is copied.
KERNELSPEC := src/analysis/report/kernelspec/kernel.json
.venv/.%: requirements/%.txt pyproject.toml $(KERNELSPEC) $(NEW) | $(UV)
	@echo "Setting up .venv from $< ..."
	@touch .venv/.unfinished
	@$(LIKE_PIP) for size in report test lab; do \
		if [ $$size = $* ] || [ -e .venv/.$$size ]; then echo requirements/$$size.txt; fi; \
	done | xargs $(UV) pip sync --quiet --python $(BIN)/python --require-hashes
	@if [ $* = test ] || [ -e .venv/.test ]; then $(LIKE_PIP) $(UV) pip install --quiet --python $(BIN)/python \
		--no-deps --require-hashes --requirement requirements/oracles.txt; fi
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm .venv/.unfinished
	@touch $@

build/uv/bin/uv: requirements/uv.txt
	@$(or $(SYSTEM_PYTHON),$(error There is no Python here. Install Python 3.11 or later, or uv)) \
		tools/set_up.py uv build/uv
