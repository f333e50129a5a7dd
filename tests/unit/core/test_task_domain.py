"""What records are kept by."""

import pytest

from workbench.core.tasks import CodeUnit, Task


def domain(kind: str, code: str = "", language: str = "python", attached: tuple[str, ...] = ()) -> str:
    units = tuple(CodeUnit(name=f"unit {index}", language=each, text="x") for index, each in enumerate(attached))
    return Task.model_validate(
        {"kind": kind, "title": "T", "description": "D", "code": code, "language": language, "attachments": units}
    ).domain


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("research", {}, "research/general"),
        ("research", {"attached": ("text",)}, "research/general"),
        ("assess", {"attached": ("json", "markdown")}, "assess/general"),
        ("review", {"code": "x", "language": "java", "attached": ("python",)}, "review/java"),
        ("review", {"attached": ("text", "java", "python")}, "review/java"),
        ("assess", {"attached": ("diff",), "language": "go"}, "assess/go"),
        ("assess", {"attached": ("diff", "rust")}, "assess/rust"),
        ("draft", {"language": "php"}, "draft/php"),
    ],
)
def test_a_task_is_told_by_the_code_it_has_and_not_by_the_forms_default(kind, given, expected):
    assert domain(kind, **given) == expected
