"""Forecasts hourly power demand: the command line, the pods and the REST API. Knows no Airflow."""
