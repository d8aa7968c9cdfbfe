"""Mails as servers and people send them, for the tests of what comes in."""

import base64
import quopri
from dataclasses import dataclass

MARK = "0123456789abcdef0123456789abcdef"
ORIGINAL = """From: =?utf-8?b?5oGS5L+h?= <survey@hengxin.example>
To: li@customer.example
Subject: =?utf-8?b?5ruh5oSP5bqm6LCD5p+l?=
Message-ID: <{mark}@survey.hengxin.example>
Auto-Submitted: auto-generated
"""


def dsn(
    mark: str = MARK,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <li@customer.example>: Recipient address rejected: User unknown",
    returned: str = "message/rfc822",
    sender: str = "MAILER-DAEMON@mx.customer.example (Mail Delivery System)",
) -> bytes:
    """A report by the standard, as Postfix writes it."""
    original = ORIGINAL.format(mark=mark) + ("\nHello" if returned == "message/rfc822" else "")
    return f"""Return-Path: <>
From: {sender}
To: survey@hengxin.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="A1B2/mx.customer.example"
Message-Id: <20261012@mx.customer.example>

This is a MIME-encapsulated message.

--A1B2/mx.customer.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--A1B2/mx.customer.example
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.example
Arrival-Date: Mon, 12 Oct 2026 10:00:00 +0800

Final-Recipient: rfc822; li@customer.example
Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--A1B2/mx.customer.example
Content-Type: {returned}

{original}
--A1B2/mx.customer.example--
""".encode()


def plain(
    *, sender: str, subject: str, text: str, charset: str = "utf-8", html: bool = False, more: str = ""
) -> bytes:
    """A mail of one part, in base64 of the given character set."""
    name = f"=?{charset}?b?{base64.b64encode(subject.encode(charset)).decode()}?="
    body = base64.encodebytes(text.encode(charset)).decode()
    kind = "html" if html else "plain"
    return (
        f"From: {sender}\nTo: survey@hengxin.example\nSubject: {name}\n{more}"
        f'MIME-Version: 1.0\nContent-Type: text/{kind}; charset="{charset}"\n'
        f"Content-Transfer-Encoding: base64\n\n{body}"
    ).encode()


def with_original(report: bytes, mark: str = MARK) -> bytes:
    """A report in one part, wrapped together with the mail that it returns."""
    head, _, body = report.partition(b"\n\n")
    outer, inner = head.split(b"MIME-Version: 1.0\n")
    return b"\n".join(
        [
            outer + b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="next"\n',
            b"--next",
            inner + b"\n",
            body,
            b"--next",
            b'Content-Type: message/rfc822\nContent-Disposition: attachment; filename="mail.eml"\n',
            ORIGINAL.format(mark=mark).encode() + b"\nHello",
            b"--next--",
            b"",
        ]
    )


