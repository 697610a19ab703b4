# Needs Python 3.11 or newer with venv and pip; everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# Files of tests that run side by side: twice the cores of a small machine, for many tests wait.
JOBS ?= 4
STAMP := .venv/.installed
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate

.PHONY: install run test pictures bench-providers bench-analysis check format lock clean

install: $(STAMP)

# --require-hashes: what is installed is what was locked, wherever it is fetched from.
$(STAMP): requirements-dev.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(STAMP)

run: install
	$(BIN)/rca-bot run --incidents samples $(RUN)

test: install
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --cov --cov-report=term $(PYTEST)

# Needs Chromium; writes docs/pictures.
pictures: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-browser.lock
	$(BIN)/python tests/browser/pictures.py

# Makes an environment for each contestant under .bench/ on its first run.
bench-providers: install
	$(BIN)/python benchmarks/providers

# Writes a file of 1 GB to the temporary folder, and removes it. BENCH=--small is quick.
bench-analysis: install
	$(BIN)/python benchmarks/analysis $(BENCH)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv on the PATH; writes no index address.
lock:
	$(COMPILE) -o requirements.lock pyproject.toml
	$(COMPILE) --extra dev -o requirements-dev.lock pyproject.toml
	echo playwright | $(COMPILE) -o requirements-browser.lock -

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage
