"""The two regressions of the residual, by hour of the day and by whole days, and the features that they see.

Here they forecast, on NumPy alone; `training.regressions` solves for their coefficients.
"""
