"""ACH codes in the control API."""

from typing import Annotated

from pydantic import Field

ReturnCode = Annotated[str, Field(pattern=r"^R\d\d$")]
ChangeCode = Annotated[str, Field(pattern=r"^C\d\d$")]
