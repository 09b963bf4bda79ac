"""The run book has every alert that the code can raise, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import yaml

from tests.unit.docs.shell import REPOSITORY

RUNBOOK = (REPOSITORY / "docs/runbook.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### `(.+)`$", RUNBOOK, flags=re.MULTILINE)


def shape(title: str) -> str:
    """A title with what differs from alert to alert left open."""
    return re.sub(r"<[^>]+>", "*", title)


def titles() -> Iterator[str]:
    for path in (REPOSITORY / "plugins/demand_forecast").glob("**/*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "notify.py" and "import notify" not in source:
            continue  # another `send`, such as a web server's
        tree = ast.parse(source)
        named = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"send", "notify.send"}:
                yield written(node.args[0], named)
            elif isinstance(node, ast.Call) and "notify.send" in map(ast.unparse, node.args):
                yield written(node.args[1], named)


def written(title: ast.expr, named: dict[str, ast.expr]) -> str:
    if isinstance(title, ast.Name):
        title = named[title.id]
    if isinstance(title, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in title.values)
    assert isinstance(title, ast.Constant)
    return str(title.value)


def of_grafana() -> set[str]:
    rules = yaml.safe_load((REPOSITORY / "grafana/provisioning/alerting/forecast.yaml").read_text())
    return {rule["title"] for group in rules["groups"] for rule in group["rules"]}


def test_each_alert_has_its_heading() -> None:
    raised = set(titles()) | of_grafana()
    assert len(raised) > 10
    assert raised == {shape(heading) for heading in HEADINGS}


def test_the_run_book_is_found_from_both_readmes_and_from_troubleshooting() -> None:
    for page in ("README.md", "README.ko.md"):
        assert "(docs/runbook.md)" in (REPOSITORY / page).read_text(encoding="utf-8")
    assert "(runbook.md)" in (REPOSITORY / "docs/troubleshooting.md").read_text(encoding="utf-8")
