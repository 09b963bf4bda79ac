"""What each read route is made with: its guard, the region that it is asked for, a connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.params import Depends
from pydantic import BaseModel

from trainer.api.problems import Problem, responses
from trainer.api.read.database import Connection
from trainer.api.read.downloads import DESCRIPTION
from trainer.contract import Region

RegionName = Annotated[
    str,
    Query(pattern=r"^[A-Za-z0-9_]{1,32}$", description="a configured region", examples=["KR"]),
]

ProductName = Annotated[
    str,
    Query(
        pattern=r"^([a-z][a-z0-9_]{0,31})?$",
        description="a named forecast of the region, one of its `products`; empty for the daily one",
        examples=["day_ahead"],
    ),
]


@dataclass(frozen=True, kw_only=True)
class Routes:
    """A router that the read routes are added to; what the rest is, `read_router` tells."""

    router: APIRouter
    connect: Callable[[], AbstractContextManager[Connection]]
    regions: Callable[[], Mapping[str, Region]]
    guards: Mapping[str, Sequence[Depends]]

    def get(
        self, path: str, name: str, *statuses: int, hours: type[BaseModel] | None = None
    ) -> Callable[..., Callable[..., object]]:
        """`hours`: the answer's body, where its hours can be had as CSV too."""
        as_file: dict[str, Any] = {"response_model": hours} if hours else {}
        return self.router.get(
            path,
            name=name,
            operation_id=name,
            dependencies=self.guards[name],
            responses={**responses(401, 403, *statuses), **(DESCRIPTION if hours else {})},
            **as_file,
        )

    def configured(self, name: str) -> Region:
        """Raises Problem (404) for a region that is not configured."""
        known = self.regions()
        if name not in known:
            raise Problem(
                404,
                "unknown-region",
                f"region {name!r} is not configured; configured are {', '.join(sorted(known))}",
                mend="ask for one of these, or have the operator add the region to the regions file",
            )
        return known[name]

    def of_product(self, name: str, product: str) -> Region:
        """The region, where it has that product, Problem (404) else. Empty: the daily forecast."""
        of = self.configured(name)
        if product and product not in (names := [one.name for one in of.forecasts]):
            raise Problem(
                404,
                "unknown-product",
                f"region {name} has no product {product!r}; it has {', '.join(names) or 'none'}",
                mend="ask for one of these, or for none to get the daily forecast",
            )
        return of
