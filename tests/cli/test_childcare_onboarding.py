"""A person whose onboarding is refused although the registration was taken: that is said, and nothing is done twice."""

import httpx
import pytest

from cli.api import Api, RefusedError
from cli.childcare.onboard import FAMILIES, carry_out, of_file
from cli.childcare.people import Line

ID = "fam_0193b2f0a4c87d2f9f0e6a1b2c3d4e5f"
LINE = Line(
    {
        "external_id": "family-7",
        "first_name": "Maria",
        "last_name": "Keller",
        "email": "maria@example.test",
        "phone": "+13035550101",
        "line1": "1 Main St",
        "city": "Denver",
        "state": "CO",
        "postal_code": "80202",
    }
)


def test_who_is_registered_and_then_refused_is_named_as_registered() -> None:
    registered: list[dict[str, str | None]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"data": registered if request.url.path == "/v1/families" else []})
        if request.url.path == "/v1/families":
            registered.append({"id": ID, "external_id": "family-7", "chek_user_id": None})
            return httpx.Response(201, json=registered[0])
        return httpx.Response(403, json={"code": "missing_scope", "detail": "The key may not."})

    api = Api(httpx.Client(transport=httpx.MockTransport(answer), base_url="http://bursar.test"))
    said = []
    for deed in ("register", "onboard"):
        (due,) = of_file(api, FAMILIES, [LINE])
        assert due.deed == deed
        with pytest.raises(RefusedError) as refused:
            carry_out(api, FAMILIES, due)
        said.append(str(refused.value))
    api.close()

    assert said == [
        f"registered as {ID}, not onboarded; missing_scope: The key may not.",
        "missing_scope: The key may not.",
    ]
    assert len(registered) == 1
