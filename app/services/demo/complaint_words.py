"""What the demonstration customers complain about, and what was done about it."""

# code of the category: texts of customers
COMPLAINTS: dict[str, tuple[str, ...]] = {
    "category.visit.late": (
        "约好上午十点上门，等到下午一点才来，中间没有一个电话。这已经影响我们营业了。",
        "师傅迟到了三个小时，打客服也说不清什么时候到。",
        "说好今天交付，到现在还没有消息。工期一拖再拖。",
        "The technician came three hours late and nobody called. We had closed the shop for him.",
    ),
    "category.visit.missed": (
        "预约的时间没有人来，也没有人通知改期。我请了半天假白等。",
        "两次预约都没有来，第三次我不想再约了。",
    ),
    "category.visit.damage": (
        "维修的时候把墨粉漏到地毯上，洗不掉。要求赔偿。",
        "搬设备时把门框撞坏了，师傅说不归他管。",
    ),
    "category.repair.repeat": (
        "机房空调反复停机，两次上门都没有修好。天气热，服务器报警好几次了。",
        "修好两周，空调又漏水。这次漏到木地板上了。",
        "门禁修了三天，今早又打不开。员工都堵在门口。",
        "The air conditioner leaks again two weeks after the repair. Please fix it for good.",
    ),
    "category.repair.unsolved": (
        "打印机卡纸的问题来了两次人，还是没解决。",
        "系统还是登不上，说修好了其实没有。",
    ),
    "category.repair.parts": ("配件等了二十天，一直说在路上。",),
    "category.billing.price": (
        "报价 320 元，结账变成 480 元，多出来的没有人解释。",
        "合同里写的是全年四次保养，现在每次都另外收费。",
    ),
    "category.billing.invoice": ("发票抬头开错，催了三次还没有重开。", "上个月的发票到现在没有收到。"),
    "category.billing.refund": ("退款说七天到账，已经半个月了。",),
    "category.service.attitude": (
        "前台说话很不耐烦，问一句顶一句。",
        "保洁员进门没有敲门，还翻了桌上的东西。",
    ),
    "category.service.slow": ("客服电话等了二十分钟才接通，接了又让我再等。", "问题提交一周了没有人回复。"),
    "category.service.promise": ("培训说好有回放，结束以后又说没有。",),
    "category.service.skill": ("顾问对我们的行业不了解，问的问题自己都答不上来。",),
    "category.information.silence": (
        "合同到期没有提醒，服务中断了两天。",
        "门店换人以后没有交接清楚，我又从头说了一遍。",
    ),
    "category.information.wrong": ("网站上写周末营业，去了才知道关门。",),
    "category.product.defect": ("新买的过滤器用了三天就坏了。",),
}
# Drawn with these weights; what gets worse is in `complaints`.
WEIGHTS: dict[str, int] = {
    "category.visit.late": 10,
    "category.visit.missed": 5,
    "category.visit.damage": 3,
    "category.repair.repeat": 13,
    "category.repair.unsolved": 8,
    "category.repair.parts": 5,
    "category.billing.price": 9,
    "category.billing.invoice": 8,
    "category.billing.refund": 4,
    "category.service.attitude": 8,
    "category.service.slow": 9,
    "category.service.promise": 4,
    "category.service.skill": 4,
    "category.information.silence": 6,
    "category.information.wrong": 3,
    "category.product.defect": 5,
}
OTHERS: dict[str, tuple[tuple[str, str], ...]] = {
    "suggestion": (
        ("category.information.silence", "上门前一天发个短信提醒就好了。"),
        ("category.service.slow", "希望可以在微信里直接报修，不用打电话。"),
        ("category.billing.invoice", "能不能每个月自动把电子发票发到邮箱。"),
        ("category.service.skill", "培训材料建议提前一天发，方便预习。"),
    ),
    "praise": (
        ("category.service.attitude", "王师傅很细心，走之前还把地面擦干净了，谢谢。"),
        ("category.repair.repeat", "这次响应特别快，半小时就到了。"),
        ("category.service.skill", "顾问讲得很清楚，我们的人都听懂了。"),
    ),
    "question": (
        ("category.billing.price", "续约的话价格和去年一样吗？"),
        ("category.other", "国庆期间有人值班吗？"),
        ("category.information.wrong", "保养一年几次，包含配件吗？"),
    ),
}
# code of the cause: found and done, what the customer gets, cause in words, how it is prevented
RESULTS: dict[str, tuple[str, str, str, str]] = {
    "category.visit": (
        "核对派工单：上一家超时，调度没有通知客户。已向客户当面道歉。",
        "免本次上门费",
        "派工排得太满，延误时没有人通知客户",
        "每单之间留出半小时，超过二十分钟由调度打电话",
    ),
    "category.repair": (
        "重新检测，更换了损坏的部件，连续运行二十四小时正常。",
        "免费返修，保修延长三个月",
        "上次只处理了表面现象，没有查到损坏的部件",
        "返修单必须由第二位师傅复查",
    ),
    "category.billing": (
        "核对合同和账单，确实多收，已更正。",
        "退回差额并重开发票",
        "报价单和结算单用了两个版本的价目表",
        "价目表只保留系统里的一份",
    ),
    "category.service": (
        "听了通话录音，客户反映属实，已和当事人谈话。",
        "书面道歉",
        "高峰时段人手不足，应对方式没有培训到位",
        "增加一个晚班，每月做一次情景练习",
    ),
    "category.information": (
        "补发了提醒，并向客户说明了后续安排。",
        "服务期顺延一周",
        "换人时没有交接清单",
        "交接必须填写清单并由店长签字",
    ),
    "category.product": ("检测为批次问题，已更换新品。", "换新", "供应商这一批次的密封圈不合格", "到货抽检"),
}
CAUSES: dict[str, tuple[str, ...]] = {
    "category.visit": ("cause.people.staffing", "cause.process.unclear", "cause.people.staffing"),
    "category.repair": ("cause.process.check", "cause.people.training", "cause.material.wear"),
    "category.billing": ("cause.systems.software", "cause.communication.record"),
    "category.service": ("cause.people.staffing", "cause.people.care", "cause.people.training"),
    "category.information": ("cause.process.handover", "cause.communication.expectation"),
    "category.product": ("cause.material.supplier",),
}
REPLY = "您好，您反映的问题我们已经查清并处理：{result}{remedy}。给您添麻烦了，谢谢您告诉我们。"
NOTES = (
    "已和客户约好周六上午，电话先联系。",
    "配件在城东店有库存，今天调过来。",
    "客户希望由店长回电。",
    "合同里没有写明这一项，下次续约要补上。",
)
WAITS = ("等客户确认上门时间", "等客户提供购买凭证", "等客户从外地回来")
ANSWERS = {
    "satisfied": ("处理得很快，可以。", "没问题了，谢谢。", ""),
    "partly": ("修是修好了，但是时间太长。", "退了钱，不过没有人道歉。"),
    "not": ("还是老样子，根本没有解决。", "说的和做的不一样，要求重新处理。"),
}
SENT_BACK = "这台设备由别的门店签约，不归我们负责。"
HANDED_ON = "设备在那边的服务范围，备件也在那边。"
