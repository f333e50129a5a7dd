"""Which weaknesses are near kin, so that two analysers that name them at one place mean the same thing.

Only what our analysers can report is here; the groups follow the ChildOf relations of CWE view 1000 and CWE's own
mapping notes (https://cwe.mitre.org/data/definitions/1000.html).
"""

KIN: tuple[frozenset[str], ...] = tuple(
    frozenset(f"CWE-{number}" for number in numbers.split())
    for numbers in (
        "77 78 88",
        "89 564 943",
        "94 95 96 1336 917",
        "79 80 116 83 87",
        "22 23 36 73",
        "502 915",
        "326 327 328 916",
        "330 331 337 338",
        "259 798 321 522",
        "295 297 599",
        "319 311 523",
        "377 379 378",
        "611 776 827",
        "732 276 279 281",
        "400 770 1333 730",
        "209 215 489 200",
        "643 91",
        "601 918",
        "614 1004 1275",
        "208 203 385",
        "209 497 550",
        "522 214 256",
        "323 329 1204",
        "290 807 348",
        "565 807 784",
        "390 391 703 755",
        "404 772 775",
        "362 367",
        "426 427",
        "98 470 829",
        "183 346 625 777",
        "93 113",
    )
)


def are_kin(one: str | None, other: str | None) -> bool:
    """Whether two CWE ids name the same or a nearly related weakness; an unlabelled one is kin to nothing."""
    if one is None or other is None:
        return False
    return one == other or any(one in group and other in group for group in KIN)
