"""Draft, publish, move open cases over."""

from qingyuan.web.procedures.services.drafts import begin_draft, drop_draft, save_draft
from qingyuan.web.procedures.services.publish import move_open_cases, publish

__all__ = ["begin_draft", "drop_draft", "move_open_cases", "publish", "save_draft"]
