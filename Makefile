# Each target makes the environment itself the first time, from requirements.lock, in .venv.

PYTHON ?= python3
ENVIRONMENT := .venv/complete
IN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo up test matrix bench endurance check lock clean

help: ## What you can type here
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  ARGS=... goes to the program behind demo, up, test and bench: make demo ARGS=--stay, make test ARGS=tests/domain"
	@echo "  PYTHON=... chooses the Python (3.11 or newer) that the environment is made with"

demo: $(ENVIRONMENT) ## Play the payment stories on real servers and show what happened
	@$(IN)/bursar demo $(ARGS)

up: $(ENVIRONMENT) ## Start everything and keep it running until Ctrl-C
	@$(IN)/bursar up $(ARGS)

test: $(ENVIRONMENT) ## Run the tests
ifdef ARGS
	@$(IN)/python -m pytest -n auto $(ARGS)
else
	@$(IN)/python -m pytest -n auto --ignore=tests/faults --ignore=tests/endurance; told=$$?; $(IN)/python -m pytest -n 2 tests/faults tests/endurance && exit $$told
endif

bench: $(ENVIRONMENT) ## Measure each part against its limit (ARGS="ledger codec" chooses; nothing else should run)
	@$(IN)/python -m bench $(ARGS)

MINUTES ?= 30
endurance: $(ENVIRONMENT) ## Kill everything at random under a mixed load (MINUTES=30), and prove that nothing is lost
	@$(IN)/python -m tests.endurance --minutes $(MINUTES) $(ARGS)

matrix: $(ENVIRONMENT) ## Run the whole fault matrix: every request of every partner under every fault
	@WHOLE_MATRIX=1 $(IN)/python -m pytest tests/faults $(ARGS)

check: $(ENVIRONMENT) ## Style, types, layers and migrations
	@echo "check: style (ruff)"
	@$(IN)/ruff check --quiet .
	@$(IN)/ruff format --quiet --check . || { echo "some files are not formatted: $(IN)/ruff format ." >&2; exit 1; }
	@echo "check: types (mypy --strict)"
	@$(IN)/mypy .
	@echo "check: layers (import-linter)"
	@$(IN)/lint-imports --no-logo
	@echo "check: migrations up, down, up on a throw-away server, and the tables in the code (alembic check)"
	@$(IN)/bursar migrate check

LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate
lock: export UV_CUSTOM_COMPILE_COMMAND := make lock
lock: export PATH := $(PATH):$(CURDIR)/$(IN)
lock: $(ENVIRONMENT) ## Write both locks anew from pyproject.toml (needs uv): for development, and for images
	@command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 1; }
	$(LOCK) --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements.run.lock pyproject.toml

clean: ## Remove the environment and all caches; what Bursar stored in .bursar stays
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.bursar/*' -prune -exec rm -rf {} +

$(ENVIRONMENT): requirements.lock pyproject.toml
	@PYTHON="$(PYTHON)" .ci/environment
