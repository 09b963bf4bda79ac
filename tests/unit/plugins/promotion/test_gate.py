"""The promotion gate: which figures make a challenger champion, and which reason goes on record."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from demand_forecast.promotion.gate import Case, Decision, PromotionPolicy, decide
from demand_forecast.promotion.metrics import Metrics
from tests.unit.plugins.promotion.figures import ERRORS, POLICY, figures


def test_a_clear_improvement_is_promoted_with_the_figures_in_the_reason() -> None:
    decision = decide(figures(2.0), figures(1.5), POLICY)

    assert decision == Decision(
        promote=True,
        case=Case.BETTER,
        reason="The challenger wins: MAPE 1.500 % against the champion's 2.000 % over the same 672 h is "
        "25.0% better, and 1.0% was asked.",
    )


def test_an_improvement_of_exactly_the_margin_is_promoted() -> None:
    assert decide(figures(2.0), figures(1.98), PromotionPolicy(margin=0.01)).case == Case.BETTER


def test_an_improvement_below_the_margin_keeps_the_champion() -> None:
    decision = decide(figures(2.0), figures(1.99), PromotionPolicy(margin=0.01))

    assert (decision.promote, decision.case) == (False, Case.TIE)
    assert "only 0.5% better" in decision.reason


def test_a_tie_keeps_the_champion_even_without_a_margin() -> None:
    assert decide(figures(2.0), figures(2.0), PromotionPolicy(margin=0)).case == Case.TIE


def test_a_worse_challenger_keeps_the_champion() -> None:
    decision = decide(figures(2.0), figures(2.5), POLICY)

    assert (decision.promote, decision.case) == (False, Case.WORSE)
    assert "MAPE 2.500 % against the champion's 2.000 %" in decision.reason


def in_megawatts(mae: float) -> Metrics:
    """As of demand that passes zero."""
    return replace(figures(), mape=None, smape=None, mae=mae)


@pytest.mark.parametrize(("mae", "case"), [(0.30, Case.BETTER), (0.399, Case.TIE), (0.5, Case.WORSE)])
def test_where_percentages_mean_nothing_the_mae_decides(mae: float, case: Case) -> None:
    decision = decide(in_megawatts(0.4), in_megawatts(mae), POLICY)
    assert decision.case == case
    assert f"MAE {mae:.4g} MW against the champion's 0.4 MW over the same 672 h" in decision.reason


def test_a_percentage_is_never_compared_with_megawatts() -> None:
    assert decide(in_megawatts(0.4), figures(), POLICY).case == Case.NOT_USABLE


def test_a_first_model_in_megawatts_has_to_beat_a_baseline() -> None:
    assert decide(None, in_megawatts(0.4), POLICY, baseline=in_megawatts(0.5)).case == Case.FIRST_MODEL
    assert decide(None, in_megawatts(0.4), POLICY).case == Case.NOT_USABLE


def test_a_perfect_champion_is_not_beaten_and_divides_nothing_by_zero() -> None:
    assert decide(figures(0.0), figures(0.1), POLICY).case == Case.WORSE


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -1.0, None])
def test_a_challenger_with_one_unusable_figure_is_turned_away(name: str, value: float | None) -> None:
    decision = decide(figures(2.0), replace(figures(1.0), **{name: value}), POLICY)

    assert (decision.promote, decision.case) == (False, Case.NOT_USABLE)
    assert name.upper() in decision.reason


@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("value", [math.nan, math.inf, None])
def test_a_champion_with_one_unusable_figure_stays_until_somebody_forces_it(
    name: str, value: float | None
) -> None:
    champion = replace(figures(2.0), **{name: value})

    assert decide(champion, figures(1.0), POLICY).case == Case.NOT_USABLE
    assert decide(champion, figures(1.0), replace(POLICY, force=True)).promote


def test_r2_may_be_absent_where_the_demand_was_constant_but_not_infinite() -> None:
    assert decide(figures(2.0), replace(figures(1.0), r2=None), POLICY).promote
    assert not decide(figures(2.0), replace(figures(1.0), r2=-math.inf), POLICY).promote


def test_a_challenger_without_figures_is_turned_away() -> None:
    assert decide(figures(2.0), None, POLICY).case == Case.NOT_USABLE


def test_figures_over_different_hours_are_not_compared() -> None:
    decision = decide(figures(2.0, hours=672), figures(1.0, hours=648), POLICY)

    assert (decision.promote, decision.case) == (False, Case.HOURS_DIFFER)
    assert "672 h" in decision.reason
    assert "648 h" in decision.reason


def test_too_few_hours_decide_nothing() -> None:
    assert decide(figures(2.0, hours=24), figures(1.0, hours=24), POLICY).case == Case.TOO_FEW_HOURS
    assert decide(None, figures(1.0, hours=24), POLICY).case == Case.TOO_FEW_HOURS


def test_hours_that_nobody_counted_decide_nothing() -> None:
    assert decide(figures(2.0), figures(1.0, hours=None), POLICY).case == Case.NOT_USABLE


def test_a_first_model_is_promoted_when_it_beats_the_baseline() -> None:
    decision = decide(None, figures(2.0), POLICY, baseline=figures(5.0))

    assert (decision.promote, decision.case) == (True, Case.FIRST_MODEL)
    assert "below the 5.000 % of the seasonal naive forecast" in decision.reason


def test_a_first_model_no_better_than_the_baseline_is_turned_away() -> None:
    decision = decide(None, figures(5.0), POLICY, baseline=figures(5.0))

    assert (decision.promote, decision.case) == (False, Case.FIRST_MODEL_WEAK)


def test_a_first_model_without_a_baseline_must_lie_below_the_limit() -> None:
    policy = PromotionPolicy(weak_mape=15.0)

    assert decide(None, figures(14.9), policy).case == Case.FIRST_MODEL
    assert decide(None, figures(15.0), policy).case == Case.FIRST_MODEL_WEAK


@pytest.mark.parametrize("baseline", [figures(None), figures(math.nan), figures(5.0, hours=600)])
def test_a_first_model_is_not_measured_against_a_baseline_that_says_nothing(baseline: Metrics) -> None:
    assert decide(None, figures(2.0), POLICY, baseline=baseline).case == Case.NOT_USABLE


def test_force_promotes_a_worse_challenger_and_says_what_would_have_been() -> None:
    decision = decide(figures(2.0), figures(2.5), replace(POLICY, force=True))

    assert (decision.promote, decision.case) == (True, Case.FORCED)
    assert "25.0% worse" in decision.reason


def test_force_does_not_take_the_credit_of_a_win() -> None:
    assert decide(figures(2.0), figures(1.0), replace(POLICY, force=True)).case == Case.BETTER


def test_a_dry_run_promotes_nothing_and_says_what_would_be() -> None:
    dry = replace(POLICY, dry_run=True)

    better = decide(figures(2.0), figures(1.0), dry)
    worse = decide(figures(2.0), figures(3.0), dry)
    forced = decide(figures(2.0), figures(3.0), replace(dry, force=True))

    assert {d.promote for d in (better, worse, forced)} == {False}
    assert {d.case for d in (better, worse, forced)} == {Case.DRY_RUN}
    assert better.reason.startswith("Dry run: the challenger would be promoted. The challenger wins")
    assert worse.reason.startswith("Dry run: nothing would be promoted.")
    assert forced.reason.startswith("Dry run: the challenger would be promoted. Promoted by force")


@pytest.mark.parametrize(
    "wrong", [{"margin": -0.1}, {"margin": 1.0}, {"margin": math.nan}, {"min_hours": 0}, {"weak_mape": 0.0}]
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        PromotionPolicy(**wrong)  # type: ignore[arg-type]
