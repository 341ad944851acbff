# make chat: set up, fetch the model, talk.   make test: set up, run everything that CI runs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
MODEL ?= default

.PHONY: chat serve test test-fast check install models clean

chat: $(VENV)/.installed
	@$(BIN)/warmline chat --model $(MODEL)

serve: $(VENV)/.installed
	@$(BIN)/warmline serve --model $(MODEL)

install: $(VENV)/.installed

# Both models: the end-to-end tests use the small one, the replies of the default are looked at too.
models: $(VENV)/.installed
	@$(BIN)/warmline model pull default
	@$(BIN)/warmline model pull tiny

test: $(VENV)/.installed-dev models
	@.ci/system-packages
	$(MAKE) check
	$(BIN)/python -m pytest tests/unit -q -n auto --dist loadfile --cov --cov-report=
	$(BIN)/python -m pytest --ignore tests/unit --cov --cov-append --cov-report=term

test-fast: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/unit -q -n auto --dist loadfile

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/.created:
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed: $(VENV)/.created pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

# This torch by name: its CPU build is taken where one is at hand.
$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

clean:
	rm -rf $(VENV)
