"""`python -m api`: the HTTP API as a process."""

import uvloop

from activities.memory import use_one_heap
from api.routes import ROUTERS
from api.server import serve
from logs import configure_logs
from settings import Settings

if __name__ == "__main__":
    settings = Settings()
    configure_logs(settings.log_level)
    use_one_heap()
    uvloop.run(serve(settings, ROUTERS))
