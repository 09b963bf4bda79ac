# The project's one task runner; .ci/run calls the same names. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt trainer/requirements.txt requirements-dev.txt
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins

.PHONY: help venv demo demo-down status test test-unit check lock docs

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

venv: $(VENV)/.installed ## the Python environment, as locked in constraints.txt

$(VENV)/.installed: $(REQUIREMENTS) constraints.txt
	@echo "installing the Python environment into $(VENV) (about 1 GB without CUDA, 5 GB with)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { echo "the venv module is missing: apt-get install python3-venv"; exit 2; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@# The smaller CPU build of torch where its index answers and no GPU is here; else the default build.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --torch-backend=auto $(REQUIREMENTS:%=-r %) -c constraints.txt 2>/dev/null \
	  || $(BIN)/uv pip install --quiet --python $(BIN)/python $(REQUIREMENTS:%=-r %) -c constraints.txt
	@touch $@

demo: venv ## the main job end to end: servers, retrain, promotion, forecast (CSV=path REGION=KR TRIALS=5 EPOCHS=10)
	@$(BIN)/python -m stack demo $(if $(CSV),--csv "$(CSV)") $(if $(REGION),--region $(REGION)) $(if $(TRIALS),--trials $(TRIALS)) $(if $(EPOCHS),--epochs $(EPOCHS))

demo-down: ## stop what `make demo` started
	@$(BIN)/python -m stack down

status: ## services, health, URLs
	@$(BIN)/python -m stack status

test: venv ## the default suite, against real servers that it starts itself
	$(BIN)/python -m pytest -m "not cluster" $(PYTEST)

test-unit: venv ## the fast half: no servers
	$(BIN)/python -m pytest -m "not cluster and not integration" $(PYTEST)

check: venv ## lint, format, types; never rewrites
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: venv ## constraints.txt from the requirements files
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --no-header --no-annotate $(REQUIREMENTS) -o constraints.txt

-include tests/cluster/cluster.mk

docs: venv ## docs/configuration.md from the settings' own descriptions
	$(BIN)/python -m demand_forecast.settings_table > docs/configuration.md
