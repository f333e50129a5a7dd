"""The rows of the encrypted notes. What they hold is ciphertext; nothing here knows a key. All methods block."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from workbench.core.vault_keys import Header

if TYPE_CHECKING:
    from workbench.core.database import Database


class NoteRow(NamedTuple):
    """One stored note: when it was first and last stored, and its Fernet token."""

    id: str
    created: datetime
    updated: datetime
    token: bytes


class NoteRows:
    """The tables `vault` (one row) and `notes` of a library."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    def header(self) -> Header | None:
        """How the keys are protected; None before the first key."""
        return self.header_and_count()[0]

    def header_and_count(self) -> tuple[Header | None, int]:
        """The header, and how many notes there are."""
        with self._database.read() as connection:
            cursor = connection.execute("SELECT * FROM vault")
            row = cursor.fetchone()
            names = [column[0] for column in cursor.description]
            (notes,) = connection.execute("SELECT count(*) FROM notes").fetchone()
        if row is None:
            return None, notes
        values = dict(zip(names, row, strict=True))
        del values["id"]
        return Header.model_validate(values), notes

    def put_header(self, header: Header) -> None:
        """Store how the keys are protected, in the place of what was there."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO vault "
                "(id, name, protection, verifier, salt, scrypt_n, scrypt_r, scrypt_p, wrapped_keys, backend) VALUES "
                "(1, :name, :protection, :verifier, :salt, :scrypt_n, :scrypt_r, :scrypt_p, :wrapped_keys, :backend)",
                header.model_dump(),
            )

    def get(self, note_id: str) -> bytes | None:
        """The token of a note, None when there is none."""
        with self._database.read() as connection:
            row = connection.execute("SELECT ciphertext FROM notes WHERE id = ?", (note_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def all(self) -> list[NoteRow]:
        """Every note, the latest change first."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, created, updated, ciphertext FROM notes ORDER BY updated DESC, id"
            ).fetchall()
        return [
            NoteRow(note_id, datetime.fromisoformat(created), datetime.fromisoformat(updated), bytes(token))
            for note_id, created, updated, token in rows
        ]

    def put(self, note_id: str, token: bytes) -> tuple[datetime, datetime]:
        """Store a note, new or changed; returns when it was created and updated."""
        now = datetime.now(UTC)
        with self._database.write() as connection:
            (created,) = connection.execute(
                "INSERT INTO notes (id, created, updated, ciphertext) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
                "SET updated = excluded.updated, ciphertext = excluded.ciphertext RETURNING created",
                (note_id, now.isoformat(), now.isoformat(), token),
            ).fetchone()
        return datetime.fromisoformat(created), now

    def delete(self, note_id: str) -> None:
        """Delete a note; one that is not there is no error."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM notes WHERE id = ?", (note_id,))

    def delete_all(self) -> None:
        """Delete every note and the header."""
        with self._database.write() as connection:
            connection.execute("DELETE FROM notes")
            connection.execute("DELETE FROM vault")

    def replace_all(self, anew: Callable[[bytes], bytes | None]) -> bool:
        """Put `anew(token)` in the place of every token, in one transaction.

        A token for which it returns None stays; the result says whether there was none of those.
        """
        whole = True
        with self._database.write() as connection:
            for note_id, token in connection.execute("SELECT id, ciphertext FROM notes").fetchall():
                changed = anew(bytes(token))
                if changed is None:
                    whole = False
                else:
                    connection.execute("UPDATE notes SET ciphertext = ? WHERE id = ?", (changed, note_id))
        return whole
