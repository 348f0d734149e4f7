# Needs Python 3.11 or newer with venv and pip, nothing else; all that is installed goes into $(VENV).
# Another Python as well: make test PYTHON=python3.13 VENV=.venvs/3.13

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WHEEL_VENV ?= .venvs/wheel
OLDEST ?= .venvs/oldest
ASSEMBLER ?= .venvs/assembler
PIP := -m pip --disable-pip-version-check --quiet --quiet
VERIFIED := install --no-compile --require-hashes --requirement
EDITABLE := install --no-deps --no-build-isolation --editable .
LOCK_VENV := .venvs/lock
LOCK := $(LOCK_VENV)/bin/uv pip compile --quiet --python $(LOCK_VENV)/bin/python --no-python-downloads --universal \
	--python-version 3.11 --generate-hashes --only-binary :all: --emit-build-options --annotation-style line \
	--custom-compile-command 'make lock'
COLLECT = $(BIN)/python -m realpolitik_viz.dashboard.collect
PACKAGES := realpolitik_model realpolitik realpolitik_viz
ARGS ?=

export PYTHONUNBUFFERED := 1
# pip leaves the byte code to the first import. Images of Python often set this: then nothing keeps it.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help run validate test faults checked scalar kernels assembled oldest fuzz bench check style js types imports examples wheel test-wheel lock clean
.PHONY: dashboard bench-dashboard load crowd shots docs
.DELETE_ON_ERROR:

help: ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-21s %s\n", $$1, $$2 }'

run: $(VENV)/.run ## run the base case: print its outcomes, write figures/karabakh.svg
	@echo "==> Running 2,000 worlds of the base case (the first run compiles the model, which takes half a minute)"
	@mkdir -p figures
	@$(BIN)/realpolitik run karabakh --worlds 2000 --seed 1 --plot figures/karabakh.svg --force

validate: $(VENV)/.run ## print the score sheets of the four cases, and each case left out; it can be resumed
	@echo "==> Scoring the four cases (the first run compiles the model, which takes half a minute)"
	@$(BIN)/realpolitik validate karabakh sweden-nato transnistria sahel --out figures/validation $(ARGS)

test: $(VENV)/.dev ## run the tests (some of them: make test ARGS="-k twin")
	@echo "==> Testing on $$($(BIN)/python --version) (the first run compiles the model, which takes half a minute)"
	@$(BIN)/pytest $(ARGS)

faults: $(VENV)/.dev ## kill sweeps, fill disks, damage files: nothing may be lost (minutes; full disks need root)
	@echo "==> Faults: ten kills, a full disk, damaged files, two writers, Ctrl-C, a cluster that loses a worker"
	@REALPOLITIK_KILLS=10 $(BIN)/pytest tests/faults -m "faults or not faults" $(ARGS)

check: style js types imports wheel examples ## check style, types, layers, the examples in docs, and the built wheel

style: $(VENV)/.dev
	@echo "==> Style: ruff"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "To fix: $(BIN)/ruff format ."; exit 1; }

js: $(VENV)/.dev ## check JavaScript and Vue files with prettier and eslint (make js FIX=1 changes them)
	@echo "==> JavaScript: prettier and eslint"
	@$(COLLECT) npm ci --silent; case $$? in \
		0) $(COLLECT) npm run --silent $(if $(FIX),fix,check) || { echo "To fix: make js FIX=1"; exit 1; };; \
		69) echo "JavaScript and Vue files are not checked, because npm is not available.";; \
		*) exit 1;; esac

types: $(VENV)/.dev
	@echo "==> Types: mypy"
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@echo "==> Layers: import-linter"
	@$(BIN)/lint-imports --no-logo

examples: $(VENV)/.dev
	@echo "==> Examples in README.md, docs and docstrings"
	@$(BIN)/pytest --quiet --doctest-modules --doctest-glob='*.md' README.md docs model/README.md --pyargs $(PACKAGES)

