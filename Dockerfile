# One image for the worker, the gateway and the one-shot jobs: the command says which.
#   docker build --tag dealwright:0.1.0 .

FROM ghcr.io/astral-sh/uv:0.13.9 AS uv

FROM python:3.13-slim-trixie AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /opt/dealwright
# Dependencies first: they change less often than the code, and their layer is kept.
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --extra salesforce-events --no-install-workspace
COPY . .
RUN uv sync --frozen --no-dev --extra salesforce-events --no-editable

# The same base as above: the environment holds the path of its interpreter.
FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin dealwright
COPY --from=build /opt/dealwright/.venv /opt/dealwright/.venv
ENV PATH=/opt/dealwright/.venv/bin:$PATH PYTHONUNBUFFERED=1
# By its number, so that orchestrators can see that it is not root.
USER 10001
# Nothing is written here: what is kept is kept in the database.
WORKDIR /opt/dealwright
CMD ["dealwright-worker"]
