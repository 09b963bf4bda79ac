"""What the demand-forecast DAGs are made of. Imports no torch, pandas or mlflow."""
