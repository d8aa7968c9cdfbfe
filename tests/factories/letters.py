"""Mails as customers' programs write them: in many character sets, with files, quoting, and automatic ones."""

import base64
from email.message import EmailMessage
from email.policy import SMTP

from tests.factories.sent_files import jpeg, pdf

QQ_QUOTE = (
    '\n\n\n------------------ 原始邮件 ------------------\n发件人: "恒信服务集团"<survey@hengxin.example>;\n'
    '发送时间: 2026年10月12日(星期一) 上午10:00\n收件人: "li"<li@customer.example>;\n主题: 恒信已答复您\n\n您好，我们想约个时间。\n'
)
NETEASE_QUOTE = (
    '\n\n\nAt 2026-10-12 10:00:00, "恒信服务集团" <survey@hengxin.example> wrote:\n您好，我们想约个时间。\n'
)
NETEASE_PHONE_QUOTE = "\n\n---- 回复的原邮件 ----\n| 发件人 | 恒信服务集团<survey@hengxin.example> |\n| 日期 | 2026年10月12日 10:00 |\n您好。\n"
OUTLOOK_QUOTE = (
    "\n\n________________________________\n发件人: 恒信服务集团 <survey@hengxin.example>\n发送时间: 2026年10月12日 10:00\n"
    "收件人: li@customer.example\n主题: 恒信已答复您\n\n您好，我们想约个时间。\n"
)
APPLE_QUOTE = "\n\n> 在 2026年10月12日，10:00，恒信服务集团 <survey@hengxin.example> 写道：\n> \n> 您好。\n"
GMAIL_QUOTE = "\n\nOn Mon, Oct 12, 2026 at 10:00 AM Hengxin Service Group <\nsurvey@hengxin.example> wrote:\n\n> Hello.\n> When?\n"
QUOTES = {
    "qq": QQ_QUOTE,
    "netease": NETEASE_QUOTE,
    "netease_phone": NETEASE_PHONE_QUOTE,
    "outlook": OUTLOOK_QUOTE,
    "apple": APPLE_QUOTE,
    "gmail": GMAIL_QUOTE,
}


def mail(
    text: str = "周三下午在家。",
    *,
    sender: str = "李女士 <li@customer.example>",
    subject: str = "回复: 恒信已答复您",
    answers: str = "",
    references: str = "",
    html: str = "",
    files: list[tuple[str, bytes]] | None = None,
    more: dict[str, str] | None = None,
) -> bytes:
    """A mail by the standard library, as it goes over the line. `answers` is a Message-ID without brackets."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, "survey@hengxin.example", subject
    message["Message-ID"] = "<abc@customer.example>"
    if answers:
        message["In-Reply-To"] = f"<{answers}>"
    if references:
        message["References"] = references
    for name, value in (more or {}).items():
        message[name] = value
    if text or not html:
        message.set_content(text)
    if html:
        (message.add_alternative if text else message.set_content)(html, subtype="html")
    for name, content in files or []:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def encoded(text: str, charset: str, *, said: str = "", more: str = "") -> bytes:
    """A mail in one character set that calls it `said`."""
    subject = base64.b64encode("回复".encode(charset, "replace")).decode()
    return (
        f"From: li@customer.example\nTo: survey@hengxin.example\nSubject: =?{said or charset}?B?{subject}?=\n{more}"
        f'Content-Type: text/plain; charset="{said or charset}"\nContent-Transfer-Encoding: base64\n\n'
    ).encode() + base64.encodebytes(text.encode(charset))


CHARSETS = ("utf-8", "gb2312", "gbk", "gb18030", "big5", "utf-16", "utf-8-sig")
CHINESE = "还是漏水，請盡快處理"
SIMPLE = "还是漏水请尽快处理"

THIRTY = [(f"照片{number}.jpg", jpeg()) for number in range(30)]
MIXED = [
    ("发票.pdf", pdf()),
    ("程序.exe", b"MZ" + b"\0" * 100),
    ("页面.html", b"<script>1</script>"),
    ("空.pdf", b""),
    ("假.jpg", b"not a picture"),
]
PAGE = (
    "<html><head><style>p{color:red}</style><title>x</title></head><body><!-- <p>hidden</p> --><p>还是漏水&nbsp;&amp; 滴水</p>"
    "<script>alert('x')</script><img src=x onerror=alert(1)><p>第二行<br>第三行</p></body></html>"
)
AUTOMATIC = {
    "rfc3834": {"more": {"Auto-Submitted": "auto-replied"}},
    "exchange": {"more": {"X-Auto-Response-Suppress": "All"}, "subject": "自动答复: 恒信"},
    "qq": {"subject": "自动回复: 恒信已答复您", "text": "您好，来信已收到。"},
    "qq_text": {"subject": "回复：恒信", "text": "我正在休假。\n\n这是来自QQ邮箱的假期自动回复邮件。"},
    "netease": {"subject": "自动回复:恒信已答复您"},
    "precedence": {"more": {"Precedence": "auto_reply"}},
    "autoreply": {"more": {"X-Autoreply": "yes"}},
    "nobody": {"more": {"Return-Path": "<>"}},
    "robot": {"sender": "noreply <mailer-daemon@customer.example>"},
    "list": {"more": {"List-Id": "<news.customer.example>"}},
}
