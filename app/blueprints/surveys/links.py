"""Open links with their QR codes."""

from typing import Any

from flask import Response, redirect, url_for
from flask_babel import gettext as _

from app import clock
from app.blueprints.surveys import words
from app.blueprints.surveys.forms import LinkForm
from app.blueprints.surveys.routes import attempt, bp
from app.models import Survey
from app.queries import surveys as queries
from app.queries.links import open_url
from app.rules.permissions import Permission
from app.services import open_links as service
from app.web.access import requires
from app.web.forms import options
from app.web.fragments import render
from app.web.i18n import page_language
from app.web.qr import qr, qr_picture
from app.web.security import acting_user


@bp.route("/<int:survey_id>/links", methods=["GET", "POST"])
@requires(Permission.SURVEYS_RUN)
def links(survey_id: int) -> Any:
    """The survey's open links, and a form for a new one."""
    survey, form = queries.get(survey_id), LinkForm()
    units = [(str(u.id), u.name_in(page_language())) for u in queries.units()]
    form.unit.choices = options([("0", _("No particular one")), *units])
    if form.validate_on_submit():
        attempt(
            lambda: service.create(
                survey,
                label=form.label.data,
                channel=form.channel.data,
                unit_id=form.unit.data or None,
                by=acting_user(),
                now=clock.now(),
            )
        )
        return redirect(url_for("surveys.links", survey_id=survey_id))
    return _page(survey, form, status=422 if form.is_submitted() else 200)


@bp.post("/<int:survey_id>/links/<int:link_id>/<any(on, off):state>")
@requires(Permission.SURVEYS_RUN)
def link_switch(survey_id: int, link_id: int, state: str) -> Any:
    """Switch a link on or off."""
    link = queries.open_link(queries.get(survey_id), link_id)
    attempt(lambda: service.set_active(link, state == "on", by=acting_user(), now=clock.now()))
    return redirect(url_for("surveys.links", survey_id=survey_id))


@bp.get("/<int:survey_id>/links/<int:link_id>.png")
@requires(Permission.SURVEYS_RUN)
def link_picture(survey_id: int, link_id: int) -> Response:
    """The QR code to put into a document: about 600 pixels wide."""
    link = queries.open_link(queries.get(survey_id), link_id)
    return qr_picture(open_url(link), filename=f"qr-{link.id}.png")


@bp.get("/<int:survey_id>/links/<int:link_id>/poster")
@requires(Permission.SURVEYS_RUN)
def poster(survey_id: int, link_id: int) -> Response:
    """A page to print and hang up."""
    survey = queries.get(survey_id)
    link = queries.open_link(survey, link_id)
    return render("surveys/poster.html", survey=survey, link=link, url=open_url(link), qr=qr(open_url(link)))


def _page(survey: Survey, form: LinkForm, *, status: int) -> Response:
    rows = [
        {"link": link, "answers": answers, "url": open_url(link), "qr": qr(open_url(link))}
        for link, answers in queries.open_links(survey)
    ]
    return render(
        "surveys/links.html", survey=survey, form=form, rows=rows, channels=words.CHANNELS, status=status
    )
