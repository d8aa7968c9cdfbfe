"""What can be wrong with a spreadsheet, as codes; the sentences live in the templates."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One remark about a file or a sheet: a code and the values its sentence needs."""

    code: str
    params: dict[str, object] = field(default_factory=dict)


class WorkbookError(Exception):
    """A file (or sheet) that cannot be read; `code` and `params` as in `Finding`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return f"{self.code} {self.params}" if self.params else self.code
