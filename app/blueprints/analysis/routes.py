"""Routes of the statistics pages."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_security import current_user

from app.blueprints.analysis import choosing, drawing, tables, views
from app.models import Survey
from app.queries.analysis import access, counts, results, texts
from app.queries.analysis.asking import Asking, Filters
from app.queries.figures import kept
from app.rules.permissions import Permission
from app.web.access import is_htmx, requires
from app.web.downloads import workbook_download
from app.web.fragments import render
from app.web.i18n import page_language

bp = Blueprint("analysis", __name__, url_prefix="/analysis")
# A page waits a moment for its figures, which is enough for most surveys. It may not wait long: the thread that
# waits is one of few that save answers. A block that asks again does not wait at all.
FIRST_WAIT = 0.25
POLL_WAIT = 0.0


@bp.get("/")
@requires(Permission.ANALYSIS_READ)
def index() -> Response:
    """Every survey whose figures the user may see, by series."""
    series = access.by_series(current_user)
    if series:
        kept.analyst().warm()
    surveys = [survey for _series, waves in series for survey in waves]
    return render("analysis/index.html", series=series, answered=counts.complete_answers(surveys))


@bp.get("/<int:survey_id>/glance")
@requires(Permission.ANALYSIS_READ)
def glance(survey_id: int) -> Response:
    """The index and its change, for the row of a list."""
    survey = access.get_visible(current_user, survey_id)
    earlier = access.earlier_waves(current_user, survey)
    choice = choosing.Choice(Filters(), earlier[0] if earlier else None, earlier)
    result = results.summary(_asking(survey, choice), wait=POLL_WAIT)
    return render(
        "analysis/glance.html",
        fragment="glance",
        survey=survey,
        state=result.state.value,
        headlines=views.headlines(result.summary) if result.summary else [],
    )


@bp.get("/<int:survey_id>")
@requires(Permission.ANALYSIS_READ)
def overview(survey_id: int) -> Response:
    """The answer in one sentence, and the figures it rests on."""
    return _page("overview", survey_id)


@bp.get("/<int:survey_id>/questions")
@requires(Permission.ANALYSIS_READ)
def questions(survey_id: int) -> Response:
    """Every question with its distribution."""
    return _page("questions", survey_id)


@bp.get("/<int:survey_id>/texts")
@requires(Permission.ANALYSIS_READ)
def texts_of(survey_id: int) -> Response:
    """What people wrote, for those who may read single answers."""
    survey = access.get_visible(current_user, survey_id)
    page = texts.page(
        survey,
        access.answer_scope(current_user, survey),
        code=request.args.get("question", ""),
        before=request.args.get("before", type=int),
    )
    return render("analysis/texts.html", survey=survey, page=page, tabs=_tabs(survey, "texts_of", {}))


@bp.get("/<int:survey_id>/workbook")
@requires(Permission.ANALYSIS_READ)
def workbook(survey_id: int) -> Response:
    """The same figures as a spreadsheet; a page that waits while it is written."""
    survey = access.get_visible(current_user, survey_id)
    choice = _choice(survey)
    question = _asking(survey, choice)
    result = results.summary(question, wait=_patience())
    if result.summary is not None:
        sheets = tables.sheets(result.summary, survey, choice)
        result = results.workbook(question, page_language(), sheets, wait=_patience())
    if result.path is None or is_htmx():
        address = url_for(".workbook", survey_id=survey.id, **choice.address())
        return render(
            "analysis/workbook.html",
            fragment="workbook",
            survey=survey,
            state=result.state.value,
            address=address,
        )
    name = _("Figures of %(survey)s.xlsx", survey=choosing.wave_name(survey))
    return workbook_download(result.path, filename=name)


def _page(name: str, survey_id: int) -> Response:
    survey = access.get_visible(current_user, survey_id)
    choice = _choice(survey)
    result = results.summary(_asking(survey, choice), wait=_patience())
    return render(
        f"analysis/{name}.html",
        fragment="result",
        survey=survey,
        choice=choice,
        state=result.state.value,
        summary=result.summary,
        figures=_figures(name, survey, choice, result),
        chips=choosing.chips(result.summary, choice),
        tabs=_tabs(survey, name, choice.address()),
        here=url_for(f".{name}", survey_id=survey.id, **choice.address()),
    )


def _figures(name: str, survey: Survey, choice: choosing.Choice, result: results.Result) -> str:
    """What `_NAME.html` draws of the result; nothing where there is none to show."""
    if result.summary is None or result.summary.state != "shown":
        return ""
    return drawing.figures(
        drawing.Drawing(
            template=f"analysis/_{name}.html",
            edition=result.edition,
            language=page_language(),
            wave=choosing.wave_label(choice.previous, survey) if choice.previous else "",
            questions_url=url_for(".questions", survey_id=survey.id, **choice.address()),
            summary=result.summary,
        )
    )


def _choice(survey: Survey) -> choosing.Choice:
    earlier = access.earlier_waves(current_user, survey)
    return choosing.read_choice(earlier, with_segments=access.sees_all(current_user))


def _asking(survey: Survey, choice: choosing.Choice) -> Asking:
    return results.asking(survey, choice.previous, choice.filters, by=current_user, again=is_htmx())


def _patience() -> float:
    return POLL_WAIT if is_htmx() else FIRST_WAIT


def _tabs(survey: Survey, current: str, address: dict[str, Any]) -> list[dict[str, Any]]:
    tabs = [("overview", _("Overview")), ("questions", _("Questions"))]
    if access.answer_scope(current_user, survey) is not None:
        tabs.append(("texts_of", _("In their own words")))
    return [
        {
            "label": label,
            "url": url_for(f".{name}", survey_id=survey.id, **(address if name != "texts_of" else {})),
            "current": name == current,
        }
        for name, label in tabs
    ]
