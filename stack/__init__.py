"""Starts the real PostgreSQL, InfluxDB, MLflow and Airflow on one machine, for the demo and the tests."""
