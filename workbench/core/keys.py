"""The operating system's keyring, the only place for secrets: asked in a thread and with a time limit.

A keyring may ask the user to unlock it and wait for ever, so no call is made on the event loop or at start-up.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from loguru import logger

from workbench.core.deadline import within
from workbench.core.values import WorkbenchError
from workbench.logs import conceal

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SECONDS = 10.0
"""How long a keyring may take; long enough to type the password it may ask for once it has the focus."""

_REFUSED = ("keyring.backends.null", "keyring.backends.fail", "keyrings.alt", "keyrings.cryptfile")
"""Backends that forget, always fail, or write files that any program of the user can read."""


class KeyringUnavailable(WorkbenchError):  # noqa: N818 - named as the analyst reads it
    """There is no keyring that can be trusted with a secret, or it does not answer."""


class Keyring:
    """The user's keyring. Whatever is read from it or written to it is kept out of the logs from then on."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds

    async def backend(self) -> str:
        """Name of the backend that would hold a secret; raises KeyringUnavailable when none may."""
        return await self._ask(_describe)

    async def get(self, service: str, name: str) -> str | None:
        """The secret stored under `service` and `name`, None when there is none."""
        secret = await self._ask(lambda backend: backend.get_password(service, name))
        if secret is not None:
            conceal(secret)
        return secret

    async def put(self, service: str, name: str, secret: str) -> None:
        """Store a secret, and make sure that it can be read again."""
        conceal(secret)

        def store(backend: "KeyringBackend") -> bool:
            backend.set_password(service, name, secret)
            return backend.get_password(service, name) == secret

        if not await self._ask(store):
            raise KeyringUnavailable(
                "The keyring took the secret but does not give it back, so nothing was stored; check the keyring"
            )

    async def delete(self, service: str, name: str) -> None:
        """Forget a secret; one that is not there is no error."""
        from keyring.errors import PasswordDeleteError

        def forget(backend: "KeyringBackend") -> None:
            try:
                backend.delete_password(service, name)
            except PasswordDeleteError:
                logger.debug("A secret of {} was to be deleted but is not in the keyring", service)

        await self._ask(forget)

    async def _ask(self, question: Callable[["KeyringBackend"], T]) -> T:
        try:
            return await within(self._seconds, lambda: question(trusted_backend()), "keyring")
        except KeyringUnavailable:
            raise
        except TimeoutError as error:
            raise KeyringUnavailable(
                f"The keyring did not answer within {self._seconds:.0f} seconds, so the secret could not be read or "
                "stored; unlock the keyring and try again"
            ) from error
        except Exception as error:
            # The text of the backend's error may quote the secret, so only its kind is told.
            raise KeyringUnavailable(
                f"The keyring refused the request ({type(error).__name__}); unlock it and try again"
            ) from None


def trusted_backend() -> "KeyringBackend":
    """The backend to use; raises KeyringUnavailable when every one there is forgets, fails or writes plain files.

    Blocks: it may start a session with the desktop's secret service.
    """
    import keyring
    from keyring.backends.chainer import ChainerBackend

    chosen = keyring.get_keyring()
    candidates = list(chosen.backends) if isinstance(chosen, ChainerBackend) else [chosen]
    for backend in candidates:
        if _is_trusted(backend):
            return backend
    names = ", ".join(_describe(backend) for backend in candidates) or "none"
    raise KeyringUnavailable(
        f"No keyring here can hold a secret safely (found: {names}); install or unlock one, such as GNOME Keyring, "
        "KWallet, the macOS Keychain or the Windows Credential Manager"
    )


def _is_trusted(backend: "KeyringBackend") -> bool:
    kind = type(backend)
    return (
        not kind.__module__.startswith(_REFUSED) and "plaintext" not in kind.__name__.lower() and _recommended(backend)
    )


def _recommended(backend: "KeyringBackend") -> bool:
    # keyring's own line between backends to be used and those kept for tests or as a last resort
    return float(backend.priority) >= 1


def _describe(backend: "KeyringBackend") -> str:
    """What the screen calls a backend."""
    known = {
        "keyring.backends.SecretService": "Secret Service (GNOME Keyring or KWallet)",
        "keyring.backends.libsecret": "libsecret (GNOME Keyring or KWallet)",
        "keyring.backends.kwallet": "KWallet",
        "keyring.backends.macOS": "macOS Keychain",
        "keyring.backends.Windows": "Windows Credential Manager",
        "keyring.backends.fail": "no backend",
        "keyring.backends.null": "a backend that forgets",
    }
    kind = type(backend)
    return known.get(kind.__module__, f"{kind.__module__}.{kind.__qualname__}")
