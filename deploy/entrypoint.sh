#!/bin/sh
# The jobs of the image; anything else is run as a management command.
set -eu
case "${1:-web}" in
  setup)
    python manage.py check --deploy --fail-level ERROR
    python manage.py migrate --noinput
    python manage.py setup_defaults
    exec python manage.py rebuild_search
    ;;
  web)
    # Frames over 64 KB close with 1009; one process a container, more containers for more load.
    exec uvicorn portal.asgi:application --host 0.0.0.0 --port 8000 --ws-max-size 65536 \
      --no-server-header --timeout-graceful-shutdown 20
    ;;
  worker) exec python manage.py run_worker ;;
  clock) exec python manage.py run_clock ;;
  *) exec python manage.py "$@" ;;
esac
