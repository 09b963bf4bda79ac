"""The log of a verb's process, on standard error: results alone go to standard output."""

from __future__ import annotations

import logging
import sys
import time

from rich.console import Console
from rich.logging import RichHandler


def set_up_logging() -> None:
    """Coloured on a terminal, plain lines with UTC time elsewhere (pods, Airflow's task log)."""
    if sys.stderr.isatty():
        handler: logging.Handler = RichHandler(console=Console(stderr=True), show_path=False)
        handler.setFormatter(logging.Formatter("%(message)s"))
    else:
        formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("alembic", "mlflow", "urllib3", "fsspec", "matplotlib", "optuna"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
