"""The configured regions."""

from __future__ import annotations

from pydantic import BaseModel, Field

from trainer.api.read.routes import Routes


class RegionBody(BaseModel):
    name: str = Field(examples=["KR"])
    title: str = Field(examples=["South Korea"])
    timezone: str = Field(examples=["Asia/Seoul"])
    country: str = Field(examples=["KR"])
    weather: list[str] = Field(examples=[["temperature", "humidity"]])
    """Weather columns that the region's models read."""
    products: list[str] = Field(examples=[["day_ahead"]])
    """Its named forecasts, the main one first, beside the daily one."""


class RegionsBody(BaseModel):
    regions: list[RegionBody]


def add_regions(routes: Routes) -> None:
    @routes.get("/regions", "regions")
    def list_regions() -> RegionsBody:
        """The configured regions."""
        found = [
            RegionBody(
                name=region.name,
                title=region.title,
                timezone=region.timezone,
                country=region.country,
                weather=list(region.weather),
                products=[product.name for product in region.forecasts],
            )
            for region in routes.regions().values()
        ]
        return RegionsBody(regions=found)
