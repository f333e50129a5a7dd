"""Connections to outside databases: settings, passwords in the keyring, and a test that really connects."""

import asyncio
from typing import TYPE_CHECKING

from workbench.core.connection_settings import (
    TEST_SECONDS,
    ConnectionRefused,
    ConnectionReport,
    ConnectionSettings,
    timed_out,
)
from workbench.core.deadline import within
from workbench.core.keys import Keyring
from workbench.core.values import WorkbenchError

if TYPE_CHECKING:
    from workbench.config import ConfigStore

SERVICE = "analyst-workbench/connection"
"""Under which the keyring holds passwords; the name beside it is the address, so that an edited settings file cannot
send a stored password to another host or user."""


class UnknownConnection(WorkbenchError):  # noqa: N818
    """There is no connection of that name."""


class Connections:
    """The named connections of this installation."""

    def __init__(self, config: "ConfigStore", keyring: Keyring) -> None:
        self._config, self._keyring = config, keyring

    def list(self) -> "tuple[ConnectionSettings, ...]":
        """All connections, by name."""
        return tuple(sorted(self._config.current.connections, key=lambda each: each.name.casefold()))

    async def backend(self) -> str:
        """Name of the keyring that takes passwords; raises KeyringUnavailable."""
        return await self._keyring.backend()

    async def save(self, settings: ConnectionSettings, password: str | None, replaces: str | None = None) -> None:
        """Store a connection in the place of the one named `replaces` (its own name when None).

        `password` None leaves what the keyring has for this address, an empty one removes it. The password goes first:
        without a keyring nothing is saved. Raises KeyringUnavailable or ConfigError.
        """
        before = self._config.current.connections
        if password:
            await self._keyring.put(SERVICE, settings.address, password)
        elif password is not None:
            await self._keyring.delete(SERVICE, settings.address)
        gone = {settings.name.casefold(), (replaces or settings.name).casefold()}
        await self._store((*(each for each in before if each.name.casefold() not in gone), settings))
        await self._forget_unused(before)

    async def remove(self, name: str) -> None:
        """Delete a connection, and its password unless another connection has the same address."""
        before = self._config.current.connections
        await self._store(tuple(each for each in before if each.name != name))
        await self._forget_unused(before)

    async def password(self, name: str) -> str | None:
        """The password of a connection; None where the keyring has none for its present address."""
        settings = next((each for each in self.list() if each.name == name), None)
        if settings is None:
            raise UnknownConnection(f"There is no connection named {name}; it may have been removed")
        return await self._keyring.get(SERVICE, settings.address)

    async def test(self, settings: ConnectionSettings, password: str | None) -> ConnectionReport:
        """Connect, look, and disconnect; every failure is a report with its sentence.

        `password` None takes the one that the keyring has for this address, if any. Raises KeyringUnavailable only.
        """
        from workbench.core.connection_probe import probe

        if password is None and settings.user:
            password = await self._keyring.get(SERVICE, settings.address)
        try:
            return await within(TEST_SECONDS, lambda: probe(settings, password), f"test {settings.name}")
        except ConnectionRefused as error:
            return ConnectionReport(ok=False, sentence=str(error))
        except TimeoutError:
            return ConnectionReport(ok=False, sentence=timed_out(settings))

    async def _store(self, connections: "tuple[ConnectionSettings, ...]") -> None:
        await asyncio.to_thread(self._config.change, connections=connections)

    async def _forget_unused(self, before: "tuple[ConnectionSettings, ...]") -> None:
        used = {each.address for each in self._config.current.connections}
        for address in sorted({each.address for each in before if each.user} - used):
            await self._keyring.delete(SERVICE, address)
