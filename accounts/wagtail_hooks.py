"""What accounts add to the CMS."""

from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from wagtail import hooks

from accounts.people_admin import PeopleGroup


@hooks.register("register_admin_viewset")
def people() -> PeopleGroup:
    """Staff, invitations and roles."""
    return PeopleGroup()


@hooks.register("register_permissions")
def permissions() -> QuerySet[Permission]:
    """Let the permission to manage staff be given to a group."""
    return Permission.objects.filter(content_type__app_label="accounts", codename="manage_staff")
