"""Where a run's search keeps its trials: a killed search goes on, and its parts learn of each other."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainer.contract import slug
from trainer.environment import database_url, require_database_url
from trainer.store import Run

if TYPE_CHECKING:
    from optuna.storages import BaseStorage

log = logging.getLogger(__name__)

JOURNAL: Final = "study.journal"
KEPT_DAYS: Final = 90
"""Of a region's studies in PostgreSQL: a search goes on within days, and its result is in its manifest."""


def study_name(run: Run, fingerprint: str) -> str:
    """The name of the run's search that has this `fingerprint`, in the study storage that regions share."""
    return f"{_prefix(run)}{slug(run.run_id)} {fingerprint}"


def _prefix(run: Run) -> str:
    return f"{run.region.name} "  # no region's name has a blank in it


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


def forget_old_studies(run: Run, storage: BaseStorage | None, *, keep: str) -> None:
    """Deletes the region's studies of more than 90 days ago in PostgreSQL, but for the study `keep`. Other
    storages are the run's own and go with its folder.
    """
    url = database_url()
    if url is None or storage is None:
        return
    from trainer.database.studies import delete_old_studies  # noqa: PLC0415

    before = datetime.now(UTC) - timedelta(days=KEPT_DAYS)
    if deleted := delete_old_studies(storage, url, prefix=_prefix(run), kept=keep.__eq__, before=before):
        log.info("deleted the region's studies of before %s: %d", before.date(), len(deleted))


def forget_studies(run: Run, *, held: Collection[str], before: datetime, dry_run: bool) -> list[str]:
    """Deletes the region's studies in PostgreSQL that began before `before` and whose run is none of the
    `held` folders; returns their names. dry_run: names them only.

    Studies that belong to a database role of searches alone are out of reach; the next search of
    90 days later deletes them.
    """
    from trainer.database.studies import (  # noqa: PLC0415  not needed on a laptop
        can_delete_studies,
        delete_old_studies,
        old_studies,
        study_storage,
    )

    url = require_database_url("housekeeping")
    if not can_delete_studies(url):
        return []
    prefix = _prefix(run)

    def kept(name: str) -> bool:
        return name.removeprefix(prefix).split(" ")[0] in held

    with study_storage(url) as storage:
        if dry_run:
            return old_studies(storage, prefix=prefix, kept=kept, before=before)
        return delete_old_studies(storage, url, prefix=prefix, kept=kept, before=before)


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
