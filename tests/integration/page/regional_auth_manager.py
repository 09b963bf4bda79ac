"""Airflow's SimpleAuthManager, with users who may read one region's DAGs only, as others can tell."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager


class RegionalAuthManager(SimpleAuthManager):
    """A user named `only_KR` may do nothing with a DAG whose name does not end in `_KR`."""

    def is_authorized_dag(self, *, user: Any, details: Any = None, **asked: Any) -> bool:
        allowed = super().is_authorized_dag(user=user, details=details, **asked)
        if details is not None and details.id and user.get_name().startswith("only_"):
            return allowed and details.id.endswith(user.get_name().removeprefix("only"))
        return allowed
