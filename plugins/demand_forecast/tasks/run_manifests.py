"""What a step of a DAG run left behind, for the tasks that come after it."""

from __future__ import annotations

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.settings import settings
from demand_forecast.tasks.manifests import ManifestError, read_manifest
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from trainer.contract import Manifest, Region, Verb


def manifest_of(verb: Verb, region: Region, dag_run: DagRun) -> Manifest:
    """The manifest of `verb` in this run, read back from the store.

    Raises AirflowFailException where it is missing or damaged: another try would find the same.
    """
    try:
        return read_manifest(settings().store_url, region.name, trainer_run_id(dag_run), verb.value)
    except ManifestError as error:
        raise AirflowFailException(str(error)) from error
