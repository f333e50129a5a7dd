"""Tool tips whose text is never markup."""

from html import escape

from workbench.visible_text import visible


def plain_tooltip(text: str) -> str:
    """`text` as a tool tip that shows exactly it.

    Qt guesses whether a tool tip is HTML, and untrusted text that looks like it would be rendered; so it is escaped
    and said to be HTML.
    """
    return f"<p style='white-space: pre-wrap'>{escape(visible(text))}</p>" if text else ""
