"""Who may import whom, checked twice: in the source, and in a fresh interpreter."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Container, Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
AIRFLOW_SIDE = sorted([*REPOSITORY.glob("dags/*.py"), *REPOSITORY.glob("plugins/**/*.py")])
TRAINER_SIDE = sorted(REPOSITORY.glob("trainer/**/*.py"))
IN_ROOMS = [*TRAINER_SIDE, *sorted(REPOSITORY.glob("plugins/demand_forecast/**/*.py"))]
HEAVY = ("torch", "pandas", "mlflow", "numpy", "sklearn", "matplotlib")
FLOORS = (
    ("contract", "redaction", "data.runs", "model.arrays", "model.memory", "model.progress"),
    ("errors", "process_exit", "data.quality", "observers", "plots"),
    ("environment", "store", "database", "model.metrics", "model.paired_test", "model.target_transform"),
    ("data", "influx", "retention", "model.comparison", "model.shadow_comparison"),
    ("model.covariates",),
    ("model.config", "model.decomposition", "model.regressions"),
    ("model.trees", "model.training.regressions"),
    ("model.forecasting",),
    ("model.artifact", "model.training"),
    (
        "model.backtest_scores",
        "model.issued_weather_backtest",
        "model.production_replay",
        "model.training.search",
        "api",
    ),
    ("model.backtest",),
    ("steps", "demand_forecaster"),
    ("commands",),
    ("__main__",),
)
"""The trainer's rooms, the ground first: each imports itself and rooms on floors below its own."""
AIRFLOW_FLOORS = (
    ("settings", "promotion.sql"),
    ("database", "alerts", "tasks"),
    ("promotion", "page"),
    ("dag_defaults",),
    ("forecasting",),
)
"""The same of the Airflow side's."""
FLOOR_OF = {f"trainer.{room}": floor for floor, rooms in enumerate(FLOORS) for room in rooms} | {
    f"demand_forecast.{room}": floor for floor, rooms in enumerate(AIRFLOW_FLOORS) for room in rooms
}
WITH_TORCH = ("trainer.model.training", "trainer.observers.usage")
"""Where models are trained, and where a training's memory on the device is read."""


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def room_of(module: str) -> str | None:
    """The innermost room that holds the module; None for the package itself and for other packages."""
    return max((room for room in FLOOR_OF if within(module, room)), key=len, default=None)


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(REPOSITORY).with_suffix("").parts)
    return name.removeprefix("plugins.").removesuffix(".__init__")


def test_the_walls_have_two_sides() -> None:
    assert len(AIRFLOW_SIDE) > 10
    assert len(TRAINER_SIDE) > 10


@pytest.mark.parametrize("path", AIRFLOW_SIDE, ids=name_of)
def test_airflow_s_side_knows_nothing_of_the_trainer_but_its_contract(path: Path) -> None:
    # The package itself holds no code; its place on disk is the root that a verb's process needs.
    # The page shows what the REST API's read routes answer; they are as light as the contract's users need.
    allowed = ("trainer.contract", "trainer.api.read")
    known = [m for m in imports(path) if within(m, "trainer") and m != "trainer"]
    assert [m for m in known if not any(within(m, a) for a in allowed)] == []


@pytest.mark.parametrize("path", AIRFLOW_SIDE, ids=name_of)
def test_airflow_s_side_imports_nothing_heavy_even_inside_functions(path: Path) -> None:
    assert [m for m in imports(path) if any(within(m, heavy) for heavy in HEAVY)] == []


@pytest.mark.parametrize("path", TRAINER_SIDE, ids=name_of)
def test_the_trainer_knows_no_airflow(path: Path) -> None:
    foreign = ("airflow", "demand_forecast")
    assert [m for m in imports(path) if any(within(m, name) for name in foreign)] == []


@pytest.mark.parametrize("path", IN_ROOMS, ids=name_of)
def test_a_room_imports_nothing_from_its_own_floor_or_above(path: Path) -> None:
    here = room_of(module_of(path))
    if here is None:  # packages that only hold rooms; the outermost hands on the class that people import
        assert path.name == "__init__.py", "this module stands in no room: give it a floor"
        assert {room_of(m) for m in imports(path)} - {None} <= {"trainer.demand_forecaster"}
        return
    ours = here.partition(".")[0]
    others = {m: room for m in imports(path) if within(m, ours) and (room := room_of(m)) not in {here, None}}
    assert [m for m, room in others.items() if FLOOR_OF[room] >= FLOOR_OF[here]] == []


