"""What was forecast, how good it was, and which model made it: read routes over the project's tables.

The service and Airflow's page are built from this package. Each brings its own way to the database and its
own authorisation; neither needs pandas, torch or Airflow to import it.
"""

from trainer.api.problems import Problem, add_problem_handlers
from trainer.api.read.database import Database
from trainer.api.read.router import ROUTES, read_router

__all__ = ["ROUTES", "Database", "Problem", "add_problem_handlers", "read_router"]