wheel: $(VENV)/.dev $(WHEEL_VENV)/.dependencies
	@echo "==> Wheel: built from the source distribution, installed alone, run outside the checkout"
	@rm -rf dist
	@said=$$($(BIN)/python -m hatchling build --target sdist --directory dist 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/python $(PIP) wheel --no-build-isolation --no-deps --wheel-dir dist dist/*.tar.gz
	@$(WHEEL_VENV)/bin/python $(PIP) install --no-deps --force-reinstall dist/*.whl
	@$(WHEEL_VENV)/bin/python -P -c "import realpolitik as rp, sys; sys.exit('$(abspath $(WHEEL_VENV))' not in rp.__file__)"
	@folder=$$(mktemp -d) && trap 'rm -r "$$folder"' EXIT && cd "$$folder" && \
		'$(abspath $(WHEEL_VENV))/bin/realpolitik' run karabakh --worlds 10 --plot karabakh.svg > /dev/null && \
		test -s karabakh.svg

test-wheel: wheel
	@echo "==> Testing the wheel on $$($(WHEEL_VENV)/bin/python --version)"
	@$(WHEEL_VENV)/bin/python -P -m pytest $(ARGS)

checked: $(VENV)/.dev ## run the random scenarios on a build of the engine that checks every index it uses
	@echo "==> Testing a checked build of the engine (the first run compiles it, which takes most of a minute)"
	@REALPOLITIK_CHECKED=1 $(BIN)/pytest tests/model/test_twin.py tests/model/test_replay.py tests/model/test_mesa.py $(ARGS)

scalar: $(VENV)/.dev ## test a build of the engine that plays one world at a time, the equations compiled unchanged
	@REALPOLITIK_LANES=1 $(BIN)/pytest tests/model tests/reference $(ARGS)

kernels: $(VENV)/.dev ## test the kernels for GPUs, played by an emulator, those with foresight too (minutes; needs gcc)
	@$(BIN)/pytest tests/model/test_kernels.py -m "gpu or not gpu" $(ARGS)

assembled: $(VENV)/.dev $(ASSEMBLER)/.dependencies ## have NVIDIA's assembler translate the kernels for GPUs
	@REALPOLITIK_ASSEMBLER='$(abspath $(ASSEMBLER))/bin' $(BIN)/pytest tests/model/test_kernels.py -k assembler $(ARGS)

oldest: $(OLDEST)/.dependencies ## test the golden digests on the oldest numba supported, in an environment of its own
	@$(OLDEST)/bin/pytest tests/model/test_replay.py tests/model/test_equations.py $(ARGS)

.PHONY: coverage release-check
coverage: $(VENV)/.dev ## measure which lines and branches the tests reach (not the compiled modules, nor the dashboard)
	@echo "==> Testing with coverage (takes longer than the tests)"
	@REALPOLITIK_EXAMPLES=0.2 $(BIN)/coverage run -m pytest --quiet --ignore=tests/reference --ignore=tests/fuzz --ignore=tests/faults \
		--ignore=tests/dashboard --ignore=tests/repository/test_site.py $(ARGS)
	@$(BIN)/coverage report

release-check: $(VENV)/.dev ## say whether this checkout can be released: version, changelog, files, docs, coverage
	@echo "==> Release: version, date, files and metadata"
	@$(BIN)/pytest --quiet tests/repository/release.py tests/repository/test_distributions.py
	@$(MAKE) --no-print-directory wheel docs coverage

fuzz: $(VENV)/.dev ## play 20,000 mutated scenario files on a checked build (ten minutes)
	@REALPOLITIK_MUTANTS=20000 $(BIN)/pytest tests/fuzz $(ARGS)

docs: $(VENV)/.dev ## build the documentation into docs/_build/html, with the commands on its pages run (a minute)
	@echo "==> Documentation: Sphinx, with warnings as errors"
	@$(BIN)/sphinx-build --quiet --nitpicky --fail-on-warning --keep-going docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

bench: $(VENV)/.dev ## compare the engine with other ways to run its equations, write docs/benchmarks.md (needs gcc)
	@$(BIN)/python -m benchmarks $(ARGS)

# All files agree: dev.txt is written first, and the others keep to its versions.
lock: $(LOCK_VENV)/.lock ## rewrite requirements/ from pyproject.toml (newer versions: make lock ARGS=--upgrade)
	@echo "==> Resolving for every platform and Python from 3.11 on: the versions in requirements/ stay if they can"
	@$(LOCK) pyproject.toml --group build --extra dev --output-file requirements/dev.txt $(ARGS) > /dev/null
	@$(LOCK) pyproject.toml --group build --extra viz --constraints requirements/dev.txt \
		--output-file requirements/viz.txt $(ARGS) > /dev/null
	@$(LOCK) pyproject.toml --group build --constraints requirements/dev.txt \
		--output-file requirements/run.txt $(ARGS) > /dev/null
	@$(LOCK) --group lock --output-file requirements/lock.txt $(ARGS) > /dev/null
	@$(LOCK) --group npm --output-file requirements/npm.txt $(ARGS) > /dev/null
	@$(LOCK) --group assembler --output-file requirements/assembler.txt $(ARGS) > /dev/null

.PHONY: test-gpu bench-gpu
test-gpu: $(VENV)/.dev ## test worlds on an NVIDIA GPU: golden digests, and random scenarios (the first run compiles)
	@$(BIN)/realpolitik run sahel --worlds 32 --device cuda > /dev/null
	@$(BIN)/pytest tests/model/test_replay.py tests/model/test_gpu.py -m cuda $(ARGS)

bench-gpu: $(VENV)/.dev ## measure worlds per second on an NVIDIA GPU, write that section of docs/benchmarks.md (minutes)
	@$(BIN)/python -m benchmarks.gpu $(ARGS)

dashboard: $(VENV)/.viz ## open the dashboard: move a slider, see the politics change
	@$(BIN)/realpolitik dashboard $(ARGS)

bench-dashboard: $(VENV)/.dev ## measure from a slider's release to repainted outcomes, in a browser
	@PYTHONPATH=tests $(BIN)/python -m dashboard.bench

load: $(VENV)/.dev ## let twenty readers move sliders for two minutes
	@PYTHONPATH=tests $(BIN)/python -m dashboard.load $(ARGS)

crowd: $(VENV)/.dev ## measure how long a new reader waits while others run the largest scenario
	@PYTHONPATH=tests $(BIN)/python -m dashboard.crowd $(ARGS)

shots: $(VENV)/.dev ## take a picture of every page, into figures/dashboard
	@PYTHONPATH=tests $(BIN)/python -m dashboard.shots figures/dashboard

clean: ## remove what was installed, built and cached
	rm -rf $(VENV) .venvs dist node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -r {} +

# --- set-up: a stamp says that what its file in requirements/ lists is installed ------------------------------------
# These files give the hashes of each package, and pip refuses what does not match. They are wheels only: to build from
# source, pip would fetch build tools that nothing verifies. The project itself is built by the back end they list.

%/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "realpolitik needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		echo "If you have a newer one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) cannot make a virtual environment: its venv module is missing."; \
		echo "On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "==> Making $* with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $* && touch $@

$(VENV)/.run: $(VENV)/.made pyproject.toml requirements/run.txt
	@echo "==> Installing realpolitik and what it needs into $(VENV) (a few minutes, once)"
	@$(BIN)/python $(PIP) $(VERIFIED) requirements/run.txt && $(BIN)/python $(PIP) $(EDITABLE) && touch $@

$(VENV)/.viz: $(VENV)/.made pyproject.toml requirements/viz.txt
	@echo "==> Installing realpolitik and its dashboard into $(VENV) (a few minutes, once)"
	@$(BIN)/python $(PIP) $(VERIFIED) requirements/viz.txt && $(BIN)/python $(PIP) $(EDITABLE) && \
		$(COLLECT) && touch $@ $(VENV)/.run

$(VENV)/.dev: $(VENV)/.made pyproject.toml requirements/dev.txt
	@echo "==> Installing realpolitik and its tools into $(VENV) (a few minutes, once)"
	@$(BIN)/python $(PIP) $(VERIFIED) requirements/dev.txt && $(BIN)/python $(PIP) $(EDITABLE) && \
		{ $(COLLECT) || echo "The tests of the dashboard will be skipped."; } && touch $@ $(VENV)/.run

# It finds what $(VENV) has installed, and not the checkout: Python reads no .pth file of a folder that a .pth file names.
$(WHEEL_VENV)/.dependencies: $(VENV)/.dev $(WHEEL_VENV)/.made
	@echo "==> Letting $(WHEEL_VENV) import what $(VENV) has installed"
	@place='import sysconfig; print(sysconfig.get_path("purelib"))' && \
		$(BIN)/python -c "$$place" > "$$($(WHEEL_VENV)/bin/python -c "$$place")/dependencies.pth" && touch $@

# Of NVIDIA's packages, the programs are all that is wanted.
$(ASSEMBLER)/.dependencies: $(ASSEMBLER)/.made requirements/assembler.txt
	@echo "==> Installing NVIDIA's assembler into $(ASSEMBLER) (46 MB)"
	@$(ASSEMBLER)/bin/python $(PIP) $(VERIFIED) requirements/assembler.txt
	@ln -sf $$(find '$(abspath $(ASSEMBLER))/lib' -name ptxas -o -name nvdisasm) $(ASSEMBLER)/bin && touch $@

# The oldest numba has no pinned set of its own: pip chooses what fits it.
$(OLDEST)/.dependencies: $(OLDEST)/.made pyproject.toml
	@echo "==> Installing realpolitik with the oldest numba supported into $(OLDEST)"
	@$(OLDEST)/bin/python $(PIP) install 'numba==0.61.*' hatchling editables hypothesis 'pytest>=8.3'
	@$(OLDEST)/bin/python $(PIP) install --no-build-isolation --editable . && touch $@

$(LOCK_VENV)/.lock: $(LOCK_VENV)/.made requirements/lock.txt
	@echo "==> Installing uv into $(LOCK_VENV)"
	@$(LOCK_VENV)/bin/python $(PIP) $(VERIFIED) requirements/lock.txt && touch $@

.PRECIOUS: %/.made
