# make demo    the whole month on the samples
# make test    every check there is
# make fuzz    break files for the readers to read: MINUTES=10
# make kill    kill commands hundreds of times, and see that nothing is half-done
# make bench   time and memory beside other libraries, up to 100,000 documents; half an hour
# make bench-large   the same with a million
# make pictures   take the README's pictures again (needs xvfb, xdotool, imagemagick, libreoffice-calc)
# make clean   throw away what these made
#
# Each does its own set-up: it needs only make and a Python of at least 3.10, and makes .venv.
# Another Python: make test PYTHON=python3.12

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
READY_TO_BENCH := .venv/ready-to-bench
PLOT := .venv/plot/bin/python
MINUTES ?= 10

.PHONY: demo test fuzz kill bench bench-large pictures clean
.DEFAULT_GOAL := demo
.DELETE_ON_ERROR:

demo: $(READY)
	@$(BIN)/ims-xl demo

test: $(READY)
	@echo "== ruff check: lint"
	@$(BIN)/ruff check
	@echo "== ruff format: layout"
	@$(BIN)/ruff format --check
	@echo "== mypy: types"
	@$(BIN)/mypy
	@echo "== lint-imports: who may know whom"
	@$(BIN)/lint-imports
	@echo "== pytest: behaviour"
	@$(BIN)/pytest -n 2

fuzz: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m fuzz.run --minutes $(MINUTES)

kill: $(READY)
	@PYTHONPATH=tests $(BIN)/python -m fuzz.kill

bench: $(READY_TO_BENCH)
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/rules.py
	@$(PLOT) benchmarks/report.py

bench-large: $(READY_TO_BENCH)
	@$(BIN)/python benchmarks/run.py --sizes 1000000
	@$(PLOT) benchmarks/report.py

# Made anew when the dependencies, or the Python asked for, change.
$(READY): pyproject.toml Makefile
	@echo "== set-up: .venv with everything in pyproject.toml"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "ims-xl needs Python 3.10 or newer, not " + sys.version.split()[0])'
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

# The plot is drawn in a .venv of its own: openpyxl imports numpy wherever it finds it, and would look slower.
$(READY_TO_BENCH): $(READY)
	@echo "== set-up: what the benchmarks compare with"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@$(PYTHON) -m venv .venv/plot
	@$(PLOT) -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(PLOT) -m pip install --quiet --disable-pip-version-check --group plot
	@touch $@

pictures: $(READY)
	@$(BIN)/python docs/make_pictures.py

clean:
	rm -rf .venv demo build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
