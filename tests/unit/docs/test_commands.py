"""Every command in the documentation exists and takes the options that it is shown with."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from demand_forecast.settings import PREFIX, environment_names
from tests.unit.docs.shell import PAGES, REPOSITORY, Block, Command, blocks, commands, inline_commands
from trainer.commands.arguments import build_parser
from trainer.contract import Env, load_regions

BLOCKS = [block for page in PAGES for block in blocks(page)]
COMMANDS = [
    *(command for block in BLOCKS for command in commands(block)),
    *(command for page in PAGES for command in inline_commands(page)),
]
NEEDS_A_MARK = {"docker", "kubectl", "helm"}
"""Programs that the default suite cannot run; kubernetes.md marks each line, the other pages whole blocks."""
OF_THE_SYSTEM = {".", "export", "curl", "git", "grep", "openssl", "tr", "apt-get", "pip"}


def of(*programs: str) -> list[Command]:
    return [command for command in COMMANDS if command.words[0] in programs]


def each(found: list[Command]) -> pytest.MarkDecorator:
    assert found, "the documentation shows none, or is not read"
    return pytest.mark.parametrize("command", found, ids=lambda command: command.name)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_bash_can_parse_it(block: Block) -> None:
    done = subprocess.run(["bash", "-n"], input=block.body, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@each(COMMANDS)
def test_its_program_is_one_that_is_judged_here(command: Command) -> None:
    judged = {"make", "python", "airflow", *NEEDS_A_MARK, *OF_THE_SYSTEM}
    assert command.words[0] in judged


@each([command for command in COMMANDS if command.words[0] in NEEDS_A_MARK])
def test_what_the_suite_cannot_run_says_so(command: Command) -> None:
    assert command.marked or re.match(r"(suite|not)\b", command.comment)


@pytest.mark.parametrize(
    "block",
    [
        block
        for block in BLOCKS
        if block.page.is_relative_to(REPOSITORY / "docs") and block.page.name != "kubernetes.md"
    ],
    ids=lambda block: block.name,
)
def test_a_block_names_the_test_that_runs_it_or_says_that_none_does(block: Block) -> None:
    if not block.marked:
        named = re.fullmatch(r"<!-- run.* by (tests/\S+\.py) -->\n", block.note)
        assert named, "the block lacks a note"
        assert (REPOSITORY / named[1]).exists()


@each([command for command in COMMANDS if command.page.name == "kubernetes.md" and not command.marked])
def test_each_line_for_a_cluster_says_whether_the_suite_runs_it(command: Command) -> None:
    assert re.match(r"(suite|not)\b", command.comment)


@cache
def make_targets() -> set[str]:
    text = "\n".join((REPOSITORY / path).read_text() for path in ("Makefile", "tests/cluster/cluster.mk"))
    return set(re.findall(r"^([a-z][a-z-]*):(?!=)", text, flags=re.MULTILINE))


@each(of("make"))
def test_make_has_the_target_and_reads_the_variables(command: Command) -> None:
    text = "\n".join((REPOSITORY / path).read_text() for path in ("Makefile", "tests/cluster/cluster.mk"))
    for word in command.words[1:]:
        name, equals, _ = word.partition("=")
        if equals:
            assert f"$({name}" in text, f"the Makefile reads no {name}"
        else:
            assert word in make_targets()


@each(of("python"))
def test_python_has_the_module_and_the_module_takes_the_words(command: Command) -> None:
    python_takes(command.words[1:], command.page)


def python_takes(given: tuple[str, ...], page: Path) -> None:
    flag, module, *words = given
    if flag == "-c":
        compile(module, "given", "exec")
        return
    assert flag == "-m"
    assert importlib.util.find_spec(module)
    if module == "trainer" and words:
        options = build_parser().parse_args(words)
        if options.verb != "region" and (region := getattr(options, "region", None)):
            assert region in {*load_regions({}), *made_on(page)}


@each(of("airflow"))
def test_airflow_takes_the_words(command: Command) -> None:
    airflow_takes(command.words[1:])


def airflow_takes(words: tuple[str, ...]) -> None:
    from airflow.cli.cli_parser import get_parser

    options = get_parser().parse_args(words)
    if words[0] in {"dags", "backfill"} and (dag_id := getattr(options, "dag_id", None)):
        assert dag_id in dag_ids(), f"{dag_id} is no DAG of this project"
        if conf := getattr(options, "conf", None):
            assert set(json.loads(conf)) <= params_of(dag_id)


@cache
def made_on(page: Path) -> set[str]:
    """The regions that commands of the page make."""
    making = [command.words for command in COMMANDS if command.page == page and "region" in command.words[:4]]
    return {words[words.index("--region") + 1] for words in making if "--region" in words}


@cache
def dag_ids() -> set[str]:
    """Each file of dags/ makes one DAG per region, named for both; tests/dags holds the files to it."""
    files = {path.stem for path in (REPOSITORY / "dags").glob("*.py")}
    return {f"{file}_{region}" for file in files for region in load_regions({})}


@cache
def params_of(dag_id: str) -> set[str]:
    source = (REPOSITORY / "dags" / f"{dag_id.rpartition('_')[0]}.py").read_text(encoding="utf-8")
    return set(re.findall(r'"(\w+)": (?:Param\(|AS_OF)', source))


@cache
def compose_services() -> set[str]:
    return set(yaml.safe_load((REPOSITORY / "docker-compose.airflow.yml").read_text())["services"])


@each([command for command in of("docker") if command.words[1] == "compose"])
def test_compose_has_the_service_and_the_service_the_command(command: Command) -> None:
    flag, file, verb, service, *words = command.words[2:]
    assert (flag, verb) == ("-f", "exec")
    assert (REPOSITORY / file).exists()
    assert service in compose_services()
    if words[0] == "python":
        python_takes(tuple(words[1:]), command.page)
    else:
        assert words[0] == "airflow"
        airflow_takes(tuple(words[1:]))


@each([command for command in of("kubectl") if "--" in command.words])
def test_what_kubectl_runs_in_a_container_is_there(command: Command) -> None:
    program, *words = command.words[command.words.index("--") + 1 :]
    if program == "python":
        python_takes(tuple(words), command.page)
    else:
        assert program == "airflow"
        airflow_takes(tuple(words))


@each(of("docker", "helm", "kubectl"))
def test_files_that_are_named_exist(command: Command) -> None:
    for word in command.words:
        if re.match(r"(helm/|Dockerfile|docker-compose)", word):
            assert (REPOSITORY / word).exists(), f"{word} is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_that_a_page_names_exist(page) -> None:
    known = {*environment_names(), *Env, "DEMAND_FORECAST_STACK_STATE"}
    for name in re.findall(rf"\b{PREFIX}[A-Z][A-Z_]*[A-Z]\b", page.read_text(encoding="utf-8")):
        assert name in known, f"nothing reads {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, heading = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), f"{target} is not there"
        if heading:
            assert heading in anchors(found.read_text(encoding="utf-8")), f"{target}: no such heading"


def anchors(text: str) -> set[str]:
    """The headings' names as Markdown viewers make them."""
    titles = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
