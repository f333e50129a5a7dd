"""Both themes are legible: WCAG 2.2 level AA asks for a contrast of 4.5 to 1."""

from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette

from workbench.ui.theme import Role, is_dark, palette_for, shades
from workbench.ui.widgets.highlight import STYLES


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


PAIRS = [
    (Role.WindowText, Role.Window),
    (Role.Text, Role.Base),
    (Role.Text, Role.AlternateBase),
    (Role.ButtonText, Role.Button),
    (Role.HighlightedText, Role.Highlight),
    (Role.ToolTipText, Role.ToolTipBase),
    (Role.PlaceholderText, Role.Base),
    (Role.Link, Role.Base),
]


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(dark: bool) -> None:
    palette = palette_for(dark)
    low = {
        (text.name, ground.name): round(ratio, 2)
        for text, ground in PAIRS
        if (ratio := contrast(palette.color(text), palette.color(ground))) < 4.5
    }
    assert low == {}


@pytest.mark.parametrize("dark", [False, True])
def test_meaningful_colours_stand_out_from_every_ground(dark: bool) -> None:
    palette = palette_for(dark)
    tones = shades(palette)
    grounds = [palette.color(role) for role in (Role.Window, Role.Base, Role.AlternateBase)] + [tones.code_ground]
    texts = [field.name for field in fields(tones) if field.name not in ("line", "on_accent", "code_ground")]
    low = {name for name in texts for ground in grounds if contrast(getattr(tones, name), ground) < 4.5}
    assert low == set()
    assert contrast(tones.on_accent, tones.accent) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_coloured_code_stands_out_from_its_ground(dark: bool) -> None:
    palette = palette_for(dark)
    grounds = (palette.color(Role.Base), shades(palette).code_ground)
    low = {
        style
        for style, tones in STYLES.items()
        for ground in grounds
        if contrast(QColor(tones.dark if dark else tones.light), ground) < 4.5
    }
    assert low == set()


def test_a_palette_knows_which_it_is() -> None:
    assert is_dark(palette_for(True))
    assert not is_dark(palette_for(False))
    assert shades(palette_for(True)) != shades(QPalette(palette_for(False)))
