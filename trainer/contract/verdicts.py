"""What may be thought of an hour's demand, and by what a forecast may have been made: words of both sides."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """Of one hour of a region's demand. Only measured hours are trained on, scored and looked back on."""

    MEASURED = "measured"
    MISSING = "missing"
    SUSPECT = "suspect"


class Judgement(StrEnum):
    """What a person says of an hour, over every rule."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Fallback(StrEnum):
    """By what a forecast was made, from the champion down."""

    NONE = "none"
    WEATHERLESS = "weatherless"
    """The champion's twin that was trained without weather, part of its artifact."""
    PREVIOUS = "previous"
    BASELINE = "baseline"
