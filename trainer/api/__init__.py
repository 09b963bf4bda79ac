"""The REST API: read routes that Airflow's page shares, and a service of its own that also forecasts."""
