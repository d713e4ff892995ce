"""Tables of the knowledge base: pages, announcements, feedback and the deflection ledger."""

from kb.models.announcements import Announcement, AnnouncementRead
from kb.models.feedback import ArticleVote
from kb.models.ledger import HelpEvent, HelpSession
from kb.models.pages import GuideIndexPage, GuidePage, HomePage, SafetyNote
from kb.models.self_service import SelfServiceSettings
from kb.models.settings import KnowledgeSettings
from kb.models.style import StyleWord
from kb.models.upkeep import ReviewReminder
from kb.models.work import EditorTask, GuideSource
from kb.models.workflow import ReviewTask, SafetyReviewTask

__all__ = [
    "Announcement",
    "AnnouncementRead",
    "ArticleVote",
    "EditorTask",
    "GuideIndexPage",
    "GuidePage",
    "GuideSource",
    "HelpEvent",
    "HelpSession",
    "HomePage",
    "KnowledgeSettings",
    "ReviewReminder",
    "ReviewTask",
    "SafetyNote",
    "SafetyReviewTask",
    "SelfServiceSettings",
    "StyleWord",
]
