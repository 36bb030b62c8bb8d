# AI Mass in one image. Build: docker build -t aimass .       with GPU: docker build --build-arg LOCK=gpu -t aimass .
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
HEALTHCHECK --interval=60s --timeout=30s --start-period=10s CMD ["aimass", "doctor", "--json"]
ENTRYPOINT ["aimass"]
CMD ["--help"]
