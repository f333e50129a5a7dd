"""Dialogs, opened without a nested event loop (see aio.show_dialog)."""
