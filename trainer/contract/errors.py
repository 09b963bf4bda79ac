"""What both sides raise where the other broke the agreement."""

from __future__ import annotations


class ContractError(ValueError):
    """A region or a manifest that breaks the agreement; the message names the field."""
