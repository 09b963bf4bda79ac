"""Starts the real servers (PostgreSQL, InfluxDB, MLflow, Airflow) on one machine, for the demo and the tests."""
