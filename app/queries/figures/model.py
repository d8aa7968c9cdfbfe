"""A figure, its change, and frozen summaries as JSON: `from_json(kind, to_json(summary))` gives the same object back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its 95 % interval, unclipped; `reason` is a code of `stats.types.Reason` where it is None."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """Change against the earlier wave, new − old.

    `direction`: rise | fall | no_significant_change | not_tested. `reasons`: codes of
    `rules.questionnaire.Reason` why the two are not compared, `too_few` or `new`. `p_adjusted` is what
    `direction` rests on where several changes are read together. `partial`: compared only over the
    questions that are the same in both waves; `previous` and `diff` then rest on these.
    """

    previous: Figure
    diff: float | None
    low: float | None
    high: float | None
    p: float | None
    p_adjusted: float | None
    direction: str
    shared: int
    reasons: tuple[str, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure and how it has changed; `change` is None without an earlier wave."""

    now: Figure
    change: Difference | None = None


def to_json(summary: "DataclassInstance") -> dict[str, Any]:
    """A summary as plain JSON values."""
    return asdict(summary)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def from_json(kind: type[T], raw: Any) -> T:
    """The dataclass of this kind. Raises `ValueError`, `TypeError` or `KeyError` when the shape is another."""
    value: T = _read(kind, raw)
    return value


def _read(kind: Any, raw: Any) -> Any:
    origin = get_origin(kind)
    if origin is UnionType:
        if raw is None:
            return None
        return _read(next(part for part in get_args(kind) if part is not type(None)), raw)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], one) for one in raw)
    if is_dataclass(kind):
        if not isinstance(raw, Mapping):
            raise TypeError(kind)
        hints = _hints(kind)  # type: ignore[arg-type]
        return kind(**{field.name: _read(hints[field.name], raw[field.name]) for field in fields(kind)})  # type: ignore[operator]
    return raw
