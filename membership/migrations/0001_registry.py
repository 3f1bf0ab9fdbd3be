from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("wagtailcore", "0098_apitoken"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = []
