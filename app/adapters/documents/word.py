"""Documents as Word files. Imported by the worker only.

Real headings, table heads that repeat, numbered captions, page numbers: people go on working in the file. The fonts are
named, not embedded: each computer shows its own, and East Asian text gets an East Asian one.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import docx
from docx.document import Document as Paper
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from app.adapters.documents.model import CHARTS, Block, Document

LATIN, CHINESE = "Calibri", "Microsoft YaHei"
INK, SOFT, ACCENT = RGBColor(0x1A, 0x23, 0x30), RGBColor(0x5B, 0x65, 0x73), RGBColor(0x2A, 0x4A, 0x9E)
WIDTH_MM = 166
_TILES = 4
_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
# The parts of a cell's frame that carry lines, and a row's.
_RULE, _HAIR = ("single", 8, "1A2330"), ("single", 2, "DEDCD4")


def word(document: Document, pictures: Sequence[bytes]) -> bytes:
    """The whole document; `pictures` are its drawn figures in order, as PNG."""
    paper = docx.Document()
    _set_page(paper, document)
    _set_styles(paper, document.language)
    _Writer(paper, document, iter(pictures)).write()
    target = io.BytesIO()
    paper.save(target)
    return target.getvalue()


def _set_page(paper: Paper, document: Document) -> None:
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(22), Mm(20)
    about = paper.core_properties
    about.title, about.author = f"{document.title} {document.subtitle}"[:255], document.firm[:255]
    about.comments, about.language = "", _LANGUAGES[document.language]
    # The library's own template brings the day on which it was made.
    about.created = about.modified = datetime(2000, 1, 1, tzinfo=UTC)
    foot = section.footer.paragraphs[0]
    foot.style = "Normal"  # the style of a footer has tab stops of its own
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(WIDTH_MM), WD_TAB_ALIGNMENT.RIGHT)
    parts = [one for one in (document.firm, document.title, document.subtitle, document.mark) if one]
    _run(foot, " · ".join(parts) + "\t", size=8, colour=SOFT)
    _page_number(foot, document.page)


def _page_number(foot: Paragraph, pattern: str) -> None:
    before, _sign, rest = pattern.partition("{page}")
    between, _sign, after = rest.partition("{pages}")
    for words, field in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
        _run(foot, words, size=8, colour=SOFT)
        if field:
            _field(foot, field, "1", size=8, colour=SOFT)


def _set_styles(paper: Paper, language: str) -> None:
    sizes = {"Normal": (10.5, INK), "Title": (26, ACCENT), "Subtitle": (14, INK), "Caption": (9, INK)}
    sizes |= {"Heading 1": (15, ACCENT), "Heading 2": (12, INK)}
    for name, (size, colour) in sizes.items():
        style: Any = paper.styles[name]
        _name_fonts(style.element.get_or_add_rPr())
        style.font.size, style.font.color.rgb = Pt(size), colour
        style.font.bold, style.font.italic = name not in ("Normal", "Subtitle"), False
    normal: Any = paper.styles["Normal"]
    normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(6), 1.25
    tongue = OxmlElement("w:lang")
    tongue.set(qn("w:val"), _LANGUAGES["en"])
    tongue.set(qn("w:eastAsia"), _LANGUAGES["zh"])
    if language == "zh":
        tongue.set(qn("w:val"), "zh-CN")
    normal.element.get_or_add_rPr().append(tongue)
    for name, before, after in (("Heading 1", 18, 6), ("Heading 2", 12, 4), ("Caption", 8, 4)):
        style = paper.styles[name]
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.keep_with_next = True
    for name in ("Title", "Subtitle"):
        style = paper.styles[name]
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(0), Pt(4)
        # The library's template draws a line below the title in its own colour.
        for line in style.element.findall(f".//{qn('w:pBdr')}"):
            line.getparent().remove(line)


def _name_fonts(properties: Any) -> None:
    fonts = properties.get_or_add_rFonts()
    for name in list(fonts.attrib):
        del fonts.attrib[name]  # a theme's font would win over the named one
    for part, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", CHINESE)):
        fonts.set(qn(f"w:{part}"), font)


def _run(
    paragraph: Paragraph, words: str, *, size: float = 0, colour: RGBColor | None = None, bold: bool = False
) -> None:
    run = paragraph.add_run(words)
    if size:
        run.font.size = Pt(size)
    if colour is not None:
        run.font.color.rgb = colour
    if bold:
        run.font.bold = True


def _field(
    paragraph: Paragraph, code: str, shown: str, *, size: float = 0, colour: RGBColor | None = None
) -> None:
    """A number that Word counts itself; `shown` until it does."""
    for kind in ("begin", "code", "separate", "shown", "end"):
        run = paragraph.add_run(shown if kind == "shown" else "")
        if size:
            run.font.size = Pt(size)
        if colour is not None:
            run.font.color.rgb = colour
        if kind == "code":
            made = OxmlElement("w:instrText")
            made.set(qn("xml:space"), "preserve")
            made.text = f" {code} "
            run._r.append(made)
        elif kind != "shown":
            made = OxmlElement("w:fldChar")
            made.set(qn("w:fldCharType"), kind)
            run._r.append(made)


class _Writer:
    """Writes the blocks one after the other."""

    def __init__(self, paper: Paper, document: Document, pictures: Iterator[bytes]) -> None:
        self.paper, self.document, self.pictures = paper, document, pictures
        self.counts = {"Table": 0, "Figure": 0}

    def write(self) -> None:
        self._head()
        kinds: dict[str, Callable[[Block], None]] = {
            "heading": self._heading, "text": self._text, "hint": self._hint, "tiles": self._tiles,
            "table": self._table, **dict.fromkeys(CHARTS, self._picture),
        }  # fmt: skip
        for block in self.document.blocks:
            kinds[block.kind](block)

    def _head(self) -> None:
        document = self.document
        _run(self.paper.add_paragraph(), document.firm, colour=SOFT)
        self.paper.add_paragraph(document.title, style="Title")
        self.paper.add_paragraph(document.subtitle, style="Subtitle")
        facts = [*document.facts, *[("", "")] * (len(document.facts) % 2)]
        grid = self._grid(len(facts) // 2, (17, 33, 17, 33))
        for place, (label, value) in enumerate(facts):
            row, side = divmod(place, 2)
            self._fill(grid.cell(row, 2 * side), label, size=9, colour=SOFT)
            self._fill(grid.cell(row, 2 * side + 1), value, size=9)
        if facts:
            for cell in grid.rows[0].cells:
                _border(cell, top=("single", 12, "2A4A9E"))

    def _heading(self, block: Block) -> None:
        self.paper.add_heading(block.text, level=block.level)

    def _text(self, block: Block) -> None:
        for words in _paragraphs(block.text):
            self.paper.add_paragraph(words)

    def _hint(self, block: Block) -> None:
        for words in _paragraphs(block.text):
            _run(self.paper.add_paragraph(), words, size=9, colour=SOFT)

    def _tiles(self, block: Block) -> None:
        items = block.data["items"]
        across = min(_TILES, len(items))
        grid = self._grid(-(-len(items) // across), [1] * across)
        for place, (label, value, note) in enumerate(items):
            cell = grid.cell(*divmod(place, across))
            _shade(cell, "F6F5F1")
            self._fill(cell, label, size=9, colour=SOFT)
            _run(_tight(cell.add_paragraph()), value, size=18, colour=ACCENT, bold=True)
            _run(_tight(cell.add_paragraph()), note, size=8, colour=SOFT)
        self._gap()

    def _table(self, block: Block) -> None:
        columns, rows = block.data["columns"], block.data["rows"]
        self._caption("Table", self.document.table, block.text)
        grid = self._grid(1 + len(rows), block.data["widths"])
        for cell, (name, number) in zip(grid.rows[0].cells, columns, strict=True):
            self._fill(cell, name, size=8, colour=SOFT, right=number)
            _border(cell, top=_RULE, bottom=("single", 4, "1A2330"))
        _repeat(grid.rows[0])
        for line, row in zip(list(grid.rows)[1:], rows, strict=True):
            last = row is rows[-1]
            for cell, words, (_name, number) in zip(line.cells, row, columns, strict=True):
                self._fill(cell, words, size=8, right=number)
                _border(cell, bottom=_RULE if last else _HAIR)
            _keep_whole(line)
        self._gap()

    def _picture(self, block: Block) -> None:
        self._caption("Figure", self.document.figure, block.text)
        paragraph = self.paper.add_paragraph()
        shape = paragraph.add_run().add_picture(io.BytesIO(next(self.pictures)), width=Mm(WIDTH_MM))
        shape._inline.docPr.set("descr", block.data["said"])

    # Parts

    def _caption(self, kind: str, pattern: str, words: str) -> None:
        self.counts[kind] += 1
        paragraph = self.paper.add_paragraph(style="Caption")
        before, _sign, after = pattern.partition("{number}")
        paragraph.add_run(before)
        _field(paragraph, f"SEQ {kind} \\* ARABIC", str(self.counts[kind]))
        paragraph.add_run(after + ("  " if self.document.language == "zh" else ". ") + words)

    def _grid(self, rows: int, widths: Sequence[int]) -> Table:
        grid = self.paper.add_table(rows=rows, cols=len(widths))
        grid.alignment, grid.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        _narrow(grid)
        for column, width in zip(grid.columns, widths, strict=True):
            size = Mm(WIDTH_MM * width / sum(widths))
            column.width = size
            for cell in column.cells:
                cell.width = size
        return grid

    def _fill(
        self, cell: _Cell, words: str, *, size: float, colour: RGBColor | None = None, right: bool = False
    ) -> None:
        paragraph = _tight(cell.paragraphs[0])
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _run(paragraph, words, size=size, colour=colour)

    def _gap(self) -> None:
        _run(_tight(self.paper.add_paragraph()), "", size=4)


def _paragraphs(words: str) -> list[str]:
    return [line for line in words.split("\n") if line.strip()]


def _tight(paragraph: Paragraph) -> Paragraph:
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(2), Pt(2), 1.0
    return paragraph


def _shade(cell: _Cell, colour: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _border(cell: _Cell, **sides: tuple[str, int, str]) -> None:
    frame = OxmlElement("w:tcBorders")
    for side in ("top", "bottom"):
        if side in sides:
            line = OxmlElement(f"w:{side}")
            for name, value in zip(("val", "sz", "color"), sides[side], strict=True):
                line.set(qn(f"w:{name}"), str(value))
            frame.append(line)
    cell._tc.get_or_add_tcPr().append(frame)


def _narrow(grid: Table) -> None:
    """One millimetre of room at the sides of each cell: Word's own two break words in two."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        room = OxmlElement(f"w:{side}")
        room.set(qn("w:w"), "57")
        room.set(qn("w:type"), "dxa")
        margins.append(room)
    properties = grid._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def _repeat(row: Any) -> None:
    """The head of a table stands on every page that the table reaches."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
