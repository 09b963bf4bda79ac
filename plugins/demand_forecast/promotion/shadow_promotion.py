"""What shadow_model does after the trainer's verb: whether a shadow becomes champion, and saying so."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Final

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.alerts import notify
from demand_forecast.database import connection
from demand_forecast.promotion import deployments
from demand_forecast.promotion.decision_records import decision_record, reject
from demand_forecast.promotion.deployment_rows import Status
from demand_forecast.promotion.gate import Case, Decision, PromotionPolicy, decide_from
from demand_forecast.promotion.superseded import refuse_superseded
from demand_forecast.settings import settings
from demand_forecast.tasks.manifests import ManifestError, verify_artifact
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from demand_forecast.tasks.run_manifests import manifest_of
from trainer.contract import Manifest, Region, Verb

log = logging.getLogger(__name__)

COMPARED: Final = "compare"
"""The action of the verb whose manifest has the figures of `evaluate`, of live hours."""


def judge_shadow(region: Region, *, dag_run: DagRun) -> str | None:
    """The task to go on with: verify_promotion or keep_production; None where nothing was to be promoted."""
    compared = manifest_of(Verb.SHADOW, region, dag_run)
    if compared.facts["action"] != COMPARED:
        return None
    decision = decision_on(compared)
    log.info("%s", decision.reason)
    return "verify_promotion" if decision.promote else "keep_production"


def decision_on(compared: Manifest) -> Decision:
    """The gate's decision on a shadow's comparison; a refusal where that is of too few days. Its reason says
    who asked for it and why. Recording it fails where another model is champion by then."""
    decision = _by_live_days(compared)
    asked = f"Asked for by {compared.facts['asked_by']}: {compared.facts['reason']}"
    return replace(decision, reason=f"{decision.reason} {asked}")


def _by_live_days(compared: Manifest) -> Decision:
    config, days = settings(), int(compared.facts["days"])
    if days < config.shadow_days:
        return Decision(
            promote=False,
            case=Case.TOO_FEW_HOURS,
            reason=f"Nothing is promoted: the shadow and the champion can be compared on {days} days, and "
            f"{config.shadow_days} days are needed.",
        )
    policy = PromotionPolicy(margin=config.margin, significance=config.significance)
    return decide_from(compared, compared.facts["champion_version"], policy)


def deployment_to_record(region: Region, *, dag_run: DagRun) -> dict[str, str | None]:
    """The parameters of the promotion's transaction, from the comparison's manifest alone.

    Raises AirflowFailException when that is missing, damaged, or does not carry a promotion, and when the
    shadow's files cannot serve.
    """
    compared = manifest_of(Verb.SHADOW, region, dag_run)
    decision = decision_on(compared)
    if not decision.promote:
        raise AirflowFailException(f"the evidence does not support a promotion: {decision.reason}")
    facts = compared.facts
    path, checksum = facts["artifact"]["path"], facts["artifact"]["checksum"]
    try:
        verify_artifact(settings().store_url, path, checksum)
    except ManifestError as error:
        raise AirflowFailException(f"{error}; the champion stays") from error
    return deployments.parameters(
        **decision_record(region, dag_run, compared, decision),
        artifact_path=path,
        artifact_checksum=checksum,
        trained_from=facts["train_from"],
        trained_to=facts["train_until"],
    )


def keep_production(region: Region, *, dag_run: DagRun) -> dict[str, str]:
    """Puts on record that the shadow was turned away, and why; it goes on as a shadow."""
    compared = manifest_of(Verb.SHADOW, region, dag_run)
    return reject(decision_record(region, dag_run, compared, decision_on(compared)))


def notify_of_decision(region: Region, *, dag_run: DagRun) -> None:
    """One message per decision: what was decided, and why."""
    with connection() as database:
        refuse_superseded(database, region, dag_run)
        row = deployments.of_run(database, region.name, trainer_run_id(dag_run))
    if row is None:
        raise AirflowFailException("no decision is on record of this run")
    promoted = row.status is not Status.REJECTED
    outcome = f"{row.version} is champion, from the shadow" if promoted else "the shadow stays one"
    notify.send(
        f"{region.title}: {outcome}",
        f"{row.reason}\n{notify.run_url(dag_run.dag_id, dag_run.run_id)}",
        kind="success" if promoted else "info",
    )
