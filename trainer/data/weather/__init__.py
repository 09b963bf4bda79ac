"""The weather of a history: of several places as one, its gaps, and as it was forecast before it came."""
