"""Open links with their QR codes."""

import io
from typing import Any

import segno
from flask import Response, make_response, redirect, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.surveys import words
from app.blueprints.surveys.forms import LinkForm
from app.blueprints.surveys.routes import bp
from app.models import Survey
from app.queries import surveys as queries
from app.queries.links import open_url
from app.rules.permissions import Permission
from app.services import open_links as service
from app.web.access import requires
from app.web.forms import options
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.security import acting_user


@bp.route("/<int:survey_id>/links", methods=["GET", "POST"])
@requires(Permission.SURVEYS_RUN)
def links(survey_id: int) -> Any:
    """The survey's open links, and a form for a new one."""
    survey, form = queries.get(survey_id), LinkForm()
    units = [(str(u.id), u.name_in(page_language())) for u in queries.units()]
    form.unit.choices = options([("0", _("No particular one")), *units])
    if form.validate_on_submit():
        service.create(
            survey,
            label=form.label.data,
            channel=form.channel.data,
            unit_id=form.unit.data or None,
            by=acting_user(),
            now=clock.now(),
        )
        return redirect(url_for("surveys.links", survey_id=survey_id))
    return _page(survey, form, status=422 if form.is_submitted() else 200)


@bp.post("/<int:survey_id>/links/<int:link_id>/<any(on, off):state>")
@requires(Permission.SURVEYS_RUN)
def link_switch(survey_id: int, link_id: int, state: str) -> Any:
    """Switch a link on or off."""
    link = queries.open_link(queries.get(survey_id), link_id)
    service.set_active(link, state == "on", by=acting_user(), now=clock.now())
    return redirect(url_for("surveys.links", survey_id=survey_id))


@bp.get("/<int:survey_id>/links/<int:link_id>.png")
@requires(Permission.SURVEYS_RUN)
def link_picture(survey_id: int, link_id: int) -> Response:
    """The QR code to put into a document: about 600 pixels wide."""
    link = queries.open_link(queries.get(survey_id), link_id)
    code, picture = _code(open_url(link)), io.BytesIO()
    code.save(picture, kind="png", scale=max(600 // code.symbol_size(border=4)[0], 1), border=4)
    response = make_response(picture.getvalue())
    response.headers["Content-Type"] = "image/png"
    response.headers["Content-Disposition"] = f'attachment; filename="qr-{link.id}.png"'
    return response


@bp.get("/<int:survey_id>/links/<int:link_id>/poster")
@requires(Permission.SURVEYS_RUN)
def poster(survey_id: int, link_id: int) -> Response:
    """A page to print and hang up."""
    survey = queries.get(survey_id)
    link = queries.open_link(survey, link_id)
    return render("surveys/poster.html", survey=survey, link=link, url=open_url(link), qr=qr(open_url(link)))


def qr(url: str) -> dict[str, Any]:
    """A QR code as what an SVG needs: `size` in modules with border, and `path` of the dark ones."""
    code = _code(url)
    rows = list(code.matrix_iter(border=4))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"size": len(rows), "path": path}


def _code(url: str) -> segno.QRCode:
    return segno.make(url, error="m", micro=False)


def _page(survey: Survey, form: LinkForm, *, status: int) -> Response:
    rows = [
        {"link": link, "answers": answers, "url": open_url(link), "qr": qr(open_url(link))}
        for link, answers in queries.open_links(survey)
    ]
    return render(
        "surveys/links.html", survey=survey, form=form, rows=rows, channels=words.CHANNELS, status=status
    )
