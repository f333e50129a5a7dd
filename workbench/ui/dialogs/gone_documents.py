"""Shows the documents whose file is gone, and asks whether to remove them."""

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from workbench.core.engine import DocumentInfo
from workbench.ui.wording import plural
from workbench.visible_text import visible


class GoneDocumentsDialog(QDialog):
    """Accepted when all of `documents` are to be removed."""

    def __init__(self, documents: Sequence[DocumentInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Files that are gone")
        self.resize(640, 420)
        count = plural(len(documents), "document")
        intro = QLabel(
            f"The files of {count} are not where they were read. Removing the documents takes them out of every "
            "search; runs keep what they quoted. If a disk or a share is only away for now, keep them.",
            wordWrap=True,
        )
        self.list = QPlainTextEdit("\n".join(visible(each.path) for each in documents), readOnly=True)
        self.list.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.list.setAccessibleName("Documents whose file is gone")
        self.list.setTabChangesFocus(True)
        buttons = QDialogButtonBox()
        self.remove = buttons.addButton(f"Remove {count}", QDialogButtonBox.ButtonRole.AcceptRole)
        keep = buttons.addButton("Keep them", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        for widget in (intro, self.list, buttons):
            layout.addWidget(widget)
        keep.setDefault(True)
        keep.setFocus()
