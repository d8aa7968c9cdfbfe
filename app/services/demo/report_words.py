"""What customer service of the demonstration firm writes in its reports; the numbers are those of the figures."""

from app.queries.complaints.summary.model import ComplaintSummary
from app.rules.complaints.periods import Length, Period

ADDED = {
    "zh": {
        "measures": (
            "1. 城西、城东两店自本月起实行上门前一小时电话确认，迟到超过 15 分钟由店长致电说明。\n"
            "2. 滨江店安排两名备班工程师，超期未结的投诉由客户服务部每日盯办，直至结案。\n"
            "3. 对 90 天内再次投诉的客户，由原经办人之外的同事上门复查。"
        ),
        "suggestions": (
            "建议管理层批准为滨江店增加一个上门班组，试行三个月；到期后以上门与交付类投诉的"
            "每千名客户件数评估效果，没有明显下降则撤销。"
        ),
    },
    "en": {},
}


def texts(figures: ComplaintSummary, period: Period, language: str) -> dict[str, str]:
    """The first two sections."""
    return _chinese(figures, period) if language == "zh" else _english(figures, period)


def _chinese(figures: ComplaintSummary, period: Period) -> dict[str, str]:
    counted = figures.counted
    assert counted is not None
    name = f"{period.first.year}年{period.first.month}月"
    situation = f"{name}共受理投诉 {counted.count} 件，上月为 {counted.count_before or 0} 件。"
    if counted.rate.before is not None and counted.rate.before.direction == "no_significant_change":
        situation += "两月之差在偶然波动范围内，不能据此认为服务变好或变差。"
    clock = next((one for one in figures.deadlines if one.clock == "customer"), None)
    if clock is not None and clock.due:
        situation += (
            f"本月到期应解决 {clock.due} 件，按时解决 {clock.within} 件，到期未结 {clock.overdue} 件。"
        )
    causes = figures.breakdown("cause")
    stated = causes.n if causes else 0
    return {
        "situation": situation,
        "causes": f"已查明根本原因的 {stated} 件，逐件记录在案；各类原因的件数见下图。上门与交付类投诉"
        "多与排班过满、路程估计不足有关。",
    }


def _english(figures: ComplaintSummary, period: Period) -> dict[str, str]:
    counted = figures.counted
    assert counted is not None
    assert period.length is Length.QUARTER
    name = f"the quarter from {period.first:%B} to {period.last:%B %Y}"
    return {
        "situation": f"In {name} we received {counted.count} complaints.",
        "causes": "",
    }
