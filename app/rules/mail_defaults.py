"""The mail texts a new survey begins with: content in both languages, which the firm then makes its own."""

INVITATION: dict[str, dict[str, str]] = {
    "zh": {
        "subject": "{firm}想听听您的意见（约 {minutes} 分钟）",
        "body": """{name}，您好：

感谢您一直以来选择{firm}。我们正在做“{survey}”，想听听您的真实感受：哪里做得好，哪里还不够。

一共只需约 {minutes} 分钟，点下面的按钮就可以开始，中途离开也会自动保存。

{link}

问卷开放至 {closing_date}。您的意见会直接影响我们接下来先改进什么。

谢谢您的时间！""",
    },
    "en": {
        "subject": "{firm} would like to hear from you (about {minutes} minutes)",
        "body": """Dear {name},

Thank you for being a customer of {firm}. We are holding our “{survey}” and would like to know how things really are: what we do well, and what we don't.

It takes about {minutes} minutes. Start with the button below; if you have to stop, your answers are kept.

{link}

The survey is open until {closing_date}. What you tell us decides what we improve first.

Thank you for your time.""",
    },
}

REMINDER: dict[str, dict[str, str]] = {
    "zh": {
        "subject": "提醒：{firm}仍期待您的意见（{closing_date}截止）",
        "body": """{name}，您好：

这是一封提醒邮件。前几天我们邀请您参加“{survey}”，目前还没有收到您的完整答卷。如果您刚刚已经提交，非常感谢，请忽略本邮件。

填写约需 {minutes} 分钟；如果之前填过一部分，会从上次的位置继续。

{link}

问卷开放至 {closing_date}，期待您的声音。""",
    },
    "en": {
        "subject": "Reminder: {firm} would still like to hear from you, until {closing_date}",
        "body": """Dear {name},

This is a reminder. A few days ago we invited you to our “{survey}”, and we have not received your complete answers yet. If you have just sent them: thank you very much, and please disregard this mail.

It takes about {minutes} minutes. If you have already begun, you go on where you stopped.

{link}

The survey is open until {closing_date}. We would be glad to hear from you.""",
    },
}
