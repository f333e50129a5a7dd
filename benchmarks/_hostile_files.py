"""Files made to hurt, by code: every loader that is not Office's or mail's (those are in test_hostile_office).

`{secret}` in a file stands for a file beside it that none may read, `{server}` for an address that none may ask.
"""

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

SEED = 4

Maker = Callable[[], bytes]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w") -> bytes:
    """A tar archive of these members."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for member, data in members:
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """A member's head; for links with the target."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def nested_zips(depth: int) -> bytes:
    """A zip in a zip in a zip."""
    data = b"the innermost words"
    for level in range(depth):
        data = zipped({f"{level}.txt" if not level else f"{level}.zip": data})
    return data


def overlapping_zip() -> bytes:
    """Many entries for the same packed bytes, as in Fifield's bomb."""
    data = bytearray(zipped({"a.txt": b"a" * 9_000_000}))
    end = data.rindex(b"PK\x05\x06")
    start = struct.unpack("<I", data[end + 16 : end + 20])[0]
    entry, count = bytes(data[start:end]), 900
    tail = bytearray(data[end:])
    tail[8:12] = struct.pack("<2H", count, count)
    tail[12:16] = struct.pack("<I", len(entry) * count)
    return bytes(data[:start]) + entry * count + bytes(tail)


def duplicates() -> bytes:
    """Two members of one name."""
    return zipped({"a.txt": b"first", "b.txt": b"second"}).replace(b"b.txt", b"a.txt")


def lying_tar() -> bytes:
    """A member that claims to be eight gigabytes."""
    info = tarfile.TarInfo("a.txt")
    info.size = 8 * 1024**3 - 1
    return info.tobuf() + b"words" * 1000


def link_zip() -> bytes:
    """A zip whose member is a symbolic link out of it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo("link.txt")
        info.create_system, info.external_attr = 3, 0o120777 << 16
        archive.writestr(info, "{secret}")
        archive.writestr("kept.txt", "kept words")
    return stream.getvalue()


def locked_zip() -> bytes:
    """A zip that says of all its members that they are encrypted."""
    data = bytearray(zipped({"a.txt": b"x" * 50}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def pdf_of(objects: list[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of these objects, numbered from 1, without a cross-reference table, as readers repair it."""
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, data) for number, data in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer << " + trailer + b" >>\n%%EOF"


def stream_of(data: bytes, filters: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), filters, data)


def page_pdf(content: bytes, filters: bytes = b"", catalog: bytes = b"", page: bytes = b"") -> bytes:
    """A PDF of one page that draws `content`."""
    return pdf_of([
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> %s >>" % page,
        stream_of(content, filters),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ])  # fmt: skip


WORDS_ON_PAGE = b"BT /F1 12 Tf 20 200 Td (plain words) Tj ET"


def deflated_bomb(layers: int) -> bytes:
    """Zeros, deflated so many times."""
    data = bytes(200_000_000)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return data


def noise(size: int) -> bytes:
    """Random bytes, the same each time."""
    return random.Random(SEED).randbytes(size)


def entities(levels: int = 9) -> bytes:
    """Entities that each name the one before ten times (billion laughs)."""
    inner = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels + 1))
    return f'<!DOCTYPE x [<!ENTITY l0 "lol">{inner}]>'.encode()


