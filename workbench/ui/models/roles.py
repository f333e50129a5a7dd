"""Roles that tables with a filter agree on."""

from PySide6.QtCore import Qt

SORT_ROLE = Qt.ItemDataRole.UserRole.value
"""What a column is sorted by, where its text would sort wrongly."""

FILTER_ROLE = Qt.ItemDataRole.UserRole.value + 1
"""All text of a row in one string, given by any of its cells."""

KEY_ROLE = Qt.ItemDataRole.UserRole.value + 2
"""What tells a row from others when the model is filled anew."""

COPY_ROLE = Qt.ItemDataRole.UserRole + 10
"""What a cell gives to the clipboard where that is more than it shows; None where it is not."""
