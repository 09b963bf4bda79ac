"""Who may see what: whoever may read a region's DAGs in Airflow may read the region's figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import HTTPException, Request

from trainer.contract import Region

DAGS: Final = ("daily_forecast", "weekly_retrain")
"""Names of a region's DAGs, before `_REGION`."""


def may_read_dags(request: Request, user: GetUserDep) -> None:
    """Raises HTTPException 401 for nobody, 403 for one who may not read DAGs at all."""
    requires_access_dag("GET")(request, user)


def may_read_region(request: Request, user: GetUserDep, region: str = "") -> None:
    """Raises HTTPException 401 for nobody, 403 for one who may not read both DAGs of the region."""
    for name in DAGS:
        requires_access_dag("GET", param_dag_id=f"{name}_{region}")(request, user)


def readable(regions: Iterable[Region], request: Request, user: GetUserDep) -> list[Region]:
    """The regions among `regions` that the user may read."""

    def allowed(region: Region) -> bool:
        try:
            may_read_region(request, user, region.name)
        except HTTPException:
            return False
        return True

    return [region for region in regions if allowed(region)]
