"""CWE's whole catalogue as XML (cwec_v4.17.xml, schema version 6 and 7)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workbench.core.knowledge.importers.base import foreign, parse_xml
from workbench.core.knowledge.importers.cwe_weakness import MAPPING_VIEW, RESEARCH_VIEW, Weakness
from workbench.core.knowledge.importers.sections import listed

if TYPE_CHECKING:
    from lxml.etree import _Element

_BLOCKS = frozenset({"p", "div", "li", "br", "ul", "ol", "tr", "pre"})


def read_xml(data: bytes, title: str) -> tuple[str, list[Weakness]]:
    """Version and weaknesses of the catalogue. Raises LoadError when it is something else or is damaged."""
    root = parse_xml(data, title)
    if _tag(root) != "Weakness_Catalog":
        raise foreign(title, "its root is no Weakness_Catalog")
    found = [_weakness(element) for element in _all(root, "Weaknesses", "Weakness")]
    return root.get("Version", ""), found


def _weakness(element: "_Element") -> Weakness:
    number = element.get("ID", "")
    related = list(_all(element, "Related_Weaknesses", "Related_Weakness"))
    return Weakness(
        id=f"CWE-{number}" if number.isdigit() else "",
        name=element.get("Name", ""),
        abstraction=element.get("Abstraction", ""),
        status=element.get("Status", ""),
        description=list(filter(None, (_one(element, "Description"), _one(element, "Extended_Description")))),
        parents=_parents(related, RESEARCH_VIEW),
        mapping_parents=_parents(related, MAPPING_VIEW),
        other_names=[_one(term, "Term") for term in _all(element, "Alternate_Terms", "Alternate_Term")],
        platforms=list(dict.fromkeys(filter(None, map(_platform, _all(element, "Applicable_Platforms", "*"))))),
        background=[_text(one) for one in _all(element, "Background_Details", "Background_Detail")],
        introduction=list(_told(element, "Modes_Of_Introduction", "Introduction", ("Phase",), ("Note",))),
        consequences=list(
            _told(element, "Common_Consequences", "Consequence", ("Scope", "Impact", "Likelihood"), ("Note",))
        ),
        detection=list(
            _told(element, "Detection_Methods", "Detection_Method", ("Method", "Effectiveness"), ("Description",))
        ),
        mitigations=list(
            _told(
                element,
                "Potential_Mitigations",
                "Mitigation",
                ("Phase", "Strategy", "Effectiveness"),
                ("Description", "Effectiveness_Notes"),
            )
        ),
        examples=[_text(one) for one in _all(element, "Demonstrative_Examples", "Demonstrative_Example")],
        observed=[
            (_one(one, "Reference"), _one(one, "Description"))
            for one in _all(element, "Observed_Examples", "Observed_Example")
        ],
        patterns=[
            f"CAPEC-{one.get('CAPEC_ID')}" for one in _all(element, "Related_Attack_Patterns", "Related_Attack_Pattern")
        ],
        mapping=list(_mapping(element)),
        notes=[_text(one) for one in _all(element, "Notes", "Note")],
        likelihood=_one(element, "Likelihood_Of_Exploit"),
        dated=_changed(element),
    )


def _parents(related: Sequence["_Element"], view: str) -> list[str]:
    in_view = (one for one in related if (one.get("Nature"), one.get("View_ID")) == ("ChildOf", view))
    return list(dict.fromkeys(f"CWE-{one.get('CWE_ID')}" for one in in_view))


def _platform(element: "_Element") -> str:
    return element.get("Name") or element.get("Class") or ""


def _mapping(element: "_Element") -> Iterator[str]:
    for notes in _children(element, "Mapping_Notes"):
        usage, rationale = _one(notes, "Usage"), _one(notes, "Rationale")
        if usage:
            yield f"Mapping of vulnerabilities to it: {usage.lower()}. {rationale}".strip()


def _changed(element: "_Element") -> str:
    """The day of its last change."""
    days = [
        _one(change, day)
        for history in _children(element, "Content_History")
        for change in history.iterchildren("{*}Submission", "{*}Modification")
        for day in ("Submission_Date", "Modification_Date")
    ]
    return max(days, default="")


def _told(
    element: "_Element", group: str, entry: str, short: tuple[str, ...], at_length: tuple[str, ...]
) -> Iterator[str]:
    """Each entry of a group as a line: its short values first, then what is said at length."""
    for one in _all(element, group, entry):
        brief = listed(dict.fromkeys(filter(None, (_text(child) for child in one if _tag(child) in short))))
        said = " ".join(filter(None, (_text(child) for child in one if _tag(child) in at_length)))
        if brief or said:
            yield f"{brief}: {said}" if brief and said else brief or said


def _tag(element: "_Element") -> str:
    """Local name of an element; empty for a comment."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: "_Element", name: str) -> Iterator["_Element"]:
    return (child for child in element if _tag(child) and name in {_tag(child), "*"})


def _all(element: "_Element", group: str, name: str) -> Iterator["_Element"]:
    return (one for holder in _children(element, group) for one in _children(holder, name))


def _one(element: "_Element", name: str) -> str:
    return next((_text(child) for child in _children(element, name)), "")


def _text(element: "_Element") -> str:
    """All of the text of an element; code keeps its lines, other blocks have one each."""
    parts: list[str] = []
    for event, one in _walk(element):
        blocks = _tag(one) in _BLOCKS or _tag(one) in {"Intro_Text", "Example_Code", "Body_Text", "Title_Text"}
        if event == "start":
            parts.append("\n" if blocks else "")
            parts.append(" ".join((one.text or "").split()) if _tag(one) else "")
        else:
            parts.append("\n" if blocks else "")
            parts.append((" " + " ".join((one.tail or "").split())) if one is not element and one.tail else "")
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def _walk(element: "_Element") -> Iterator[tuple[str, "_Element"]]:
    from lxml import etree

    return iter(etree.iterwalk(element, events=("start", "end")))
