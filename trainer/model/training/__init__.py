"""From history to a fitted model, and the one room of the model that needs PyTorch.

`fitting.fit` is its way in; `regressions` solves what has a closed form, `search` looks for a configuration.
"""
