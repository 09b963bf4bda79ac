"""The part of docs/benchmarks.md that tells of GPUs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from benchmarks.gpu.rows import FIGURES, Row, gpu_goals
from benchmarks.report import table

_TITLE: Final = "## GPU\n"
_HEAD: Final = """
`make bench-gpu` on a machine with a GPU writes this part, in 8 minutes: five years of hours, GPU and CPU of
the same machine, one after another in one process. Each row tells with what machine, code and series it was
measured, and on what day; one that a run did not come to keeps its older figure. Where the clock cut a search
off, the note says from how much of it the figure was extrapolated.
"""


def section(rows: Sequence[Row]) -> str:
    """Markdown, from the title to the end of the last table."""
    goals = [(goal.figure, goal.measured, goal.goal, goal.verdict) for goal in gpu_goals(rows)]
    header = ("what", "GPU", "CPU", "series", "measured", "code", "note")
    parts = [
        _TITLE + _HEAD,
        table(("figure", "measured", "goal", ""), goals),
        table(header, map(_cells, rows)),
        *_missing(rows),
    ]
    return "\n".join(parts)


def with_section(page: str, rows: Sequence[Row]) -> str:
    """`page` with its part on GPUs made anew, at its end where it has none."""
    before, found, after = page.partition(_TITLE)
    rest = after.partition("\n## ")
    following = f"\n## {rest[2]}" if found and rest[1] else ""
    return before + ("" if found else "\n") + section(rows) + following


def _cells(row: Row) -> tuple[str, ...]:
    figure = FIGURES[row.key]
    machine = f"{row.date}, {row.device}, {row.cores} cores, torch {row.torch}"
    return (
        figure.what,
        figure.text(row.gpu),
        figure.text(row.cpu),
        row.region,
        machine,
        row.code,
        row.note,
    )


def _missing(rows: Sequence[Row]) -> Iterator[str]:
    measured = {row.key for row in rows}
    if names := [figure.what for key, figure in FIGURES.items() if key not in measured]:
        yield f"Not measured on a GPU so far: {'; '.join(names)}.\n"