def test_no_files_import_each_other_in_a_circle_even_for_their_types() -> None:
    modules = {module_of(path): path for path in [*AIRFLOW_SIDE, *TRAINER_SIDE]}
    needed = {module: {_file_of(name, modules) for name in imports(path)} for module, path in modules.items()}
    assert len(list(TopologicalSorter(needed).static_order())) > len(modules)  # raises CycleError


def _file_of(imported: str, modules: Container[str]) -> str:
    """The module that an imported name is, or stands in."""
    return imported if imported in modules else imported.rpartition(".")[0]


@pytest.mark.parametrize("path", TRAINER_SIDE, ids=name_of)
def test_training_alone_needs_torch(path: Path) -> None:
    if not any(within(module_of(path), room) for room in WITH_TORCH):
        assert [m for m in imports(path) if within(m, "torch")] == []


def modules_after(code: str, tmp_path: Path) -> set[str]:
    """What a fresh interpreter has loaded after `code`, as Airflow's DAG processor would run it."""
    program = f"{code}\nimport json, sys\nprint('LOADED' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "AIRFLOW_HOME": str(tmp_path),
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'plugins'}",
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (loaded,) = [line for line in done.stdout.splitlines() if line.startswith("LOADED")]
    return set(json.loads(loaded.removeprefix("LOADED")))


def test_parsing_the_dags_loads_nothing_heavy(tmp_path: Path) -> None:
    files = [str(path) for path in REPOSITORY.glob("dags/*.py")]
    loaded = modules_after(f"import runpy\nfor path in {files!r}: runpy.run_path(path)", tmp_path)
    assert "demand_forecast.tasks.runtime" in loaded
    assert loaded & {"torch", "pandas", "mlflow", "sklearn", "matplotlib", "psycopg", "apprise"} == set()
    ours = {m for m in loaded if within(m, "trainer")}
    assert {m for m in ours if not within(m, "trainer.contract")} == {"trainer"}


def test_the_contract_needs_the_standard_library_only(tmp_path: Path) -> None:
    loaded = modules_after("import trainer.contract", tmp_path)
    outside = {m.partition(".")[0] for m in loaded} - sys.stdlib_module_names - {"__main__", "trainer"}
    outside = {m for m in outside if not m.startswith("_sysconfigdata")}
    # What the environment's own start-up hooks load is not the contract's doing.
    assert outside <= {m.partition(".")[0] for m in modules_after("pass", tmp_path)}


def test_the_trainer_s_command_line_starts_without_airflow(tmp_path: Path) -> None:
    loaded = modules_after("import trainer.commands.cli", tmp_path)
    assert not {m for m in loaded if within(m, "airflow") or within(m, "demand_forecast")}


def test_a_forecast_from_a_file_waits_for_no_network_library_database_plot_or_search(tmp_path: Path) -> None:
    verb = (
        "import trainer.commands.cli, trainer.commands.verbs, trainer.steps.snapshot, trainer.steps.forecast"
    )
    loaded = {m.partition(".")[0] for m in modules_after(verb, tmp_path)}
    heavy = {
        "torch",
        "sklearn",
        "sqlalchemy",
        "alembic",
        "psycopg",
        "matplotlib",
        "mlflow",
        "optuna",
        "holidays",
    }
    assert "pandas" in loaded
    assert loaded & heavy == set()


def test_a_model_is_read_and_forecast_with_numpy_and_pandas_alone(tmp_path: Path) -> None:
    rooms = ("covariates", "decomposition", "regressions", "forecasting", "artifact")
    modules = [module_of(path) for room in rooms for path in REPOSITORY.glob(f"trainer/model/{room}/*.py")]
    loaded = {m.partition(".")[0] for m in modules_after(f"import {', '.join(modules)}", tmp_path)}
    assert "pandas" in loaded
    assert loaded & {"torch", "sklearn", "matplotlib", "optuna"} == set()


def test_the_database_s_driver_comes_without_what_migrates_it(tmp_path: Path) -> None:
    loaded = {m.partition(".")[0] for m in modules_after("import trainer.database", tmp_path)}
    assert "psycopg" in loaded
    assert loaded & {"sqlalchemy", "alembic"} == set()


def test_the_read_routes_are_light_enough_for_airflow_s_page(tmp_path: Path) -> None:
    loaded = modules_after("import trainer.api.read", tmp_path)
    assert not {m for m in loaded if m in HEAVY or within(m, "airflow") or within(m, "sqlalchemy")}
