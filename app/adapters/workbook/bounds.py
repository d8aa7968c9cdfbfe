"""How large a spreadsheet may be, and why.

Everything here is checked before the parser sees the file, because a workbook is a zip archive:
half a megabyte on disk can ask for gigabytes of memory.
"""

MAX_FILE_BYTES = 30 * 1024 * 1024
"""A list of 100,000 customers with 16 columns is 6 to 9 MB as .xlsx and under 20 MB as .csv."""

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
"""The same list unpacks to about 70 MB; the parser needs a small multiple of that."""

MAX_RATIO = 120
"""Unpacked to packed, for parts above `RATIO_FREE_BYTES`. Sheets of real lists compress 6 to 20
times, a sheet of one repeated value about 40 times; a bomb reaches several hundred."""

RATIO_FREE_BYTES = 1024 * 1024
"""Small parts (themes, styles) may compress as well as they like: they cannot hurt."""

MAX_ENTRIES = 2_000
"""Parts in the archive. Usual is 10 to 30; a few hundred with many pictures."""

MAX_STRUCTURE_BYTES = 4 * 1024 * 1024
"""The list of sheets and the relations are parsed as trees, so they have to be small."""

MAX_SHEETS = 100
"""Nobody picks a customer list out of more sheets than this."""

MAX_ROWS = 100_000
"""Rows below the header that one import takes; larger lists are split."""

MAX_COLUMNS = 200
"""More columns than this is a stray cell far to the right or a table turned on its side."""

MAX_AREA = 6_000_000
"""Rows times columns. The parser lays the sheet out as a full rectangle of about 30 bytes a cell
(200 MB here), however few of the cells are filled."""

PREVIEW_ROWS = 20
"""Rows shown before the import: enough to see a wrong encoding or a wrong header row."""

LISTED = 20
"""How many places a finding lists; it always counts all of them."""
