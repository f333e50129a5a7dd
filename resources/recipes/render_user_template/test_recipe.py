from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from . import recipe
from .recipe import MAX_ITEMS, TemplateRefusedError, render_user_template

DATA = {
    "name": "Ann <ann@example.com>",
    "vip": True,
    "count": 2,
    "items": [{"title": "paper", "price": 10}, {"title": "ink", "price": 20}],
    "shop": {"city": "Bern"},
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Dear {{ name }},", "Dear Ann &lt;ann@example.com&gt;,"),
        ("{% for item in items %}{{ item.title|upper }} {{ item.price }};{% endfor %}", "PAPER 10;INK 20;"),
        ("{% if vip and count > 1 %}<b>thanks</b>{% else %}hello{% endif %}", "<b>thanks</b>"),
        ("{{ shop.city }} {{ shop.street|default('no street') }}", "Bern no street"),
        ("{{ 'many' if count >= 2 else 'one' }} {{ items|length }}", "many 2"),
        ("{# a note #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
    ],
)
def test_names_conditions_and_loops_are_filled_in(template: str, text: str) -> None:
    assert render_user_template(template, DATA) == text


def test_the_author_is_told_what_is_wrong() -> None:
    with pytest.raises(TemplateRefusedError, match="line 2: Call"):
        render_user_template("hello\n{{ f() }}", DATA)
    with pytest.raises(TemplateRefusedError, match="'nme' is undefined"):
        render_user_template("{{ nme }}", DATA)


def test_only_plain_data_is_handed_over() -> None:
    for value in (object(), render_user_template, Markup("<b>"), {1: 2}, ["x"] * (MAX_ITEMS + 1), {"a": {object()}}):
        with pytest.raises(TypeError, match="plain value"):
            render_user_template("hello", {"value": value})


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ name.__class__ }}",
        "{{ shop.__class__ }}",
        "{{ shop.items }}",
        "{{ items.append }}",
        "{{ name['__class__'] }}",
        "{{ name|attr('__class__') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ lipsum.__globals__['os'].popen('id').read() }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ config }}",
        "{{ request.application }}",
        "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
        "{% import 'os' as os %}",
        "{% include '/etc/passwd' %}",
        "{% extends name %}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{% for i in items %}{{ loop.cycle }}{% endfor %}",
        "{{ '%s'|format(name) }}",
        "{{ name|safe }}",
        "{{ items|map(attribute='__class__') }}",
        "{{ name is defined }}",
        "{{ dict(a=1) }}",
    ],
)
def test_attack_the_way_to_python_is_closed(template: str) -> None:
    with pytest.raises(TemplateRefusedError):
        render_user_template(template, DATA)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(999999999) %}x{% endfor %}",
        "{{ 9**9**9 }}",
        "{{ 'x' * 999999999 }}",
        "{{ 'x'|center(999999999) }}",
        "{{ '%0999999999d'|format(1) }}",
        "{% for a in items %}{% for b in items %}{% for c in items %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% for i in items recursive %}{{ loop(items) }}{% endfor %}",
        "(" * 9_000 + "{{ " + "(" * 9_000,
        "{{ " + "(" * 9_000 + "1" + ")" * 9_000 + " }}",
        "{{ " + "not " * 4_000 + "1 }}",
        "{% if vip %}" * 200 + "{% endif %}" * 200,
        "{{ " + "9" * 9_000 + " }}",
        "x" * 30_000,
    ],
)
def test_attack_a_template_cannot_use_up_time_or_memory(template: str) -> None:
    with pytest.raises(TemplateRefusedError):
        render_user_template(template, DATA)


@pytest.mark.parametrize("template", ["{{ " + "not " * 60 + "1 }}", "{% if vip %}" * 40 + "{% endif %}" * 40])
def test_attack_depth_is_told_before_python_gives_up(template: str) -> None:
    with pytest.raises(TemplateRefusedError, match="stands in each other"):
        render_user_template(template, DATA)


def test_attack_the_result_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "MAX_OUTPUT", 1000)
    template = "{% for a in items %}{% for b in items %}" + "x" * 300 + "{% endfor %}{% endfor %}"
    with pytest.raises(TemplateRefusedError, match="result"):
        render_user_template(template, DATA)


def test_attack_a_value_is_no_template_and_no_html() -> None:
    data = {"name": "{{ 7*7 }}<script>alert(1)</script>"}
    assert render_user_template("{{ name }}", data) == "{{ 7*7 }}&lt;script&gt;alert(1)&lt;/script&gt;"
    assert "<script>" not in render_user_template("{{ name|trim|default('x')|title }}", data).lower()


@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", " for ", "a", " in ", "items", "if ", "endif", "endfor", "|", ".", "(", "[", "'"]
        )
    )
)
def test_any_template_is_rendered_or_refused(parts: list[str]) -> None:
    with suppress(TemplateRefusedError):
        assert isinstance(render_user_template("".join(parts), DATA), str)


@pytest.mark.parametrize(
    "loop",
    [
        "{% for a in text %}",
        "{% for a in text|upper %}",
        "{% for a in 'abcdefgh' %}",
    ],
)
def test_attack_a_loop_over_the_letters_of_a_text_is_refused(loop: str) -> None:
    with pytest.raises(TemplateRefusedError):
        render_user_template(loop + "{% for b in text %}{% endfor %}{% endfor %}", {"text": "x" * 1_000})


def test_attack_a_large_dict_or_text_is_no_data() -> None:
    for value in ({str(number): 1 for number in range(MAX_ITEMS + 1)}, "x" * (recipe.MAX_OUTPUT + 1)):
        with pytest.raises(TypeError):
            render_user_template("{{ a }}", {"a": value})
