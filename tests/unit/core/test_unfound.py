"""Exact names that stand nowhere are told, and what merely looks like them is no answer."""

import pytest

from workbench.core.evidence import Passage
from workbench.core.unfound import MOST, unfound_names, without_the_name


def passage(text: str, score: float = 0.9) -> Passage:
    return Passage(id=text, source="s", document_id="d", title="notes.md", text=text, score=score)


@pytest.mark.parametrize(
    ("question", "text", "unfound"),
    [
        ("10.0.0.5", "the host 10.0.0.5 asked", ()),
        ("10.0.0.5", "libavif 0.5.10 and 10.0.5.0", ("10.0.0.5",)),
        ("who is 10.0.0.5?", "nobody", ("10.0.0.5",)),
        ("/etc/ld.so.conf", "see /etc/hosts", ("etc/ld.so.conf",)),
        ("CVE-2099-99999", "CVE-2017-1000117", ("CVE-2099-99999",)),
        ("CVE-2017-1000117", "it is cve-2017-1000117", ()),
        ("d41d8cd98f00b204e9800998ecf8427e", "no hash", ("d41d8cd98f00b204e9800998ecf8427e",)),
        ("phishing", "an answer without the word", ()),
        ("how do we rotate keys", "vault", ()),
    ],
)
def test_a_name_that_no_passage_holds_is_told(question: str, text: str, unfound: tuple[str, ...]) -> None:
    assert unfound_names(question, [passage(text)]) == unfound


def test_where_the_one_name_is_missing_nothing_is_close() -> None:
    found = [passage("libavif 0.5.10", 0.76), passage("far", 0.1)]
    assert [each.score for each in without_the_name("10.0.0.5", found)] == [MOST, 0.1]
    assert without_the_name("libavif 10.0.0.5", found) == found
    assert without_the_name("0.5.10", found) == found
