"""What a region may have forecast beside its model, to be averaged with it by learnt weights."""

from __future__ import annotations

from typing import Final

from trainer.contract.errors import ContractError

TREES: Final = "trees"
MEMBERS: Final = ("seasonal", "reference", TREES)
"""Demand a week before, the grid operator's own forecast, and gradient-boosted trees. Artifacts name a member
by its place here, so new ones come last."""
DEFAULT_ENSEMBLE: Final = (TREES,)
"""Where a region says nothing: trees gain much in a year that departs from those before, little in others."""


def parse_ensemble(region: str, values: object) -> tuple[str, ...]:
    """A region's `ensemble`, each member once, in the order of MEMBERS. Raises ContractError naming the
    region, what is wrong and what to write."""
    place = f"region {region}: ensemble"
    if not isinstance(values, list | tuple):
        raise ContractError(f'{place} {values!r} is not a list of members; write it as ["reference"]')
    if unknown := [value for value in values if value not in MEMBERS]:
        raise ContractError(f"{place}: {unknown} are no members; there are {', '.join(MEMBERS)}")
    return tuple(member for member in MEMBERS if member in values)
