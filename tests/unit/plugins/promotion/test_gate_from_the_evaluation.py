"""The promotion gate as it reads the evaluation's manifest, the operator's own forecast beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demand_forecast.promotion.gate import Case, Decision, decide_from
from tests.unit.plugins.promotion.figures import POLICY
from trainer.contract import Manifest


def evaluation(*, champion_version: str | None = "GR-1", **metrics: object) -> Manifest:
    sound = {"mape": 2.0, "smape": 2.0, "mae": 100.0, "mse": 2e4, "rmse": 141.4, "r2": 0.95}
    return Manifest(
        step="evaluate",
        region="GR",
        run_id="run",
        as_of="2020-11-01T00:00:00+00:00",
        parameters={},
        metrics={"challenger": {**sound, "mape": 1.5}, "champion": sound, "baseline": None, **metrics},
        facts={"hours": 672, "champion_version": champion_version},
    )


def test_the_evaluation_decides_between_challenger_and_champion() -> None:
    assert decide_from(evaluation(), "GR-1", POLICY).case == Case.BETTER


def test_a_region_without_a_champion_takes_the_evaluation_as_its_first() -> None:
    manifest = evaluation(champion_version=None, champion=None)

    assert decide_from(manifest, None, POLICY).case == Case.FIRST_MODEL


def test_a_champion_that_could_not_be_scored_does_not_count_as_absent() -> None:
    manifest = evaluation(champion=None)
    manifest = replace(manifest, facts={**manifest.facts, "champion_note": "its files are damaged"})

    decision = decide_from(manifest, "GR-1", POLICY)

    assert decision.case == Case.NOT_USABLE
    assert "the champion cannot be compared: its files are damaged" in decision.reason


def test_figures_of_a_champion_that_was_replaced_meanwhile_do_not_count() -> None:
    decision = decide_from(evaluation(), "GR-2", POLICY)

    assert decision.case == Case.NOT_USABLE
    assert "GR-2 is, but the evaluation measured GR-1" in decision.reason


def test_an_evaluation_without_a_challenger_promotes_nothing() -> None:
    assert decide_from(evaluation(challenger=None), "GR-1", POLICY).case == Case.NOT_USABLE


@pytest.mark.parametrize("mape", [None, "1.5", True, [1.5]])
def test_a_figure_that_is_no_number_promotes_nothing(mape: object) -> None:
    broken = {"mape": mape, "smape": 2.0, "mae": 100.0, "mse": 2e4, "rmse": 141.4, "r2": 0.95}

    assert decide_from(evaluation(challenger=broken), "GR-1", POLICY).case == Case.NOT_USABLE


OPERATOR = {
    "hours": 640,
    "reference": {"mape": 1.83},
    "challenger": {"mape": 1.45},
    "champion": {"mape": 1.9},
}


def beside(operator: object) -> Decision:
    manifest = evaluation()
    return decide_from(
        replace(manifest, facts={**manifest.facts, "beside_reference": operator}), "GR-1", POLICY
    )


def test_the_operator_s_own_forecast_goes_on_record_beside_the_challenger_on_the_same_hours() -> None:
    assert beside(OPERATOR).reason.endswith(
        "and 1.0% was asked. The operator's own forecast has MAPE 1.830 % on 640 of these hours, the "
        "challenger 1.450 % there."
    )


def test_where_percentages_mean_nothing_both_are_told_by_their_mae() -> None:
    signed = {
        "hours": 640,
        "reference": {"mape": None, "mae": 12.5},
        "challenger": {"mape": None, "mae": 9.25},
    }
    assert "has MAE 12.5 MW on 640 of these hours, the challenger 9.25 MW there." in beside(signed).reason


@pytest.mark.parametrize("mape", [0.1, 9.9])
def test_the_operator_s_own_forecast_has_no_vote(mape: float) -> None:
    assert beside({**OPERATOR, "reference": {"mape": mape}}).case == Case.BETTER


@pytest.mark.parametrize(
    "nothing", [None, {}, {**OPERATOR, "reference": {"mape": None}}, {**OPERATOR, "challenger": None}]
)
def test_where_it_says_nothing_the_reason_is_as_it_was(nothing: object) -> None:
    assert beside(nothing) == decide_from(evaluation(), "GR-1", POLICY)
