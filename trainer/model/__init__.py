"""The hybrid model: demand = trend x seasonality x residual, on the log scale."""
