"""Looks for the configuration that validates best: Fourier orders by a grid, the network's by trials.

What it finds is a `ModelConfig`; that is trained by `training.fitting` as any other.
"""
