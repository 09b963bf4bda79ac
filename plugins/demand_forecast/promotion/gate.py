"""The promotion gate: decides from figures alone whether a challenger becomes champion.

It fails closed: a figure that is missing, not finite or measured on other hours keeps the champion. The
MAPE over the held-out hours decides, the MAE where demand is zero or below at some of them, so that a
percentage means nothing; the other figures must be finite but have no vote. An improvement that chance
explains, by the test on the days' errors that `evaluate` made, promotes nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from demand_forecast.promotion.metrics import DecidingError, Improvement, Metrics, deciding_error
from trainer.contract import Manifest


class Case(StrEnum):
    """Why a decision fell as it did."""

    FIRST_MODEL = "first model"
    FIRST_MODEL_WEAK = "first model too weak"
    BETTER = "better"
    TIE = "tie"
    CHANCE = "chance explains it"
    WORSE = "worse"
    NOT_USABLE = "figures not usable"
    HOURS_DIFFER = "hours differ"
    TOO_FEW_HOURS = "too few hours"
    FORCED = "forced"
    DRY_RUN = "dry run"


@dataclass(frozen=True, kw_only=True)
class PromotionPolicy:
    """What a challenger must show."""

    margin: float = 0.01
    """Share of the champion's error that the challenger's must lie below it: 0.01 is 1 %."""
    significance: float = 0.05
    """The improvement's p-value must not lie above it; 1: the margin alone decides."""
    min_hours: int = 120
    """Fewer held-out hours than this decide nothing: a week, less its first day, which nobody forecasts where
    forecasts are of tomorrow, and less what a clock change and gaps may take."""
    weak_mape: float = 15.0
    """Percent: where no baseline was scored, a first model must lie below this."""
    force: bool = False
    """Promote whatever the comparison says, as long as the challenger's own figures are finite."""
    dry_run: bool = False
    """Decide and say so, but promote nothing."""

    def __post_init__(self) -> None:
        if not 0 <= self.margin < 1:
            raise ValueError(f"margin {self.margin} is not within 0..1: it is a share, 0.01 stands for 1 %")
        if not 0 < self.significance <= 1:
            raise ValueError(f"significance {self.significance} is not within 0..1: it is a probability")
        if self.min_hours < 1:
            raise ValueError(f"min_hours {self.min_hours} is below 1: nothing would have been measured")
        if not self.weak_mape > 0:
            raise ValueError(f"weak_mape {self.weak_mape} % must be positive")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`reason` is a sentence with figures and units, as it goes on record."""

    promote: bool
    case: Case
    reason: str


def decide(
    champion: Metrics | None,
    challenger: Metrics | None,
    policy: PromotionPolicy,
    *,
    baseline: Metrics | None = None,
    improvement: Improvement | None = None,
) -> Decision:
    """Whether the challenger becomes champion.

    champion: None only where the region has no champion; one that was not scored is Metrics.not_had.
    baseline: the seasonal naive forecast's figures on the same hours; a first model must beat them, or
    lie below `policy.weak_mape` where there are none.
    improvement: of the challenger's daily errors over the champion's; without one, as an evaluation by an
    earlier release or of few days has none, the margin alone decides.
    """
    decision = _on_merit(champion, challenger, policy, baseline, improvement)
    if policy.force and not decision.promote and challenger is not None and challenger.fault() is None:
        decision = Decision(
            promote=True, case=Case.FORCED, reason=f"Promoted by force. Without it: {decision.reason}"
        )
    if policy.dry_run:
        outcome = "the challenger would be promoted" if decision.promote else "nothing would be promoted"
        return Decision(promote=False, case=Case.DRY_RUN, reason=f"Dry run: {outcome}. {decision.reason}")
    return decision


def decide_from(manifest: Manifest, champion_version: str | None, policy: PromotionPolicy) -> Decision:
    """`decide` on the figures in the manifest of the step `evaluate`.

    champion_version: the version that is active in the database. Its figures count only where the
    manifest measured that very version. Where the grid operator's own forecast is known of some of the
    hours, the reason ends with its error and the challenger's there, which have no vote.
    """
    hours = manifest.facts.get("hours")
    figures = {
        name: Metrics.parse(values, hours)
        for name in ("challenger", "champion", "baseline")
        if isinstance(values := manifest.metrics.get(name), Mapping)
    }
    champion = None
    if champion_version is not None:
        measured = manifest.facts.get("champion_version")
        if measured != champion_version:
            champion = Metrics.not_had(f"{champion_version} is, but the evaluation measured {measured}")
        else:
            note = manifest.facts.get("champion_note") or "the evaluation has no figures of it"
            champion = figures.get("champion") or Metrics.not_had(str(note))
    decision = decide(
        champion,
        figures.get("challenger"),
        policy,
        baseline=figures.get("baseline"),
        improvement=Improvement.parse(manifest.facts.get("improvement")),
    )
    if beside := _beside_operator(manifest.facts.get("beside_reference")):
        return replace(decision, reason=f"{decision.reason} {beside}")
    return decision


def _beside_operator(beside: Any) -> str | None:
    """The sentence of what `evaluate` says of the operator's own forecast; None where it says nothing."""
    if not isinstance(beside, Mapping):
        return None
    operator, challenger = (Metrics.parse(beside.get(who) or {}) for who in ("reference", "challenger"))
    if operator.mape is not None and challenger.mape is not None:
        theirs, ours = DecidingError("MAPE", operator.mape, "%"), DecidingError("MAPE", challenger.mape, "%")
    elif operator.mae is not None and challenger.mae is not None:
        theirs, ours = DecidingError("MAE", operator.mae, "MW"), DecidingError("MAE", challenger.mae, "MW")
    else:
        return None
    return (
        f"The operator's own forecast has {theirs} on {beside.get('hours')} of these hours, the challenger "
        f"{ours.said} there."
    )


