"""The shell commands of a Markdown page, as a reader would type them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[3]
PAGES: Final = sorted(
    [
        *REPOSITORY.glob("README*.md"),
        *REPOSITORY.glob("docs/**/*.md"),
        REPOSITORY / "grafana/README.md",
        REPOSITORY / "SECURITY.md",
    ]
)
NOT_RUN: Final = "<!-- not run by the suite"
_BLOCK: Final = re.compile(
    r"(?P<note>^<!--[^\n]*-->\n)?^[ ]*```(?P<language>\w*)\n(?P<body>.*?)^[ ]*```$", re.MULTILINE | re.DOTALL
)
_SHELLS: Final = {"sh", "bash"}
_CONNECTORS: Final = set("&|;()<>")


@dataclass(frozen=True)
class Block:
    """One fenced block of shell, and what the page says of who runs it."""

    page: Path
    body: str
    note: str
    """The HTML comment above it."""

    @property
    def marked(self) -> bool:
        return self.note.startswith(NOT_RUN)

    @property
    def name(self) -> str:
        return f"{self.page.name}: {self.body.strip().splitlines()[0][:50]}"


@dataclass(frozen=True)
class Command:
    """One simple command: its words, and the comment that ends its line."""

    page: Path
    words: tuple[str, ...]
    marked: bool
    comment: str = ""

    @property
    def name(self) -> str:
        return f"{self.page.name}: {' '.join(self.words)[:70]}"


def blocks(page: Path) -> list[Block]:
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [
        Block(page, block["body"], block["note"] or "") for block in found if block["language"] in _SHELLS
    ]


def commands(block: Block) -> Iterator[Command]:
    for line in block.body.replace("\\\n", " ").splitlines():
        code, comment = _split_comment(line)
        for words in _simple_commands(code):
            yield Command(block.page, words, block.marked, comment)


def inline_commands(page: Path) -> Iterator[Command]:
    """Commands in `code` of the running text; those with a placeholder (... or VERB) are not whole."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    for code in re.findall(r"`([^`\n]+)`", text):
        if re.match(r"(make|airflow|helm|kubectl|python -m)\s", code) and not re.search(
            r"\.\.\.|\bVERB\b", code
        ):
            for words in _simple_commands(code):
                yield Command(page, words, marked=True)


def _split_comment(line: str) -> tuple[str, str]:
    lexer = shlex.shlex(line, posix=False, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    place = 0
    for word in lexer:
        start = line.index(word, place)
        if word.startswith("#"):
            return line[:start], line[start:].lstrip("# ")
        place = start + len(word)
    return line, ""


def _simple_commands(code: str) -> Iterator[tuple[str, ...]]:
    for inner in re.findall(r"\$\(([^()]*(?:\([^()]*\)[^()]*)*)\)", code):
        yield from _simple_commands(inner)
        code = code.replace(f"$({inner})", "SUBSTITUTED")
    lexer = shlex.shlex(code, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= _CONNECTORS:
            if words:
                yield tuple(words)
            words = []
        elif words or not re.fullmatch(r"[A-Z_]+=.*", word):
            words.append(word)
