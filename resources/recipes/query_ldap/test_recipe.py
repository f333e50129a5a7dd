import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import BASE, LdapRefusedError, check_password, escape_dn, escape_filter, query_ldap


def unescape(value: str) -> str:
    data = re.sub(rb"\\([0-9a-f]{2})", lambda found: bytes([int(found[1], 16)]), value.encode())
    return data.decode()


class Directory:
    """Keeps the filters it was asked, and knows alice."""

    def __init__(self, *found: str) -> None:
        self.filters: list[str] = []
        self.found = found

    def search(self, base: str, question: str, attributes: Sequence[str], most: int) -> Sequence[str]:
        assert (base, most) == (BASE, 2)
        assert "userPassword" not in attributes
        self.filters.append(question)
        return self.found


def test_a_user_is_found() -> None:
    directory = Directory(f"uid=alice,{BASE}")
    assert query_ldap(directory.search, "alice") == f"uid=alice,{BASE}"
    assert directory.filters == ["(&(objectClass=person)(!(loginShell=/sbin/nologin))(uid=alice))"]
    assert query_ldap(Directory().search, "nobody") is None


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_what_is_escaped_reads_back_and_has_no_special_character(value: str) -> None:
    for escaped in (escape_filter(value), escape_dn(value)):
        assert unescape(escaped) == value
        assert re.fullmatch(r"(?:[A-Za-z0-9 _.@-]|\\[0-9a-f]{2})*", escaped)
    assert escape_dn(value).strip() == escape_dn(value)


@pytest.mark.parametrize(
    "login", ["*", "a*", "alice)(uid=*", "*)(|(userPassword=*)", "x)(&)", "\\2a", "a\0b", "*)(objectClass=*))(&(a=b"]
)
def test_attack_a_login_cannot_change_the_filter(login: str) -> None:
    directory = Directory()
    query_ldap(directory.search, login)
    [question] = directory.filters
    assert question.count("(") == question.count(")") == 5
    assert "*" not in question
    assert "\0" not in question
    assert unescape(question.split("(uid=")[1][:-2]) == login


def test_attack_an_answer_with_more_than_one_entry_is_refused() -> None:
    with pytest.raises(LdapRefusedError, match="more than one"):
        query_ldap(Directory("a", "b").search, "a")


@pytest.mark.parametrize(
    "value", ["admin,ou=admins", "a+uid=b", 'a"b', "a\\", "#a", " a ", "a;b", "a<b>", "a=b", "a\nb"]
)
def test_attack_a_value_cannot_leave_its_place_in_a_name(value: str) -> None:
    escaped = escape_dn(value)
    assert not set(escaped) & set(',+"<>;=#\n')
    assert not re.search(r"\\(?![0-9a-f]{2})", escaped)
    assert unescape(escaped) == value


@pytest.mark.parametrize("password", ["", "\0", "\0secret"])
def test_attack_an_empty_password_never_reaches_the_server(password: str) -> None:
    def bind(_: str, __: str) -> bool:
        raise AssertionError("the server was asked")

    with pytest.raises(LdapRefusedError, match="empty"):
        check_password(bind, f"uid=alice,{BASE}", password)


def test_a_password_is_checked_by_the_server() -> None:
    assert check_password(lambda _, password: password == "right", "uid=alice", "right")
    assert not check_password(lambda _, password: password == "right", "uid=alice", "wrong")


@pytest.mark.parametrize("login", ["", "a" * 65])
def test_a_login_has_a_sensible_length(login: str) -> None:
    with pytest.raises(LdapRefusedError, match="characters"):
        query_ldap(Directory().search, login)


def test_attack_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(LdapRefusedError):
        query_ldap(lambda *_: [], "\ud800")
