"""Source in other languages, configuration, texts with headings: blocks named and placed as a reader would."""

from pathlib import Path

import pytest

from tests.unit.core.knowledge.doubles import pdf, raw, word
from workbench.core.knowledge.documents import LoadedDocument
from workbench.core.knowledge.loaders.configuration import load_dockerfile, load_sections, load_yaml
from workbench.core.knowledge.loaders.grammars import GRAMMARS, parser_for
from workbench.core.knowledge.loaders.kinds import KINDS
from workbench.core.knowledge.loaders.outline import load_outline
from workbench.core.knowledge.loaders.python_code import load_python
from workbench.core.knowledge.loaders.registry import load_file
from workbench.core.knowledge.loaders.source_code import load_source

SOURCES = {
    "a.js": ("/** d */\nexport class A {\n  m(x) {\n  }\n}\n\nconst f = (a) => {\n}\nlet z = 1\n", [("A", 1, 2), ("A.m", 3, 4), ("A", 5, 5), ("f", 7, 8), ("", 9, 9)]),
    "a.ts": ("namespace N {\n  interface I {\n  }\n}\ntype T = {}\n", [("N", 1, 1), ("N.I", 2, 3), ("N", 4, 4), ("T", 5, 5)]),
    "a.tsx": ("function App() {\n  return <b/>\n}\n", [("App", 1, 3)]),
    "a.java": ("package a;\n// says\n@A\nclass K {\n  K() {\n  }\n  int m() {\n  }\n}\n", [("", 1, 1), ("K", 2, 4), ("K.K", 5, 6), ("K.m", 7, 8), ("K", 9, 9)]),
    "a.go": ("package a\n\n// M does.\nfunc (r *Recv[T]) M() {\n}\n\ntype S struct {\n}\n", [("", 1, 1), ("Recv.M", 3, 5), ("S", 7, 8)]),
    "a.c": ("#include <x.h>\nstatic char *f(int a)\n{\n}\nstruct S {\n  int a;\n};\n", [("", 1, 1), ("f", 2, 4), ("S", 5, 7)]),
    "a.cpp": ("namespace a {\nclass K {\n  int f() {\n  }\n};\n}\nint a::K::g() {\n}\n", [("a", 1, 1), ("a::K", 2, 2), ("a::K::f", 3, 4), ("a::K", 5, 5), ("a", 6, 6), ("a::K::g", 7, 8)]),
    "a.cs": ("namespace N {\n  class K {\n    void M() {\n    }\n  }\n}\n", [("N", 1, 1), ("N.K", 2, 2), ("N.K.M", 3, 4), ("N.K", 5, 5), ("N", 6, 6)]),
    "a.rs": ("#[test]\nfn a() {\n}\nimpl<T> Foo for Bar<T> {\n  fn m() {\n  }\n}\n", [("a", 1, 3), ("Bar", 4, 4), ("Bar::m", 5, 6), ("Bar", 7, 7)]),
    "a.rb": ("module A\n  # c\n  class B\n    def m\n    end\n  end\nend\n", [("A", 1, 2), ("A::B", 3, 3), ("A::B::m", 4, 5), ("A::B", 6, 6), ("A", 7, 7)]),
    "a.php": ("<?php\nclass K {\n  function m() {\n  }\n}\n", [("", 1, 1), ("K", 2, 2), ("K::m", 3, 4), ("K", 5, 5)]),
    "a.kt": ("class K(val a: Int) {\n    fun m() {\n    }\n}\n\nfun top() {\n}\n", [("K", 1, 1), ("K.m", 2, 3), ("K", 4, 4), ("top", 6, 7)]),
    "a.swift": ("class K {\n  func m() {\n  }\n}\n", [("K", 1, 1), ("K.m", 2, 3), ("K", 4, 4)]),
    "a.scala": ("object O {\n  def f = 1\n}\n", [("O", 1, 1), ("O.f", 2, 2), ("O", 3, 3)]),
    "a.sh": ("#!/bin/sh\n# says\nf() {\n  echo\n}\necho x\n", [("f", 1, 5), ("", 6, 6)]),
    "a.ps1": ("function Get-X {\n  1\n}\n", [("Get-X", 1, 3)]),
    "a.lua": ("function a.b(x)\nend\nM.f = function()\nend\n", [("a.b", 1, 2), ("M.f", 3, 4)]),
    "a.tf": ('resource "aws_x" "y" {\n  a = 1\n}\nx = 1\n', [("resource.aws_x.y", 1, 3), ("", 4, 4)]),
}  # fmt: skip
# ruff: noqa: E501


