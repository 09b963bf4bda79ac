"""The promotion gate and chance: a difference that chance explains promotes nobody."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_forecast.promotion.gate import Case, PromotionPolicy, decide, decide_from
from demand_forecast.promotion.metrics import Improvement
from tests.unit.plugins.promotion.figures import POLICY, figures, saving
from tests.unit.plugins.promotion.test_gate_from_the_evaluation import evaluation


def test_an_improvement_day_by_day_is_promoted_with_its_interval_in_the_reason() -> None:
    decision = decide(figures(2.0), figures(1.5), POLICY, improvement=saving(0.5))

    assert decision.case == Case.BETTER
    assert decision.reason.endswith(
        "1.0% was asked; over 28 days it saves 0.5 points of MAPE a day (90 % interval 0.3 to 0.7, p 0.01)."
    )


def test_an_improvement_that_chance_explains_keeps_the_champion() -> None:
    decision = decide(figures(2.0), figures(1.9), POLICY, improvement=saving(0.1, p_value=0.3))

    assert (decision.promote, decision.case) == (False, Case.CHANCE)
    assert "(90 % interval -0.1 to 0.3, p 0.3), and p of at most 0.05 is asked" in decision.reason


@pytest.mark.parametrize(("p_value", "case"), [(0.05, Case.BETTER), (0.0501, Case.CHANCE)])
def test_a_probability_of_just_what_is_asked_is_enough(p_value: float, case: Case) -> None:
    assert decide(figures(2.0), figures(1.5), POLICY, improvement=saving(p_value=p_value)).case == case


def test_a_significance_of_one_leaves_the_decision_to_the_margin() -> None:
    policy = PromotionPolicy(significance=1)
    assert decide(figures(2.0), figures(1.9), policy, improvement=saving(p_value=0.99)).case == Case.BETTER


def test_what_is_certain_but_small_is_still_below_the_margin() -> None:
    assert decide(figures(2.0), figures(1.99), POLICY, improvement=saving(p_value=0)).case == Case.TIE


def test_force_promotes_what_chance_explains() -> None:
    decision = decide(
        figures(2.0), figures(1.9), replace(POLICY, force=True), improvement=saving(p_value=0.4)
    )
    assert decision.case == Case.FORCED


def test_a_first_model_is_measured_against_no_champion_and_so_by_no_chance() -> None:
    decision = decide(None, figures(2.0), POLICY, baseline=figures(5.0), improvement=saving(p_value=0.9))
    assert decision.case == Case.FIRST_MODEL


def test_an_improvement_in_megawatts_says_so() -> None:
    theirs, ours = (replace(figures(), mape=None, smape=None, mae=mae) for mae in (0.4, 0.3))
    assert "it saves 0.1 MW a day" in decide(theirs, ours, POLICY, improvement=saving(0.1)).reason


@pytest.mark.parametrize("significance", [0, -0.1, 1.1])
def test_a_significance_that_is_no_probability_is_refused(significance: float) -> None:
    with pytest.raises(ValueError, match="significance"):
        PromotionPolicy(significance=significance)


def with_improvement(fact: object) -> Case:
    manifest = evaluation()
    return decide_from(replace(manifest, facts={**manifest.facts, "improvement": fact}), "GR-1", POLICY).case


def test_the_evaluation_s_own_test_decides() -> None:
    assert with_improvement(asdict(saving(p_value=0.2))) == Case.CHANCE
    assert with_improvement(asdict(saving(p_value=0.02))) == Case.BETTER


def test_an_evaluation_without_the_test_is_decided_by_the_margin() -> None:
    assert with_improvement(None) == Case.BETTER


@given(p_value=st.floats(0, 1), more=st.floats(0, 1))
def test_a_surer_improvement_fares_no_worse(p_value: float, more: float) -> None:
    def promoted(improvement: Improvement) -> bool:
        return decide(figures(2.0), figures(1.5), POLICY, improvement=improvement).promote

    assert not promoted(saving(p_value=p_value)) or promoted(saving(p_value=p_value * more))
