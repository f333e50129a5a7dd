import pytest
from argon2 import PasswordHasher

from . import recipe
from .recipe import Account, SignInError, fresh_hash, sign_in

PASSWORD = "seven quiet lamps"


class Counting:
    """A cheap hasher that notes which hashes were worked through."""

    def __init__(self) -> None:
        self.inner = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        self.seen: list[str] = []

    def verify(self, stored: str, password: bytes) -> bool:
        self.seen.append(stored)
        return self.inner.verify(stored, password)

    def check_needs_rehash(self, stored: str) -> bool:
        return self.inner.check_needs_rehash(stored)

    def hash(self, password: bytes | str) -> str:
        return self.inner.hash(password)


@pytest.fixture
def hasher(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting()
    monkeypatch.setattr(recipe, "HASHER", counting)
    monkeypatch.setattr(recipe, "NOBODY", counting.hash("nobody"))
    return counting


@pytest.fixture
def accounts(hasher: Counting) -> dict[str, Account]:
    return {
        "ann": Account("1", hasher.hash(PASSWORD)),
        "closed": Account("2", hasher.hash(PASSWORD), active=False),
        "invited": Account("3", None),
        "emptied": Account("4", ""),
        "broken": Account("5", "$argon2id$nonsense"),
    }


def test_who_knows_the_password_gets_in(accounts: dict[str, Account]) -> None:
    assert sign_in(accounts.get, "ann", PASSWORD).id == "1"


def test_a_hash_with_old_parameters_is_renewed(hasher: Counting) -> None:
    old = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash(PASSWORD)
    account = sign_in({"ann": Account("1", old)}.get, "ann", PASSWORD)
    renewed = fresh_hash(account, PASSWORD)
    assert renewed is not None
    assert hasher.inner.verify(renewed, PASSWORD)
    assert fresh_hash(Account("1", renewed), PASSWORD) is None


def test_the_hash_for_nobody_costs_as_much_as_a_real_one() -> None:
    assert not recipe.HASHER.check_needs_rehash(recipe.NOBODY)


@pytest.mark.parametrize(
    ("name", "password"),
    [("nobody", PASSWORD), ("ann", "wrong"), ("ann", ""), ("closed", PASSWORD), ("closed", "wrong"), ("invited", "")],
)
def test_attack_every_failure_has_one_answer_and_one_amount_of_work(
    accounts: dict[str, Account], hasher: Counting, name: str, password: str
) -> None:
    with pytest.raises(SignInError, match=r"^user name or password is wrong$"):
        sign_in(accounts.get, name, password)
    assert len(hasher.seen) == 1, "one hash, whoever it is"


@pytest.mark.parametrize("name", ["nobody", "invited", "emptied"])
def test_attack_the_password_of_the_hash_for_nobody_opens_nothing(accounts: dict[str, Account], name: str) -> None:
    with pytest.raises(SignInError):
        sign_in(accounts.get, name, "nobody")


def test_attack_a_broken_hash_or_text_that_is_no_unicode_is_a_failure_like_any_other(
    accounts: dict[str, Account],
) -> None:
    with pytest.raises(SignInError):
        sign_in(accounts.get, "broken", PASSWORD)
    with pytest.raises(SignInError):
        sign_in(accounts.get, "ann", "\ud800")
