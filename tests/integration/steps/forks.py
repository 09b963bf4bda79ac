"""Python processes that need not import PyTorch and Optuna each, for seconds: forked from one that has.

As a program it reads orders as JSON from standard input, one a line, forks a process for each that is in all
else as `python WORDS...` would be, and prints its exit code.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from stack.state import REPOSITORY


class Forks:
    """Starts its process with the first order; that ends with this one."""

    def __init__(self) -> None:
        self._forker: subprocess.Popen[str] | None = None
        atexit.register(self.end)

    def run(self, words: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
        """The exit code of `python WORDS...`, negative for a signal, and what it wrote to standard error."""
        forker = self._started(environ)
        with TemporaryDirectory() as folder:
            said = Path(folder) / "stderr"
            order = {"words": words, "environ": dict(environ), "stderr": str(said)}
            try:
                print(json.dumps(order), file=forker.stdin, flush=True)
                assert forker.stdout is not None
                code = int(forker.stdout.readline())
            except BaseException:  # a test that is cut off leaves nothing running, as subprocess.run does
                os.killpg(forker.pid, signal.SIGKILL)
                self.end()
                raise
            return code, said.read_text(encoding="utf-8")

    def end(self) -> None:
        if self._forker is not None:
            self._forker.communicate()
            self._forker = None

    def _started(self, environ: Mapping[str, str]) -> subprocess.Popen[str]:
        if self._forker is None:
            self._forker = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.steps.forks"],
                env=dict(environ),  # PyTorch reads how many threads it may have when it is imported
                cwd=REPOSITORY,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        return self._forker


def become(words: list[str], environ: Mapping[str, str], stderr: str) -> None:
    """Makes this process what `python WORDS...` makes of a new one."""
    os.environ.clear()
    os.environ.update(environ)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(0, 1)
    os.dup2(os.open(stderr, os.O_WRONLY | os.O_CREAT), 2)
    option, what, *arguments = words
    sys.argv = [what, *arguments]
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(what, {"__name__": "__main__"})


def main() -> None:
    import trainer.commands.verbs
    import trainer.steps.search
    import trainer.steps.train  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(**json.loads(line))
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
