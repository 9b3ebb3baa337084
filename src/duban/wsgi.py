"""The WSGI application that Granian serves."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "duban.settings")
application = get_wsgi_application()

from duban.standing import sheets  # noqa: E402  # models are there only now

Thread(target=sheets.warm, daemon=True).start()
