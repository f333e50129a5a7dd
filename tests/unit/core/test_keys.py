import threading
import time

import keyring
import keyring.backend
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest

from tests.conftest import MemoryKeyring
from workbench import logs
from workbench.core.keys import Keyring, KeyringUnavailable


class _Plaintext(MemoryKeyring):
    priority = 0.5  # as keyrings.alt has it


class PlaintextKeyring(MemoryKeyring):
    """Says that it is recommended, and is not."""


class _Silent(MemoryKeyring):
    def __init__(self) -> None:
        super().__init__()
        self.answer = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.answer.wait(5)
        return None


class _Forgetful(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        return None


class _Talkative(MemoryKeyring):
    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot store {password}")


async def test_a_secret_comes_back_until_it_is_deleted() -> None:
    ring = Keyring()
    assert await ring.get("service", "name") is None
    await ring.put("service", "name", "secret value")
    assert await ring.get("service", "name") == "secret value"
    await ring.delete("service", "name")
    await ring.delete("service", "name")
    assert await ring.get("service", "name") is None


async def test_what_went_through_the_keyring_is_hidden_in_the_log() -> None:
    await Keyring().put("service", "name", "unusual-secret-7361")
    assert "unusual-secret-7361" not in logs.redact("it is unusual-secret-7361")


@pytest.mark.parametrize(
    "backend",
    [keyring.backends.fail.Keyring, keyring.backends.null.Keyring, _Plaintext, PlaintextKeyring],
)
async def test_a_backend_that_fails_forgets_or_writes_plain_files_is_refused(
    backend: type[keyring.backend.KeyringBackend],
) -> None:
    keyring.set_keyring(backend())
    ring = Keyring()
    for attempt in (ring.backend(), ring.get("s", "n"), ring.put("s", "n", "secret"), ring.delete("s", "n")):
        with pytest.raises(KeyringUnavailable, match="No keyring here can hold a secret safely"):
            await attempt


async def test_behind_a_chain_the_first_safe_backend_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    unsafe, safe = _Plaintext(), MemoryKeyring()
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", [unsafe, safe])
    keyring.set_keyring(keyring.backends.chainer.ChainerBackend())
    await Keyring().put("service", "name", "secret")
    assert safe.secrets == {("service", "name"): "secret"}
    assert unsafe.secrets == {}


async def test_a_keyring_that_does_not_answer_is_given_up() -> None:
    silent = _Silent()
    keyring.set_keyring(silent)
    started = time.monotonic()
    with pytest.raises(KeyringUnavailable, match="did not answer within"):
        await Keyring(seconds=0.2).get("service", "name")
    silent.answer.set()
    assert time.monotonic() - started < 2


async def test_a_secret_that_was_not_kept_is_noticed() -> None:
    keyring.set_keyring(_Forgetful())
    with pytest.raises(KeyringUnavailable, match="does not give it back"):
        await Keyring().put("service", "name", "secret")


async def test_an_error_of_the_backend_does_not_tell_the_secret() -> None:
    keyring.set_keyring(_Talkative())
    with pytest.raises(KeyringUnavailable) as caught:
        await Keyring().put("service", "name", "secret-in-an-error")
    assert "secret-in-an-error" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
