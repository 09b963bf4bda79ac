"""What holds of the promotion gate for any figures and any policy."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from demand_forecast.promotion.gate import PromotionPolicy, decide
from demand_forecast.promotion.metrics import Metrics
from tests.unit.plugins.promotion.figures import ERRORS, figures

anything = st.none() | st.floats(allow_nan=True, allow_infinity=True)
sane = st.floats(min_value=0, max_value=1e6)
any_metrics = st.builds(
    Metrics,
    mape=anything,
    smape=anything,
    mae=anything,
    mse=anything,
    rmse=anything,
    r2=anything,
    hours=st.none() | st.integers(min_value=-1, max_value=1000),
)
policies = st.builds(
    PromotionPolicy,
    margin=st.floats(min_value=0, max_value=0.99),
    min_hours=st.integers(min_value=1, max_value=1000),
    force=st.booleans(),
    dry_run=st.booleans(),
)
WITHOUT_PERCENTAGES = replace(figures(mape=None), smape=None)
rivals = st.none() | any_metrics | st.builds(figures, sane)


@given(champion=rivals, challenger=rivals, policy=policies, baseline=rivals)
@example(champion=None, challenger=WITHOUT_PERCENTAGES, policy=PromotionPolicy(force=True), baseline=None)
def test_whatever_is_promoted_has_finite_figures_and_was_no_dry_run(
    champion: Metrics | None, challenger: Metrics | None, policy: PromotionPolicy, baseline: Metrics | None
) -> None:
    decision = decide(champion, challenger, policy, baseline=baseline)

    if decision.promote:
        assert challenger is not None
        said = {name: getattr(challenger, name) for name in ERRORS}
        if said["mape"] is None:  # where demand comes to zero or below, neither percentage means anything
            assert said.pop("mape") is said.pop("smape") is None
        assert all(math.isfinite(value) for value in said.values())
        assert not policy.dry_run
    assert decision.reason.endswith(".")


@given(champion=st.none() | st.builds(figures, sane), mape=sane, better_by=sane, policy=policies)
def test_a_challenger_with_a_lower_error_fares_no_worse(
    champion: Metrics | None, mape: float, better_by: float, policy: PromotionPolicy
) -> None:
    promoted = decide(champion, figures(mape), policy).promote

    assert not promoted or decide(champion, figures(max(0.0, mape - better_by)), policy).promote


@given(champion=rivals, challenger=st.builds(figures, sane), policy=policies)
def test_force_promotes_every_challenger_with_sound_figures(
    champion: Metrics | None, challenger: Metrics, policy: PromotionPolicy
) -> None:
    forced = replace(policy, force=True, dry_run=False)

    assert decide(champion, challenger, forced).promote


@given(champion=st.builds(figures, sane), challenger=st.builds(figures, sane), policy=policies)
def test_without_force_whoever_is_promoted_over_a_champion_is_strictly_better(
    champion: Metrics, challenger: Metrics, policy: PromotionPolicy
) -> None:
    if decide(champion, challenger, replace(policy, force=False)).promote:
        assert challenger.mape < champion.mape  # type: ignore[operator]
