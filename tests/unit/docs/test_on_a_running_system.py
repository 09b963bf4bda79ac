"""What the pages tell a reader to type on a running system does there what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.docs.shell import PAGES, Command, blocks, commands, inline_commands

COMMANDS = [
    command
    for page in PAGES
    for command in [*(found for block in blocks(page) for found in commands(block)), *inline_commands(page)]
]
WITHOUT_NAMESPACE = {("create", "namespace"), ("label", "namespace")}


def of(program: str, *words: str) -> list[Command]:
    found = [
        command for command in COMMANDS if command.words[0] == program and set(words) <= set(command.words)
    ]
    assert found, "the documentation shows none, or is not read"
    return found


@pytest.mark.parametrize("command", of("kubectl"), ids=lambda command: command.name)
def test_kubectl_is_told_the_namespace(command: Command) -> None:
    if command.words[1:3] not in WITHOUT_NAMESPACE:
        assert command.words[1:3] == ("-n", "demand-forecast")


@pytest.mark.parametrize("command", of("helm", "install"), ids=lambda command: command.name)
def test_no_install_waits_for_a_claim_that_its_first_pod_binds(command: Command) -> None:
    assert "--wait" not in command.words


def dags(verb: str, text: str) -> set[str]:
    return set(re.findall(rf"airflow dags {verb} (\w+)", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_dag_is_unpaused_beside_each_trigger_else_its_run_stays_queued(page: Path) -> None:
    told = [block.body for block in blocks(page)]
    text = page.read_text(encoding="utf-8")
    for body in told:
        text = text.replace(body, "")
    for place in [*told, *text.splitlines()]:
        assert dags("trigger", place) <= dags("unpause", place), place
