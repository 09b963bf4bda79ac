"""Where a run's search keeps its trials: a killed search goes on, and its parts learn of each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainer.environment import database_url
from trainer.run import Run

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

JOURNAL: Final = "study.journal"


@contextmanager
def kept_study(run: Run) -> Iterator[BaseStorage | None]:
    """PostgreSQL where a database is configured, else a file in a local store, else None: memory alone."""
    if url := database_url():
        from trainer.database.studies import study_storage  # noqa: PLC0415  not needed on a laptop

        with study_storage(url) as storage:
            yield storage
    elif folder := run.store.local_folder(run.folder):
        yield _journal(folder / JOURNAL)
    else:
        yield None


def _journal(path: Path) -> BaseStorage:
    from optuna.storages import JournalStorage  # noqa: PLC0415  a second that other verbs do without
    from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock  # noqa: PLC0415

    lock = JournalFileSymlinkLock(str(path))
    lock.acquire()
    try:
        _mend(path)
    finally:
        lock.release()
    return JournalStorage(JournalFileBackend(str(path), lock))


def _mend(path: Path) -> None:
    """Takes away a last line that was not written to its end: Optuna would append to it, and read neither."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)
