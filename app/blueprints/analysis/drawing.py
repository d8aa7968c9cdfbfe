"""The figures of a page, drawn once and kept for whoever may see the same.

Drawing takes most of the time of a page whose figures are there, and while it lasts the threads of the same process
that save answers wait for the interpreter. So the drawn figures are kept, a few of them, in memory.

Nobody is shown what another may see: the template is given nothing but what a `Drawing` holds, neither the reader
nor the request, and everything a `Drawing` holds distinguishes it from others. The edition of a summary
stands for the survey, the comparison, the filter, the least group, and whether the reader sees groups only.
"""

from dataclasses import dataclass, field
from functools import lru_cache

from flask import current_app
from markupsafe import Markup

from app.blueprints.analysis import marks, tables, views, wording
from app.queries.analysis.model import SurveySummary

KEPT = 24


@dataclass(frozen=True)
class Drawing:
    """What to draw. `edition` is that of the `summary` (`results.Result`); `wave` names the earlier survey;
    `questions_url` is the page of questions under the same choice, with the path that Heed is served below."""

    template: str
    edition: str
    language: str
    wave: str
    questions_url: str
    summary: SurveySummary = field(compare=False, repr=False)


@lru_cache(maxsize=KEPT)
def figures(drawing: Drawing) -> Markup:
    """The figures as HTML, in the language of the page, which has to be the drawing's."""
    template = current_app.jinja_env.get_template(drawing.template)
    drawn = template.render(
        summary=drawing.summary,
        lang=drawing.language,
        wave=drawing.wave,
        questions_url=drawing.questions_url,
        marks=marks,
        views=views,
        wording=wording,
        method_lines=tables.method_lines,
    )
    # unescaped: the template has escaped what it was given.
    return Markup(drawn)  # noqa: S704
