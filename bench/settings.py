"""The product's settings, with one more address: the signed-in base page without content."""

from duban.settings import *  # noqa: F403
from duban.settings import TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES[0]["DIRS"] = [__file__.removesuffix("settings.py") + "templates"]
