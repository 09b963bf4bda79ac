"""The region and the DAG run whose tasks the tests run."""

from __future__ import annotations

from types import SimpleNamespace

from trainer.contract import load_regions

KR = load_regions({})["KR"]
RUN = SimpleNamespace(dag_id="weekly_retrain_KR", run_id="manual__1")
