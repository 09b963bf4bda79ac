"""`make test-cluster`: brings up what the scenarios need, runs them, and says in one line why it can't."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from stack.node import prerequisites
from stack.node.layout import REPOSITORY, say


def main() -> int:
    """pytest's exit code; 0 where the machine can't, after the reason."""
    parser = argparse.ArgumentParser(prog="make test-cluster", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, help="test on the cluster that this file names")
    parser.add_argument("pytest", nargs="*", help="further words for pytest")
    arguments = parser.parse_args()
    if arguments.kubeconfig:
        wanted = ["--kubeconfig", str(arguments.kubeconfig)]
    elif reason := prerequisites.reason_to_skip():
        say(f"skipped: {reason}")
        return 0
    else:
        wanted = ["--trainer-image"]
    for words in (
        ["stack.node.up", *wanted],
        ["pytest", "--verbose", "tests/helm", "tests/cluster", *arguments.pytest],
    ):
        # Programs of their own: the cluster's processes outlive the first and are no children of the second.
        code = subprocess.run([sys.executable, "-m", *words], cwd=REPOSITORY, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
