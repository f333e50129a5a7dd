"""Plain text, logs, code, Markdown: whatever stands in lines."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.knowledge.doubles import raw
from workbench.core.evidence import PassageKind
from workbench.core.knowledge.documents import Block, LoadedDocument
from workbench.core.knowledge.loaders.markdown import load_markdown
from workbench.core.knowledge.loaders.plain import LOG_LINES, load_code, load_log, load_text
from workbench.core.knowledge.loaders.python_code import load_python
from workbench.core.knowledge.loaders.raw import RawFile

MARKDOWN = """---
title: "Handling secrets"
---
# Secrets

Never log them.
Not even once.

## Storage
- keyring
- vault

```py
# not a heading

key = load()
```

[vault]: https://example.org

Rotation
--------
| age | action |
|-----|--------|
| 90  | rotate |
"""

PYTHON = '''"""Module."""
import os

# says hello
@cached
def hello(name):
    return name

LIMIT = 3

class Greeter(Base):
    """Greets."""

    def greet(self):
        pass
    # waves
    async def wave(self): pass
    kind = 1

done = True
'''


def _at(document: LoadedDocument) -> list[tuple[str, str, int | None, int | None]]:
    return [(block.heading, block.text.split("\n")[0], block.line_start, block.line_end) for block in document.blocks]


def test_markdown_blocks_stand_under_their_path_of_headings() -> None:
    document = load_markdown(raw(MARKDOWN, "a.md"))
    assert document.title == "Handling secrets"
    assert _at(document) == [
        ("", 'title: "Handling secrets"', 2, 2),
        ("Secrets", "# Secrets", 4, 4),
        ("Secrets", "Never log them.", 6, 7),
        ("Secrets > Storage", "## Storage", 9, 9),
        ("Secrets > Storage", "- keyring", 10, 11),
        ("Secrets > Storage", "```py", 13, 17),
        ("Secrets > Storage", "[vault]: https://example.org", 19, 19),
        ("Secrets > Rotation", "Rotation", 21, 22),
        ("Secrets > Rotation", "| age | action |", 23, 25),
    ]
    assert [block.text for block in document.blocks if block.is_heading] == [
        "# Secrets",
        "## Storage",
        "Rotation\n--------",
    ]


def test_markdown_without_a_title_is_named_by_its_first_heading_else_by_its_file() -> None:
    assert load_markdown(raw("# First\ntext", "a.md")).title == "First"
    assert load_markdown(raw("only text", "a.md")).title == "a.md"


def test_python_is_cut_by_function_and_class_with_comments_and_decorators() -> None:
    document = load_python(raw(PYTHON, "a.py"))
    assert document.kind is PassageKind.CODE
    assert _at(document) == [
        ("", '"""Module."""', 1, 2),
        ("hello", "# says hello", 4, 7),
        ("", "LIMIT = 3", 9, 9),
        ("Greeter", "class Greeter(Base):", 11, 12),
        ("Greeter.greet", "    def greet(self):", 14, 15),
        ("Greeter.wave", "    # waves", 16, 17),
        ("Greeter", "    kind = 1", 18, 18),
        ("", "done = True", 20, 20),
    ]


def test_a_comment_inside_a_string_above_a_function_stays_with_the_string() -> None:
    document = load_python(raw('TEXT = """\n# no comment\n"""\ndef f(): pass\n', "a.py"))
    assert _at(document) == [("", 'TEXT = """', 1, 3), ("f", "def f(): pass", 4, 4)]


@pytest.mark.parametrize("code", ["def f(:\n    pass\n\nx = 1", "x = " + "(" * 5000, "<?php\n\n$a = 1;\n"])
def test_python_that_does_not_parse_is_kept_as_text_and_said(code: str) -> None:
    document = load_python(raw(code, "a.py"))
    assert "".join("".join(block.text.split()) for block in document.blocks) == "".join(code.split())
    assert "does not parse as Python" in document.notices[0]


def test_a_log_comes_in_groups_of_lines() -> None:
    document = load_log(raw("\n".join(f"line {number}" for number in range(1, 26)), "a.log"))
    spans = [(block.line_start, block.line_end) for block in document.blocks]
    assert spans == [(1, LOG_LINES), (LOG_LINES + 1, 2 * LOG_LINES), (2 * LOG_LINES + 1, 25)]


def test_old_and_new_line_ends_count_alike() -> None:
    for ends in ("\n", "\r\n", "\r"):
        document = load_text(raw(ends.join(["one", "", "two", "three"])))
        assert document.blocks == (
            Block(text="one", line_start=1, line_end=1),
            Block(text="two\nthree", line_start=3, line_end=4),
        )


@pytest.mark.parametrize("load", [load_text, load_code, load_log, load_markdown, load_python])
@given(text=st.text(st.sampled_from(list("ab#-=>*`|~:[]()\"'\\ \n\t0.1é")), min_size=1, max_size=300))
def test_every_word_is_in_one_block_at_its_own_lines(load: Callable[[RawFile], LoadedDocument], text: str) -> None:
    text = f"{text}\nend"
    lines = text.split("\n")
    blocks = load(raw(text)).blocks
    for block in blocks:
        assert block.line_start is not None
        assert block.text == "\n".join(lines[block.line_start - 1 : block.line_end])
    starts = [block.line_start for block in blocks]
    assert starts == sorted(starts)
    fenced = load is load_markdown and text.startswith("---")  # the fences of metadata are no text
    if not fenced:
        assert "".join("".join(block.text.split()) for block in blocks) == "".join(text.split())
