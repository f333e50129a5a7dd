import pytest

from workbench.core.demo.documents import demo_documents
from workbench.core.demo.reading import read_demo
from workbench.core.knowledge.documents import LoadedDocument


@pytest.fixture(scope="module")
def documents() -> dict[str, LoadedDocument]:
    return {document.path: document for document in demo_documents(read_demo())}


def test_there_is_one_for_each_asset_ticket_threat_and_file(documents: dict[str, LoadedDocument]) -> None:
    kinds = [path.split("/")[1] for path in documents]
    assert (kinds.count("assets"), kinds.count("tickets"), kinds.count("threats")) == (202, 152, 82)
    assert "demo/services/document-import/importer/jobs.py" in documents
    assert "demo/services/payment-client/sbom.cdx.json" in documents
    assert "demo/README.md" in documents
    assert not any("pycache" in path or "\\" in path for path in documents)


def test_an_asset_says_where_it_stands_and_what_runs_there(documents: dict[str, LoadedDocument]) -> None:
    text = documents["demo/assets/build-03"].text
    assert "Reachable from internet" in text
    assert "xz-utils 5.6.1-1, reachable from internet" in text


def test_a_ticket_says_what_its_assets_are(documents: dict[str, LoadedDocument]) -> None:
    text = next(each.text for each in documents.values() if "xz 5.6.x with the backdoor" in each.title)
    assert "Assets: build-03, desk-17." in text
    assert "These assets are affected." in text
    assert "CVE-2024-3094" in text


def test_a_threat_keeps_its_headings(documents: dict[str, LoadedDocument]) -> None:
    document = documents["demo/threats/glass-heron.md"]
    assert [block.heading for block in document.blocks] == [
        "", "", "How it works", "How it negotiates", "What it means for us",
    ]  # fmt: skip
    assert "Actor: Glass Heron." in document.blocks[0].text
    assert not any("## " in block.text for block in document.blocks)
