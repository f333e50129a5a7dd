from pathlib import Path
from xml.etree import ElementTree

import pytest

from .recipe import MAX_DEPTH, XmlRefusedError, parse_xml


def test_it_reads_what_the_standard_library_reads() -> None:
    data = b'<?xml version="1.0"?><a x="1" xmlns="urn:n" xmlns:p="urn:p"><p:b p:y="2">t &amp; u</p:b>tail</a>'
    assert ElementTree.tostring(parse_xml(data)) == ElementTree.tostring(ElementTree.fromstring(data))
    assert parse_xml(data)[0].tag == "{urn:p}b"


def test_attack_an_external_entity_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("s3cret")
    attack = f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'
    with pytest.raises(XmlRefusedError, match="document type"):
        parse_xml(attack.encode())


def test_attack_a_billion_laughs_are_not_expanded() -> None:
    levels = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    attack = f'<!DOCTYPE a [<!ENTITY l0 "lol">{levels}]><a>&l9;</a>'
    with pytest.raises(XmlRefusedError, match="document type"):
        parse_xml(attack.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_attack_another_encoding_does_not_hide_the_document_type(encoding: str) -> None:
    with pytest.raises(XmlRefusedError, match="document type"):
        parse_xml('<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>'.encode(encoding))


def test_attack_deep_nesting_is_refused() -> None:
    parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)
    with pytest.raises(XmlRefusedError, match="deep"):
        parse_xml(b"<a>" * 100_000)


def test_broken_xml_is_refused_with_its_line() -> None:
    with pytest.raises(XmlRefusedError, match="line 2"):
        parse_xml(b"<a>\n<b></a>")


@pytest.mark.parametrize("encoding", ["no-such", "gbk", "utf-7", "hex"])
def test_attack_an_odd_encoding_is_refused_with_our_error(encoding: str) -> None:
    with pytest.raises(XmlRefusedError):
        parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())
