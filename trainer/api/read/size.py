"""What a region takes, as its last housekeeping left it."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from pydantic import BaseModel, Field

from trainer.api.read.routes import RegionName, Routes
from trainer.contract import Region
from trainer.database.sizes import RegionSize, newest_size

_NONE = "null before the first housekeeping"


class SizeBody(BaseModel):
    """Measured by each housekeeping, the verb or the DAG, that removes; not by a dry run."""

    region: str
    timezone: str
    tidied_at: datetime | None = Field(description=f"moment of the last housekeeping, UTC; {_NONE}")
    store_bytes: int | None = Field(ge=0, description=f"of the region's part of the store after it; {_NONE}")
    freed_bytes: int | None = Field(ge=0, description=f"what it removed there; {_NONE}")
    table_rows: int | None = Field(ge=0, description=f"of the region in all tables; {_NONE}")
    table_bytes: int | None = Field(ge=0, description=f"of these rows, without indexes; {_NONE}")


def add_size(routes: Routes) -> None:
    @routes.get("/size", "size", 404, 422, 503)
    def size(region: RegionName) -> SizeBody:
        """What the region takes in the store and in the tables, and what the last housekeeping removed."""
        of = routes.configured(region)
        with routes.connect() as connection:
            return _body(of, newest_size(connection, region))


def _body(region: Region, size: RegionSize | None) -> SizeBody:
    names = [field.name for field in fields(RegionSize)]
    figures = asdict(size) if size else dict.fromkeys(names)
    return SizeBody(region=region.name, timezone=region.timezone, **figures)
