"""What the trainer and its callers agree on: verbs, exit codes, environment, regions, manifests.

Standard library only, since Airflow's side imports it while it parses DAG files.
"""

from __future__ import annotations

from trainer.contract.errors import ContractError
from trainer.contract.file_settings import NOTHING_SAID, STANDARD_TIME, FileSettings
from trainer.contract.manifests import (
    FileRef,
    Manifest,
    command_words,
    manifest_path,
    model_folder,
    model_version,
    run_folder,
    search_step,
    shadow_mark,
    slug,
    twin_version,
)
from trainer.contract.products import Product
from trainer.contract.region import RAW_DEMAND_SOURCE, SAMPLE_SOURCE, Region
from trainer.contract.regions import load_regions, regions_file
from trainer.contract.rollbacks import TURNED_AWAY
from trainer.contract.shadows import (
    DEFAULT_MAX_SHADOWS,
    MAX_SHADOW_DAYS,
    SHADOW_LOOK_BACK_DAYS,
    Shadow,
    ShadowKind,
    shadows_from_json,
    shadows_to_json,
)
from trainer.contract.verbs import (
    DATABASE_VERBS,
    FIRST_YEAR,
    INFLUXDB_VERBS,
    LANGUAGES,
    LAST_YEAR,
    MAX_DAYS,
    MAX_EPOCHS,
    MAX_HOLDOUT_DAYS,
    MAX_HORIZON,
    MAX_ISSUE_AGE_HOURS,
    MAX_ISSUE_DAYS,
    MAX_SEARCH_PODS,
    MAX_SEED,
    MAX_TRIALS,
    MIN_KEPT_CHAMPIONS,
    MIN_KEPT_DAYS,
    MLFLOW_VERBS,
    ORIGIN_HOURS,
    PLOTTING_VERBS,
    TRAINING_VERBS,
    Env,
    ExitCode,
    Verb,
)
from trainer.contract.verdicts import Fallback, Judgement, Verdict

__all__ = [
    "DATABASE_VERBS",
    "DEFAULT_MAX_SHADOWS",
    "FIRST_YEAR",
    "INFLUXDB_VERBS",
    "LANGUAGES",
    "LAST_YEAR",
    "MAX_DAYS",
    "MAX_EPOCHS",
    "MAX_HOLDOUT_DAYS",
    "MAX_HORIZON",
    "MAX_ISSUE_AGE_HOURS",
    "MAX_ISSUE_DAYS",
    "MAX_SEARCH_PODS",
    "MAX_SEED",
    "MAX_SHADOW_DAYS",
    "MAX_TRIALS",
    "MIN_KEPT_CHAMPIONS",
    "MIN_KEPT_DAYS",
    "MLFLOW_VERBS",
    "NOTHING_SAID",
    "ORIGIN_HOURS",
    "PLOTTING_VERBS",
    "RAW_DEMAND_SOURCE",
    "SAMPLE_SOURCE",
    "SHADOW_LOOK_BACK_DAYS",
    "STANDARD_TIME",
    "TRAINING_VERBS",
    "TURNED_AWAY",
    "ContractError",
    "Env",
    "ExitCode",
    "Fallback",
    "FileRef",
    "FileSettings",
    "Judgement",
    "Manifest",
    "Product",
    "Region",
    "Shadow",
    "ShadowKind",
    "Verb",
    "Verdict",
    "command_words",
    "load_regions",
    "manifest_path",
    "model_folder",
    "model_version",
    "regions_file",
    "run_folder",
    "search_step",
    "shadow_mark",
    "shadows_from_json",
    "shadows_to_json",
    "slug",
    "twin_version",
]
