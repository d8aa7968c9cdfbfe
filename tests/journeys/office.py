"""What marketing does at the desk: from the first start to a survey in the field, page by page."""

import contextlib
import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import TimeoutError as PlaywrightTimeout
from playwright.sync_api import expect

from tests import live
from tests.journeys.browsing import Person

PASSWORD = "每年都听一听客户怎么说"
ZONE = ZoneInfo("Asia/Shanghai")
HEADER = [
    "客户编号",
    "客户名称",
    "客户类型",
    "地区",
    "联系人",
    "电子邮箱",
    "联系电话",
    "语言",
    "客户起始日期",
]
GOOD = 590
ENGLISH_EVERY = 12
# What is changed in an otherwise good row, and the reason the page gives.
BAD_ROWS = {
    20: ({"客户编号": ""}, "客户编号"),
    75: ({"客户名称": ""}, "客户名称"),
    120: ({"客户编号": "K0001"}, "K0001"),
    180: ({"电子邮箱": "没有邮箱"}, "没有邮箱"),
    240: ({"电子邮箱": "a@b@c.example"}, "a@b@c.example"),
    300: ({"客户起始日期": "2025-02-30"}, "2025-02-30"),
    366: ({"联系电话": "1.38E+10"}, "1.38E+10"),
    420: ({"语言": "火星文"}, "火星文"),
    500: ({"客户类型": "朋友"}, "朋友"),
    600: ({"联系电话": "打不通"}, "打不通"),
}


def customer_list() -> bytes:
    """A list of 600 customers as Excel in China saves it: GBK, ten rows with one mistake each."""
    lines = [HEADER]
    for number in range(1, 601):
        language = "英文" if number % ENGLISH_EVERY == 0 else "中文"
        row = dict(
            zip(
                HEADER,
                [
                    f"K{number:04}", f"客户{number}有限公司", "企业", ("华东", "华南", "华北")[number % 3], f"王{number}",
                    f"k{number}@kunde.example", f"1380000{number:04}", language, "2023-05-06",
                ],
                strict=True,
            )
        )  # fmt: skip
        changed, _reason = BAD_ROWS.get(number, ({}, ""))
        lines.append(list((row | changed).values()))
    return "\r\n".join(",".join(line) for line in lines).encode("gbk")


def set_up(person: Person, heed: live.Heed) -> None:
    """The page of the first run, with the code that the terminal shows."""
    person.goto((heed.data / "setup_code").read_text().strip())
    person.look("setup")
    page = person.page
    page.fill("#name", "明湖服务")
    page.fill("#name_en", "Minghu Services")
    page.check("input[name=language][value=zh]")
    page.fill("#timezone", "Asia/Shanghai")
    page.fill("#contact_name", "李静")
    page.fill("#contact_phone", "021-5555 0100")
    page.fill("#sender_address", "survey@minghu.example")
    page.fill("#user_name", "李静")
    page.fill("#email", "li@minghu.example")
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.check("#does_everything")
    person.press("完成设置")
    expect(page.get_by_text("从这里开始")).to_be_visible()
    person.look("first-home")


def bring_in_customers(person: Person, heed: live.Heed, folder: Path) -> None:
    """Import the list: see the ten bad rows with their reasons, take the good ones."""
    page = person.page
    person.goto(f"{heed.url}/customers/imports")
    person.look("imports")
    file = folder / "客户名单.csv"
    file.write_bytes(customer_list())
    page.set_input_files("input[type=file]", file)
    person.press("上传并读取")
    expect(page.get_by_role("button", name="检查所有行")).to_be_visible()
    person.look("import-columns")
    person.press("检查所有行")
    expect(page.locator("#bad-rows tbody tr")).to_have_count(len(BAD_ROWS))
    person.look("import-decision")
    for line, (number, (_changed, reason)) in zip(
        page.locator("#bad-rows tbody tr").all_inner_texts(), BAD_ROWS.items(), strict=True
    ):
        assert str(number + 1) in line, line
        assert reason in line, line
    person.press(f"只导入没有问题的 {GOOD} 行")
    expect(page.get_by_text(f"新增 {GOOD}")).to_be_visible()
    person.look("import-done")


