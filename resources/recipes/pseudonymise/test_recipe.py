import hashlib
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from . import recipe
from .recipe import WeakKeyError, pseudonymise, shorten_ip

KEY = b"k" * 32
OTHER = b"o" * 32


def test_one_person_has_one_pseudonym_however_it_is_spelled() -> None:
    assert pseudonymise("email", "Alice@Example.org ", KEY) == pseudonymise("email", "alice@example.org", KEY)
    assert pseudonymise("phone", "+44 (20) 7946-0000", KEY) == pseudonymise("phone", "+442079460000", KEY)
    assert pseudonymise("ip", "2001:DB8::0001", KEY) == pseudonymise("ip", "2001:db8::1", KEY)
    assert pseudonymise("ip", "::ffff:203.0.113.7", KEY) == pseudonymise("ip", "203.0.113.7", KEY)
    assert pseudonymise("name", "Zoe\u0308  Smith", KEY) == pseudonymise("name", "Zo\u00eb Smith", KEY)
    assert pseudonymise("name", "smith", KEY) != pseudonymise("name", "Smith", KEY)


@given(st.text(max_size=30), st.text(max_size=30))
def test_two_persons_have_two(first: str, second: str) -> None:
    found = pseudonymise("id", first, KEY), pseudonymise("id", second, KEY)
    assert (found[0] == found[1]) is (recipe.normalise("id", first) == recipe.normalise("id", second))
    assert len(found[0]) == 32


def test_attack_trying_out_all_values_without_the_key_finds_nothing() -> None:
    pseudonym = pseudonymise("phone", "+442079460000", KEY)
    for value in ("+442079460000", "phone+442079460000", "web statistics 2026phone+442079460000"):
        assert not hashlib.sha256(value.encode()).hexdigest().startswith(pseudonym)
    assert pseudonymise("phone", "+442079460000", OTHER) != pseudonym


def test_attack_a_key_that_can_be_tried_out_is_refused() -> None:
    for key in (b"", b"salt", b"k" * 31):
        with pytest.raises(WeakKeyError):
            pseudonymise("email", "a@example.org", key)


def test_attack_data_sets_for_two_purposes_cannot_be_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pseudonymise("email", "a@example.org", KEY)
    monkeypatch.setattr(recipe, "PURPOSE", "research")
    assert pseudonymise("email", "a@example.org", KEY) != first


def test_attack_parts_cannot_run_into_each_other() -> None:
    assert pseudonymise("a", "bc", KEY) != pseudonymise("ab", "c", KEY)


@pytest.mark.parametrize(
    ("address", "short"),
    [
        ("203.0.113.77", "203.0.113.0"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
        ("::ffff:203.0.113.77", "203.0.113.0"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str, short: str) -> None:
    assert shorten_ip(address) == short


@given(st.ip_addresses(v=4))
def test_attack_256_neighbours_look_the_same(address: ipaddress.IPv4Address) -> None:
    first = ipaddress.ip_network((address, 24), strict=False)[0]
    assert shorten_ip(str(address)) == shorten_ip(str(first)) == str(first)


def test_what_is_no_address_is_told() -> None:
    with pytest.raises(ValueError, match="address"):
        shorten_ip("localhost")
