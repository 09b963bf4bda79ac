"""Boosted trees: what they read of an hour, and what they say of it. They are fitted in `training`."""
