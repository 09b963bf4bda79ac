"""What an option's text must be: each function turns it into a value, or says what is wrong with it
(argparse.ArgumentTypeError)."""

from __future__ import annotations

import argparse
from datetime import date

from trainer.contract import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_DAYS,
    MAX_HORIZON,
    MAX_SEED,
    MAX_TRIALS,
    MIN_KEPT_CHAMPIONS,
    MIN_KEPT_DAYS,
    ContractError,
    Shadow,
    shadows_from_json,
)


def pair(text: str) -> tuple[str, str]:
    header, sign, value = text.rpartition("=")
    if not sign or not header or not value:
        raise argparse.ArgumentTypeError(f"{text!r} is not HEADER=VALUE")
    return header, value


def whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error


def _within(text: str, first: int, last: int, unit: str = "") -> int:
    value = whole_number(text)
    if not first <= value <= last:
        raise argparse.ArgumentTypeError(f"{text} is not within {first}..{last}{unit}")
    return value


def positive(text: str) -> int:
    value = whole_number(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


def searches(text: str) -> int:
    return _within(text, 0, MAX_TRIALS)


def days(text: str) -> int:
    return _within(text, 1, MAX_DAYS, " days")


def kept_days(text: str) -> int:
    return _within(text, MIN_KEPT_DAYS, MAX_DAYS, " days")


def kept_champions(text: str) -> int:
    return _within(text, MIN_KEPT_CHAMPIONS, 1000)


def seed(text: str) -> int:
    return _within(text, 0, MAX_SEED)


def horizon(text: str) -> int:
    return _within(text, 1, MAX_HORIZON, " hours")


def hours_of_day(text: str) -> tuple[int, ...]:
    if text == "all":
        return tuple(range(24))
    return tuple(sorted({_within(hour, 0, 23) for hour in text.split(",")}))


def clock_hour(text: str) -> int:
    hour, _, minutes = text.partition(":")
    if minutes not in ("", "00"):
        raise argparse.ArgumentTypeError(f"{text} is no full hour; write it as 10:00")
    return _within(hour, 0, 23)


def share(text: str) -> float:
    """0 to 1, without 1."""
    value = _number(text)
    if not 0 <= value < 1:  # NaN is not either
        raise argparse.ArgumentTypeError(f"{text} is not within 0..1: it is a share, 0.01 stands for 1 %")
    return value


def probability(text: str) -> float:
    """0 to 1, without 0."""
    value = _number(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not within 0..1: it is a probability")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error


def port(text: str) -> int:
    return _within(text, 1, 65_535)


def shadows(text: str) -> tuple[Shadow, ...]:
    try:
        return shadows_from_json(text)
    except ContractError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def local_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2022-11-01") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"{text} is not within the years {FIRST_YEAR}..{LAST_YEAR}")
    return day


def shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    try:
        index, count = int(part), int(parts)
    except ValueError:
        index, count = 0, 0
    if not 0 <= index < count:
        raise argparse.ArgumentTypeError(f"{text} is not I/N with 0 <= I < N")
    return index, count
