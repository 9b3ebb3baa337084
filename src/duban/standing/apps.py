from django.apps import AppConfig


class StandingConfig(AppConfig):
    name = "duban.standing"
    label = "standing"
    default_auto_field = "django.db.models.BigAutoField"
