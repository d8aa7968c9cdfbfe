"""The arrays of one survey, and their form on disk."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from app.stats.status import Status
from app.stats.types import FloatArray, IntArray, Mask

# Raised whenever an older file would be read wrongly.
LAYOUT = 3
NOBODY = -1
# What a respondent can be grouped by. All values are text; "" is unknown.
FIELDS = ("channel", "language", "unit", "region", "kind", "size", "key_account", "tenure")
# Values of the byte that an answer is kept in, and those of them that are points and not states.
_BYTES, _POINTS = 256, 128
SKIPPED, NOT_SHOWN, INVALID = -int(Status.SKIPPED), -int(Status.NOT_SHOWN), -int(Status.INVALID)

Codes = NDArray[np.int8]
Wide = NDArray[np.int64]


class DamagedFrame(Exception):
    """The file is no frame of this layout."""


@dataclass(frozen=True, slots=True)
class Labels:
    """A text column: `values[codes[row]]` is the text of a row."""

    values: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Labels":
        values = tuple(sorted(set(texts)))
        places = {text: place for place, text in enumerate(values)}
        return cls(values, np.fromiter((places[text] for text in texts), np.int32, len(texts)))

    def followed_by(self, other: "Labels") -> "Labels":
        """The rows of both, one after the other."""
        values = tuple(dict.fromkeys((*self.values, *other.values)))
        places = np.array([values.index(text) for text in other.values] or [0], dtype=np.int32)
        return Labels(values, np.concatenate([self.codes, places[other.codes]]))

    def equal(self, text: str) -> Mask:
        """Rows whose text is `text`."""
        if text not in self.values:
            return np.zeros(self.codes.size, dtype=np.bool_)
        return np.asarray(self.codes == self.values.index(text))

    def counts(self, mask: Mask | None = None) -> dict[str, int]:
        """Rows of each text, among those of the mask; texts without a row are left out."""
        codes = self.codes if mask is None else self.codes[mask]
        found = np.bincount(codes, minlength=len(self.values))
        return {text: int(n) for text, n in zip(self.values, found, strict=True) if n}


@dataclass(frozen=True, slots=True)
class Tally:
    """One scored item, counted: ``points[p]`` rows with the answer p, and the rows in each state by its name."""

    points: IntArray
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choices:
    """One choice question: per option the number who chose it, and the rows in each state."""

    counts: tuple[int, ...]
    statuses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Frame:
    """Complete responses, one row each, in the order they were read.

    Attributes
    ----------
    survey_id : int
    signature : str
        What the columns depend on besides the answers: the questionnaire version.
    ids, customers, submitted : (n,) int arrays
        Row ids; customer ids, -1 where unknown; seconds since 1970 UTC.
    labels : mapping of field to Labels
        See `FIELDS`.
    items, answers : names and (items, n) int8 array
        An answer point, or minus the number of the state where it is not valid.
    choices, picks : names and (choices, n) int64 array
        One bit per chosen option, or minus the number of the state.
    """

    survey_id: int
    signature: str
    ids: Wide
    customers: Wide
    submitted: Wide
    labels: Mapping[str, Labels]
    items: tuple[str, ...]
    answers: Codes
    choices: tuple[str, ...]
    picks: Wide

    @property
    def n(self) -> int:
        return int(self.ids.size)

    def where(self, wanted: Mapping[str, str], customers: Iterable[int] | None = None) -> Mask:
        """Rows that have all the wanted texts and, if given, belong to one of the customers."""
        mask = np.ones(self.n, dtype=np.bool_)
        for field, text in wanted.items():
            mask &= self.labels[field].equal(text)
        if customers is not None:
            mask &= np.isin(self.customers, np.fromiter(customers, np.int64))
        return mask

    def codes(self, code: str, mask: Mask) -> Codes:
        """A scored item as it is kept, for the rows of the mask."""
        kept: Codes = self.answers[self.items.index(code)][mask]
        return kept

    def values(self, code: str, mask: Mask) -> FloatArray:
        """Answers to a scored item, NaN where not valid, for the rows of the mask."""
        codes = self.codes(code, mask)
        return np.where(codes >= 0, codes, np.nan).astype(np.float64)

    def tally(self, code: str, mask: Mask) -> Tally:
        """A scored item counted over the rows of the mask."""
        found = np.bincount(self.codes(code, mask).view(np.uint8), minlength=_BYTES)
        states = {state.name.lower(): int(found[-state]) for state in Status if state}
        points = found[:_POINTS]
        return Tally(points, {Status.VALID.name.lower(): int(points.sum())} | states)

    def choice(self, code: str, options: int, mask: Mask) -> Choices:
        """A choice question with so many options, for the rows of the mask."""
        picks = self.picks[self.choices.index(code)][mask]
        valid = picks >= 0
        chosen = picks[valid]
        counts = tuple(int(np.count_nonzero(chosen >> place & 1)) for place in range(options))
        states = np.bincount(np.where(valid, 0, -picks), minlength=len(Status))
        return Choices(counts, {state.name.lower(): int(states[state]) for state in Status})

    def answered(self, codes: Iterable[str], mask: Mask) -> int:
        """Rows of the mask with a valid answer to at least one of the items."""
        anyone = np.zeros(self.n, dtype=np.bool_)
        for code in codes:
            anyone |= self.answers[self.items.index(code)] >= 0
        return int((anyone & mask).sum())

    def repeated(self, mask: Mask) -> int:
        """Rows of the mask beyond the first of each known customer."""
        known = self.customers[mask & (self.customers >= 0)]
        return int(known.size - np.unique(known).size)

    def followed_by(self, other: "Frame") -> "Frame":
        """The rows of both; they must have the same columns."""
        return Frame(
            self.survey_id,
            self.signature,
            np.concatenate([self.ids, other.ids]),
            np.concatenate([self.customers, other.customers]),
            np.concatenate([self.submitted, other.submitted]),
            {field: self.labels[field].followed_by(other.labels[field]) for field in FIELDS},
            self.items,
            np.concatenate([self.answers, other.answers], axis=1),
            self.choices,
            np.concatenate([self.picks, other.picks], axis=1),
        )


def pairs(old: Codes, new: Codes) -> IntArray:
    """How many rows answered point i in the one and point j in the other column; others are left out."""
    both = old.view(np.uint8).astype(np.uint16) * np.uint16(_BYTES) + new.view(np.uint8)
    found = np.bincount(both, minlength=_BYTES * _BYTES).reshape(_BYTES, _BYTES)
    return found[:_POINTS, :_POINTS]


def write(frame: Frame, file: BinaryIO) -> None:
    """Store the frame; every array carries a checksum."""
    about = {
        "layout": LAYOUT,
        "survey_id": frame.survey_id,
        "signature": frame.signature,
        "items": frame.items,
        "choices": frame.choices,
        "labels": {field: labels.values for field, labels in frame.labels.items()},
    }
    np.savez(
        file,
        about=np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8),
        ids=frame.ids,
        customers=frame.customers,
        submitted=frame.submitted,
        answers=frame.answers,
        picks=frame.picks,
        codes=np.stack([frame.labels[field].codes for field in FIELDS]),
    )


def read(file: BinaryIO) -> Frame:
    """The stored frame. Raises `DamagedFrame` when the file is not whole or of another layout."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            if about["layout"] != LAYOUT:
                raise DamagedFrame
            codes = stored["codes"]
            frame = Frame(
                about["survey_id"],
                about["signature"],
                stored["ids"],
                stored["customers"],
                stored["submitted"],
                {
                    field: Labels(tuple(about["labels"][field]), codes[place])
                    for place, field in enumerate(FIELDS)
                },
                tuple(about["items"]),
                stored["answers"],
                tuple(about["choices"]),
                stored["picks"],
            )
    # numpy and zipfile raise whatever their parts raise on a damaged file.
    except Exception as problem:
        raise DamagedFrame from problem
    shapes = {frame.answers.shape == (len(frame.items), frame.n), codes.shape == (len(FIELDS), frame.n)}
    if shapes != {True} or frame.picks.shape != (len(frame.choices), frame.n):
        raise DamagedFrame
    return frame
