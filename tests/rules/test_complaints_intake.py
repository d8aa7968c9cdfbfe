"""What happens to a complaint on its way in: the default trees, the rule that assigns it, and its texts."""

import pytest

from app.rules.complaints import Rule, branches, choose, folded, searchable, summary_of

FALLBACK = Rule(None, None, None, to_unit_id=9, handler_id=1)
BY_UNIT = Rule(None, 5, None, to_unit_id=5, handler_id=None)
BY_PARENT = Rule(10, None, None, to_unit_id=3, handler_id=None)
BY_CATEGORY = Rule(11, None, None, to_unit_id=4, handler_id=None)
BY_SEVERITY = Rule(None, None, "urgent", to_unit_id=2, handler_id=None)
RULES = [FALLBACK, BY_UNIT, BY_PARENT, BY_CATEGORY, BY_SEVERITY]


@pytest.mark.parametrize(
    ("categories", "unit_id", "severity", "rule"),
    [
        ((11, 10), 5, "urgent", BY_CATEGORY),
        ((12, 10), 5, "urgent", BY_PARENT),
        ((20,), 5, "urgent", BY_UNIT),
        ((20,), 6, "urgent", BY_SEVERITY),
        ((20,), None, "general", FALLBACK),
    ],
)
def test_the_narrowest_rule_is_chosen(
    categories: tuple[int, ...], unit_id: int | None, severity: str, rule: Rule
) -> None:
    assert choose(RULES, categories=categories, unit_id=unit_id, severity=severity) is rule
    assert choose(reversed(RULES), categories=categories, unit_id=unit_id, severity=severity) is rule


def test_equal_rules_count_in_their_order_and_none_may_fit() -> None:
    later = Rule(None, 5, None, to_unit_id=7, handler_id=None, position=1)
    assert choose([later, BY_UNIT], categories=(1,), unit_id=5, severity="general") is BY_UNIT
    assert choose([BY_UNIT], categories=(1,), unit_id=6, severity="general") is None


def test_the_default_trees_are_whole_and_in_both_languages() -> None:
    found = list(branches())
    codes = [one.code for one in found]
    assert len(set(codes)) == len(codes)
    seen = {""}
    for one in found:
        assert one.parent in seen, "each stands after the one above it"
        assert one.name
        assert one.name_en
        assert one.kind == one.code.partition(".")[0]
        seen.add(one.code)
    assert {one.kind for one in found} == {"category", "cause"}


@pytest.mark.parametrize(
    ("content", "summary"),
    [
        ("机房空调反复停机，两次上门未修好。要求派人。", "机房空调反复停机，两次上门未修好"),
        ("Late again! Twice.", "Late again"),
        ("第一行\n第二行", "第一行"),
        ("好。不好的是上门太晚", "好。不好的是上门太晚"),
        ("长" * 80, "长" * 59 + "…"),
        ("", ""),
    ],
)
def test_the_summary_is_the_first_sentence(content: str, summary: str) -> None:
    assert summary_of(content) == summary


def test_a_search_finds_every_form_of_a_character() -> None:
    text = searchable(["２６-00042-8", "ＡＢＣ餐饮", "", "Ms WANG"])
    assert all(folded(part) in text for part in ("26-00042", "abc餐饮", "Ms Wang"))
