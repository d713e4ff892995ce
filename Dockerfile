# One image, four jobs: setup (once per release), web, worker and clock. See docs/operations.md.
FROM python:3.11-slim-bookworm

# pg_dump and pg_restore for `manage.py backup` and `restore`; the version of the server in compose.yaml.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/*

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    DJANGO_SETTINGS_MODULE=portal.settings.production \
    HEARTH_DATA_DIR=/data \
    HEARTH_STATIC_ROOT=/srv/static \
    SEARCH_INDEX_DIR=/srv/search

RUN useradd --system --uid 10001 --create-home --shell /usr/sbin/nologin hearth \
    && mkdir -p /app /data /srv/static /srv/search \
    && chown hearth:hearth /data /srv/static /srv/search

WORKDIR /app
COPY requirements.txt ./
RUN pip install -r requirements.txt
COPY . .

USER hearth
# Neither needs a server; the secret is only for this step, stays in no layer's environment and is as long as the checks demand.
RUN export SECRET_KEY=for-building-this-image-only-and-never-used-by-any-process \
    && python manage.py compile_catalogues \
    && python manage.py collectstatic --noinput --verbosity 0

EXPOSE 8000
VOLUME ["/data"]
ENTRYPOINT ["/bin/sh", "/app/deploy/entrypoint.sh"]
CMD ["web"]
