"""Each verb of the command line: its options handed to the step, and the summary that a person reads.

Steps are imported where they are used, so that a forecast does not wait for what only training needs.
"""

from trainer.commands.verbs.backtests import backtest
from trainer.commands.verbs.forecasting import forecast, intraday, publish, refit, score
from trainer.commands.verbs.operation import backup, housekeeping, migrate, restore, serve
from trainer.commands.verbs.series import ingest, judge, region, snapshot
from trainer.commands.verbs.shadows import shadow
from trainer.commands.verbs.training import announce, evaluate, promote, search, train

__all__ = [
    "announce",
    "backtest",
    "backup",
    "evaluate",
    "forecast",
    "housekeeping",
    "ingest",
    "intraday",
    "judge",
    "migrate",
    "promote",
    "publish",
    "refit",
    "region",
    "restore",
    "score",
    "search",
    "serve",
    "shadow",
    "snapshot",
    "train",
]
