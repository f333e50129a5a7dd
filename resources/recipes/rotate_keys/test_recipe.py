import pytest
from hypothesis import given
from hypothesis import strategies as st

from .recipe import DecryptionError, KeyRing, decrypt_value, encrypt_value, rotate_keys

KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}
OLD = KeyRing("k1", {"k1": KEYS["k1"]})
BOTH = KeyRing("k2", KEYS)
NEW = KeyRing("k2", {"k2": KEYS["k2"]})


@given(st.binary(max_size=100), st.text(max_size=20))
def test_a_value_comes_back_and_survives_a_rotation(value: bytes, record: str) -> None:
    stored = encrypt_value(value, record, OLD)
    assert decrypt_value(stored, record, OLD) == value
    [(same, old, new)] = rotate_keys({record: stored}, BOTH)
    assert (same, old) == (record, stored)
    assert decrypt_value(new, record, NEW) == value


def test_only_values_under_an_old_key_are_rotated() -> None:
    stored = {"users/1": encrypt_value(b"a", "users/1", OLD), "users/2": encrypt_value(b"b", "users/2", NEW)}
    assert [record for record, _, _ in rotate_keys(stored, BOTH)] == ["users/1"]


def test_a_value_under_a_retired_key_is_told_as_such() -> None:
    with pytest.raises(DecryptionError, match="not in the ring"):
        decrypt_value(encrypt_value(b"a", "r", OLD), "r", NEW)


def test_attack_a_value_moved_to_another_record_is_refused() -> None:
    stored = encrypt_value(b"100000", "users/1/salary", BOTH)
    with pytest.raises(DecryptionError, match="another record"):
        decrypt_value(stored, "users/2/salary", BOTH)


def test_attack_a_changed_value_is_refused() -> None:
    stored = encrypt_value(b"secret", "r", BOTH)
    name, _, data = stored.partition(".")
    forged = [
        name + "." + ("A" if data[0] != "A" else "B") + data[1:],
        f"{name}.{data[:-4]}",
        name,
        f"{name}.",
        f"{name}.!!",
    ]
    for value in forged:
        with pytest.raises(DecryptionError):
            decrypt_value(value, "r", BOTH)


def test_attack_relabelling_the_key_is_refused() -> None:
    stored = encrypt_value(b"secret", "r", OLD)
    with pytest.raises(DecryptionError):
        decrypt_value(stored.replace("k1.", "k2.", 1), "r", BOTH)


def test_attack_the_key_is_not_in_the_repr() -> None:
    assert "1111" not in repr(OLD)
    assert "keys" not in repr(OLD)


def test_equal_values_look_different() -> None:
    assert encrypt_value(b"same", "r", NEW) != encrypt_value(b"same", "r", NEW)


@pytest.mark.parametrize(
    ("current", "keys"),
    [("k3", KEYS), ("k1", {"k1": b"short"}), ("a.b", {"a.b": b"1" * 32}), ("k1", {"k1": b"1" * 32, "k2": b"1" * 32})],
)
def test_a_ring_that_cannot_work_is_refused_at_once(current: str, keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing(current, keys)
