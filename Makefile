# On a fresh machine: Python 3.11 and make are enough.
PYTHON ?= python3.11
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install -q --disable-pip-version-check -c constraints-py311.txt
SOURCES := iml_general learners studies tests benchmarks scripts docs
DOCS := .venv-docs/bin

.PHONY: study test lint types imports pytest docs audit sbom clean

# The main job: which learners show implicit meta-learning? Report in runs/quick-statements/report.
study: .venv/.runs
	$(BIN)/iml run quick

# Everything that continuous integration checks.
test: .venv/.tests lint types imports pytest docs

lint: .venv/.tests
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: .venv/.tests
	$(BIN)/mypy

imports: .venv/.tests
	$(BIN)/lint-imports

# Two processes, one thread each: parallelism is across tests. The built pages are tested, too.
pytest: .venv/.tests docs
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

# The pages of docs/ and the reference, from docstrings, in docs/_build/html. A warning is a failure.
docs: .venv-docs/.docs
	$(DOCS)/sphinx-build -W --keep-going -n -q docs docs/_build/html

# An environment of its own: Sphinx, and what the documented modules can't be imported without.
.venv-docs/.docs: pyproject.toml docs/constraints.txt
	test -x $(DOCS)/python || $(PYTHON) -m venv .venv-docs
	$(DOCS)/python -m pip install -q --disable-pip-version-check -c docs/constraints.txt \
		sphinx myst-parser myst-nb furo numpy optuna polars pydantic
	$(DOCS)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	touch $@

# torch goes first: a bare requirement on it would bring several GB of CUDA packages.
.venv/.runs: pyproject.toml constraints-py311.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(INSTALL) torch==2.13.0
	$(INSTALL) -e '.[torch,xgboost-cpu]'
	touch $@

.venv/.tests: .venv/.runs
	$(INSTALL) -e '.[torch,hf,xgboost-cpu,catboost,river,dask,dev]'
	scripts/install-chromium
	scripts/install-postgresql
	touch $@

# Rules for all that is installed: pinned, licensed, alive. A test does the same, so `make test` does.
audit: .venv/.tests
	$(BIN)/python -m scripts.dependencies.audit

# A bill of materials in CycloneDX's JSON. For what `make study` installs: make sbom EXTRAS="torch xgboost-cpu".
sbom: .venv/.tests
	$(BIN)/python -m scripts.dependencies.sbom dist/sbom.cdx.json $(EXTRAS)

clean:
	rm -rf .venv .venv-docs docs/_build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
