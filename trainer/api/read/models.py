"""The champion, and every decision on a model with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from trainer.api.read import queries
from trainer.api.read.queries import Row
from trainer.api.read.routes import RegionName, Routes


class DeploymentBody(BaseModel):
    """One decision on one run's model, with its reason."""

    id: int
    version: str
    run_id: str
    status: Literal["active", "archived", "rejected"] = Field(
        description="active: the champion; archived: was champion; rejected: lost against it"
    )
    reason: str = Field(examples=["MAPE 1.49 % is 8.2 % better than the champion's 1.62 %"])
    metrics: dict[str, Any] = Field(
        description="challenger's and champion's figures on the same hours; beside_reference: on the hours "
        "of which the grid operator's own forecast is known, its figures and ours, where there are any; "
        "members: what each counts by in an average, places: by what each place's temperature counts, where "
        "there are several (shares, their sum 1); search: trials, epochs and as_of of the run's search, "
        "absent where it kept the champion's parameters"
    )
    mlflow_run_id: str | None = Field(description="of its training; null without MLflow")
    trained_from: datetime | None
    trained_to: datetime | None
    decided_at: datetime
    archived_at: datetime | None
    parent: str | None = Field(description="of a refit: the champion that it brought up to date")
    judged_version: str | None = Field(
        description="of a refit: the version that was judged on held-out days, whose networks it carries"
    )


class ModelsBody(BaseModel):
    region: str
    champion: DeploymentBody | None
    deployments: list[DeploymentBody] = Field(
        description="every decision, newest first; the champion may be a refit of one"
    )
    next_before: int | None = Field(description="give it as `before` for older ones; null at the end")


def add_models(routes: Routes) -> None:
    @routes.get("/models", "models", 404, 422, 503)
    def models(
        region: RegionName,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        before: Annotated[
            int | None, Query(ge=1, le=2**63 - 1, description="`next_before` of the page before")
        ] = None,
    ) -> ModelsBody:
        """The champion, and every decision with its reason: promoted, archived, rejected."""
        routes.configured(region)
        with routes.connect() as connection:
            champion = queries.champion(connection, region)
            rows = queries.deployments(connection, region, before=before, limit=limit)
        return _models(region, champion, rows, limit=limit)


def _models(region: str, champion: Row | None, rows: Sequence[Row], *, limit: int) -> ModelsBody:
    return ModelsBody(
        region=region,
        champion=DeploymentBody(**champion) if champion else None,
        deployments=[DeploymentBody(**row) for row in rows],
        next_before=rows[-1]["id"] if len(rows) == limit else None,
    )
