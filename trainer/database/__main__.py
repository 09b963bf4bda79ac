"""`python -m trainer.database` brings the tables to this code's revision: the migration job's command."""

from __future__ import annotations

import os
import sys

from trainer.contract import Env, ExitCode
from trainer.database.schema import migrate
from trainer.errors import DemandForecastError


def main() -> int:
    url = os.environ.get(Env.POSTGRES_URL)
    if not url:
        print(
            f"{Env.POSTGRES_URL} is not set; give it the database's URL, "
            "such as postgresql://user:password@host:5432/demand_forecast",
            file=sys.stderr,
        )
        return ExitCode.USAGE
    try:
        revision = migrate(url)
    except DemandForecastError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"tables are at revision {revision}")
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main())