def make_segment(person: Person, heed: live.Heed) -> None:
    """Everybody, as a segment."""
    person.goto(f"{heed.url}/customers/segments")
    person.press("新建客户分群")
    person.page.fill("#name", "全部客户")
    person.look("segment")
    person.press("保存客户分群")
    person.look("segments")
    assert str(GOOD) in person.text()


def publish_questionnaire(person: Person, heed: live.Heed) -> None:
    """The tested template about touch points, as it is."""
    page = person.page
    person.goto(f"{heed.url}/questionnaires/new")
    person.look("questionnaire-new")
    page.locator("li", has=page.locator("input[name=template][value=touchpoints]")).get_by_role(
        "button"
    ).click()
    page.wait_for_load_state("load")
    person.look("builder")
    person.press("发布这一版")
    person.look("publish")
    person.press("发布第 1 版")
    person.look("versions")


def prepare_survey(person: Person, heed: live.Heed, name: tuple[str, str], *, series: str) -> int:
    """A survey of everybody, without quiet hours, as fast as the server takes it. Returns its number."""
    page = person.page
    person.goto(f"{heed.url}/surveys/")
    person.press("发起调查")
    page.fill("#name_zh", name[0])
    page.fill("#name_en", name[1])
    if page.locator("#series option", has_text=series).count():
        page.select_option("#series", label=series)
    else:
        page.select_option("#series", value="0")
        page.fill("#series_name", series)
    now = datetime.now(ZONE)
    page.fill("#opens_at", f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%M}")
    page.fill("#closes_at", f"{now + timedelta(days=14):%Y-%m-%dT%H:%M}")
    person.look("survey-new")
    person.press("保存并继续")
    page.select_option("#segment", label="全部客户")
    page.get_by_role("button", name="保存并查看名单").click()
    page.wait_for_load_state("load")
    person.look("recipients")
    person.press("下一步：邮件内容")
    person.look("texts")
    return int(re.findall(r"/surveys/(\d+)/", page.url)[0])


def set_pace(person: Person) -> None:
    """On to the last step: 6000 mails a minute, at any hour, reminders by hand only."""
    page = person.page
    person.press("下一步：发送与催答")
    page.fill("#pace_per_minute", "6000")
    page.fill("#quiet_from", "00:00")
    page.fill("#quiet_until", "00:00")
    page.fill("#reminder_limit", "0")
    person.look("sending")
    person.press("保存并检查")
    person.look("checklist")


def launch(person: Person) -> None:
    """Two steps: declare it ready, then send."""
    person.press("检查完毕，设为待启动")
    person.look("ready")
    person.confirm("立即启动", "启动并发送")
    person.look("launched")


def remind(person: Person, heed: live.Heed, survey: int) -> int:
    """Remind by hand everybody who has not finished; returns how many the page speaks of."""
    person.goto(f"{heed.url}/surveys/{survey}")
    # The invitations have only just left, so the page asks twice.
    person.page.get_by_text("仍要催答").click()
    person.page.locator("input[name=knowingly]").check()
    person.press("发送催答")
    person.look("reminded")
    found = re.search(r"已安排 (\d+) 封催答邮件", person.text())
    assert found, person.text()
    return int(found[1])


def download_figures(person: Person, folder: Path) -> Path:
    """The spreadsheet of the figures on this page."""
    with person.page.expect_download() as coming:
        person.page.get_by_role("link", name="下载 Excel").click()
        button = person.page.get_by_role("link", name="下载", exact=True)
        with contextlib.suppress(PlaywrightTimeout):
            button.click(timeout=5000)
    target = folder / "figures.xlsx"
    coming.value.save_as(target)
    return target


def close(person: Person, heed: live.Heed, survey: int) -> None:
    """End the field work."""
    person.goto(f"{heed.url}/surveys/{survey}")
    person.look("monitor")
    person.confirm("结束调查", "立即结束调查")
    person.look("closed")


def allow_another_survey(person: Person, heed: live.Heed) -> None:
    """The firm asks again at once, so nobody has to rest."""
    person.goto(f"{heed.url}/settings/")
    person.page.fill("#fatigue_days", "0")
    person.look("settings")
    person.press("保存")
    assert person.page.input_value("#fatigue_days") == "0"
