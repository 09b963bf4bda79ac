"""The run book has every alert that the code can raise, and no other."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

import yaml

from tests.unit.docs.shell import REPOSITORY

RUNBOOK = (REPOSITORY / "docs/runbook.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^### `(.+)`$", RUNBOOK, flags=re.MULTILINE)


def shape(title: str) -> str:
    """A title with what differs from alert to alert left open."""
    return re.sub(r"<[^>]+>", "*", title)


def titles() -> Iterator[str]:
    """Of all alerts that the Airflow side sends, what differs from one to the next as `*`."""
    for path in (REPOSITORY / "plugins/demand_forecast").glob("**/*.py"):
        source = path.read_text(encoding="utf-8")
        if path.name != "notify.py" and "import notify" not in source:
            continue  # another `send`, such as a web server's
        tree = ast.parse(source)
        named = defaultdict[str, list[ast.expr]](list)
        for node in ast.walk(tree):
            for target in node.targets if isinstance(node, ast.Assign) else ():
                if isinstance(target, ast.Name):
                    named[target.id].append(node.value)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (title := title_of(node)):
                yield from written(title, named)


def title_of(call: ast.Call) -> ast.expr | None:
    """The title in a call that sends or makes an alert; None for any other call."""
    called = ast.unparse(call.func)
    if called in {"send", "notify.send"}:
        # An alert's own title is that which it was made with.
        return None if ast.unparse(call.args[0]) == "alert.title" else call.args[0]
    if called == "Alert":
        (title,) = (word.value for word in call.keywords if word.arg == "title")
        return title
    return call.args[1] if "notify.send" in map(ast.unparse, call.args) else None


def written(title: ast.expr, named: Mapping[str, list[ast.expr]]) -> Iterator[str]:
    """Each title that it may be: a name is all that is given to it."""
    for given in named[title.id] if isinstance(title, ast.Name) else [title]:
        if isinstance(given, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in given.values)
        else:
            assert isinstance(given, ast.Constant)
            yield str(given.value)


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
