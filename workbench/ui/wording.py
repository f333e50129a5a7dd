"""Numbers, durations and times as they are written everywhere in the window."""

from datetime import datetime


def duration(seconds: float) -> str:
    """`0.3 s`, `12 s`, `3 min 20 s`, `2 h 5 min`: as precise as is worth reading."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 passage`, `2 passages`; `many` where adding an s will not do."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def gate_words(gates: int, option: str) -> str:
    """How many findings stand against an option, which therefore no vote can make the verdict."""
    verb = "stands" if gates == 1 else "stand"
    return f"{plural(gates, 'confirmed finding')} of high severity {verb} against “{option}”"


def local_time(moment: datetime) -> str:
    """Day and minute in the analyst's own time zone, e.g. `2026-03-01 14:05`."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def sentence(text: str) -> str:
    """`text` with a capital at its start and a full stop at its end, if it has neither."""
    text = text.strip()
    stop = "" if text.endswith((".", "!", "?", "…")) or not text else "."
    return text[:1].upper() + text[1:] + stop


def bytes_in_words(count: int) -> str:
    """`812 B`, `4.2 KB`, `17 MB`: thousands, as file managers count them."""
    size, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if size < 999.5:
            break
        size, unit = size / 1000, larger
    return f"{size:.1f} {unit}" if unit != "B" and size < 9.95 else f"{size:.0f} {unit}"
