# syntax=docker/dockerfile:1
# Runs with a read-only root file system: docker run --read-only --tmpfs /tmp -v rca-data:/data …

FROM python:3.11.13-slim-bookworm AS build
WORKDIR /src
COPY requirements.lock requirements-dev.lock ./
# What the last stage gets has neither pip nor setuptools in it.
RUN python -m venv /build \
    && /build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-dev.lock \
    && python -m venv --without-pip /opt/rca \
    && /build/bin/python -m pip --python /opt/rca/bin/python install --no-cache-dir \
        --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot bot
COPY providers providers
COPY handlers handlers
RUN /build/bin/python -m pip wheel --no-cache-dir --no-deps --no-build-isolation -w /wheels . \
    && /build/bin/python -m pip --python /opt/rca/bin/python install --no-cache-dir --no-deps \
        /wheels/*.whl \
    && /opt/rca/bin/python -m compileall -q /opt/rca/lib

FROM python:3.11.13-slim-bookworm
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin rca \
    && install -d -o rca -g rca /data
COPY --from=build /opt/rca /opt/rca
COPY manifest.yml /app/manifest.yml
WORKDIR /app
ENV PATH=/opt/rca/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RCA_HOST=0.0.0.0 \
    RCA_PORT=3000 \
    RCA_DATA_DIR=/data
USER 10001:10001
VOLUME ["/data"]
EXPOSE 3000
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:3000/api/health/healthz', timeout=2)"]
ENTRYPOINT ["rca-bot"]
CMD ["run"]
