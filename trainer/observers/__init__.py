"""Who watches a run without a say in it: MLflow, the device's meters, the log.

What fails here is told, and the run goes on.
"""
