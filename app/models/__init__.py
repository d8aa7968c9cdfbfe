"""Typed tables. No behaviour beyond one row; what changes rows is in services."""

from app.models.accounts import Role, SignInThrottle, StaffSession, User, UserUnit
from app.models.audit import AuditEntry
from app.models.complaint_reports import ComplaintReport, ComplaintReportEvent
from app.models.complaints import (
    AssignmentRule,
    CallbackTry,
    ClockPolicy,
    Complaint,
    ComplaintEvent,
    ComplaintLink,
    ComplaintRound,
    ComplaintRun,
    ComplaintText,
    ComplaintUnit,
    WorkingCalendar,
)
from app.models.customers import (
    Contact,
    Customer,
    CustomerImport,
    CustomerImportRow,
    CustomerLine,
    Segment,
    ServiceEvent,
)
from app.models.desk import (
    BulkRun,
    CannedReply,
    ComplaintDraft,
    ComplaintPresence,
    DefaultView,
    SavedView,
)
from app.models.feedback import Feedback, FeedbackCategory, FeedbackText
from app.models.firm import Firm, Unit
from app.models.intake import Attachment, FeedbackLink, Letter, PublicForm
from app.models.jobs import Job, TimetableSlot, WorkerBeat
from app.models.mail import Delivery, DeliveryEvent, InboundMail, Mailbox
from app.models.messengers import Messenger, MessengerPost
from app.models.notices import MorningMail, Notice, NoticeChoice
from app.models.questionnaires import (
    DraftEdit,
    Indicator,
    IndicatorSystem,
    Questionnaire,
    QuestionnaireVersion,
)
from app.models.surveys import Invitation, OpenLink, Response, Series, Survey

__all__ = [
    "AssignmentRule",
    "Attachment",
    "AuditEntry",
    "BulkRun",
    "CallbackTry",
    "CannedReply",
    "ClockPolicy",
    "Complaint",
    "ComplaintDraft",
    "ComplaintEvent",
    "ComplaintLink",
    "ComplaintPresence",
    "ComplaintReport",
    "ComplaintReportEvent",
    "ComplaintRound",
    "ComplaintRun",
    "ComplaintText",
    "ComplaintUnit",
    "Contact",
    "Customer",
    "CustomerImport",
    "CustomerImportRow",
    "CustomerLine",
    "DefaultView",
    "Delivery",
    "DeliveryEvent",
    "DraftEdit",
    "Feedback",
    "FeedbackCategory",
    "FeedbackLink",
    "FeedbackText",
    "Firm",
    "InboundMail",
    "Indicator",
    "IndicatorSystem",
    "Invitation",
    "Job",
    "Letter",
    "Mailbox",
    "Messenger",
    "MessengerPost",
    "MorningMail",
    "Notice",
    "NoticeChoice",
    "OpenLink",
    "PublicForm",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
    "Role",
    "SavedView",
    "Segment",
    "Series",
    "ServiceEvent",
    "SignInThrottle",
    "StaffSession",
    "Survey",
    "TimetableSlot",
    "Unit",
    "User",
    "UserUnit",
    "WorkerBeat",
    "WorkingCalendar",
]
