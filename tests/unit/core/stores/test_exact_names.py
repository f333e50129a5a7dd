import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.stores.exact_names import LONGEST_NAME, is_certain, names_asked, names_in

NAMES = [
    "CVE-2024-3094",
    "T1059.001",
    "CWE-79",
    "GHSA-jfh8-c2jp-5v3q",
    "MS17-010",
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "10.20.30.40",
    "fe80::1ff:fe23:4567:890a",
    "2001:db8:0:1:1:1:1:1",
    "bob.smith@mail.example.com",
    "/etc/nginx/nginx.conf",
    "C:\\Windows\\System32\\cmd.exe",
    "https://example.com/a/b?x=1",
    "os.path.join",
    "parse_dn_list",
    "readFile",
    "std::sort",
    "@types/node",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sentence", ["{}", "We saw {}, twice.", "Look at ({}).", "is it '{}'?"])
def test_a_name_that_is_asked_for_is_the_name_that_a_text_has(name: str, sentence: str) -> None:
    asked = names_asked(f"where is {name} ?")
    assert asked
    assert set(asked) <= names_in(sentence.format(name))


@pytest.mark.parametrize("name", [*NAMES, "xz-utils", "log4j-core-2.14.1.jar", "node_modules", "KB5005565"])
def test_a_question_of_one_word_is_a_name(name: str) -> None:
    assert set(names_asked(f" {name}? ")) <= names_in(f"Before {name}, after")


def test_case_does_not_matter() -> None:
    assert names_asked("what of cve-2024-3094") == names_asked("what of CVE-2024-3094")
    assert set(names_asked("xz-utils")) <= names_in("XZ-Utils")


def test_names_that_are_almost_the_same_are_others() -> None:
    assert not set(names_asked("who is 10.0.0.1")) & names_in("110.0.0.1 and 10.0.0.11 and 10.0.1.0")
    assert not set(names_asked("what of CVE-2024-309")) & names_in("CVE-2024-3094")
    assert not set(names_asked("what of T1059")) & names_in("T1059.001")


def test_parts_of_addresses_and_paths_are_names_too() -> None:
    assert {"10.0.0.1", "evil.example.com", "nginx.conf", "parse_dn"} <= names_in(
        "10.0.0.1:8080 https://evil.example.com/a /etc/nginx/nginx.conf self.parse_dn(x)"
    )


@pytest.mark.parametrize(
    "question", ["How do attackers read and/or write files, e.g. by SQL?", "well-known IL-2 effects", "", "  ", "?"]
)
def test_ordinary_questions_ask_for_no_name(question: str) -> None:
    assert names_asked(question) == ()


def test_a_long_text_asks_for_what_can_mean_one_thing_only() -> None:
    text = "The function parse_dn_list in the server reads too far when a packet from 10.0.0.1 arrives, which is bad"
    assert names_asked(text) == ("10.0.0.1",)


@given(st.text())
def test_any_text_has_names_without_blanks(text: str) -> None:
    assert all(name and not name.isspace() for name in names_in(text) | set(names_asked(text)))


@pytest.mark.parametrize("name", ["cve-2021-44228", "10.0.0.1", "d41d8cd98f00b204e9800998ecf8427e", "bob@example.com"])
def test_some_names_can_mean_one_thing_only(name: str) -> None:
    assert is_certain(name)


@pytest.mark.parametrize("name", ["settings.py", "parse_dn_list", "requests.get", "explorer.exe", "/etc/app/x.conf"])
def test_a_file_or_function_is_named_for_many_reasons(name: str) -> None:
    assert not is_certain(name)


def names_of_every_run(text: str) -> set[str]:
    """What `names_in` finds, by looking at each run of characters."""
    names: set[str] = set()
    for run in re.findall(r"[\w.\-@/\\:+~$%]+", text):
        for name in [run, *re.split(r"[/\\:@+~$%]+", run)]:
            found = name.strip(".-/\\:+~@$%").casefold()
            joined = re.search(r"[^\W_][\W_]+[^\W_]|_|[a-z][A-Z]|[^\W\d_]\d|\d[^\W\d_]", name)
            if len(found) <= LONGEST_NAME and joined and not (run.isalpha() and run[1:].islower()):
                names |= {found, *(part for part in found.split(".") if "_" in part)}
    return names - {""}


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*NAMES, "word", "Word.", "a-", "e.g.", "É", "ß.", " ", ", ", "\n"]), st.text(max_size=9)
        )
    ).map("".join)
)
def test_names_are_found_as_by_looking_at_every_run(text: str) -> None:
    assert names_in(text) == names_of_every_run(text)
