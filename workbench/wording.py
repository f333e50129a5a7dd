"""How the whole workbench writes shares and counts: in reports, agents' sentences, on the screen, in the terminal."""


def percent(share: float) -> str:
    """A share of 0 to 1 in whole per cent with a no-break space, `66 %`.

    Never rounded to a certainty that it does not have: `<1 %` for what is not impossible, `>99 %` for what is not sure.
    """
    if 0 < share < 0.005:
        return "<1\u00a0%"
    if 0.995 <= share < 1:
        return ">99\u00a0%"
    return f"{int(share * 100 + 0.5)}\u00a0%"


def counted(count: int, noun: str, plural: str = "") -> str:
    """`1 finding`, `2 findings`, `no findings`; `plural` where adding an s will not do."""
    return f"{count or 'no'} {noun if count == 1 else plural or noun + 's'}"
