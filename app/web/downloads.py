"""Files made on the spot and handed to the browser."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

from app.adapters.workbook.outgoing import Value, csv_safe


def csv_download(rows: Iterable[Sequence[Value]], *, filename: str) -> Response:
    """The rows as a CSV file in which no cell is taken for a formula.

    With a byte order mark: without it spreadsheets do not read the file as UTF-8.
    """
    text = io.StringIO()
    csv.writer(text).writerows([csv_safe(cell) for cell in row] for row in rows)
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
