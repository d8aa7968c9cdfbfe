"""Response rates (应答率) by the standard definitions of AAPOR, and completion of one answer."""

from dataclasses import astuple, dataclass
from enum import StrEnum

from app.stats import intervals
from app.stats.types import Estimate, Reason, Unit, size_flags


class Completion(StrEnum):
    """How far a respondent came."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    BREAK_OFF = "break_off"


@dataclass(frozen=True, slots=True)
class Dispositions:
    """Final outcome of every sampled case.

    Attributes
    ----------
    complete, partial : int
        I and P.
    refused : int
        R, refusals and break-offs.
    no_contact : int
        NC.
    other : int
        O, eligible but not interviewed for another reason.
    unknown_household, unknown_other : int
        UH and UO, eligibility unknown.
    ineligible : int
    """

    complete: int
    partial: int = 0
    refused: int = 0
    no_contact: int = 0
    other: int = 0
    unknown_household: int = 0
    unknown_other: int = 0
    ineligible: int = 0

    @property
    def eligible(self) -> int:
        return self.complete + self.partial + self.refused + self.no_contact + self.other

    @property
    def contacted(self) -> int:
        return self.eligible - self.no_contact

    @property
    def unknown(self) -> int:
        return self.unknown_household + self.unknown_other


@dataclass(frozen=True, slots=True)
class ResponseRates:
    """Response rates 0-1; the definitions stand at :func:`response_rates`.

    `e` is the estimated share of unknown cases that are eligible.
    """

    e: float | None
    rr1: Estimate
    rr2: Estimate
    rr3: Estimate
    rr4: Estimate
    rr5: Estimate
    rr6: Estimate
    coop1: Estimate
    refusal1: Estimate
    contact1: Estimate


def _rate(count: int, base: float | None, method: str) -> Estimate:
    if not base:
        return Estimate(None, Unit.RATE, 0, method, reason=Reason.NO_DATA, flags=size_flags(0))
    n = round(base)
    ci = intervals.wilson(count, base)
    return Estimate(count / base, Unit.RATE, n, method, ci=ci, flags=size_flags(n))


def response_rates(cases: Dispositions) -> ResponseRates:
    """Response, cooperation, refusal and contact rates.

    Parameters
    ----------
    cases : Dispositions
        Counts, none negative.

    Returns
    -------
    ResponseRates
        Each 0-1 with Wilson interval; None with `no_data` where the base is empty.

    Raises
    ------
    ValueError
        ``negative_count``.

    Notes
    -----
    With E = I + P + R + NC + O and U = UH + UO: RR1 = I/(E + U), RR2 = (I + P)/(E + U),
    RR3 and RR4 the same with e U for U, RR5 and RR6 with U = 0; e = E/(E + ineligible)
    (proportional allocation). COOP1 = I/(E - NC), REF1 = R/(E + U), CON1 = (E - NC)/(E + U).
    The intervals take the base as fixed, so those of RR3 and RR4 leave out the uncertainty
    of e. Without a sampling frame this is participation, not response: do not call it so.

    References
    ----------
    American Association for Public Opinion Research (2023). *Standard Definitions*,
    10th edition.

    Examples
    --------
    >>> rates = response_rates(Dispositions(50, 10, 20, 15, 0, 0, 5, 5))
    >>> rates.e, rates.rr1.value, round(rates.rr3.value, 5), round(rates.rr6.value, 5)
    (0.95, 0.5, 0.50125, 0.63158)
    """
    if min(astuple(cases)) < 0:
        raise ValueError("negative_count")
    known = cases.eligible + cases.ineligible
    e = cases.eligible / known if known else None
    every = cases.eligible + cases.unknown
    # Without unknown cases e is not needed.
    estimated = cases.eligible + (e * cases.unknown if e is not None else 0.0)
    likely = None if e is None and cases.unknown else estimated
    both = cases.complete + cases.partial
    return ResponseRates(
        e=e,
        rr1=_rate(cases.complete, every, "rr1"),
        rr2=_rate(both, every, "rr2"),
        rr3=_rate(cases.complete, likely, "rr3"),
        rr4=_rate(both, likely, "rr4"),
        rr5=_rate(cases.complete, cases.eligible, "rr5"),
        rr6=_rate(both, cases.eligible, "rr6"),
        coop1=_rate(cases.complete, cases.contacted, "coop1"),
        refusal1=_rate(cases.refused, every, "refusal1"),
        contact1=_rate(cases.contacted, every, "contact1"),
    )


def completion(answered: int, shown: int) -> Completion:
    """Complete from 80 % of the items shown, partial from 50 %, else broken off.

    Parameters
    ----------
    answered, shown : int
        Items answered (*not applicable* is an answer) and items that routing showed.

    Examples
    --------
    >>> completion(8, 10).value, completion(5, 10).value, completion(0, 0).value
    ('complete', 'partial', 'break_off')
    """
    if shown <= 0 or 2 * answered < shown:
        return Completion.BREAK_OFF
    return Completion.COMPLETE if 5 * answered >= 4 * shown else Completion.PARTIAL
