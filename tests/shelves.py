"""Small libraries for tests."""

from collections.abc import Sequence

from tests.word_embedder import WordEmbedder
from workbench.core.evidence import Location, PassageKind
from workbench.core.knowledge.documents import Block, Chunk, LoadedDocument, find_identifiers
from workbench.core.knowledge.library import Library
from workbench.core.knowledge.stored import OWN, document_id


def document(
    path: str,
    *texts: str,
    kind: PassageKind = PassageKind.DOCUMENT,
    title: str = "",
    identifiers: tuple[str, ...] = (),
    questions: tuple[str, ...] = (),
) -> LoadedDocument:
    """A document of one block a text, on consecutive lines, then the questions it answers."""
    lines = [(text, False) for text in texts] + [(text, True) for text in questions]
    blocks = tuple(
        Block(text=text, line_start=line, line_end=line, asks=asks) for line, (text, asks) in enumerate(lines, start=1)
    )
    return LoadedDocument(
        path=path, title=title, media_type="text/plain", kind=kind, blocks=blocks, identifiers=identifiers
    )


def chunks_of(loaded: LoadedDocument) -> list[Chunk]:
    """One chunk a block."""
    return [
        Chunk(
            ordinal=number,
            text=block.text,
            header="" if block.asks else loaded.title,
            asks=block.asks,
            kind=loaded.kind,
            location=Location(path=loaded.path, line_start=block.line_start, line_end=block.line_end),
            identifiers=find_identifiers(block.text),
        )
        for number, block in enumerate(loaded.blocks)
    ]


def put(
    library: Library,
    embedder: WordEmbedder,
    loaded: LoadedDocument,
    *,
    collection: str = OWN,
    content_hash: str = "hash",
) -> str:
    """Take a document in and return its id."""
    chunks = chunks_of(loaded)
    library.replace(loaded, content_hash, chunks, embedder.embed([chunk.embedded_text for chunk in chunks]), collection)
    return document_id(collection, loaded.path)


def put_texts(library: Library, embedder: WordEmbedder, texts: Sequence[str], *, collection: str = OWN) -> None:
    """Take in one document for each text."""
    for number, text in enumerate(texts):
        put(library, embedder, document(f"{number}.txt", text), collection=collection)
