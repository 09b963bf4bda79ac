"""What a reader of files gives back."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from trainer.data.report import Finding


@dataclass(frozen=True)
class Table:
    """The table in a file, with its own headers."""

    frame: pd.DataFrame
    """Labelled from 0."""
    first_line: int | None = None
    """In the file, of the row with label 0; None where rows have no line numbers."""
    above: tuple[str, ...] = ()
    """The lines above the header, empty ones left out."""
    findings: tuple[Finding, ...] = ()
    """What was left out."""
