"""The page that Airflow shows: who is champion and why, what is forecast, and how good it was."""
