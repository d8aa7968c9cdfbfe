"""Reading a pasted questionnaire."""

import random

import pytest

from app.rules.questionnaire import TYPES, parse
from app.rules.questionnaire.pasting import LONGEST_TEXT, Pasted, paste

CHINESE = """
# 售后回访 | After-sales visit
== 上门
1. 您对师傅满意吗？【满意度】*
> 请按最近一次上门回答
2、这次是什么服务？[单选]（必填）
- 维修 | Repair
- 安装
- 其他____
## 总的来说
（3）各方面怎么样？【矩阵7】
· 守时
· 礼貌
您愿意推荐我们吗？【NPS】
"""


def questions(pasted: Pasted) -> list[dict]:
    return [one for page in pasted.content["pages"] for one in page["questions"]]


def test_a_chinese_questionnaire_is_read() -> None:
    pasted = paste(CHINESE, language="zh")
    assert pasted.remarks == ()
    assert pasted.content["title"] == {"zh": "售后回访", "en": "After-sales visit"}
    assert [page["title"] for page in pasted.content["pages"]] == [{"zh": "上门"}, {"zh": "总的来说"}]
    scale, single, matrix, nps = questions(pasted)
    assert scale["type"] == "scale"
    assert scale["text"] == {"zh": "您对师傅满意吗？"}
    assert scale["hint"] == {"zh": "请按最近一次上门回答"}
    assert scale["required"]
    assert single["required"]
    assert [one["text"]["zh"] for one in single["options"]] == ["维修", "安装", "其他"]
    assert [one["other"] for one in single["options"]] == [False, False, True]
    assert matrix["points"] == 7
    assert [row["text"]["zh"] for row in matrix["rows"]] == ["守时", "礼貌"]
    assert nps["low"]["zh"] == "完全不可能"
    assert len(parse(pasted.content).questions) == 4


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("x [single]", "single"), ("x [multiple choice]", "multiple"), ("x【多选题】", "multiple"),
        ("x [satisfaction]", "scale"), ("x [scale 10]", "scale"), ("x【5分量表】", "scale"), ("x [matrix 5]", "matrix"),
        ("x [NPS]", "nps"), ("x【表情】", "emoji"), ("x [stars 10]", "stars"), ("x【填空】", "short_text"),
        ("x [long text]", "long_text"), ("x【说明】", "info"), ("x [dropdown]", "single"),
    ],
)  # fmt: skip
def test_types_have_names_in_both_languages(line: str, kind: str) -> None:
    pasted = paste(line, language="en")
    assert [one["type"] for one in questions(pasted)] == [kind]
    assert questions(pasted)[0]["text"] == {"en": "x"}
    assert "type_guessed" not in [one.code for one in pasted.remarks]


def test_every_type_can_be_named() -> None:
    lines = "\n".join(f"x [{name.replace('_', ' ')}]" for name in TYPES)
    assert [one["type"] for one in questions(paste(lines, language="en"))] == list(TYPES)


def test_guesses_are_reported_with_their_line() -> None:
    pasted = paste("Why?\n\nPick (all that apply)\na) one\nb) two\nHow satisfied?\n0-10?", language="en")
    assert [(one.line, one.code, one.text) for one in pasted.remarks] == [
        (1, "type_guessed", "long_text"),
        (3, "type_guessed", "multiple"),
        (6, "type_guessed", "scale"),
        (7, "type_guessed", "nps"),
    ]


def test_what_is_not_understood_is_kept_and_reported() -> None:
    pasted = paste("- lost option\nReally? [foo]\nStars? [stars]\n- a\nOne? [single]\n- only", language="en")
    assert [(one.line, one.code) for one in pasted.remarks] == [
        (1, "part_without_question"),
        (2, "unknown_type"),
        (2, "type_guessed"),
        (3, "parts_ignored"),
        (5, "too_few_parts"),
    ]
    assert questions(pasted)[0]["text"] == {"en": "Really? [foo]"}


def test_labels_of_a_scale_set_its_points() -> None:
    pasted = paste("How? [scale]\n- bad\n- fair\n- good", language="en")
    assert questions(pasted)[0]["points"] == 3
    assert questions(pasted)[0]["labels"] == [{"en": "bad"}, {"en": "fair"}, {"en": "good"}]


def test_rows_of_a_spreadsheet_are_questions() -> None:
    pasted = paste("Which?\tsingle\tA\tB\t\nHappy?\tsatisfaction\t\t\nPlain?\tYes\tNo", language="en")
    assert [one["type"] for one in questions(pasted)] == ["single", "scale", "single"]
    assert [one["text"]["en"] for one in questions(pasted)[2]["options"]] == ["Yes", "No"]


def test_both_languages_switch_both_on() -> None:
    assert paste("您好吗 | How are you? [long]", language="zh").content["languages"] == ["zh", "en"]
    assert paste("How are you? [long]", language="en").content["languages"] == ["en"]


def test_too_much_is_cut_and_said() -> None:
    many = paste("\n".join(f"q{number} [long]" for number in range(250)), language="en")
    assert many.count == 200
    assert {one.code for one in many.remarks} == {"too_many_questions"}
    assert "too_long" in {one.code for one in paste("x\n" * LONGEST_TEXT, language="en").remarks}
    assert "line_cut" in {one.code for one in paste("x" * 5000, language="en").remarks}
    parts = paste("x [single]\n" + "- a\n" * 150, language="en")
    assert len(questions(parts)[0]["options"]) == 100


def test_whatever_is_pasted_the_document_parses() -> None:
    pieces = ["#", "==", "-", ">", "*", "1.", "【", "】", "[", "]", "|", "\t", "\n", "\0", "\ud800", "满意度", "单选", "x", " ", "（必填）", "7", "_"]  # fmt: skip
    chance = random.Random(7)
    for _round in range(1500):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 25)))
        pasted = paste(text, language=chance.choice(["zh", "en"]))
        parse(pasted.content)
        codes = [one["code"] for one in questions(pasted)]
        assert len(codes) == len(set(codes))
