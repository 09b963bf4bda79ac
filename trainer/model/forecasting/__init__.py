"""From a fitted model and the hours before an origin to a forecast with its band.

NumPy and pandas alone: the networks compute from plain arrays, so that a forecast waits for no PyTorch.
"""
