"""What the roles are called. Several features name them."""

from flask_babel import lazy_gettext as _l

from app.rules.permissions import Role

ROLE_NAMES = {
    Role.ADMINISTRATOR: _l("Administrator"),
    Role.MANAGEMENT: _l("Management"),
    Role.MARKETING: _l("Marketing"),
    Role.CUSTOMER_SERVICE: _l("Customer service"),
    Role.DEPARTMENT: _l("Department or branch"),
    Role.INTERVIEWER: _l("Interviewer"),
    Role.VIEWER: _l("Viewer"),
}
