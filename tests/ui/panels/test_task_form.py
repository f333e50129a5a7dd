"""The form makes a Task of what is written, says what is missing, and takes files without being fooled by them."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from pytestqt.qtbot import QtBot

from tests import sample_run
from workbench.core.tasks import MAX_ATTACHMENT_BYTES, CodeUnit, Limits, Task, TaskKind, Tlp
from workbench.ui import aio
from workbench.ui.panels.task_form import TaskForm

WHOLE = Task(
    kind=TaskKind.ASSESS,
    title="Take this?",
    description="Two\nlines",
    language="go",
    code="package main",
    attachments=(CodeUnit(name="a.diff", language="diff", text="+x\n"),),
    sources=("my library",),
    limits=Limits(seconds=90, tokens=5_000),
    tlp=Tlp.RED,
    options=("yes", "no"),
)


@pytest.fixture
def form(qtbot: QtBot) -> TaskForm:
    form = TaskForm()
    qtbot.addWidget(form)
    form.set_sources(("starter knowledge", "my library"))
    form.show()
    return form


def test_a_task_comes_back_from_the_form_as_it_went_in(form: TaskForm) -> None:
    form.show_task(WHOLE)
    assert form.task() == WHOLE
    form.show_task(sample_run.task())
    assert form.task() == sample_run.task()


def test_a_draft_comes_back_as_it_was_even_unfinished(form: TaskForm, qtbot: QtBot) -> None:
    form.title.setText("half a ta")
    form.code.setPlainText("def f(:")
    form.sources["my library"].setChecked(False)
    draft = form.contents()
    other = TaskForm()
    qtbot.addWidget(other)
    other.restore(draft)
    other.set_sources(("starter knowledge", "my library"))
    assert other.contents() == draft


def test_a_draft_with_nonsense_in_it_keeps_what_makes_sense(form: TaskForm) -> None:
    form.restore({"kind": "poetry", "title": "kept", "tlp": 7, "limits": {"seconds": -1}, "attachments": "no"})
    assert form.title.text() == "kept"
    assert form.attachments.units == ()


def test_an_untouched_form_is_not_scolded_and_cannot_be_run(form: TaskForm) -> None:
    assert not form.run.isEnabled()
    assert form._sentence.text() == ""


def test_what_is_missing_is_said_while_writing(form: TaskForm, qtbot: QtBot) -> None:
    form.kind.kind = TaskKind.REVIEW
    form.title.setText("Is it safe?")
    form.description.setPlainText("please")
    qtbot.waitUntil(lambda: "a review needs code" in form._sentence.text())
    assert not form.run.isEnabled()
    form.code.setPlainText("x = 1")
    qtbot.waitUntil(form.run.isEnabled)
    assert not form._sentence.isVisible()


def test_asking_to_run_too_early_says_why_and_goes_to_the_field(form: TaskForm, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(form.run_asked):
        form.ask_to_run()
    assert "no title" in form._sentence.text()


def test_dropped_files_are_attached_and_bad_ones_refused_by_name(form: TaskForm, qtbot: QtBot, tmp_path: Path) -> None:
    good, binary, huge = tmp_path / "view.py", tmp_path / "tool.exe", tmp_path / "dump.sql"
    good.write_text("x = 1\n")
    binary.write_bytes(b"MZ\0\0" * 10)
    huge.write_bytes(b"-" * (MAX_ATTACHMENT_BYTES + 1))
    refused: list[str] = []
    form.refused.connect(refused.append)
    form.attachments.attach([good, binary, huge, good])
    qtbot.waitUntil(lambda: not aio.running())
    assert (len(refused), len(form.attachments.units)) == (2, 1)
    assert form.attachments.units[0] == CodeUnit(name="view.py", language="python", text="x = 1\n")
    assert "tool.exe is a binary file" in refused[0]
    assert "dump.sql has 2.0 MB" in refused[1]


def test_files_pasted_into_the_code_are_attached_and_not_inserted(form: TaskForm, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "view.py"
    path.write_text("x = 1\n")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    mime.setText(str(path))
    form.code.insertFromMimeData(mime)
    qtbot.waitUntil(lambda: not aio.running())
    assert len(form.attachments.units) == 1
    assert form.code.toPlainText() == ""


def test_rich_text_is_pasted_as_plain_text(form: TaskForm) -> None:
    mime = QMimeData()
    mime.setHtml("<b>x = 1</b><script>alert(1)</script>")
    mime.setText("x = 1")
    form.code.insertFromMimeData(mime)
    assert form.code.toPlainText() == "x = 1"


def test_a_selected_attachment_goes_with_delete(form: TaskForm, qtbot: QtBot) -> None:
    form.show_task(WHOLE)
    form.attachments.setCurrentRow(0)
    form.attachments.item(0).setSelected(True)
    qtbot.keyClick(form.attachments, Qt.Key.Key_Delete)
    assert form.attachments.units == ()
    assert form.attachments.isHidden()


def test_leaving_out_a_source_names_the_others_and_all_means_all(form: TaskForm) -> None:
    form.show_task(sample_run.task())
    assert form.task().sources is None
    form.sources["my library"].setChecked(False)
    assert form.task().sources == ("starter knowledge",)
    form.sources["my library"].setChecked(True)
    assert form.task().sources is None
    form.set_sources(("starter knowledge", "my library", "orders"))
    assert form.sources["orders"].isChecked()


def test_code_is_coloured_a_moment_after_it_was_written(form: TaskForm, qtbot: QtBot) -> None:
    form.language.setCurrentText("python")
    form.code.setPlainText("def f():\n    return 'text'  # why\n")
    block = form.code.document().firstBlock()
    qtbot.waitUntil(lambda: bool(block.layout().formats()))
    assert form.code.toPlainText() == "def f():\n    return 'text'  # why\n"


def test_a_new_task_begins_with_the_defaults_and_leaves_out_what_the_settings_say(form: TaskForm) -> None:
    form.set_defaults(120, Tlp.GREEN, ("My Library",))
    assert (form.seconds.value(), form.tlp.currentData()) == (120, Tlp.GREEN)
    assert form.contents()["sources"] == ["starter knowledge"]
    form.show_task(WHOLE)
    form.clear()
    assert (form.seconds.value(), form.tlp.currentData()) == (120, Tlp.GREEN)
    assert form.contents()["limits"]["tokens"] == Limits().tokens
    assert not form.sources["my library"].isChecked()
    form.sources["my library"].setChecked(True)
    assert form.contents()["sources"] is None


def test_new_defaults_leave_what_was_written_as_it_is(form: TaskForm) -> None:
    form.show_task(WHOLE)
    form.set_defaults(120, Tlp.GREEN, ("my library",))
    assert form.task() == WHOLE


def test_sources_that_come_later_are_left_out_by_name_too(form: TaskForm) -> None:
    form.set_defaults(120, Tlp.GREEN, ("orders",))
    form.set_sources(("starter knowledge", "my library", "orders"))
    assert form.contents()["sources"] == ["starter knowledge", "my library"]


def test_an_empty_draft_gives_way_to_the_defaults(form: TaskForm) -> None:
    form.set_defaults(120, Tlp.GREEN)
    form.restore({"title": "", "tlp": "red", "limits": {"seconds": 50}})
    assert (form.seconds.value(), form.tlp.currentData()) == (120, Tlp.GREEN)
