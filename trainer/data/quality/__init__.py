"""What becomes of each hour of demand: measured, missing or suspect, and why.

One rule a file; each is a pure function of the series and of its region's clock, and none changes a value.
"""

from trainer.data.quality.judging import Overruling, judge, measured_only
from trainer.data.quality.stretches import Stretch, suspect_stretches

__all__ = ["Overruling", "Stretch", "judge", "measured_only", "suspect_stretches"]
