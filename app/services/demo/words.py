"""What demonstration customers write, from detractors to promoters."""

REASONS: tuple[tuple[str, ...], ...] = (
    (
        "报价的时候说一个数，结账又是另一个数。",
        "打了三次电话才有人接，等得太久。",
        "项目拖了两周，也没人提前说一声。",
        "出了问题推来推去，最后还是我们自己解决的。",
        "换了一个顾问，什么都要从头讲起。",
        "It took four days before anyone came.",
        "后续没有人联系过我们，好像签完合同就结束了。",
        "进度全靠我们自己问，希望能主动一点。",
    ),
    (
        "总体还行，价格比同行略高。",
        "顾问很专业，就是约时间不太方便。",
        "服务不错，进度通报可以再及时些。",
        "培训内容实用，希望多一些案例。",
        "Good work, but I would like to hear from you more often.",
        "方案写得清楚，落地时有些细节没跟上。",
        "没有特别不满意的地方，也没有特别惊喜。",
    ),
    (
        "顾问一次就听懂了我们的需求，省了很多来回。",
        "师傅很专业，讲解也耐心。",
        "费用写得明明白白，没有额外收费。",
        "合作三年了，一直很放心。",
        "出了一点小问题，当天就解决了。",
        "Everything was explained clearly and done on time.",
        "培训之后团队马上就能用上。",
    ),
)
