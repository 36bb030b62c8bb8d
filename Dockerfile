# AI Mass in one image. Build: docker build -t aimass .       with GPU: docker build --build-arg LOCK=gpu -t aimass .
# Serve: docker run -d -p 8501:8501 -p 8502:8502 -v aimass:/data aimass        (the first account's link: docker logs)
# Run:   docker run --rm -v "$PWD:/data" aimass run data.csv --target price

ARG PYTHON=3.12

# --- build: the same steps as on any machine, with pip and whatever it needs
FROM python:${PYTHON}-slim AS build
ARG LOCK=cpu
ENV AIMASS_LOCK=${LOCK} PIP_NO_CACHE_DIR=1
WORKDIR /opt/aimass
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY pyproject.toml README.md ./
COPY scripts/install scripts/requirements-*.txt scripts/
COPY app app
COPY engine engine
COPY pages pages
COPY .streamlit .streamlit
COPY store store
RUN scripts/install \
    && .venv/bin/python -m compileall -q app engine pages store \
    && .venv/bin/python -m pip uninstall --quiet --yes pip

# --- last: Python, one system library, the packages and the source; no pip, no compiler, no cache
FROM python:${PYTHON}-slim
ARG LOCK=cpu
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && python -m pip uninstall --quiet --yes pip \
    && useradd --create-home --uid 10001 aimass \
    && install --directory --owner=aimass /data
COPY --from=build /opt/aimass /opt/aimass
ENV PATH="/opt/aimass/.venv/bin:$PATH" AIMASS_LOCK=${LOCK} PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER aimass
WORKDIR /data
EXPOSE 8501 8502
# It answers 503, which is an error here, while it is not ready.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD \
    ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
ENTRYPOINT ["aimass"]
CMD ["serve", "--host", "0.0.0.0", "--data-dir", "/data"]
