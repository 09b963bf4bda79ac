"""What a model was made from, and so up to which hour it knows demand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class TrainingRecord:
    """What a model was made from; kept in its artifact."""

    train_from: pd.Timestamp
    """The first hour whose demand was used."""
    train_until: pd.Timestamp
    """The first hour whose demand was not."""
    data_checksum: str
    """sha256 over the hours used: times, demand, weather."""
    validation: dict[str, float] = field(default_factory=dict)
    """Scores on the validation days by the model that had not seen them."""
    networks_until: pd.Timestamp | None = None
    """As `train_until`, of the networks, where all else was brought up to date since; None where nothing was.
    """

    @property
    def judged_until(self) -> pd.Timestamp:
        """The first hour that no part of the model that cannot be solved anew has seen."""
        return self.networks_until or self.train_until
