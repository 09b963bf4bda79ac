"""What may be thought of an hour's demand, and by what a forecast may have been made: words of both sides."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What is thought of an hour of demand. Only measured hours are trained on, scored and looked back on."""

    MEASURED = "measured"
    MISSING = "missing"
    SUSPECT = "suspect"


class Judgement(StrEnum):
    """What a person decided about an hour; it holds over every rule."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Fallback(StrEnum):
    """What made a forecast, from the champion down to the baseline."""

    NONE = "none"
    WEATHERLESS = "weatherless"
    """The champion's twin that was trained without weather, part of its artifact."""
    PREVIOUS = "previous"
    BASELINE = "baseline"
