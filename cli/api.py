"""The API as the commands use it: an operator's key, lists page by page, an Idempotency-Key for what does something."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx

from cli.embedded.failure import StartFailedError
from domain.ids import new_id

PAGE = 100
TIMEOUT_SECONDS = 60


class Api:
    """Raises StartFailedError with the problem's code for every answer that is no success."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    def open(cls, url: str, key_file: Path) -> "Api":
        """The API at an address, with the key that stands in a file."""
        try:
            key = key_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise StartFailedError(f"the key file cannot be read ({error.strerror})") from None
        headers = {"Authorization": f"Bearer {key}"}
        return cls(httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS))

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """One answer. What is None is not asked for."""
        wanted = {name: value for name, value in params.items() if value is not None}
        return self._answer("GET", path, params=wanted)

    def all(self, path: str, **params: Any) -> Iterator[Any]:
        """Every item of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, limit=PAGE, cursor=cursor, **params)
            yield from page["data"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return

    def post(self, path: str, body: Any) -> Any:
        """Do something, once."""
        return self._answer("POST", path, json=body, headers={"Idempotency-Key": f"cli-{new_id().hex}"})

    def _answer(self, method: str, path: str, **request: Any) -> Any:
        try:
            answer = self._http.request(method, path, **request)
        except httpx.HTTPError as error:
            raise StartFailedError(f"the API does not answer ({type(error).__name__})") from None
        if not answer.is_success:
            raise RefusedError(answer)
        return answer.json()


class RefusedError(StartFailedError):
    """The API said no; `code` is the problem's."""

    def __init__(self, answer: httpx.Response) -> None:
        try:
            problem = answer.json()
        except ValueError:
            problem = {}
        self.code = str(problem.get("code", answer.status_code))
        self._answer = answer
        super().__init__(f"{self.code}: {problem.get('detail') or problem.get('title') or 'refused'}")

    def after(self, what: str) -> Self:
        """The same, saying first what was done before it."""
        self.args = (f"{what}{self}",)
        return self
