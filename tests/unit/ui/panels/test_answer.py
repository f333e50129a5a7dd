"""The panel of the answer, as a run grows and as it is opened again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests import research_run, sample_run
from workbench.core import events as ev
from workbench.ui.models.run_model import RunModel
from workbench.ui.panels.answer import AnswerPanel
from workbench.ui.theme import DARK, palette_for
from workbench.ui.widgets.answer_text import LOST

HOSTILE = '<h1>TRAP</h1><a href="http://evil.example">x</a> \u202egnp.exe \x1b[31m'


@pytest.fixture
def run() -> RunModel:
    return RunModel()


@pytest.fixture
def panel(qtbot: QtBot, spawned: list[str], run: RunModel) -> AnswerPanel:
    made = AnswerPanel(run)
    qtbot.addWidget(made)
    made.resize(470, 640)
    made.show()
    return made


def _shown(panel: AnswerPanel) -> tuple[object, ...]:
    drafts = panel.drafts
    return (
        panel.empty.text(),
        panel.empty.isVisible(),
        panel.text.toPlainText(),
        drafts.isVisible(),
        drafts.code.toPlainText(),
        drafts.chooser.currentText(),
        drafts.shows_patch,
    )


def _links(panel: AnswerPanel) -> list[tuple[str, str]]:
    """Text and target of each link, in order."""
    found, block = [], panel.text.document().begin()
    while block.isValid():
        for each in block:
            form = each.fragment().charFormat()
            if form.isAnchor():
                found.append((each.fragment().text(), form.anchorHref()))
        block = block.next()
    return found


def test_without_a_run_one_sentence_says_what_will_stand_here(panel: AnswerPanel) -> None:
    assert panel.empty.isVisible()
    assert panel.empty.text().endswith("will stand here.")


def test_records_are_read_out_with_heading_reason_and_sections(panel: AnswerPanel, run: RunModel) -> None:
    run.show(sample_run.journal([*research_run.bodies(), ev.RunCompleted()]))
    assert not panel.empty.isVisible()
    assert not panel.drafts.isVisible()
    assert panel.text.toPlainText().splitlines()[1:] == [
        "CWE-89: SQL Injection",
        "Named in the task.",
        "What it is  open",
        research_run.WHAT,
        "How to fix it  open",
        research_run.FIX,
        "Use one account a job.",
        "T1190 Exploit Public-Facing Application",
        "Close to the task's words, 62 %.",
        "How it works  open",
        research_run.ABROAD,
        LOST,
    ]


def test_each_section_opens_its_own_passage(panel: AnswerPanel, run: RunModel, qtbot: QtBot) -> None:
    run.show(research_run.events())
    opened: list[str] = []
    panel.open_passage.connect(opened.append)
    for _text, target in _links(panel):
        panel.text.anchorClicked.emit(target)
    assert opened == ["p1", "p4", "p3", "p4"]


def test_a_link_is_reached_and_opened_by_the_keyboard(panel: AnswerPanel, run: RunModel, qtbot: QtBot) -> None:
    run.show(research_run.events())
    panel.text.setFocus()
    qtbot.keyClick(panel.text, Qt.Key.Key_Tab)
    qtbot.keyClick(panel.text, Qt.Key.Key_Tab)
    with qtbot.waitSignal(panel.open_passage) as asked:
        qtbot.keyClick(panel.text, Qt.Key.Key_Return)
    assert asked.args == ["p4"]


@pytest.mark.parametrize("link", ["http://evil.example/#0", "file:///etc/passwd", "#99", "#x", "#²", ""])
def test_no_other_link_leads_anywhere(panel: AnswerPanel, run: RunModel, link: str) -> None:
    run.show(research_run.events())
    before, opened = panel.text.toPlainText(), list[str]()
    panel.open_passage.connect(opened.append)
    panel.text.anchorClicked.emit(link)
    assert panel.text.toPlainText() == before
    assert opened == []


@pytest.mark.parametrize("events", [research_run.events(), sample_run.events(sample_run.recheck())])
def test_at_every_event_a_run_opened_again_shows_what_it_showed_live(
    panel: AnswerPanel, run: RunModel, events: list[ev.RunEvent], qtbot: QtBot
) -> None:
    again = RunModel()
    reopened = AnswerPanel(again)
    qtbot.addWidget(reopened)
    reopened.show()
    for number, event in enumerate(events, start=1):
        run.apply(event)
        again.show([])
        again.show(events[:number])
        assert _shown(reopened) == _shown(panel), event.body.kind


def test_code_is_told_with_basis_changes_and_limits(panel: AnswerPanel, run: RunModel) -> None:
    run.show(research_run.events())
    told = panel.text.toPlainText()
    for words in (
        "In code",
        "From recipe bound_query (Query a database with bound values; checked 2026-03-01).  open",
        "What was changed\n• The function is called find.",
        "What it does not do\n• It does not bound how many rows come back.",
    ):
        assert words in told
    assert panel.drafts.code.toPlainText() == research_run.draft().text
    assert panel.drafts.code.isReadOnly()
    assert panel.drafts.name.text() == "bound_query.py"
    assert not panel.drafts.patch.isVisible()


def test_a_repair_is_shown_as_its_patch_and_in_full_when_asked(panel: AnswerPanel, run: RunModel) -> None:
    run.show(sample_run.events())
    assert panel.drafts.code.toPlainText() == sample_run.DIFF
    panel.drafts.whole.click()
    assert panel.drafts.code.toPlainText() == sample_run.REPAIRED
    panel.drafts.patch.click()
    assert panel.drafts.code.toPlainText() == sample_run.DIFF


def test_a_version_chosen_stays_while_the_run_grows(panel: AnswerPanel, run: RunModel) -> None:
    events = sample_run.events(sample_run.recheck())
    written = next(number for number, each in enumerate(events) if getattr(each.body, "step", "") == "security")
    run.show(events[:written])
    panel.drafts.whole.click()
    for event in events[written:]:
        run.apply(event)
    assert panel.drafts.code.toPlainText() == sample_run.REPAIRED


def test_what_is_shown_is_copied_and_saved(panel: AnswerPanel, run: RunModel, qtbot: QtBot) -> None:
    run.show(sample_run.events())
    qtbot.mouseClick(panel.drafts.copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == sample_run.DIFF
    assert panel.drafts.copy.text() == "Copied"
    with qtbot.waitSignal(panel.save_code) as asked:
        qtbot.mouseClick(panel.drafts.save, Qt.MouseButton.LeftButton)
    assert asked.args == ["views.py.patch", sample_run.DIFF]
    panel.drafts.whole.click()
    assert panel.drafts.copy.text() == "Copy"
    with qtbot.waitSignal(panel.save_code) as asked:
        qtbot.mouseClick(panel.drafts.save, Qt.MouseButton.LeftButton)
    assert asked.args == ["views.py", sample_run.REPAIRED]


def test_one_of_several_drafts_is_chosen_and_stays_while_more_come(panel: AnswerPanel, run: RunModel) -> None:
    two = (research_run.draft(), research_run.draft(name="other.py", text="y = 2\n"))
    bodies = research_run.bodies(two)
    run.show(sample_run.journal(bodies))
    drafts = panel.drafts
    assert [drafts.chooser.itemText(each) for each in range(drafts.chooser.count())] == ["bound_query.py", "other.py"]
    assert drafts.chooser.isVisible()
    drafts.chooser.setCurrentIndex(1)
    drafts.chooser.activated.emit(1)
    assert drafts.code.toPlainText() == "y = 2\n"
    run.apply(sample_run.journal([*bodies, ev.RunCompleted()])[-1])
    assert drafts.shown is not None
    assert drafts.shown.name == "other.py"


def test_text_from_outside_is_text_and_code_is_copied_as_it_is(panel: AnswerPanel, run: RunModel) -> None:
    trap = ev.Briefing(
        title=HOSTILE,
        reached=HOSTILE,
        points=(ev.Citation(claim=HOSTILE, passage_id=HOSTILE, quote=HOSTILE, holds=True),),
    )
    draft = research_run.draft(name=HOSTILE, text=HOSTILE, basis=HOSTILE, changes=(HOSTILE, f"Limit: {HOSTILE}"))
    run.show(sample_run.journal(research_run.bodies((draft,), (trap,))))
    told = panel.text.toPlainText()
    assert told.count("<h1>TRAP</h1>") == 8
    assert "\u202e" not in told + panel.drafts.code.toPlainText() + panel.drafts.name.text()
    assert _links(panel) == [("open", "#0")]
    assert panel.drafts.hidden.isVisible()
    panel.drafts.copy.click()
    assert "\u202e" in QApplication.clipboard().text()


def test_a_reader_further_down_stays_there_while_the_run_grows(panel: AnswerPanel, run: RunModel) -> None:
    long = ev.Briefing(
        title="Long",
        reached="named",
        points=tuple(
            ev.Citation(claim=f"Section {number}", passage_id="p1", quote="word " * 60, holds=True)
            for number in range(20)
        ),
    )
    events = sample_run.journal(research_run.bodies((research_run.draft(),), (long,)))
    run.show(events[:6])
    panel.text.verticalScrollBar().setValue(300)
    for event in events[6:]:
        run.apply(event)
    assert panel.text.verticalScrollBar().value() == 300
    run.show([])
    run.show(events)
    assert panel.text.verticalScrollBar().value() == 0


def test_words_are_found_in_the_answer(panel: AnswerPanel, run: RunModel, qtbot: QtBot) -> None:
    run.show(research_run.events())
    panel.text.setFocus()
    qtbot.keyClick(panel.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert panel.find_bar.isVisible()
    panel.find_bar.words.setText("parameter")
    panel.find_bar.find_next()
    assert panel.text.textCursor().selectedText() == "parameter"
    assert panel.find_bar.count.text() == "1 of 1"


def test_all_of_the_text_can_be_selected_with_the_keyboard(panel: AnswerPanel, run: RunModel, qtbot: QtBot) -> None:
    run.show(research_run.events())
    qtbot.keyClick(panel.text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert research_run.WHAT in panel.text.textCursor().selectedText()


def test_a_changed_theme_keeps_the_text_and_changes_its_colours(panel: AnswerPanel, run: RunModel) -> None:
    run.show(research_run.events())
    before = panel.text.toPlainText()
    panel.text.setPalette(palette_for(dark=True))
    assert panel.text.toPlainText() == before
    cursor = QTextCursor(panel.text.document().find("open"))
    assert cursor.charFormat().foreground().color() == DARK.accent


def test_another_run_leaves_nothing_of_the_one_before(panel: AnswerPanel, run: RunModel) -> None:
    empty = _shown(panel)
    run.show(research_run.events())
    run.show([])
    assert _shown(panel) == empty


def test_everything_has_a_name_for_screen_readers(panel: AnswerPanel) -> None:
    drafts = panel.drafts
    named = (panel.empty, panel.text, drafts.code, drafts.chooser, drafts.copy, drafts.save, drafts.name)
    assert all(widget.accessibleName() for widget in named)
