import httpx
import pytest

from tests.sandbox.chek.people import People
from tests.sandbox.speakers import Control


@pytest.fixture
def people(chek: httpx.AsyncClient, control: Control) -> People:
    return People(chek, control)
