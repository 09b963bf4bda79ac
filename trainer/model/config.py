"""What a model is made with: chosen by a person or by the search, kept in the artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from trainer.contract import MAX_HORIZON
from trainer.errors import UsageError
from trainer.model.covariates.fourier import MAX_ORDER, Orders, resolvable_yearly_harmonics
from trainer.model.covariates.windows import TAIL


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """JSON-able. Raises UsageError for values out of range."""

    kd: int = 14
    """Daily, weekly and yearly Fourier orders, 1..14."""
    kw: int = 7
    ky: int = 13
    """A model of less than two years is fitted with fewer: see `with_resolvable_harmonics`."""
    window: int = 168
    """Hours of history that the network reads, 24..336."""
    horizon: int = 24
    """Hours ahead in one pass; longer forecasts take one pass after another. At most 168."""
    segment: int = 6
    """Hours per step of the encoder; divides `window`."""
    hidden: int = 96
    wide: int = 0
    """Width of the perceptron over the whole day beside the LSTM; 0 leaves it out."""
    dropout: float = 0.3
    learning_rate: float = 4e-3
    weight_decay: float = 1e-2
    batch_size: int = 64
    epochs: int = 10
    stride: int = 49
    """Hours between the origins of one epoch; the offset changes from epoch to epoch. With one that shares no
    divisor with 24 each epoch has origins at all hours of the day."""
    members: int = 1
    """Networks that differ by seed alone and are averaged."""
    quantiles: tuple[float, float, float] = (0.1, 0.5, 0.9)
    """The band's lower edge, the median, the band's upper edge."""
    validation_days: int = 56
    """At the end of the training window: held out to judge and to calibrate, then trained on as well."""
    seed: int = 0

    def __post_init__(self) -> None:
        self._require(
            1 <= self.horizon <= MAX_HORIZON, f"horizon {self.horizon} is not within 1..{MAX_HORIZON}"
        )
        self._require(
            24 <= self.window <= TAIL, f"window {self.window} is not within 24..{TAIL}, a day to two weeks"
        )
        self._require(
            self.segment >= 1 and self.window % self.segment == 0,
            f"segment {self.segment} does not divide the window of {self.window} hours",
        )
        for name in ("kd", "kw", "ky"):
            self._require(1 <= getattr(self, name) <= MAX_ORDER, f"{name} is not within 1..{MAX_ORDER}")
        for name in ("hidden", "batch_size", "epochs", "stride", "members", "validation_days"):
            self._require(getattr(self, name) >= 1, f"{name} {getattr(self, name)} is below 1")
        low, middle, high = self.quantiles
        self._require(
            0 < low < middle < high < 1 and middle == 0.5,
            f"quantiles {self.quantiles} are not (low, 0.5, high)",
        )
        self._require(0 <= self.dropout < 1, f"dropout {self.dropout} is not within 0..1")

    @property
    def orders(self) -> Orders:
        return Orders(self.kd, self.kw, self.ky)

    @property
    def coverage(self) -> float:
        """Share of actuals that the band should hold."""
        return self.quantiles[2] - self.quantiles[0]

    def with_resolvable_harmonics(self, hours: int) -> Self:
        """With no more yearly harmonics than `hours` of history resolve: 1 below one year, 4 below two."""
        return replace(self, ky=min(self.ky, resolvable_yearly_harmonics(hours)))

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "quantiles": list(self.quantiles)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Raises UsageError naming unknown keys."""
        if unknown := sorted(set(values) - {f.name for f in fields(cls)}):
            raise UsageError(f"model config has unknown keys {unknown}")
        low, middle, high = values.get("quantiles", (0.1, 0.5, 0.9))
        return cls(**{**values, "quantiles": (low, middle, high)})

    @staticmethod
    def _require(holds: bool, message: str) -> None:
        if not holds:
            raise UsageError(f"model config: {message}")