QQ = with_original(
    plain(
        sender="PostMaster@qq.com",
        subject="系统退信/System bounce",
        charset="gb18030",
        html=True,
        text="<html><style>p{}</style><p>很抱歉，您发送的邮件被系统退回，未能投递到 &lt;li@qq.com&gt;。</p>"
        "<p>退信原因：收件人邮箱地址不存在，或邮箱已满，或被对方拒收。</p>"
        "<p>host mx3.qq.com[203.205.219.57] said: 550 Mailbox unavailable or access denied</p></html>",
    )
)
NETEASE = with_original(
    plain(
        sender='"Postmaster@163.com" <Postmaster@163.com>',
        subject="系统退信",
        charset="gbk",
        html=True,
        text="抱歉，您的邮件被退回来了……<br>无法发送到 li@163.com<br>退信原因：<br>"
        "SMTP error, RCPT TO: 550 User not found: li@163.com<br>建议解决方案：请核对地址后重发。",
    )
)
NETEASE_SPAM = with_original(
    plain(
        sender="Postmaster@163.com",
        subject="系统退信",
        charset="gbk",
        text="退信原因：554 DT:SPM 163 smtp13,EMCowAD3 请参考 http://mail.163.com/help/help_spam_16.htm",
    )
)
EXMAIL = with_original(
    plain(
        sender="postmaster@exmail.qq.com",
        subject="退信通知",
        text="您的邮件无法送达以下收件人：li@firm.example\n原因：对方邮箱空间已满，请稍后再试。",
    )
)
ALIYUN = plain(
    sender="系统退信 <postmaster@aliyun.com>",
    subject="投递失败通知 Delivery Status Notification (Failure)",
    text="以下地址投递失败：li@aliyun.com\n远程服务器返回：559 Invalid rcptto [@sm050601]\n\n"
    f"---- 原始邮件头 ----\nMessage-ID: <{MARK}@survey.hengxin.example>\n",
)
EXIM = f"""Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mx.example>
To: survey@hengxin.example
X-Failed-Recipients: li@customer.example
Auto-Submitted: auto-replied
Subject: Mail delivery failed: returning message to sender

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  li@customer.example
    host mx.customer.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<li@customer.example>:
    552 5.2.2 Mailbox size limit exceeded, over quota

------ This is a copy of the message, including all the headers. ------

{ORIGINAL.format(mark=MARK)}
Hello
""".encode()
QMAIL = f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: survey@hengxin.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<li@customer.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{ORIGINAL.format(mark=MARK)}
""".encode()
EXCHANGE = dsn(
    status="5.1.10",
    diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    returned="text/rfc822-headers",
    sender="Microsoft Outlook <postmaster@customer.example>",
)


@dataclass(frozen=True)
class Sample:
    """A mail that came back, and what has to be understood."""

    name: str
    raw: bytes
    grade: str
    reason: str


BOUNCES = [
    Sample("postfix", dsn(), "hard", "no_mailbox"),
    Sample("exchange", EXCHANGE, "hard", "no_mailbox"),
    Sample(
        "exchange_directory",
        dsn(status="5.4.1", diagnostic="smtp; 550 5.4.1 Recipient address rejected: Access denied. [AM7EUR]"),
        "hard",
        "no_mailbox",
    ),
    Sample(
        "general_code",
        dsn(status="5.0.0", diagnostic="smtp; 550 5.1.1 user unknown"),
        "hard",
        "no_mailbox",
    ),
    Sample("no_words", dsn(status="5.0.0", diagnostic=""), "hard", "no_mailbox"),
    Sample("no_action", dsn(action="", status="5.1.2"), "hard", "no_mailbox"),
    Sample("full", dsn(status="5.2.2", diagnostic="smtp; 552 5.2.2 mailbox full"), "soft", "box_full"),
    Sample("expired", dsn(status="4.4.7", diagnostic="smtp; timeout"), "soft", "gave_up_there"),
    Sample("policy", dsn(status="5.7.1", diagnostic="smtp; 550 5.7.1 spam"), "refused", "not_accepted"),
    Sample("our_sender", dsn(status="5.1.8", diagnostic="bad sender"), "refused", "not_accepted"),
    Sample("disabled", dsn(status="5.2.1", diagnostic="mailbox disabled"), "hard", "no_mailbox"),
    Sample(
        "hotmail",
        dsn(status="5.5.0", diagnostic="smtp;550 5.5.0 Requested action not taken: mailbox unavailable"),
        "hard",
        "no_mailbox",
    ),
    Sample("exim", EXIM, "soft", "box_full"),
    Sample("qmail", QMAIL, "hard", "no_mailbox"),
    Sample("qq", QQ, "hard", "no_mailbox"),
    Sample("netease", NETEASE, "hard", "no_mailbox"),
    Sample("netease_spam", NETEASE_SPAM, "refused", "not_accepted"),
    Sample("exmail", EXMAIL, "soft", "box_full"),
    Sample("aliyun", ALIYUN, "hard", "no_mailbox"),
]

REPLY = f"In-Reply-To: <{MARK}@survey.hengxin.example>\nReferences: <{MARK}@survey.hengxin.example>\n"
AUTOMATIC = {
    "delay": dsn(action="delayed", status="4.4.1", diagnostic="smtp; connection timed out"),
    "success": dsn(action="delivered", status="2.0.0", diagnostic="smtp; 250 ok"),
    "relayed": dsn(action="relayed", status="2.1.9", diagnostic=""),
    "delay_in_words": plain(
        sender="Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        subject="Warning: could not send message for past 4 hours",
        text=f"** THIS IS A WARNING MESSAGE ONLY **\nIt could not be delivered yet.\n<{MARK}@survey.hengxin.example>",
    ),
    "away": plain(
        sender="li@customer.example",
        subject="自动回复: 满意度调查",
        text="我正在休假，邮件无法送达我本人，请联系王经理。",
        charset="gbk",
        more="Return-Path: <>\n" + REPLY,
    ),
    "out_of_office": plain(
        sender="li@customer.example",
        subject="Out of Office: survey",
        text="I am away",
        more="X-Auto-Response-Suppress: All\n" + REPLY,
    ),
    "vacation": plain(
        sender="li@customer.example",
        subject="Re: survey",
        text="away",
        more="Auto-Submitted: auto-replied (vacation)\n" + REPLY,
    ),
    "precedence": plain(sender="li@customer.example", subject="news", text="news", more="Precedence: bulk\n"),
    "list": plain(
        sender="news@shop.example", subject="news", text="news", more="List-Id: <news.shop.example>\n"
    ),
    "nobody": plain(sender="li@customer.example", subject="hello", text="?", more="Return-Path: <>\n"),
    "receipt": b"From: li@customer.example\nSubject: Read: survey\n"
    b"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\n\n"
    b"--x\n\nread\n--x\nContent-Type: message/disposition-notification\n\nDisposition: displayed\n--x--\n",
}
FORWARDED = (
    b"From: wang@hengxin.example\nTo: survey@hengxin.example\nSubject: Fw: Undelivered Mail Returned to Sender\n"
    b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="fw"\n\n--fw\n\nsee below\n--fw\n'
    b"Content-Type: message/rfc822\n\n" + dsn() + b"\n--fw--\n"
)
PERSONAL = {
    "reply": plain(
        sender="李女士 <li@customer.example>",
        subject="回复: 满意度调查",
        text="上次的投诉还没有解决，邮件退回、无法送达都没人管！",
        charset="gb2312",
        more=REPLY,
    ),
    "forwarded": FORWARDED,
    "quoted": plain(
        sender="li@customer.example", subject="Undelivered parcel", text="550 5.1.1 user unknown?", more=REPLY
    ),
    "says_no": plain(sender="li@customer.example", subject="hello", text="hi", more="Auto-Submitted: no\n"),
}


def nested(depth: int) -> bytes:
    """A mail of so many parts within parts."""
    lines = ["From: li@customer.example", "Subject: nested"]
    for n in range(depth):
        lines += [f'Content-Type: multipart/mixed; boundary="b{n}"', "", f"--b{n}"]
    return "\n".join([*lines, "", "inside"]).encode()


def enclosed(depth: int) -> bytes:
    """A mail in a mail in a mail."""
    return b"From: li@customer.example\nContent-Type: message/rfc822\n\n" * depth + b"Subject: inside\n\nhi"


def attachments(count: int) -> bytes:
    """A person's mail with so many attachments."""
    part = (
        b'--x\nContent-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n\nJVBERi0x\n'
    )
    head = b"From: li@customer.example\nSubject: papers\nContent-Type: multipart/mixed; boundary=x\n\n"
    return head + b"--x\nContent-Type: text/plain\n\nattached\n" + part * count + b"--x--\n"


