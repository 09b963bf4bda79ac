"""`make test-cluster`: brings up what the scenarios need, runs them, and says in one line why it can't."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pytest

from tests.cluster.node import images, prerequisites
from tests.cluster.node.layout import REPOSITORY, TRAINER_IMAGE, say
from tests.cluster.node.up import up, use


def main() -> int:
    """pytest's exit code; 0 where the machine can't, after the reason."""
    parser = argparse.ArgumentParser(prog="make test-cluster", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, help="test on the cluster that this file names")
    parser.add_argument("pytest", nargs="*", help="further words for pytest")
    arguments = parser.parse_args()
    if arguments.kubeconfig:
        use(arguments.kubeconfig)
    elif reason := prerequisites.reason_to_skip():
        say(f"skipped: {reason}")
        return 0
    else:
        up()
        images.build_trainer()
        images.load(TRAINER_IMAGE)
    folders = [str(REPOSITORY / "tests" / name) for name in ("helm", "cluster")]
    return int(pytest.main([*folders, "--verbose", *arguments.pytest]))


if __name__ == "__main__":
    sys.exit(main())