def _on_merit(
    champion: Metrics | None,
    challenger: Metrics | None,
    policy: PromotionPolicy,
    baseline: Metrics | None,
    improvement: Improvement | None,
) -> Decision:
    if challenger is None:
        return _not_promoted(Case.NOT_USABLE, "the challenger was not scored")
    if fault := challenger.fault():
        return _not_promoted(Case.NOT_USABLE, f"the challenger cannot be judged: {fault}")
    assert challenger.hours is not None
    if challenger.hours < policy.min_hours:
        return _not_promoted(
            Case.TOO_FEW_HOURS,
            f"the challenger was scored on {challenger.hours} h, fewer than the {policy.min_hours} h that "
            "a decision needs",
        )
    if champion is None:
        return _first(challenger, challenger.hours, policy, baseline)
    return _against(champion, challenger, policy, improvement)


def _first(model: Metrics, hours: int, policy: PromotionPolicy, baseline: Metrics | None) -> Decision:
    error = deciding_error(model)
    figure = f"{error} over {hours} h"
    if baseline is None:
        if error.name != "MAPE":
            return _not_promoted(Case.NOT_USABLE, f"the first model's {figure} has no baseline to beat")
        limit, name = DecidingError("MAPE", policy.weak_mape, "%"), "the limit for a first model"
    elif (fault := baseline.fault()) or baseline.hours != hours:
        why = fault or f"it was scored on {baseline.hours} h"
        return _not_promoted(Case.NOT_USABLE, f"the first model's {figure} has no baseline to beat: {why}")
    else:
        limit, name = deciding_error(baseline), "the seasonal naive forecast on the same hours"
    if error.value < limit.value:
        return Decision(
            promote=True,
            case=Case.FIRST_MODEL,
            reason=f"First model of its region: {figure}, below the {limit.said} of {name}.",
        )
    return _not_promoted(
        Case.FIRST_MODEL_WEAK, f"the first model's {figure} is not below the {limit.said} of {name}"
    )


def _against(
    champion: Metrics, challenger: Metrics, policy: PromotionPolicy, improvement: Improvement | None
) -> Decision:
    if refusal := _incomparable(champion, challenger):
        return refusal
    theirs, ours = deciding_error(champion), deciding_error(challenger)
    before, now = theirs.value, ours.value
    figures = f"{ours} against the champion's {theirs.said} over the same {challenger.hours} h"
    if now > before:
        by = f"{(now - before) / before:.1%} worse" if before > 0 else "worse"
        return _not_promoted(Case.WORSE, f"{figures} is {by}")
    if now == before:
        return _not_promoted(Case.TIE, f"{figures} is a tie")
    better = f"{(before - now) / before:.1%} better"
    if now > before * (1 - policy.margin):
        return _not_promoted(Case.TIE, f"{figures} is only {better}, and {policy.margin:.1%} is asked")
    tested = f"; {improvement.said(theirs.unit)}" if improvement else ""
    if improvement and improvement.p_value > policy.significance:
        asked = f"p of at most {policy.significance:g} is asked"
        return _not_promoted(
            Case.CHANCE, f"{figures} is {better}, which chance explains{tested}, and {asked}"
        )
    return Decision(
        promote=True,
        case=Case.BETTER,
        reason=f"The challenger wins: {figures} is {better}, and {policy.margin:.1%} was asked{tested}.",
    )


def _incomparable(champion: Metrics, challenger: Metrics) -> Decision | None:
    if fault := champion.fault() or _unlike(champion, challenger):
        return _not_promoted(
            Case.NOT_USABLE,
            f"the champion cannot be compared: {fault}; force the promotion if the champion is broken",
        )
    if champion.hours != challenger.hours:
        return _not_promoted(
            Case.HOURS_DIFFER,
            f"the champion was scored on {champion.hours} h and the challenger on {challenger.hours} h, "
            "so their figures do not compare",
        )
    return None


def _unlike(champion: Metrics, challenger: Metrics) -> str | None:
    theirs, ours = deciding_error(champion), deciding_error(challenger)
    return None if theirs.name == ours.name else f"it has {theirs}, the challenger {ours}"


def _not_promoted(case: Case, why: str) -> Decision:
    return Decision(promote=False, case=case, reason=f"Nothing is promoted: {why}.")
