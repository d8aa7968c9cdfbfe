"""QR codes of addresses: drawn on a page, or as a picture to put into a document."""

import io
from typing import Any

import segno
from flask import Response, make_response

PICTURE_WIDTH = 600
BORDER = 4


def qr(url: str) -> dict[str, Any]:
    """A QR code as what an SVG needs: `size` in modules with border, and `path` of the dark ones."""
    rows = list(_code(url).matrix_iter(border=BORDER))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"size": len(rows), "path": path}


def qr_picture(url: str, *, filename: str) -> Response:
    """The QR code as a PNG to be saved, about 600 pixels wide."""
    code, picture = _code(url), io.BytesIO()
    scale = max(PICTURE_WIDTH // code.symbol_size(border=BORDER)[0], 1)
    code.save(picture, kind="png", scale=scale, border=BORDER)
    response = make_response(picture.getvalue())
    response.headers["Content-Type"] = "image/png"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _code(url: str) -> segno.QRCode:
    return segno.make(url, error="m", micro=False)
