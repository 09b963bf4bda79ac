"""What a person reads at the end of a verb, cut as the verbs are."""

from trainer.commands.summaries.backtests import show_backtest
from trainer.commands.summaries.forecasting import show_forecast, show_refit, show_scores
from trainer.commands.summaries.operation import show_housekeeping
from trainer.commands.summaries.series import show_judgements, show_region
from trainer.commands.summaries.shadows import show_shadows
from trainer.commands.summaries.training import show_evaluation, show_training

__all__ = [
    "show_backtest",
    "show_evaluation",
    "show_forecast",
    "show_housekeeping",
    "show_judgements",
    "show_refit",
    "show_region",
    "show_scores",
    "show_shadows",
    "show_training",
]
