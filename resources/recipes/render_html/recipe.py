"""Show text from outside on a web page: escaped by the template, links checked, data for scripts as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ title }}</title></head>
<body>
<h1>{{ title }}</h1>
{% for comment in comments %}
<article>
<p>{{ comment.text }}</p>
<a href="{{ comment.link | web_address }}" rel="nofollow noopener">{{ comment.author }}</a>
</article>
{% endfor %}
<script id="data" type="application/json">{{ data | tojson }}</script>
</body>
</html>
"""
"""The page. It is part of the program: text from outside is a value in it, never part of the template."""


def render_page(title: str, comments: Sequence[Mapping[str, str]], data: Any = None) -> str:
    """The page with `comments` (text, link, author each) and `data` for its script, as HTML.

    Every value is escaped for the place where it stands. Raises jinja2.UndefinedError for a comment that lacks
    a part.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    environment.filters["web_address"] = web_address
    return environment.from_string(PAGE).render(title=title, comments=comments, data=data)


def web_address(address: str) -> str:
    """`address` when a link may lead there (http, https), else "#"; escaping alone lets javascript: links through."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return "#"
    return address.strip() if parts.scheme in ("http", "https") and parts.netloc else "#"
