"""Where a verb puts its results beside the store, and that it puts them over nothing of the user's.

Looked at before anything is computed: an hour of work must not end with a refusal.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from trainer.contract import Env
from trainer.errors import UsageError
from trainer.plots.texts import PICTURED_BY

_STEP: Final = frozenset({"manifest", "checksum", "facts", "metrics"})
_RESULTS: Final = {
    "backup": frozenset({"revision", "tables", "files"}),
    "restore": frozenset({"revision", "tables", "files"}),
    "backtest": frozenset({"region", "test_start", "test_end", "refit", "config", "hourly"}),
    "judge": frozenset({"region", "judgements"}),
    "migrate": frozenset({"revision"}),
    "region": frozenset({"region", "file", "report"}),
    "shadow list": frozenset({"region", "shadows"}),
}
"""Verb -> keys that its JSON always has; every other verb writes _STEP."""
_HOURLY: Final = frozenset({"actual", "forecast", "trend", "seasonality", "residual"})
"""Columns that the CSV of a backtest always has."""


def hourly_path(options: argparse.Namespace) -> Path:
    """The file that `backtest` writes its hours to: beside the JSON, else in the working folder."""
    if options.json not in {None, "-"}:
        return Path(options.json).with_suffix(".csv")
    return Path(f"backtest-{options.region}-{options.test_start}-{options.test_end}.csv")


def region_plot_path(options: argparse.Namespace) -> Path:
    """The file that `region` draws the series to."""
    return Path(options.plot or f"region-{options.region}.png")


def check_outputs(options: argparse.Namespace, inputs: Sequence[str] = ()) -> None:
    """Raises UsageError, naming both, when a result would be written over an input, over a file that the same
    verb did not write, over another result, or where nothing may be written.

    inputs: sources as they are given, paths or URLs, beside those of `options` and the regions file.
    """
    of_options = (getattr(options, name, None) for name in ("source", "weather_issued"))
    given = (*of_options, os.environ.get(Env.REGIONS_FILE), *inputs)
    read = [path for source in given if source and (path := _local(source))]
    results: list[tuple[Path, Callable[[bytes], bool], str]] = []
    if getattr(options, "json", None) not in {None, "-"}:
        command = " ".join([options.verb, *([options.action] if options.verb == "shadow" else [])])
        keys = _RESULTS.get(command, _STEP)
        results.append((Path(options.json), lambda content: _is_result(content, keys), "--json"))
    if options.verb == "backtest":
        results.append((hourly_path(options), _is_hourly, "--json"))
    if options.verb == "region":
        results.append((region_plot_path(options), _is_picture, "--plot"))
    for number, (target, is_own, option) in enumerate(results):
        _check(target, read, is_own, option)
        if any(_same(target, other) for other, *_ in results[:number]):
            raise UsageError(f"{target} would hold two results; give --json another name, ending in .json")


def check_run_folder(folder: str, source: str) -> None:
    """Raises UsageError when the source lies in the folder that the run writes its own files into.

    folder: the run's, as Store.locate gives it: a path, or a URL, where no file of this machine can lie.
    """
    if "://" not in folder and (path := _local(source)) and Path(folder).resolve() in path.resolve().parents:
        raise UsageError(
            f"the input {path} lies in {folder}, where this run writes; name another --run-id or --store, or "
            "copy the file elsewhere"
        )


def _check(target: Path, read: Sequence[Path], is_own: Callable[[bytes], bool], option: str) -> None:
    for path in read:
        if _same(target, path):
            raise UsageError(
                f"{target} would be written over the input {path}; name another file in {option}"
            )
    try:
        if target.is_dir():
            raise UsageError(f"{target} is a folder; name a file in {option}")
        _check_folder(target, option)
        # What is there and no file, such as a pipe, is written into and loses nothing.
        if target.is_file() and (content := target.read_bytes()) and not is_own(content):
            raise UsageError(
                f"{target} is there and was not written by this verb; name another file in {option}, or move "
                "that one"
            )
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written ({error.strerror}); name another file in {option}"
        ) from error


def _check_folder(target: Path, option: str) -> None:
    """The folders that are missing will be made; the first that is there must take them."""
    folder = next(parent for parent in target.absolute().parents if parent.exists())
    if not folder.is_dir():
        raise UsageError(f"{target} cannot be written: {folder} is no folder; name another file in {option}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{target} cannot be written: no permission in {folder}; name another in {option}")


def _local(source: str) -> Path | None:
    """The path of a source on this machine; None for what is elsewhere, or no file at all."""
    if source.startswith("file://"):
        source = source.removeprefix("file://")
    path = Path(source).expanduser()
    return path if "://" not in source and path.exists() else None


def _same(one: Path, other: Path) -> bool:
    """Also by another name: a link, hard or symbolic, or another way to the folder."""
    try:
        return one.samefile(other)
    except OSError:
        return one.resolve() == other.resolve()


def _is_result(content: bytes, keys: frozenset[str]) -> bool:
    try:
        found = json.loads(content)
    except ValueError:
        return False
    return isinstance(found, dict) and keys <= set(found)


def _is_picture(content: bytes) -> bool:
    """Pictures bear the name of the program that drew them."""
    return content.startswith(b"\x89PNG") and PICTURED_BY.encode() in content[:1000]


def _is_hourly(content: bytes) -> bool:
    header = content.split(b"\n", 1)[0].decode("utf-8", errors="replace").strip().split(",")
    return header[1:2] == ["actual"] and set(header) >= _HOURLY
