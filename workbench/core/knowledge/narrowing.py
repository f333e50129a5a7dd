"""What a search is narrowed to: scopes, which the indexes know, and conditions that only the library can tell."""

import json
import sqlite3
from collections.abc import Collection

from workbench.core.filters import SearchFilter


def scope_of(collection: str, kind: str) -> str:
    """What indexes narrow searches by, as one word: collection and kind of a chunk."""
    return f"{collection}/{kind}"


def collection_of(scope: str) -> str:
    """The collection that chunks of `scope` belong to."""
    return scope.rpartition("/")[0]


def kind_of(scope: str) -> str:
    """The kind that chunks of `scope` are of."""
    return scope.rpartition("/")[2]


def in_scope(scope: str, filters: SearchFilter) -> bool:
    """Whether chunks of `scope` are of the kinds and collections asked for."""
    return (not filters.kinds or kind_of(scope) in filters.kinds) and (
        not filters.collections or collection_of(scope) in filters.collections
    )


def narrows_further(filters: SearchFilter) -> bool:
    """Whether there is a condition besides kinds and collections."""
    return bool(filters.since or filters.until or filters.weaknesses or filters.severities)


def passing(connection: sqlite3.Connection, filters: SearchFilter, scopes: Collection[str]) -> frozenset[int]:
    """The ids of the chunks of those scopes that pass the conditions which the indexes cannot tell."""
    rows = connection.execute(
        """
        SELECT chunks.id FROM chunks JOIN documents ON documents.id = chunks.document_id
        WHERE chunks.collection || '/' || chunks.kind IN (SELECT value FROM json_each(:scopes))
        AND (:since = '' OR (dated <> '' AND substr(dated, 1, 10) >= :since))
        AND (:until = '' OR (dated <> '' AND substr(dated, 1, 10) <= :until))
        AND (:severities = '[]' OR document_id IN (
            SELECT document_id FROM records WHERE severity IN (SELECT value FROM json_each(:severities))
        ))
        AND (
            :weaknesses = '[]'
            OR document_id IN (SELECT document_id FROM records WHERE id IN (SELECT value FROM json_each(:weaknesses)))
            OR document_id IN (
                SELECT document_id FROM relations WHERE target IN (SELECT value FROM json_each(:weaknesses))
            )
            OR EXISTS (
                SELECT 1 FROM json_each(chunks.identifiers) WHERE value IN (SELECT value FROM json_each(:weaknesses))
            )
        )
        """,
        {
            "scopes": json.dumps(sorted(scopes)),
            "since": filters.since.isoformat() if filters.since else "",
            "until": filters.until.isoformat() if filters.until else "",
            "severities": json.dumps(filters.severities),
            "weaknesses": json.dumps(filters.weaknesses),
        },
    )
    return frozenset(row[0] for row in rows)