HOSTILE: dict[str, tuple[Maker, str, str]] = {
    # name: what makes it, what its text holds (or ""), what its sentence or a notice says (or "")
    # Archives
    "ratio.zip": (lambda: zipped({"a.txt": bytes(250_000_000)}), "", "too large"),
    "many.zip": (lambda: zipped({f"{n}.txt": b"x" for n in range(11_000)}), "", "more than 10,000 members"),
    "overlap.zip": (overlapping_zip, "", "overlap|too large"),
    "deep.zip": (lambda: nested_zips(8), "", "files deep"),
    "two_deep.zip": (lambda: nested_zips(3), "innermost words", ""),
    "outside.zip": (lambda: zipped({"../../../evil.txt": b"inner words", "/etc/passwd": b"x", "C:\\w.txt": b"y"}), "inner", ""),
    "link.zip": (link_zip, "kept words", "it is a link"),
    "locked.zip": (locked_zip, "", "encrypted"),
    "twice.zip": (duplicates, "second", ""),
    "bidi.zip": (lambda: zipped({"invoice_\u202etxt.exe.txt": b"words", "a\0b.txt": b"more"}), "words", ""),
    "half.zip": (lambda: zipped({"a.txt": noise(5000)})[:-40], "", "broken"),
    "comment.zip": (lambda: zipped({"a.txt": b"x"})[:-2] + b"\xff\xff" + b"c" * 65_535, "", ""),
    "empty.zip": (lambda: b"PK\x05\x06" + bytes(18), "", "no members"),
    "crc.zip": (lambda: zipped({"a.txt": b"words here", "b.txt": b"sound"}, zipfile.ZIP_STORED).replace(b"words here", b"other text"), "sound", "damaged"),
    "lzma.zip": (lambda: zipped({"a.txt": b"\0" * 100_000_000}, zipfile.ZIP_LZMA), "", "too large"),
    "bomb.gz": (lambda: gzip.compress(bytes(400_000_000), 1), "", "too large"),
    "bomb.bz2": (lambda: bz2.compress(bytes(100_000_000)), "", "too large"),
    "bomb.xz": (lambda: lzma.compress(bytes(200_000_000), preset=0), "", "too large"),
    "half.gz": (lambda: gzip.compress(noise(5000))[:-100], "", "damaged"),
    "many_parts.txt.gz": (lambda: gzip.compress(b"one ") * 20_000, "one one", ""),
    "not.gz": (lambda: b"\x1f\x8b" + noise(300), "", "damaged"),
    "layers.gz": (lambda: gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"words"))))), "", "files deep"),
    "bomb.tar.gz": (lambda: gzip.compress(tarred((member("a.txt"), bytes(300_000_000))), 1), "", "too large"),
    "links.tar": (lambda: tarred((member("a.txt", tarfile.SYMTYPE, "/etc/passwd"), b""), (member("b.txt", tarfile.LNKTYPE, "/etc/passwd"), b""), (member("ok.txt"), b"kept words")), "kept words", "a link or a device"),
    "devices.tar": (lambda: tarred((member("null", tarfile.CHRTYPE), b""), (member("pipe", tarfile.FIFOTYPE), b""), (member("ok.txt"), b"kept")), "kept", "a link or a device"),
    "outside.tar": (lambda: tarred((member("../../../../../../tmp/evil.txt"), b"inner words"), (member("/etc/evil"), b"x")), "inner words", ""),
    "long_name.tar": (lambda: tarred((member("n" * 3_000_000 + ".txt"), b"words")), "", "broken"),
    "half.tar": (lambda: tarred((member("a.txt"), b"first words"), (member("b.txt"), noise(9000)))[:5000], "first words", "damaged"),
    "lying.tar": (lying_tar, "", ""),
    "many.tar": (lambda: tarred(*((member(f"{n}.txt"), b"x") for n in range(10_500))), "", "more than 10,000 members"),
    "archive.7z.zip": (lambda: b"7z\xbc\xaf\x27\x1c" + noise(100), "", "7-Zip"),
    "code.zip": (lambda: zipped({"a.py": b"def f():\n    return 1\n", "b.go": b"package b\nfunc G() {}\n"}), "func G", ""),
    # PDF
    "bomb.pdf": (lambda: page_pdf(deflated_bomb(1), b"/Filter /FlateDecode"), "", "no text|broken|memory|crash"),
    "layers.pdf": (lambda: page_pdf(deflated_bomb(2), b"/Filter [/FlateDecode /FlateDecode]"), "", "no text|broken|memory|crash"),
    "script.pdf": (lambda: page_pdf(WORDS_ON_PAGE, catalog=b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('{server}'\\)) >>"), "plain words", ""),
    "launch.pdf": (lambda: page_pdf(WORDS_ON_PAGE, catalog=b"/OpenAction << /S /Launch /F (/bin/sh) /P (-c id) >>"), "plain words", ""),
    "remote.pdf": (lambda: page_pdf(WORDS_ON_PAGE, page=b"/AA << /O << /S /URI /URI ({server}) >> >>"), "plain words", ""),
    "file.pdf": (lambda: page_pdf(WORDS_ON_PAGE, b"/F (file://{secret}) /FFilter /FlateDecode"), "", ""),
    "circle.pdf": (lambda: pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"]), "", "no text|broken|read"),
    "pages.pdf": (lambda: pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 2000000 >>"]), "", "pages|no text|broken"),
    "deep.pdf": (lambda: page_pdf(b"[" * 500_000), "", "no text"),
    "nested_objects.pdf": (lambda: pdf_of([b"<< /A " * 100_000 + b">>" * 100_000]), "", "broken"),
    "half.pdf": (lambda: page_pdf(WORDS_ON_PAGE)[:150], "", "broken"),
    "junk.pdf": (lambda: b"%PDF-1.7\n" + noise(100_000), "", "broken"),
    "polyglot.pdf": (lambda: page_pdf(WORDS_ON_PAGE) + zipped({"a.txt": b"hidden"}), "plain words", ""),
    # Markup
    "laughs.xml": (lambda: entities() + b"<x>before &l9;</x>", "before", ""),
    "quadratic.xml": (lambda: b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 100_000 + b'">]><x>' + b"&a;" * 100_000 + b"</x>", "", ""),
    "external.xml": (lambda: b'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{secret}">]><x>kept &a;</x>', "kept", ""),
    "dtd.xml": (lambda: b'<!DOCTYPE x SYSTEM "{server}/a.dtd"><x>kept</x>', "kept", ""),
    "parameter.xml": (lambda: b'<!DOCTYPE x [<!ENTITY % a SYSTEM "{server}/b"> %a;]><x>kept</x>', "kept", ""),
    "include.xml": (lambda: b'<x xmlns:i="http://www.w3.org/2001/XInclude">kept<i:include href="file://{secret}" parse="text"/></x>', "kept", ""),
    "style.xml": (lambda: b'<?xml-stylesheet href="{server}/a.xsl" type="text/xsl"?><x>kept</x>', "kept", ""),
    "deep.xml": (lambda: b"<a>" * 300_000 + b"text", "", ""),
    "attributes.xml": (lambda: b"<x " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b">text</x>", "", ""),
    "prefix.xml": (lambda: b"<m:a><m:b>text</m:b></m:a>", "text", ""),
    "deep.html": (lambda: b"<div>" * 300_000 + b"text", "", "no text"),
    "tables.html": (lambda: b"<table><tr><td>" * 20_000 + b"text", "", "no text"),
    "open.html": (lambda: b"<html><body>text<!--" + b"-" * 2_000_000, "text", ""),
    "frames.html": (lambda: b'<html><iframe src="file://{secret}"></iframe><img src="{server}/a.png"><link rel=import href="{server}">text', "text", ""),
    "script.html": (lambda: b"<html><script>while(1){}</script>text", "text", ""),
    "title.html": (lambda: b"<html><title>" + b"t" * 5_000_000 + b"</title><p>text", "text", ""),
    "page.txt": (lambda: b"<!DOCTYPE html><html><body><p>the words</body></html>", "the words", ""),
    # Data
    "deep.json": (lambda: b"[" * 1_000_000, "", "nested|broken"),
    "wide.json": (lambda: b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(200_000)) + b"}", "", ""),
    "number.json": (lambda: b'{"a": ' + b"9" * 1_000_000 + b"}", "", ""),
    "same_keys.json": (lambda: b"{" + b'"a":1,' * 200_000 + b'"a":2}', "", ""),
    "surrogates.json": (lambda: b'{"a": "\\ud800 text"}', "text", ""),
    "infinite.jsonl": (lambda: b"NaN\n-Infinity\n1e999\n" * 1000, "", ""),
    "columns.csv": (lambda: b",".join(b"c%d" % n for n in range(200_000)) + b"\n" + b"1," * 200_000, "", ""),
    "quote.csv": (lambda: b'a,b\n"' + b"x" * 3_000_000, "", ""),
    "formula.csv": (lambda: b"name,value\n=cmd|' /C calc'!A0,@SUM(1)\n", "cmd", ""),
    "utf16.csv": (lambda: "ﬁrst,second\none,två\n".encode("utf-16"), "två", ""),
    "anchors.yaml": (lambda: b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a,*a]\n" % (n, n) for n in range(100)), "x,x", ""),
    "tag.yaml": (lambda: b"!!python/object/apply:os.system ['touch {secret}']\nkey: value\n", "value", ""),
    "keys.yaml": (lambda: b"k: v\n" * 300_000, "k: v", ""),
    "indent.yaml": (lambda: b"\n".join(b" " * n + b"k:" for n in range(3000)), "k:", ""),
    "bait.yaml": (lambda: b"a" * 100_000 + b"\n" + b"'" * 100_000 + b"\n" + b'"' + b"\\" * 100_000 + b"\nkey:\n  x: 1", "key", ""),
    "bait.ini": (lambda: b"[" * 200_000 + b"\n" + b"[ " + b" " * 200_000 + b"\n[x]\na=1", "a=1", ""),
    "bait.rst": (lambda: b"=" * 300_000 + b"\n" + (b"a" * 200 + b"\n" + b"=" * 200 + b"\n") * 3000, "aaa", ""),
    "bait.md": (lambda: b"[" * 50_000 + b"\n\n" + b"> " * 20_000 + b"x\n\n" + b"`" * 50_000 + b"\nwords", "words", ""),
    "front.md": (lambda: b"---\n" + b"a: b\n" * 100_000 + b"words", "words", ""),
    # Text
    "line.txt": (lambda: b"word " * 5_000_000, "word", ""),
    "lines.log": (lambda: b"\n" * 20_000_000 + b"word", "word", ""),
    "zeros.log": (lambda: b"before\n" + bytes(5_000_000) + b"after\n", "after", ""),
    "noise.txt": (lambda: noise(2_000_000), "", "binary"),
    "utf8.txt": (lambda: b"valid text \xff\xfe\xc0\x80 and more words " * 50 + "ü".encode() * 400, "more words", ""),
    "utf16.txt": (lambda: b"\xff\xfe" + b"\x00\xd8" * 20_000 + "words".encode("utf-16-le"), "", "binary"),
    "odd_utf16.txt": (lambda: ("words " * 20).encode("utf-16")[:-1], "words", ""),
    "codec.html": (lambda: b'<meta charset="zlib_codec"><p>words \xe9', "words", ""),
    "escapes.txt": (lambda: b"\x1b[31mred\x1b[0m \x1b]0;title\x07 words\n" * 100, "words", ""),
    "bidi.txt": ("a\u202eb\u2066c words".encode, "words", ""),
    # Code
    "brackets.py": (lambda: b"x = " + b"(" * 200_000, "x", "does not parse"),
    "unary.py": (lambda: b"x = " + b"-" * 500_000 + b"1", "x", ""),
    "lambda.py": (lambda: b"x = " + b"lambda: " * 50_000 + b"1", "x", ""),
    "classes.py": (lambda: b"\n".join(b" " * n + b"class C%d:" % n for n in range(90)), "class", ""),
    "newer.py": (lambda: b"type A[T] = list[T]\n\ndef f[T](x: T) -> T:\n    return x\n", "def f", ""),
    "zero.py": (lambda: b"x = 1\0\ndef f(): pass\n", "def f", ""),
    "brackets.js": (lambda: b"x = " + b"[" * 300_000, "x", ""),
    "templates.ts": (lambda: b"type A = " + b"A<" * 100_000, "A<", ""),
    "closures.js": (lambda: b"(function(){" * 50_000, "function", ""),
    "classes.java": (lambda: b"class A {" * 20_000, "class A", ""),
    "macro.c": (lambda: b"#if X\n" * 50_000 + b"int f() {}", "int f", ""),
    "stars.c": (lambda: b"int " + b"*" * 300_000 + b"f() {}", "f()", ""),
    "heredoc.sh": (lambda: b"cat <<A\n" * 20_000, "cat", ""),
    "ambiguous.cpp": (lambda: b"a<b" * 50_000 + b">(c);", "a<b", ""),
    "bundle.js": (lambda: b"function a(){return 1};" * 200_000, "function a", "more than"),
    "strings.rb": (lambda: b"x = <<~A\n#{" * 5_000, "x", ""),
    "swift.swift": (lambda: b"let x = " + b"a + " * 20_000 + b"b", "let x", ""),
    "kotlin.kt": (lambda: b"fun f() {" * 10_000, "fun f", ""),
    "terra.tf": (lambda: b"a {\n" * 20_000, "a {", ""),
    "scala.scala": (lambda: b"object A { def f = " * 5_000, "object A", ""),
    "program": (lambda: b"\x7fELF" + noise(3000), "", "no loader reads such bytes"),
    "script": (lambda: b"#!/bin/sh\nf() {\n  echo words\n}\n", "echo words", ""),
}  # fmt: skip
# ruff: noqa: E501
