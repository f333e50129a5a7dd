from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.word_embedder import WordEmbedder
from workbench.core.database import Database
from workbench.core.knowledge.embedder import space_of
from workbench.core.knowledge.library import Library


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "library.db") as opened:
        yield opened


@pytest.fixture
def library(database: Database, embedder: WordEmbedder) -> Library:
    return Library(database, space_of(embedder))
