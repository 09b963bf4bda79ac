"""The names in docker-compose.airflow.yml's environments: each is one that somebody reads."""

from __future__ import annotations

import re
import shlex
from urllib.parse import urlsplit

import pytest
from airflow.cli.cli_parser import get_parser
from airflow.configuration import conf

from demand_forecast.settings import Settings, environment_names
from tests.unit.compose.composition import (
    EXAMPLE,
    REPOSITORY,
    dotenv,
    environment,
    interpolated,
    references,
    running,
    services,
    text,
)
from trainer.contract import Env, load_regions

MLFLOW_SERVER_IMPORTS = pytest.mark.filterwarnings("ignore:The ``noload`` loader:DeprecationWarning")
"""With a warning of MLflow's own tables."""
EACH = pytest.mark.parametrize("name", sorted(services()))


def test_every_variable_of_the_file_is_explained_in_the_example_and_the_other_way_round() -> None:
    example = EXAMPLE.read_text(encoding="utf-8")
    explained = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, flags=re.MULTILINE))
    made_by_make_and_compose = {"GIT_SHA", "COMPOSE_PROFILES"}
    assert references(text()) - made_by_make_and_compose == explained - made_by_make_and_compose


@EACH
def test_our_own_variables_are_ones_that_the_code_reads(name: str) -> None:
    known = {*environment_names(), *Env}
    ours = {
        v for v in environment(name) if v.startswith(("DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_TRACKING_"))
    }
    assert ours - known <= ({"DEMAND_FORECAST_DB_PASSWORD"} if name == "postgres" else set())


@EACH
def test_airflow_s_variables_are_options_that_airflow_has(name: str) -> None:
    for variable in environment(name):
        if found := re.fullmatch(r"AIRFLOW__([A-Z_]+?)__([A-Z_]+)", variable):
            section, option = found[1].lower(), found[2].lower()
            assert option in conf.configuration_description.get(section, {}).get("options", {}), variable


@EACH
def test_the_images_variables_are_ones_that_they_read(name: str) -> None:
    """From the images' and servers' own documentation."""
    import mlflow.environment_variables as of_mlflow

    documented = {
        "postgres": {"POSTGRES_PASSWORD", "PGDATA", "TIMESCALEDB_TELEMETRY"},
        "influxdb": {
            *(
                f"DOCKER_INFLUXDB_INIT_{n}"
                for n in ("MODE", "USERNAME", "PASSWORD", "ORG", "BUCKET", "ADMIN_TOKEN")
            ),
            "INFLUXD_REPORTING_DISABLED",
        },
        "grafana": {
            *("GF_ANALYTICS_REPORTING_ENABLED", "GF_SECURITY_ADMIN_PASSWORD"),
            *("GF_SERVER_ROOT_URL", "GF_USERS_ALLOW_SIGN_UP"),
        },
        # The command line's own, which are no objects of mlflow's.
        "mlflow": {"MLFLOW_BACKEND_STORE_URI", "MLFLOW_ARTIFACTS_DESTINATION"},
    }
    script = (REPOSITORY / "compose/databases.sh").read_text(encoding="utf-8")
    for variable in environment(name):
        if variable.startswith(("AIRFLOW__", "DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_TRACKING_")):
            continue  # judged above
        assert (
            variable in documented.get(name, set())
            or (name == "postgres" and f"${variable}" in script)
            or (name == "mlflow" and hasattr(of_mlflow, variable))
            or (name == "airflow-api-server" and variable in str(services()[name]["command"]))
            or (name == "api" and variable == "MPLCONFIGDIR")
            or variable == "AIRFLOW_CONN_DEMAND_FORECAST_POSTGRES"
        ), f"nothing reads {variable} of {name}"


def test_the_connection_is_the_one_that_the_dags_ask_for() -> None:
    asked_for = f"AIRFLOW_CONN_{Settings.model_fields['postgres_conn_id'].default.upper()}"
    assert asked_for in environment("airflow-scheduler")


def test_no_secret_is_written_in_the_file() -> None:
    secret = re.compile(r"(PASSWORD|TOKEN|SECRET|FERNET_KEY)$")
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            if secret.search(variable):
                assert re.fullmatch(r"\$\{\w+:(\?[^}]+|-\$\{\w+:\?[^}]+\})\}", str(value)), (
                    f"{variable} of {name}"
                )


def test_the_settings_of_a_fresh_env_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    from demand_forecast.settings import load_settings

    for variable, value in environment("airflow-scheduler").items():
        if variable.startswith(("DEMAND_FORECAST_", "INFLUXDB_", "MLFLOW_")):
            monkeypatch.setenv(variable, value)
    config = load_settings()
    assert config.runtime == "local"
    assert config.notify_urls == ()


@MLFLOW_SERVER_IMPORTS
def test_the_page_s_links_to_mlflow_lead_where_a_browser_finds_it_and_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from mlflow.server.security_utils import is_allowed_host_header

    from demand_forecast.page.setup import setup
    from demand_forecast.settings import load_settings

    for variable in ("DEMAND_FORECAST_MLFLOW_PUBLIC_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.setenv(variable, environment("airflow-api-server")[variable])
    address = urlsplit(setup(load_settings(), [], "en").mlflow_url or "")
    published = [port.rpartition(":")[0] for port in running()["mlflow"]["ports"]]
    assert f"127.0.0.1:{address.port}" in published
    assert address.hostname == "localhost"
    allowed = environment("mlflow")["MLFLOW_SERVER_ALLOWED_HOSTS"].split(",")
    inside = urlsplit(environment("airflow-scheduler")["MLFLOW_TRACKING_URI"])
    assert all(is_allowed_host_header(allowed, place.netloc) for place in (address, inside))


@MLFLOW_SERVER_IMPORTS
def test_a_proxy_s_address_of_mlflow_is_answered_too() -> None:
    from mlflow.server.security_utils import is_allowed_host_header

    written = services()["mlflow"]["environment"]["MLFLOW_SERVER_ALLOWED_HOSTS"]
    allowed = interpolated(written, {"MLFLOW_PUBLIC_HOST": "mlflow.example.org"}).split(",")
    assert is_allowed_host_header(allowed, "mlflow.example.org")
    assert not is_allowed_host_header(allowed, "elsewhere.example.org")


def test_the_default_regions_file_is_one() -> None:
    source = dotenv(EXAMPLE.read_text(encoding="utf-8"))["REGIONS_FILE"]
    assert load_regions({Env.REGIONS_FILE: str(REPOSITORY / source)})


def test_the_pool_that_trainings_wait_for_is_made_with_deferred_tasks_counted() -> None:
    (script,) = services()["airflow-init"]["command"]
    made = next(line for line in script.splitlines() if "pools set" in line).partition("||")[2]
    options = get_parser().parse_args(shlex.split(made)[1:])
    assert options.pool == environment("airflow-scheduler")["DEMAND_FORECAST_TRAINING_POOL"]
    assert (options.slots, options.include_deferred) == (1, True)
