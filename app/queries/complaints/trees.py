"""The trees of categories and causes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select

from app.errors import Missing
from app.extensions import db
from app.models import ComplaintRound, Feedback, FeedbackCategory
from app.queries.users import LARGEST_ID


@dataclass(frozen=True)
class Tree:
    """All categories and causes, by id and in order."""

    by_id: dict[int, FeedbackCategory]

    def chain(self, category_id: int) -> tuple[int, ...]:
        """The category and those above it, nearest first; () for an id that is none."""
        found: list[int] = []
        current: int | None = category_id
        while current in self.by_id and current not in found:
            found.append(current)
            current = self.by_id[current].parent_id
        return tuple(found)

    def below(self, category_id: int) -> list[int]:
        """The category and all those below it."""
        return [one for one in self.by_id if category_id in self.chain(one)]

    def label(self, category_id: int | None, lang: str) -> str:
        """The name with those above it, from the top."""
        names = [self.by_id[one].name_in(lang) for one in self.chain(category_id or 0)]
        return " · ".join(reversed(names))

    def whole(self, kind: str) -> list[tuple[FeedbackCategory, int]]:
        """Everything, in the order of the tree, with its depth; what is switched off, too."""
        return list(self._walk(kind, None, 0, None, all_of_it=True))

    def offered(self, kind: str, *, also: int | None = None) -> list[tuple[FeedbackCategory, int]]:
        """What can be chosen, in the order of the tree, with its depth; `also` stays though switched off."""
        return list(self._walk(kind, None, 0, also))

    def _walk(
        self, kind: str, parent: int | None, depth: int, also: int | None, *, all_of_it: bool = False
    ) -> Iterator[tuple[FeedbackCategory, int]]:
        for one in self.by_id.values():
            if one.kind == kind and one.parent_id == parent and (all_of_it or one.active or one.id == also):
                yield one, depth
                yield from self._walk(kind, one.id, depth + 1, also, all_of_it=all_of_it)


def tree() -> Tree:
    """Both trees, in one query."""
    rows = db.session.scalars(
        select(FeedbackCategory).order_by(FeedbackCategory.position, FeedbackCategory.id)
    )
    return Tree({row.id: row for row in rows})


def get(category_id: int) -> FeedbackCategory:
    """One entry of either tree. Raises `Missing`."""
    row = db.session.get(FeedbackCategory, category_id) if category_id <= LARGEST_ID else None
    if row is None:
        raise Missing("category")
    return row


def uses(kind: str) -> dict[int, int]:
    """How much feedback, or how many solutions, each entry has sorted; those without any are left out."""
    column = Feedback.category_id if kind == "category" else ComplaintRound.cause_id
    counted = select(column, func.count()).where(column.is_not(None)).group_by(column)
    return {key: count for key, count in db.session.execute(counted) if key is not None}
