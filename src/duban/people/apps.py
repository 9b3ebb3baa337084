from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "duban.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from duban.people import listening

        listening.connect()
