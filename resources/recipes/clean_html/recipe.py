"""Let users write formatted text: keep a few harmless tags of their HTML and drop everything else."""

import nh3

TAGS = {
    *("p", "br", "hr", "blockquote", "pre", "code", "h2", "h3", "h4", "ul", "ol", "li"),
    *("b", "strong", "i", "em", "s", "sub", "sup", "a", "table", "thead", "tbody", "tr", "th", "td"),
}
"""Tags that are kept. No picture (it tells its server who reads), no form, no frame, no style, no svg, no math."""

ATTRIBUTES = {"a": {"href", "title"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
"""Attributes kept, by tag. No class, id, style or name: they would dress up as, or shadow, parts of our page."""

SCHEMES = {"https", "http", "mailto"}
"""Where links may lead; javascript: and data: are not among them."""

REL = "noopener noreferrer nofollow ugc"
"""What every link says of itself, so that it gets no hold on our page and no weight from it."""

MAX_CHARACTERS = 50_000
"""Longest text taken."""


class TextTooLongError(ValueError):
    """The text is longer than what is taken."""


def clean_html(html: str) -> str:
    """What is harmless of `html`, as HTML to put between tags of our page; raises TextTooLongError.

    It is parsed as a browser parses it and written anew, so what looks harmless to a pattern but not to a browser
    does not get through. Clean at the end, after Markdown was turned into HTML, and change nothing afterwards.
    """
    if len(html) > MAX_CHARACTERS:
        raise TextTooLongError(f"the text has more than {MAX_CHARACTERS} characters")
    text = html.encode("utf-8", "replace").decode("utf-8")
    return nh3.clean(
        text,
        tags=TAGS,
        clean_content_tags={"script", "style"},
        attributes={**ATTRIBUTES, "*": set()},  # or nh3 keeps title and lang of every tag
        url_schemes=SCHEMES,
        url_relative="deny",
        link_rel=REL,
        strip_comments=True,
    )
