"""The summary of a survey, computed. Loads numpy: runs in the analyst's process only."""

from pathlib import Path

from sqlalchemy import Connection, text

from app.queries.analysis.asking import Asking
from app.queries.analysis.indices import indices
from app.queries.analysis.model import (
    NetPromoterFigure,
    Quality,
    QuestionFigure,
    ResponseFigure,
    SurveySummary,
)
from app.queries.analysis.questions import Questions, choice_figures, item_reasons
from app.queries.analysis.selecting import facets, refusal, selection
from app.queries.analysis.waves import Wave
from app.queries.figures.differing import Compared, figure, single
from app.queries.figures.model import Measure
from app.queries.frames import Invited, Plan, current_frame, read_invited, read_plan
from app.stats.change import nps_change, proportion_change
from app.stats.difference import Overlap, match_ids
from app.stats.nps import net_promoter
from app.stats.response import Dispositions, response_rates
from app.stats.types import Estimate

_DRAFTS = text("SELECT COUNT(*) FROM response WHERE survey_id = :survey AND state = 'draft'")


def summarise(connection: Connection, frames: Path, asking: Asking) -> SurveySummary:
    """All figures that were asked for; `frames` is the folder of the columnar copies."""
    plan = read_plan(connection, asking.survey_id)
    frame = current_frame(connection, frames, plan)
    mask = selection(frame, asking)
    why = refusal(frame, mask, asking)
    shell = SurveySummary(
        survey_id=asking.survey_id,
        previous_id=asking.previous_id,
        state="empty" if not frame.n else why or "shown",
        least=asking.least,
        n=0 if why else int(mask.sum()),
        n_all=0 if frame.n < asking.least else frame.n,
        compared="not_asked",
        facets=facets(frame, asking),
    )
    if why:
        return shell
    return _Summary(connection, asking, Wave(plan, frame, mask), _earlier(connection, frames, asking)).of(
        shell
    )


def _earlier(connection: Connection, frames: Path, asking: Asking) -> Wave | None:
    """The wave to compare with under the same filter; without rows when it may not be shown."""
    if asking.previous_id is None:
        return None
    plan = read_plan(connection, asking.previous_id)
    frame = current_frame(connection, frames, plan)
    mask = selection(frame, asking)
    return Wave(plan, frame, mask & (refusal(frame, mask, asking) is None))


def overall_question(plan: Plan) -> str | None:
    """The question about satisfaction as a whole: the one called so, else the first outside the tree."""
    outside = [item for item in plan.items.values() if item.indicator is None and item.type != "nps"]
    named = [item.code for item in outside if item.code.startswith("overall")]
    rated = [item.code for item in outside if item.type in ("scale", "emoji", "stars")]
    return next(iter([*named, *rated]), None)


class _Summary:
    def __init__(self, connection: Connection, asking: Asking, new: Wave, earlier: Wave | None) -> None:
        self.connection, self.asking, self.new = connection, asking, new
        self.compared = "not_asked" if earlier is None else "shown" if earlier.n else "too_few"
        self.old = earlier if earlier is not None and earlier.n else None
        self.overlap: Overlap | None = (
            match_ids(self.old.customers, new.customers) if self.old is not None else None
        )

    def of(self, shell: SurveySummary) -> SurveySummary:
        least, cautious = self.asking.least, self.asking.cautious
        questions = Questions(self.new, self.old, self.overlap, least=least, cautious=cautious).figures()
        tree = indices(self.new, self.old, self.overlap, least=least, cautious=cautious)
        return SurveySummary(
            survey_id=shell.survey_id,
            previous_id=shell.previous_id,
            state=shell.state,
            least=shell.least,
            n=shell.n,
            n_all=shell.n_all,
            compared=self.compared,
            facets=shell.facets,
            index=tree.total,
            index_score_rate=tree.score_rate,
            nps=self._nps(questions),
            overall=overall_question(self.new.plan),
            response=self._response(),
            dimensions=tree.dimensions,
            questions=questions,
            choices=choice_figures(self.new, least=least, cautious=cautious),
            quality=self._quality(questions),
        )

    def _nps(self, questions: tuple[QuestionFigure, ...]) -> NetPromoterFigure | None:
        code = next((q.code for q in questions if q.type == "nps" and q.hidden is None), None)
        if code is None:
            return None
        found = net_promoter(self.new.values(code))
        change = None
        if self.old is not None:
            least, cautious = self.asking.least, self.asking.cautious
            reasons = item_reasons(self.new, self.old, code, least, cautious=cautious)
            before = net_promoter(self.old.values(code)).nps if not reasons else _none(found.nps)
            test = (
                nps_change(self.old.values(code), self.new.values(code), self.overlap)
                if not reasons
                else None
            )
            change = single(Compared(figure(before), test, reasons))
        score = Measure(figure(found.nps), change)
        return NetPromoterFigure(code, score, found.promoters, found.passives, found.detractors)

    def _invited(self, survey_id: int) -> Invited | None:
        filters = self.asking.filters
        return read_invited(self.connection, survey_id, filters.chosen, filters.customers)

    def _response(self) -> ResponseFigure | None:
        now = self._invited(self.asking.survey_id)
        if now is None or not now.customers.size:
            return None
        before = self._invited(self.old.plan.survey_id) if self.old is not None else None
        change = None
        if before is not None and before.customers.size:
            change = single(self._rate_change(before, now))
        answered = int(now.answered.sum())
        return ResponseFigure(now.customers.size, answered, Measure(figure(_rate(now), 100), change))

    def _rate_change(self, before: Invited, now: Invited) -> Compared:
        """People still answer while a survey is open: its rate is not compared with a final one."""
        earlier = figure(_rate(before), 100)
        if self.new.plan.live:
            return Compared(earlier, None, ("live",))
        shared = match_ids(before.customers, now.customers)
        return Compared(earlier, proportion_change(before.answered, now.answered, shared))

    def _quality(self, questions: tuple[QuestionFigure, ...]) -> Quality:
        drafts = self.connection.execute(_DRAFTS, {"survey": self.asking.survey_id}).scalar_one()
        states = [question.statuses for question in questions if question.hidden is None]
        skipped = sum(s["skipped"] for s in states)
        shown = skipped + sum(s["valid"] + s["not_applicable"] for s in states)
        frame, mask = self.new.frame, self.new.mask
        by_mail = frame.labels["channel"].counts(mask).get("mail", 0)
        return Quality(
            drafts=int(drafts),
            from_links=self.new.n - by_mail,
            repeated_customers=frame.repeated(mask),
            invalid=sum(s["invalid"] for s in states),
            unanswered_pct=100 * skipped / shown if shown else None,
            live=self.new.plan.live,
        )


def _none(estimate: Estimate) -> Estimate:
    return Estimate(None, estimate.unit, 0, estimate.method)


def _rate(invited: Invited) -> Estimate:
    answered = int(invited.answered.sum())
    return response_rates(Dispositions(answered, no_contact=invited.customers.size - answered)).rr1
