"""Which role may do what: the one table. Routes name a permission; nothing else decides.

Which *rows* a user sees is not here but in `queries.<feature>.visible_to(user)`.
"""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """The fixed roles. One person may hold several; a one-person firm holds all."""

    ADMINISTRATOR = "administrator"
    MANAGEMENT = "management"
    MARKETING = "marketing"
    CUSTOMER_SERVICE = "customer_service"
    DEPARTMENT = "department"
    INTERVIEWER = "interviewer"
    VIEWER = "viewer"


class Permission(StrEnum):
    """What a route can ask for."""

    HOME = "home"  # everybody who is signed in
    USERS_READ = "users.read"
    USERS_MANAGE = "users.manage"
    SETTINGS_READ = "settings.read"
    SETTINGS_MANAGE = "settings.manage"
    CUSTOMERS_READ = "customers.read"
    CUSTOMERS_EDIT = "customers.edit"
    CUSTOMERS_IMPORT = "customers.import"
    SEGMENTS_EDIT = "segments.edit"
    QUESTIONNAIRES_READ = "questionnaires.read"
    QUESTIONNAIRES_EDIT = "questionnaires.edit"
    SURVEYS_READ = "surveys.read"
    SURVEYS_RUN = "surveys.run"
    SURVEYS_RELEASE = "surveys.release"
    DELIVERIES_READ = "deliveries.read"
    DELIVERIES_DECIDE = "deliveries.decide"
    KEPT_MAIL_READ = "kept_mail.read"
    ANALYSIS_READ = "analysis.read"
    CALLS_HANDLE = "calls.handle"  # ring respondents who asked for it
    FEEDBACK_READ = "feedback.read"
    FEEDBACK_RECORD = "feedback.record"
    COMPLAINTS_READ = "complaints.read"
    COMPLAINTS_WORK = "complaints.work"  # take steps of cases; which ones is in rules.complaints
    CANNED_REPLIES_EDIT = "canned_replies.edit"  # its leads; who they are is in rules.complaints.canned
    COMPLAINTS_SUMMARY = "complaints.summary"
    REPORTS_READ = "reports.read"
    REPORTS_WRITE = "reports.write"
    REPORTS_DECIDE = "reports.decide"
    AUDIT_READ = "audit.read"


R, P = Role, Permission
EVERYONE = frozenset(Role)

# Read as: this permission is held by these roles.
TABLE: dict[Permission, frozenset[Role]] = {
    P.HOME: EVERYONE,
    P.USERS_READ: frozenset({R.ADMINISTRATOR, R.MANAGEMENT}),
    P.USERS_MANAGE: frozenset({R.ADMINISTRATOR}),
    P.SETTINGS_READ: frozenset({R.ADMINISTRATOR, R.MANAGEMENT}),
    P.SETTINGS_MANAGE: frozenset({R.ADMINISTRATOR}),
    # The administrator is not in the next rows: by that role alone nobody sees customer content.
    P.CUSTOMERS_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE}),
    P.CUSTOMERS_EDIT: frozenset({R.MARKETING, R.CUSTOMER_SERVICE}),
    P.CUSTOMERS_IMPORT: frozenset({R.MARKETING, R.CUSTOMER_SERVICE}),
    P.SEGMENTS_EDIT: frozenset({R.MARKETING, R.CUSTOMER_SERVICE}),
    P.QUESTIONNAIRES_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE}),
    P.QUESTIONNAIRES_EDIT: frozenset({R.MARKETING}),
    P.SURVEYS_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE}),
    P.SURVEYS_RUN: frozenset({R.MARKETING}),
    P.SURVEYS_RELEASE: frozenset({R.MANAGEMENT}),
    P.DELIVERIES_READ: frozenset({R.MANAGEMENT, R.MARKETING}),
    P.DELIVERIES_DECIDE: frozenset({R.MARKETING}),
    # Where no mail server is set: surveys' mails for who runs them, mails about accounts for the administrator.
    P.KEPT_MAIL_READ: frozenset({R.ADMINISTRATOR, R.MARKETING}),
    # Departments and viewers: released surveys only, and groups of at least k answers; the rows
    # are cut in queries.analysis.
    P.ANALYSIS_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE, R.DEPARTMENT, R.VIEWER}),
    P.CALLS_HANDLE: frozenset({R.CUSTOMER_SERVICE}),
    P.FEEDBACK_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE}),
    P.FEEDBACK_RECORD: frozenset({R.CUSTOMER_SERVICE}),
    # Departments: the cases their units have or had; the rows are cut in queries.complaints.
    P.COMPLAINTS_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE, R.DEPARTMENT}),
    P.COMPLAINTS_WORK: frozenset({R.MANAGEMENT, R.CUSTOMER_SERVICE, R.DEPARTMENT}),
    P.CANNED_REPLIES_EDIT: frozenset({R.CUSTOMER_SERVICE}),
    # Departments: their own cases. Viewers: groups of at least k, and no single case; cut in queries.complaints.summary.
    P.COMPLAINTS_SUMMARY: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE, R.DEPARTMENT, R.VIEWER}),
    # Departments: what management has reviewed about their own units; the rows are cut in queries.complaint_reports.
    P.REPORTS_READ: frozenset({R.MANAGEMENT, R.MARKETING, R.CUSTOMER_SERVICE, R.DEPARTMENT}),
    P.REPORTS_WRITE: frozenset({R.MARKETING, R.CUSTOMER_SERVICE}),
    P.REPORTS_DECIDE: frozenset({R.MANAGEMENT}),
    P.AUDIT_READ: frozenset({R.ADMINISTRATOR, R.MANAGEMENT, R.MARKETING}),
}


def allows(role_names: Iterable[str], permission: Permission) -> bool:
    """Return whether any of the roles holds the permission. Unknown role names hold nothing."""
    holders = TABLE[permission]
    return any(name in holders for name in role_names)
