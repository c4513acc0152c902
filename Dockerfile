# Two images of one code: `api` (ingest, api, poll, migrate, seed; no spaCy) and `worker` (relay and all stages).

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin wirewatch
WORKDIR /app

FROM base AS wheel
COPY requirements/build.lock requirements/
RUN pip install --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md ./
COPY wirewatch wirewatch
COPY ingest ingest
COPY worker worker
COPY api api
RUN pip wheel --no-build-isolation --no-deps --wheel-dir /wheels .

# The dependencies come first and apart from the code, so that a change of code changes the last small layers only.
FROM base AS api
COPY requirements/api.lock requirements/
RUN pip install --require-hashes -r requirements/api.lock
COPY seeds seeds
COPY --from=wheel /wheels /wheels
RUN pip install --no-index --no-deps /wheels/*.whl
USER wirewatch
CMD ["wirewatch", "--help"]

FROM base AS worker
# A worker is one core's work: threads inside of numeric libraries would only fight over the same cores.
ENV OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 BLIS_NUM_THREADS=1
COPY requirements/worker.lock requirements/
RUN pip install --require-hashes -r requirements/worker.lock
COPY --from=wheel /wheels /wheels
RUN pip install --no-index --no-deps /wheels/*.whl
USER wirewatch
CMD ["wirewatch", "--help"]
