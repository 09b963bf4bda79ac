#!/usr/bin/env bash
# Run by PostgreSQL's image, once, while its volume is empty: a database for each user of the server, each owned by
# a role that may do nothing outside it.
set -euo pipefail

make_database() { # NAME PASSWORD
  psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set ON_ERROR_STOP=1 --set name="$1" --set password="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}

make_database airflow "$AIRFLOW_DB_PASSWORD"
make_database mlflow "$MLFLOW_DB_PASSWORD"
make_database demand_forecast "$DEMAND_FORECAST_DB_PASSWORD"

# Only a superuser may add the extension; the project's migrations find it and make their hypertables.
psql --no-psqlrc --username "${POSTGRES_USER:-postgres}" --dbname demand_forecast --set ON_ERROR_STOP=1 \
  --command 'CREATE EXTENSION IF NOT EXISTS timescaledb'
