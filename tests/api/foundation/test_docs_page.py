"""The documentation works without a network, and its description is complete."""

import re


async def test_the_page_and_everything_it_loads_come_from_here(api):
    page = await api.client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for address in loaded:
        if not address.startswith("data:"):
            assert (await api.client.get(f"/{address}")).status_code == 200, address
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "<script>" not in page.text


async def test_the_bare_address_leads_to_the_page(api):
    answer = await api.client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (307, "docs")


async def test_the_licence_of_what_is_shipped_is_shipped(api):
    for name in ("swagger-ui.LICENSE.txt", "swagger-ui.NOTICE.txt", "swagger-ui-bundle.js.LICENSE.txt"):
        assert (await api.client.get(f"/static/{name}")).status_code == 200


async def test_only_the_static_folder_is_served(api):
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/static/"):
        assert (await api.client.get(path)).status_code == 404


async def test_the_description_tells_how_to_ask_and_what_may_go_wrong(api):
    description = (await api.client.get("/openapi.json")).json()
    create = description["paths"]["/v1/things"]["post"]
    assert {"401", "403", "422", "429", "503"} <= set(create["responses"])
    assert list(create["responses"]["422"]["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in str(description)
    assert create["security"] == [{"HTTPBearer": []}]
    (key,) = [item for item in create["parameters"] if item["name"] == "Idempotency-Key"]
    assert key["required"] is True
    assert description["components"]["schemas"]["Problem"]["properties"]["code"]["examples"]
    assert description["components"]["schemas"]["NewThing"]["additionalProperties"] is False
