# The project's one task runner; .ci/run calls the same names. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := requirements.txt trainer/requirements.txt requirements-dev.txt
OWN_PACKAGES := $(PYTHONPATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/plugins
COMPOSE := docker compose --file docker-compose.airflow.yml
DATA := $(or $(CSV),sample:greece)
SERIES := $(or $(REGION),GR)

.PHONY: audit chaos fuzz year replay-shadows alert bench bench-accuracy bill bench-quick bench-gpu bench-docs bench-venv fault-replay help venv demo demo-down status test test-unit test-chaos check lock dist docs up down logs install train train-prod inference deploy

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

demo: venv ## the main job end to end: servers, retrain, promotion, forecast (CSV=path REGION=KR TRIALS=5 EPOCHS=10 RUNTIME=kubernetes)
	@$(BIN)/python -m stack demo $(if $(RUNTIME),--runtime $(RUNTIME)) $(if $(CSV),--csv "$(CSV)") $(if $(REGION),--region $(REGION)) $(if $(TRIALS),--trials $(TRIALS)) $(if $(EPOCHS),--epochs $(EPOCHS))

demo-down: ## stop what `make demo` started
	@$(BIN)/python -m stack down

status: ## services, health, URLs: of the demo, and of compose where it runs
	@if [ -f .env ] && docker compose version >/dev/null 2>&1; then \
	  $(COMPOSE) ps --all --format 'table {{.Service}}\t{{.Status}}\t{{.Ports}}'; fi
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m stack status; fi

up: ## the whole system in containers, on loopback (docker-compose.airflow.yml; secrets into .env, once)
	@docker compose version >/dev/null 2>&1 || { echo "Docker with its compose plugin is needed; without Docker: make demo"; exit 2; }
	@$(PYTHON) -m stack.compose_env
	@mkdir -p data
	@GIT_SHA=$$(git rev-parse HEAD 2>/dev/null || echo unknown) $(COMPOSE) up --build --detach --remove-orphans
	@$(MAKE) --no-print-directory status

down: ## stop the containers; their volumes, and so all data, stay
	@$(COMPOSE) --profile cpu --profile gpu down

logs: ## what the containers say (SERVICE=airflow-scheduler)
	@$(COMPOSE) logs --tail 200 --follow $(SERVICE)

install: venv ## the same as venv

train: venv ## a quick training from a file: 5 trials, 10 epochs (CSV=path REGION=KR; else Greece's sample)
	@$(BIN)/python -m trainer train --csv "$(DATA)" --region $(SERIES) --trials 5 --epochs 10

train-prod: venv ## a production training from a file: 50 trials, 100 epochs (CSV=path REGION=KR)
	@$(BIN)/python -m trainer train --csv "$(DATA)" --region $(SERIES) --trials 50 --epochs 100

inference: venv ## a forecast with the newest model of `make train` (CSV=path REGION=KR HORIZON=24)
	@$(BIN)/python -m trainer forecast --csv "$(DATA)" --region $(SERIES) --horizon $(or $(HORIZON),24)

deploy: ## let Airflow in compose train, compare and promote (REGION=KR AS_OF=2023-10-31T00:00)
	@$(COMPOSE) exec airflow-api-server airflow dags trigger weekly_retrain_$(SERIES) $(if $(AS_OF),--conf '{"as_of": "$(AS_OF)"}')
	@$(COMPOSE) exec airflow-api-server airflow dags unpause weekly_retrain_$(SERIES)

alert: venv ## one trial alert to each place of the shell's DEMAND_FORECAST_NOTIFY_URLS (not of .env: docs/quick-start.md)
	@AIRFLOW_HOME=$${AIRFLOW_HOME:-$(CURDIR)/out/airflow} $(BIN)/python -m demand_forecast.alerts.trial_alert

test: venv ## the default suite, against real servers that it starts itself
	$(BIN)/python -m pytest -m "not cluster" $(PYTEST)

test-chaos: venv ## of the default suite the seven faults of make chaos alone; 3 minutes, 10 beside others
	$(BIN)/python -m pytest -m chaos $(PYTEST)

# --strict: where nobody tells of faults, none was found is no answer.
audit: venv ## known faults of the packages in constraints.txt, where the network lets their list be asked
	$(BIN)/uv tool run --quiet --from pip-audit==2.10.1 pip-audit --requirement constraints.txt --no-deps --disable-pip --strict

fuzz: venv ## 50,000 contents in the place of a step's manifest, and as many in that of a model's files; minutes
	$(BIN)/python -m pytest --hypothesis-profile=fuzz --timeout=3600 tests/unit/contract/test_any_manifest.py \
	  tests/unit/model/artifact/test_any_artifact.py $(PYTEST)

test-unit: venv ## the fast half: no servers
	$(BIN)/python -m pytest -m "not cluster and not chaos and not integration" $(PYTEST)

check: venv ## lint, format, types; never rewrites
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: venv ## constraints.txt from the requirements files
	$(BIN)/uv pip compile --universal --python-version 3.11 --quiet --no-header --no-annotate $(REQUIREMENTS) requirements-bench.txt -o constraints.txt

-include tests/cluster/cluster.mk

BILL := dist/demand-forecast.cdx.json

dist: venv ## the wheel and its bill of materials (CycloneDX), into dist/
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist .
	@$(MAKE) --no-print-directory bill
	@ls dist/*.whl $(BILL)

# Run from an environment of its own: what it needs would change what the suite's own packages do.
bill:
	@$(BIN)/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py environment --pyproject pyproject.toml \
	  --output-reproducible --output-file "$(BILL)" $(BIN)/python

docs: venv ## docs/configuration.md and docs/formats.md from the code's own descriptions
	$(BIN)/python -m demand_forecast.settings.settings_table > docs/configuration.md
	$(BIN)/python -m trainer.data.formats.page > docs/formats.md

fault-replay: venv ## docs/fault-replay.md from a replay of 60 days with every fault of metering and weather
	$(BIN)/python -m pytest tests/dags/fault_replay --write-docs

year: venv ## a year of daily runs, trainings and housekeeping in about an hour (CSV=path REGION=KR; servers of its own)
	$(BIN)/python -m benchmarks.year $(if $(CSV),--csv "$(CSV)") --region $(SERIES) --out out/year

replay-shadows: venv ## 120 days with an ensemble as champion and three shadows, twice: the same decisions to the digit (DAYS=120 WEEKS=1)
	$(BIN)/python -m benchmarks.shadows $(if $(CSV),--csv "$(CSV)") --region $(SERIES) --out out/shadows $(if $(DAYS),--days $(DAYS)) $(if $(WEEKS),--weeks $(WEEKS))

chaos: venv ## faults at random instants of daily runs and trainings, each mended and looked at (INJECTIONS=20 SEED=1)
	$(BIN)/python -m benchmarks.chaos $(if $(CSV),--csv "$(CSV)") --region $(SERIES) --out out/chaos $(if $(SEED),--seed $(SEED)) \
	  --injections $(or $(INJECTIONS),20) --trainings $(or $(TRAININGS),$(INJECTIONS),20) --airflow $(or $(AIRFLOW),$(INJECTIONS),20) \
	  $(if $(FAULTS),--faults "$(FAULTS)")

BENCH := out/benchmarks
WINDOW = $(if $(TEST_START),--test-start $(TEST_START)) $(if $(TEST_END),--test-end $(TEST_END))

bench-venv: $(VENV)/.bench-installed ## beside it the peers that the benchmarks measure us against

$(VENV)/.bench-installed: requirements-bench.txt $(VENV)/.installed
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-bench.txt -c constraints.txt
	@touch $@

# A benchmark that fails does not keep the others from their figures; the exit code tells of it.
bench: bench-venv ## ours beside its peers: accuracy, training, latency, threads; up to 90 minutes (CSV=path REGION=KR TEST_START= TEST_END=)
	@status=0; \
	$(BIN)/python -m benchmarks.accuracy --csv "$(DATA)" --region $(SERIES) $(WINDOW) --json $(BENCH)/accuracy.json || status=1; \
	$(BIN)/python -m benchmarks.training --csv "$(DATA)" --region $(SERIES) --json $(BENCH)/training.json || status=1; \
	$(BIN)/python -m benchmarks.latency --csv "$(DATA)" --region $(SERIES) --json $(BENCH)/latency.json || status=1; \
	$(BIN)/python -m benchmarks.threads --csv "$(DATA)" --region $(SERIES) --json $(BENCH)/threads.json || status=1; \
	$(BIN)/python -m benchmarks.goals $(BENCH); exit $$status

bench-accuracy: bench-venv ## accuracy alone, of a series beside that of make bench, whose figures stay (CSV=path REGION=FR TEST_START= TEST_END=)
	@$(BIN)/python -m benchmarks.accuracy --csv "$(DATA)" --region $(SERIES) $(WINDOW) --json $(BENCH)/accuracy-$(SERIES).json

bench-quick: venv ## what of it is done in 10 minutes: one column, the Fourier grid, latency (CSV=path REGION=KR)
	@status=0; \
	$(BIN)/python -m benchmarks.accuracy --quick --csv "$(DATA)" --region $(SERIES) $(WINDOW) --json $(BENCH)/quick/accuracy.json || status=1; \
	$(BIN)/python -m benchmarks.training --quick --csv "$(DATA)" --region $(SERIES) --json $(BENCH)/quick/training.json || status=1; \
	$(BIN)/python -m benchmarks.latency --csv "$(DATA)" --region $(SERIES) --json $(BENCH)/quick/latency.json || status=1; \
	$(BIN)/python -m benchmarks.goals $(BENCH)/quick; exit $$status

# A PYTHON that is named has its own packages, those on PYTHONPATH too: there may be no network to make .venv by.
ifeq ($(origin PYTHON),file)
bench-gpu: venv
BENCH_PYTHON := $(BIN)/python
else
BENCH_PYTHON := PYTHONPATH="$(PYTHONPATH):$(OWN_PACKAGES)" $(PYTHON)
endif

bench-gpu: ## docs/benchmarks.md's figures of a GPU, here, in 8 minutes (CSV=path REGION=KR; PYTHON=python3: without .venv)
	@$(BENCH_PYTHON) -m benchmarks.gpu --csv "$(DATA)" --region $(SERIES) $(if $(MINUTES),--minutes $(MINUTES)) $(if $(REHEARSE),--rehearse "$(REHEARSE)")

bench-docs: venv ## docs/benchmarks.md from the last `make bench` (BENCH=out/benchmarks/quick: from the last quick one)
	@mkdir -p $(BENCH)
	$(BIN)/python -m benchmarks.record $(BENCH) > $(BENCH)/benchmarks.md && mv $(BENCH)/benchmarks.md docs/benchmarks.md
