"""Solves the regressions of the residual: one linear system for each hour of the day and lead time.

PyTorch has the batched solvers; what comes out are the arrays that `model.regressions` forecasts with.
"""
