# Everything that a fresh machine needs is Python 3.11 or newer and make; each target sets up what it uses.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SOURCES := tdscen tests benchmarks docs/_hooks

.PHONY: demo docs test slow faults soak hostile fuzz lint format generated sensitivity benchmarks resume extension extension-tools clean

# The main job: IEEE 14 + IEEE 34, 15 s, from the scenario file to the summary table and a plot.
demo: $(VENV)/.run-ready
	@echo "== make demo: compile scenarios/ieee14_ieee34.tds, run it under HELICS, draw it"
	$(BIN)/tdscen run scenarios/ieee14_ieee34.tds --plot

# All tests but the long simulations (those: make slow).
test: $(VENV)/.test-ready
	@echo "== make test: pytest without the long simulations, in as many processes as there are cores (at most 4)"
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

slow: $(VENV)/.test-ready
	@echo "== make slow: the long simulations"
	$(BIN)/python -m pytest -m slow

# The notebook of the lesson, from its first cell to its last (half a minute). What it shows is committed: after a change
# of it, TDSCEN_UPDATE=1 .venv/bin/python -m pytest -m slow tests/test_lesson.py
lesson: $(VENV)/.test-ready
	@echo "== make lesson: docs/lesson.ipynb, and the examples of docs/python.md"
	$(BIN)/python -m pytest --nbmake --nbmake-timeout=300 docs/lesson.ipynb
	$(BIN)/python -m pytest -m slow tests/test_python_api.py -k every_example

# Every way in which a process of a run can fail, under `tdscen run` and under `helics run` (a quarter of an hour).
faults: $(VENV)/.test-ready
	@echo "== make faults: process x when x how"
	cd tests && PATH=$(abspath $(BIN)):$$PATH $(abspath $(BIN))/python -m faults --markdown ../docs/faults.md

# 200 runs, eight at a time, by every launcher: results that differ, runs that fail, anything that is left (10 minutes).
soak: $(VENV)/.test-ready
	@echo "== make soak: python -m soak (tests/soak)"
	cd tests && ../$(BIN)/python -m soak

# Every hostile input through the real command, with what is said, time and peak memory (10 minutes).
hostile: $(VENV)/.test-ready
	@echo "== make hostile: python -m hostile (tests/hostile)"
	cd tests && ../$(BIN)/python -m hostile --markdown ../docs/hostile.md

# Damaged scenarios, plans, tables and DSS texts for as long as EXAMPLES say (20,000 of each: 10 minutes), then the same
# data made by atheris, which follows the code's branches, for SECONDS_EACH.
EXAMPLES ?= 20000
SECONDS_EACH ?= 120
fuzz: $(VENV)/.test-ready
	@echo "== make fuzz: $(EXAMPLES) damaged plans, tables and DSS texts, and all damaged scenarios"
	TDSCEN_FUZZ=$(EXAMPLES) $(BIN)/python -m pytest -q -m "" tests/test_fuzz_data.py tests/test_front_end_fuzz.py
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris || true
	@if $(BIN)/python -c "import atheris" 2> /dev/null; then cd tests && ../$(BIN)/python -m guided --seconds $(SECONDS_EACH); \
	else echo "atheris does not install here: fuzzing that follows branches is left out"; fi

lint: $(VENV)/.test-ready
	@echo "== make lint: ruff, mypy and the layout of our scenarios"
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/tdscen fmt --check scenarios

# The documentation site, into site/: every internal link and anchor is checked (five seconds).
docs: $(VENV)/.test-ready
	@echo "== make docs: mkdocs build --strict, into site/"
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: $(VENV)/.test-ready
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

# Compile the shipped scenarios again; CI fails when this changes anything.
generated: $(VENV)/.run-ready
	for scenario in scenarios/*.tds; do $(BIN)/tdscen compile --force $$scenario || exit 1; done

# Kill studies in the middle, resume them, compare with runs that nobody interrupted.
resume: $(VENV)/.run-ready
	$(BIN)/python benchmarks/resume.py

# The lesson's suggestions all together, 108 points: the table and the figures of docs/sweeps.md (two minutes).
sensitivity: $(VENV)/.test-ready
	$(BIN)/tdscen sweep scenarios/lesson_sensitivity.tds
	cp generated/lesson_sensitivity/sweeps/sensitivity/table.csv docs/sensitivity.csv
	cp generated/lesson_sensitivity/sweeps/sensitivity/heat_v_min_pu.png docs/images/sensitivity_heat.png
	cp generated/lesson_sensitivity/sweeps/sensitivity/lines_slope_pu_per_mw.png docs/images/sensitivity_lines.png

# Measure everything again and write docs/performance.md from it (half an hour on two cores that have nothing else to do).
benchmarks: $(VENV)/.run-ready
	@mkdir -p benchmarks/results
	$(BIN)/python benchmarks/naive.py --json benchmarks/results/naive.json
	$(BIN)/python benchmarks/overhead.py --json benchmarks/results/overhead.json
	$(BIN)/python benchmarks/scaling.py --full --json benchmarks/results/scaling.json
	$(BIN)/python benchmarks/tdcosim_class.py --full --json benchmarks/results/tdcosim_class.json
	$(BIN)/python benchmarks/startup.py --json benchmarks/results/startup.json
	$(BIN)/python benchmarks/sweep.py --full --json benchmarks/results/sweep.json
	$(BIN)/python benchmarks/resume.py --json benchmarks/results/resume.json
	$(BIN)/python benchmarks/frontend.py --json benchmarks/results/frontend.json
	$(BIN)/python benchmarks/editor.py --json benchmarks/results/editor.json
	$(BIN)/python benchmarks/page.py

# What colours and drives scenarios in VS Code, as a file to install: code --install-extension editors/vscode/tdscen.vsix
EXTENSION := editors/vscode
VSCE      := @vscode/vsce@3.6.0
extension: extension-tools
	@echo "== make extension: $(EXTENSION)/tdscen.vsix"
	cp LICENSE $(EXTENSION)/LICENSE
	cd $(EXTENSION) && npm test && npx --yes $(VSCE) package --allow-missing-repository --out tdscen.vsix

# The npm packages of the extension, for tests of its colours with VS Code's own engine (needs node 20 or newer).
extension-tools: $(EXTENSION)/node_modules/.package-lock.json

$(EXTENSION)/node_modules/.package-lock.json: $(EXTENSION)/package-lock.json
	cd $(EXTENSION) && npm ci --no-progress
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis generated/*/runs generated/*/*.log $(EXTENSION)/node_modules

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tdscen needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; say PYTHON=python3.12 or so")'
	@echo "== making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run-ready: pyproject.toml | $(VENV)/bin/python
	@echo "== installing tdscen and what it needs (some minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/tdscen doctor --prepare > /dev/null || $(BIN)/tdscen doctor | grep -A1 '✗' || true
	@touch $@

$(VENV)/.test-ready: pyproject.toml | $(VENV)/bin/python
	@echo "== installing tdscen with the development tools (some minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@
