"""The documentation page at /docs: Swagger UI, served from here so that it works without a network."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

_STATIC = Path(__file__).parent / "static"

# Swagger UI sets styles on elements and draws its icons from data URLs; scripts come from files only.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


def add_docs_page(app: FastAPI) -> None:
    """Serve /docs and its files; the bare address, which `bursar up` prints, leads there."""
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> FileResponse:
        return FileResponse(_STATIC / "docs.html", headers={"Content-Security-Policy": _POLICY})

    @app.get("/", include_in_schema=False)
    async def root() -> RedirectResponse:
        return RedirectResponse("docs")