def at(document: LoadedDocument) -> list[tuple[str, int | None, int | None]]:
    return [(block.heading, block.line_start, block.line_end) for block in document.blocks]


@pytest.mark.parametrize("name", SOURCES)
def test_source_is_cut_by_qualified_name_at_exact_lines(name: str) -> None:
    code, blocks = SOURCES[name]
    document = load_source(raw(code, name))
    assert at(document) == blocks
    assert "".join("\n".join(block.text for block in document.blocks).split()) == "".join(code.split())
    assert not document.notices


@pytest.mark.parametrize("ending", sorted(GRAMMARS))
def test_every_grammar_is_there(ending: str) -> None:
    assert parser_for(GRAMMARS[ending]).parse(b"").root_node is not None


def test_what_a_grammar_does_not_understand_is_kept_as_text_and_said() -> None:
    code = "dear reader, )))) this {{{{ is no Java\n\n}}}} at all ;;; (((\n"
    document = load_source(raw(code, "a.java"))
    assert document.notices == ("a.java does not parse as Java; it is kept as text",)
    assert at(document) == [("", 1, 1), ("", 3, 3)]


def test_cpp_in_a_file_of_c_is_read_as_cpp() -> None:
    code = "template <class T> class K : public Base<T>, virtual Other {\n  K() : a(1) {\n  }\n  ~K() = default;\n};\n"
    document = load_source(raw(code, "a.c"))
    assert ("K", 1, 1) in at(document)
    assert ("K.K", 2, 3) in at(document)


def test_python_newer_than_ours_is_cut_by_function_all_the_same() -> None:
    document = load_python(
        raw("type A[T] = list[T]\n\ndef f[T](x: T) -> T:\n    return x\n\nclass C[T]:\n    pass\n", "a.py")
    )
    assert [block.heading for block in document.blocks][-2:] == ["f", "C"]


def test_yaml_is_cut_at_its_top_keys_and_long_ones_at_those_inside() -> None:
    jobs = "".join(f"  job{number}:\n    steps:\n      - run: x\n" * 1 for number in range(15))
    document = load_yaml(raw(f"name: ci\non: push\n# all of them\njobs:\n{jobs}env:\n  A: 1\n", "ci.yml"))
    assert at(document)[:4] == [("", 1, 2), ("jobs", 3, 4), ("jobs > job0", 5, 7), ("jobs > job1", 8, 10)]
    assert at(document)[-1] == ("env", 50, 51)


def test_sections_and_stages_are_blocks() -> None:
    document = load_sections(raw("top = 1\n\n[tool.x]\na = 1\n[[list]]\nb = 2\n", "a.toml"))
    assert at(document) == [("", 1, 1), ("tool.x", 3, 4), ("list", 5, 6)]
    document = load_dockerfile(raw("ARG A\nFROM x AS build\nRUN a\nFROM y\nCOPY b c\n", "Dockerfile"))
    assert at(document) == [("", 1, 1), ("build", 2, 3), ("FROM y", 4, 5)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.rst", "One\n===\n\ntext\n\nTwo\n---\nmore\n"),
        ("a.org", "* One\n\ntext\n\n** TODO Two\n\n\nmore\n"),
        ("a.adoc", "= One\n\ntext\n\n== Two\n\n\nmore\n"),
    ],
)
def test_texts_with_headings_are_cut_under_them(name: str, text: str) -> None:
    document = load_outline(raw(text, name))
    assert document.title == "One"
    assert [(block.text, block.heading) for block in document.blocks if not block.is_heading] == [
        ("text", "One"), ("more", "One > Two"),
    ]  # fmt: skip


MISNAMED = {
    "page.txt": (b"<!DOCTYPE html><html><p>words</p></html>", ".html"),
    "page.doc": (b"<html><p>words</p></html>", ".html"),
    "rich.doc": (b"{\\rtf1 words}", ".rtf"),
    "scan.docx": (pdf("words"), ".pdf"),
    "letter.zip": (word([("Normal", "words")]), ".docx"),
    "letter": (word([("Normal", "words")]), ".docx"),
    "script": (b"#!/usr/bin/env python3\ndef words():\n    pass\n", ".py"),
    "README": (b"words", ".txt"),
    "LICENSE-APACHE": (b"words", ".txt"),
}


@pytest.mark.parametrize("name", MISNAMED)
def test_a_file_is_read_as_what_it_is_and_not_as_what_it_is_called(tmp_path: Path, name: str) -> None:
    data, ending = MISNAMED[name]
    (tmp_path / name).write_bytes(data)
    document, _ = load_file(tmp_path / name)
    assert "words" in document.text
    assert document.media_type == KINDS[ending].media_type
