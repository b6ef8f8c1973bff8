# Two commands are all a stranger needs: `make demo` and `make test`. Neither needs the other.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test lint format types check bench faults soak fuzz clean

demo: $(VENV)/installed ## train the handwritten digits, and see what the logbook says
	$(BIN)/logbook run examples/digits/mlp.json

test: $(VENV)/installed-dev ## everything that must hold
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/installed-dev
	$(BIN)/mypy

check: lint types test ## what CI asks for

bench: $(VENV)/installed-dev ## measure speed; writes benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks

faults: $(VENV)/installed-dev ## train faulty programs and their twins; writes what was found to benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.faults

soak: $(VENV)/installed-dev ## the long counts: many kills, many writers, many random configs
	LOGBOOK_SOAK=1 $(BIN)/python -m pytest -m "not gpu" tests/reliability tests/store/test_crashes.py tests/fuzz \
		tests/training/combinations tests/checks

FUZZ_SECONDS ?= 300
fuzz: $(VENV)/installed-dev ## look for configs and queries that break something, FUZZ_SECONDS each; needs Linux
	$(PIP) install --quiet -e '.[fuzz]' -c constraints.txt
	mkdir -p $(VENV)/fuzz/config $(VENV)/fuzz/search
	for what in config search; do \
		$(BIN)/python -m tests.fuzz.fuzz_$$what $(VENV)/fuzz/$$what tests/fuzz/corpus/$$what \
			-max_total_time=$(FUZZ_SECONDS) -max_len=4096 -artifact_prefix=$(VENV)/fuzz/$$what- || exit 1; \
	done

clean:
	rm -rf $(VENV)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet -e . -c constraints.txt
	touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --quiet -e '.[dev]' -c constraints.txt
	touch $@
