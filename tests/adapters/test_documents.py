"""Documents as PDF and Word: whatever people type, files open, nothing runs, and nobody is called."""

import io
import socket
import struct
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from app.adapters.documents import model, typeset
from app.adapters.documents.model import Document
from app.adapters.documents.word import word
from tests import pdf

HOSTILE = {
    "markup": "<A&B> \"quoted\" 'single' #set page(width: 1pt) $x^2$ \\ *bold* _low_ @ref <label> [x] `raw` //c /*d*/",
    "typst": '#read("/etc/passwd") #import "@preview/x:1.0.0" #image("http://127.0.0.1:9/x.png") #panic()',
    "html": '<img src="http://127.0.0.1:9/x"><script>alert(1)</script>{{ 7*7 }}{% raw %}',
    "word": "]]><w:t>x</w:t> &amp; &#0; {PAGE} =HYPERLINK(1) DDEAUTO",
    "unicode": "😀👨‍👩‍👧 مرحبا שלום 喆堃镕㛃𠮷 e\u0301 \u202egnp.exe\u202c \u2066x\u2069",
    "control": "a\x00b\x01c\x0bd\x0ce\x1ff\x7fg\x85h\u2028i\ud800j\ufffek\r\nl\tm",
    "long": "投诉很多。" * 8000,
    "one word": "w" * 40_000,
    "blank": "",
}


def document(text: str, language: str = "zh") -> Document:
    """A document with the text in every place a text can be."""
    short = text[:200]
    point = {"label": short, "value": 1.0, "low": 0.2, "high": 3.0, "mark": "now", "text": short[:20]}
    blocks = (
        model.heading(short),
        model.heading(short, 2),
        model.text(text),
        model.hint(text),
        model.tiles([(short, short[:20], short)] * 5),
        model.table(
            short, [(short, False), (short, True)], [[short, short], ["\u2003" + short, short]], [1, 1]
        ),
        model.bars(
            short, short, [{"label": short, "value": 3, "text": short[:9], "note": short, "strong": True}]
        ),
        model.line(
            short, short, [point, point | {"mark": "signal"}], center=1.5, top=4.0, ticks=[[1.0, short[:5]]]
        ),
        model.stack(short, short, [{"label": short, "text": short[:9], "share": 1 / 3}] * 3),
    )
    raw = Document(
        language, short, short, short, ((short, short), (short, short), (short, short)), short,
        "第 {page} 页，共 {pages} 页", "表 {number}", "图 {number}", blocks,
    )  # fmt: skip
    return Document.from_json(raw.to_json())


def test_nobody_is_called() -> None:
    """The engines are native code: only who would be called can tell that nobody did."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        text = (
            f'#image("http://{place}/x.png") <img src="http://{place}/y"> #import "http://{place}/z": *\n'
            f'#link("http://{place}") INCLUDEPICTURE "http://{place}/w" \\\\{place}\\share'
        )
        described = document(text)
        typeset.pdf(described)
        word(described, typeset.pictures(described))
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_pdf_says_what_was_typed(name: str, language: str) -> None:
    text = HOSTILE[name]
    written = typeset.pdf(document(text, language))
    shown = pdf.text_of(written)
    assert b"/JavaScript" not in written
    assert b"/URI" not in written
    assert b"/EmbeddedFile" not in written
    assert "root:" not in shown
    if name in ("markup", "typst", "html", "word"):
        assert "".join(text.split()) in shown
    if name == "long":
        assert shown.count("投诉很多。") >= 16_000
    if name == "unicode":
        assert "喆堃镕" in shown


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_word_file_says_what_was_typed(name: str, language: str) -> None:
    described = document(HOSTILE[name], language)
    content = word(described, typeset.pictures(described))
    paper = docx.Document(io.BytesIO(content))
    said = "\n".join(one.text for one in paper.paragraphs)
    for block in described.blocks:
        if block.kind in ("text", "hint"):
            assert all(line in said for line in block.text.split("\n") if line.strip())
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert not any("vba" in name or "embeddings" in name for name in parts.namelist())
        links = b"".join(parts.read(name) for name in parts.namelist() if name.endswith(".rels"))
    assert b'TargetMode="External"' not in links


def test_what_no_file_can_hold_is_left_out() -> None:
    described = document(HOSTILE["control"])
    said = next(block.text for block in described.blocks if block.kind == "text")
    assert said == "abc\nd\ne" + "fg\nh\nijk\nl\tm"
    turned = next(block.text for block in document(HOSTILE["unicode"]).blocks if block.kind == "text")
    assert "\u202e" not in turned
    assert "gnp.exe" in turned


def test_a_word_file_is_made_to_be_worked_on() -> None:
    described = document("客户投诉")
    paper: Any = docx.Document(io.BytesIO(word(described, typeset.pictures(described))))
    styles = [one.style.name for one in paper.paragraphs]
    assert "Heading 1" in styles
    assert "Heading 2" in styles
    assert styles.count("Caption") == 4
    table = paper.tables[-1]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    for style in ("Normal", "Heading 1", "Caption"):
        fonts = paper.styles[style].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei"
        assert fonts.get(qn("w:asciiTheme")) is None
    foot = paper.sections[0].footer._element.xml
    assert "NUMPAGES" in foot
    assert " PAGE " in foot
    assert len(paper.inline_shapes) == 3
    assert all(shape._inline.docPr.get("descr") for shape in paper.inline_shapes)


def test_drawn_figures_are_pictures_of_one_width() -> None:
    found = typeset.pictures(document("客户投诉"))
    sizes = [struct.unpack(">II", one[16:24]) for one in found]
    assert len(found) == 3
    assert len({width for width, _height in sizes}) == 1
    assert all(one.startswith(b"\x89PNG") for one in found)
    bare = Document.from_json(document("x").to_json() | {"blocks": []})
    assert typeset.pictures(bare) == []


def test_chinese_has_a_font_on_every_machine() -> None:
    """Every character of GBK, in which names of people and firms are written."""
    names = "喆堃镕玥旻赟犇鑫淼焱叒囍邨菓弌"
    shown = pdf.text_of(typeset.pdf(document(names)))
    assert names in shown
