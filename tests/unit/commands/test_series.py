"""What the options of the verb `region` answer."""

from __future__ import annotations

import pytest

from trainer.commands.arguments import build_parser
from trainer.commands.verbs.series import answers_of


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["--where", "area=N"], {"area": ["N"]}),
        (
            ["--where", "area=N", "--where", "kind=load", "--where", "area=S"],
            {"area": ["N", "S"], "kind": ["load"]},
        ),
    ],
)
def test_values_of_one_header_are_told_together(words: list[str], where: dict[str, list[str]]) -> None:
    options = build_parser().parse_args(["region", "--region", "X", "--csv", "a.csv", *words])
    assert answers_of(options) == {"where": where}


def test_columns_that_are_added_up_are_one_answer() -> None:
    words = ["region", "--region", "X", "--csv", "a.csv", "--demand", "north", "south side"]
    assert answers_of(build_parser().parse_args(words)) == {"demand": ["north", "south side"]}
