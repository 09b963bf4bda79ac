"""The local runtime: a trainer verb as a process of the Airflow worker."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from airflow.sdk import BaseHook, Connection, Context
from airflow.sdk.exceptions import AirflowFailException

import trainer
from demand_forecast.tasks.run_arguments import without_empty_options
from demand_forecast.tasks.verb_task import VerbTask, failure
from trainer.contract import INFLUXDB_VERBS, MLFLOW_VERBS, Env, Verb

KILL_AFTER_SECONDS: Final = 3
"""From SIGTERM, on which a verb removes its temporary files, to SIGKILL. Airflow gives the task itself 5 s to
end; a verb that outlived it would train beside the next try."""

_PASSED: Final = frozenset(
    {
        *("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH"),
        *("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"),
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    }
)
_PASSED_PREFIXES: Final = (
    *("LC_", "OMP_", "MKL_", "CUDA_", "NVIDIA_"),
    *("AWS_", "GOOGLE_", "AZURE_", "FSSPEC_"),
)
"""Beside these, which place the process, its way to other servers, its threads, its GPU and its object
store, nothing of the worker's environment reaches a verb: Airflow's own secrets stay with Airflow."""
_PR_SET_PDEATHSIG: Final = 1


class LocalTrainerOperator(VerbTask):
    """Runs `python -m trainer VERB ...`, its lines in the task's log, its life bound to the task's.

    postgres_conn_id: the Airflow connection that the verb is handed as a URL; None for one that reads no
        database.
    """

    template_fields: Sequence[str] = ("arguments",)
    ui_color = "#e4f0e8"

    def __init__(
        self,
        *,
        arguments: list[str],
        env: Mapping[str, str],
        postgres_conn_id: str | None,
        python: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.arguments = arguments
        self.env = dict(env)
        self.postgres_conn_id = postgres_conn_id
        self.python = python
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix=f"demand-forecast-{self.verb}-") as folder:
            result_file = Path(folder) / "result.json"
            code = self._run({Env.RESULT_FILE: str(result_file)})
            if code != 0:
                raise failure(self.verb, code)
            said = json.loads(result_file.read_text(encoding="utf-8")) if result_file.exists() else None
        return self.verified(context, said)

    def on_kill(self) -> None:
        if self._process is not None:
            self.log.info("stopping %s, process group %s", self.verb, self._process.pid)
            _stop_group(self._process)

    def _run(self, more: Mapping[str, str]) -> int:
        """Exit code of the verb; negative for a signal."""
        command = [self.python, "-m", "trainer", *without_empty_options(self.arguments)]
        self.log.info("running %s", " ".join(command))
        with subprocess.Popen(
            command,
            env={**self._environment(os.environ), **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - one syscall
        ) as process:
            self._process = process
            assert process.stdout is not None  # asked for above
            try:
                for line in process.stdout:
                    self.log.info("%s", line.rstrip("\n"))
                return process.wait()
            except BaseException:  # a timeout, or Airflow ending the task: nothing may be left behind
                _stop_group(process)
                raise

    def _environment(self, worker: Mapping[str, str]) -> dict[str, str]:
        """The whole environment of the process: little of the worker's, ours, and this verb's credentials."""
        passed = {k: v for k, v in worker.items() if k in _PASSED or k.startswith(_PASSED_PREFIXES)}
        root = str(Path(trainer.__file__).parents[1])
        secrets = _credentials(self.verb, worker)
        if self.postgres_conn_id:
            secrets[Env.POSTGRES_URL] = postgres_url(BaseHook.get_connection(self.postgres_conn_id))
        return {**passed, "PYTHONPATH": root, "PYTHONUNBUFFERED": "1", **self.env, **secrets}


def _credentials(verb: Verb, worker: Mapping[str, str]) -> dict[str, str]:
    names: list[str] = []
    if verb in INFLUXDB_VERBS:
        names.append(Env.INFLUXDB_TOKEN)
    if verb in MLFLOW_VERBS:
        names += [
            name for name in worker if name.startswith("MLFLOW_TRACKING_") and name != Env.MLFLOW_TRACKING_URI
        ]
    return {name: worker[name] for name in names if name in worker}


def postgres_url(connection: Connection) -> str:
    """libpq's URL of an Airflow connection; its extras become the URL's parameters, such as sslmode, except
    those that Airflow's hook keeps to itself, such as cursor.

    Raises AirflowFailException for a connection whose password Airflow draws anew each time.
    """
    from airflow.providers.postgres.hooks.postgres import PostgresHook  # noqa: PLC0415 - not needed to parse

    if connection.extra_dejson.get("iam"):
        raise AirflowFailException(
            f"the Airflow connection {connection.conn_id} has the extra `iam`, whose tokens end within "
            "minutes, and a verb runs longer; give it a role with a password"
        )
    login = quote(connection.login or "", safe="")
    if connection.password:
        login += ":" + quote(connection.password, safe="")
    host = connection.host or ""
    if ":" in host:  # an IPv6 address
        host = f"[{host}]"
    hook_s_own = PostgresHook.ignored_extra_options
    extra = {key: str(value) for key, value in connection.extra_dejson.items() if key not in hook_s_own}
    query = urlencode(extra, quote_via=quote)  # libpq takes `+` for itself, not for a space
    return (
        f"postgresql://{login}{'@' if login else ''}{host}{f':{connection.port}' if connection.port else ''}"
        f"/{quote(connection.schema or '', safe='')}{'?' + query if query else ''}"
    )


def _die_with_parent() -> None:
    """In the child: a task killed outright takes its verb along, else a retry would train beside it."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop_group(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=KILL_AFTER_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)  # children stay in the group when its leader has ended
