"""Files handed to the browser: made on the spot, or as a stranger has sent them."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from flask import Response, make_response, send_file

from app.adapters.workbook.outgoing import Value, csv_safe

# Should a browser show a stranger's file after all: without scripts, forms, and anything of this site.
SEALED = "sandbox; default-src 'none'; frame-ancestors 'none'"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_download(rows: Iterable[Sequence[Value]], *, filename: str) -> Response:
    """The rows as a CSV file in which no cell is taken for a formula.

    With a byte order mark: without it spreadsheets do not read the file as UTF-8.
    """
    text = io.StringIO()
    csv.writer(text).writerows([csv_safe(cell) for cell in row] for row in rows)
    response = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def sealed_file(path: Path, name: str, media_type: str) -> Response | None:
    """A stranger's file, to be saved under the name it came with and never shown in place; None when it is missing."""
    if not path.is_file():
        return None
    response = send_file(
        path,
        mimetype=media_type,
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
        last_modified=None,
    )
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def workbook_download(path: Path, *, filename: str) -> Response:
    """A workbook that has been written, as the user's own file: nothing on the way may keep it."""
    content = io.BytesIO(path.read_bytes())
    response = make_response(send_file(content, mimetype=XLSX, as_attachment=True, download_name=filename))
    response.headers["Cache-Control"] = "no-store"  # send_file has said less
    return response