ODD = {
    "spaces": b" \r\n \r\n",
    "no_header": b"\r\n\r\nonly a body",
    "no_body": b"From: li@customer.example\nSubject: hi",
    "nul": b"From: li@customer.example\nSubject: a\0b\n\n\0\0\0",
    "noise": bytes(range(256)) * 200,
    "raw_gbk_header": "From: 李 <li@customer.example>\nSubject: 你好，退信\n\n退信".encode("gbk"),
    "unknown_charset": b"From: li@customer.example\nSubject: =?x-klingon?b?5L2g5aW9?=\n"
    b"Content-Type: text/plain; charset=x-klingon\n\n\xe4\xbd\xa0",
    "broken_base64": b"From: postmaster@qq.com\nSubject: =?utf-8?b?6YCA5L+h?=\nContent-Transfer-Encoding: base64\n\n"
    b"=====5L2g5aW9!!!5L2",
    "broken_quoted": quopri.encodestring("退信".encode()) + b"=\n=ZZ",
    "no_text": b"From: li@customer.example\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n",
    "empty_parts": b"From: li@customer.example\nContent-Type: multipart/mixed; boundary=x\n\n"
    + b"--x\n" * 5000,
    "no_boundary": b"From: li@customer.example\nContent-Type: multipart/report; report-type=delivery-status\n\nx",
    "empty_boundary": b'From: li@customer.example\nContent-Type: multipart/mixed; boundary=""\n\n--\n--\n',
    "unclosed": dsn()[:900],
    "long_header": b"From: li@customer.example\nSubject: " + b"x" * 900_000 + b"\n\nhi",
    "many_headers": b"X-A: b\n" * 100_000 + b"\nhi",
    "brackets": b"From: postmaster@qq.com\nSubject: failure notice\nContent-Type: text/html\n\n"
    + b"<" * 900_000,
    "one_line": b"From: postmaster@qq.com\nSubject: failure notice\n\n" + b"user " * 180_000,
    "digits": b"From: postmaster@qq.com\nSubject: failure notice\n\n" + b"550 5.1.1 5." * 80_000,
    "marks": b"From: postmaster@qq.com\nSubject: failure notice\n\n550 no\n" + (b"a" * 32 + b"@x ") * 20_000,
    "nested": nested(10_000),
    "enclosed": enclosed(10_000),
    "attachments": attachments(30),
    "many_attachments": attachments(10_000),
}
