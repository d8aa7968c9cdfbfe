"""Why a file is not kept."""


class Unfit(Exception):
    """`code`: content | macros | locked | bomb."""

    def __init__(self, code: str = "content") -> None:
        super().__init__(code)
        self.code = code
