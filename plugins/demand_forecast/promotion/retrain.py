"""What weekly_retrain does between the trainer's verbs: whose turn it is to be champion, and saying so."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from airflow.sdk.exceptions import AirflowFailException

from demand_forecast.alerts import notify
from demand_forecast.database import connection
from demand_forecast.promotion import deployments
from demand_forecast.promotion.decision_records import decision_record, reject
from demand_forecast.promotion.deployment_rows import Status
from demand_forecast.promotion.gate import Case, Decision, PromotionPolicy, decide_from
from demand_forecast.promotion.pinned_versions import pinned, version_options
from demand_forecast.settings import settings
from demand_forecast.tasks.run_arguments import DagRun, trainer_run_id
from demand_forecast.tasks.run_manifests import manifest_of
from trainer.contract import Manifest, Region, Verb

log = logging.getLogger(__name__)

DECISION: Final = "decision"
"""XCom key of the decision's words, for the page and for people; nothing is decided by it."""


def active_model(region: Region) -> dict[str, str] | None:
    """Version and checksum of the champion that the candidate is measured against; None without one."""
    with connection() as database:
        champion = deployments.active(database, region.name)
    if champion is None:
        log.info("region %s has no champion yet: this is its first model", region.name)
        return None
    return pinned(champion)


def champion_options(task_id: str) -> dict[str, str]:
    """Options of `evaluate` from the output of the task that runs active_model; none in a region's first
    retraining."""
    return version_options("champion", f"ti.xcom_pull(task_ids='{task_id}') or {{}}")


def decide_promotion(region: Region, *, dag_run: DagRun, params: Mapping[str, Any], ti: Any) -> str:
    """The task to go on with: promote, keep_production, or notify after a dry run."""
    evaluation = manifest_of(Verb.EVALUATE, region, dag_run)
    with connection() as database:
        champion = deployments.active(database, region.name)
        measured = evaluation.facts.get("champion_version")
        judged = deployments.judged_as(database, region.name, measured)
    against = champion.version if champion else None
    if champion and champion.judged == judged:  # a refit meanwhile carries the networks that were measured
        against = measured
    decision = decide_from(evaluation, against, policy(params))
    log.info("%s", decision.reason)
    ti.xcom_push(key=DECISION, value={"case": decision.case.value, "reason": decision.reason})
    if decision.case is Case.DRY_RUN:
        return "notify"
    return "promote" if decision.promote else "keep_production"


def deployment_to_record(
    region: Region, *, dag_run: DagRun, params: Mapping[str, Any]
) -> dict[str, str | None]:
    """The parameters of the promotion's transaction, from the manifests of evaluate and promote alone.

    The decision is made again from the evidence, so that no state of a task promotes a model.
    Raises AirflowFailException when the evidence is missing, damaged, or does not carry a promotion.
    """
    evaluation = manifest_of(Verb.EVALUATE, region, dag_run)
    published = manifest_of(Verb.PROMOTE, region, dag_run)
    decision = _decision_as_measured(evaluation, params)
    if not decision.promote:
        raise AirflowFailException(f"the evidence does not support a promotion: {decision.reason}")
    facts = published.facts
    if facts["version"] != evaluation.facts["challenger_version"]:
        raise AirflowFailException(
            f"version {facts['version']} was published, but {evaluation.facts['challenger_version']} was "
            "measured; clear evaluate and what follows it"
        )
    return deployments.parameters(
        **decision_record(region, dag_run, evaluation, decision),
        artifact_path=facts["artifact"]["path"],
        artifact_checksum=facts["artifact"]["checksum"],
        trained_from=facts["train_from"],
        trained_to=facts["train_until"],
    )


def keep_production(region: Region, *, dag_run: DagRun, params: Mapping[str, Any], ti: Any) -> dict[str, str]:
    """Puts on record that the candidate was turned away, and why."""
    evaluation = manifest_of(Verb.EVALUATE, region, dag_run)
    said = ti.xcom_pull(task_ids="decide_promotion", key=DECISION) or {}
    decision = _decision_as_measured(evaluation, params)
    reason = str(said.get("reason") or decision.reason)
    return reject({**decision_record(region, dag_run, evaluation, decision), "reason": reason})


def notify_of_decision(region: Region, *, dag_run: DagRun, ti: Any) -> None:
    """One message per run: what was decided, why, and with which figures."""
    said = ti.xcom_pull(task_ids="decide_promotion", key=DECISION) or {}
    with connection() as database:
        champion = deployments.active(database, region.name)
        row = deployments.of_run(database, region.name, trainer_run_id(dag_run))
    promoted = row is not None and row.status is not Status.REJECTED  # a refit may be champion by now
    try:
        metrics = manifest_of(Verb.EVALUATE, region, dag_run).metrics.get("challenger") or {}
    except AirflowFailException:
        metrics = {}
    outcome = "new champion" if promoted else "nothing promoted"
    notify.send(
        f"{region.title}: {outcome}",
        "\n".join(
            [
                str(said.get("reason", "no decision is on record")),
                f"Champion: {champion.version if champion else 'none'}",
                f"Candidate on the held-out days: {notify.figures(metrics)}",
                notify.run_url(dag_run.dag_id, dag_run.run_id),
            ]
        ),
        kind="success" if promoted else "info",
    )


def policy(params: Mapping[str, Any]) -> PromotionPolicy:
    """What the gate goes by: the run's Params, and the setting that no run changes."""
    return PromotionPolicy(
        margin=params["margin"],
        significance=settings().significance,
        force=params["force_promote"],
        dry_run=params["dry_run"],
    )


def _decision_as_measured(evaluation: Manifest, params: Mapping[str, Any]) -> Decision:
    """The decision against the champion that was measured; recording it fails if that is another by now."""
    return decide_from(evaluation, evaluation.facts["champion_version"], policy(params))
