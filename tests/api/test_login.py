"""An operator logs in with a key, is known for eight hours, and logs out; nobody else gets a session."""

import re
from datetime import timedelta

import httpx
import pytest

import api.session
from domain.clock import SystemClock
from tests.api.application import Application

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def log_in(browser: httpx.AsyncClient, secret: str, **headers: str) -> httpx.Response:
    return await browser.post("/login", data={"key": secret}, headers=headers)


async def test_a_person_logs_in_sees_who_she_is_and_logs_out(application: Application) -> None:
    browser = application.browser()
    key_id, secret = await application.key()
    form = await browser.get("/login")
    assert form.status_code == 200
    assert '<form method="post" action="login">' in form.text
    answer = await log_in(browser, f" {secret} ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "login")
    page = await browser.get("/login")
    assert "Logged in as <strong>Ada</strong>" in page.text
    assert secret not in page.text
    assert "Include cross-origin credentials" in page.text
    await browser.post("/logout")
    assert "Log in with an API key" in (await browser.get("/login")).text
    for action in ("session.opened", "session.closed"):
        (row,) = await application.audited(action, key_id)
        assert row["organization_id"] == application.ada.organization_id


async def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(application: Application) -> None:
    answer = await log_in(application.browser(), application.ada.secret)
    cookie = answer.headers["Set-Cookie"]
    assert re.fullmatch(r"bursar_session=[\w-]+; HttpOnly; Max-Age=28800; Path=/; SameSite=lax", cookie)
    assert application.ada.secret not in cookie


async def test_behind_tls_the_cookie_never_leaves_without_it(application: Application) -> None:
    api = application.settings.api.model_copy(update={"public_url": "https://bursar.example"})
    settings = application.settings.model_copy(update={"api": api})
    answer = await log_in(application.browser(application.configured(settings)), application.ada.secret)
    assert answer.headers["Set-Cookie"].startswith("__Host-bursar_session=")
    assert "; Secure" in answer.headers["Set-Cookie"]


async def test_a_session_ends_after_eight_hours_whatever_the_browser_keeps(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = (await log_in(application.browser(), application.ada.secret)).headers["Set-Cookie"].split(";")[0]
    for minutes, known in ((-1, True), (1, False)):
        later = SystemClock().now() + timedelta(hours=8, minutes=minutes)
        monkeypatch.setattr(api.session, "SystemClock", lambda later=later: type("At", (), {"now": lambda _: later})())
        page = await application.browser().get("/login", headers={"Cookie": cookie})
        assert ("Logged in as" in page.text) is known


async def test_a_cookie_that_was_changed_is_none(application: Application) -> None:
    browser = application.browser()
    cookie = (await log_in(browser, application.ada.secret)).headers["Set-Cookie"].split(";")[0]
    fresh = application.browser()
    assert "Ada" in (await fresh.get("/login", headers={"Cookie": cookie})).text
    for place in (20, 40, -6):
        changed = cookie[:place] + ("A" if cookie[place] != "A" else "B") + cookie[place + 1 :]
        assert "Ada" not in (await fresh.get("/login", headers={"Cookie": changed})).text


async def test_a_key_that_may_not_look_opens_no_session(application: Application) -> None:
    _, narrow = await application.key(scopes=["merchants:read"])
    for secret, status, says in (
        ("", 401, "no valid API key"),
        ("sk_test_" + "a" * 43, 401, "no valid API key"),
        ("<script>", 401, "no valid API key"),
        (narrow, 403, "lacks the scope operations:read"),
    ):
        answer = await log_in(application.browser(), secret)
        assert (answer.status_code, says in answer.text) == (status, True)
        assert "Set-Cookie" not in answer.headers
        assert "<script>" not in answer.text


async def test_another_site_cannot_log_anybody_in_or_out(application: Application) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        browser = application.browser()
        assert (await log_in(browser, application.ada.secret, **headers)).status_code == 403
        assert (await browser.post("/logout", headers=headers)).status_code == 403


async def test_tries_are_limited(application: Application) -> None:
    browser = application.browser()
    answers = [await log_in(browser, "sk_test_" + "a" * 43) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) > 0


async def test_the_page_loads_only_its_own_style(application: Application) -> None:
    page = await application.browser().get("/login")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert re.findall(r'(?:src|href)="([^"]+)"', page.text) == ["static/login.css", "data:,"]
    assert (await application.browser().get("/static/login.css")).status_code == 200
