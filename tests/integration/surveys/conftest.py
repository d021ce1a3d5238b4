"""The town, its streets and its fleet, on a folder of its own."""

from __future__ import annotations

import pytest

from qingyuan.host.folder import DataFolder
from survey_town import SurveyTown, build_survey_town


@pytest.fixture
def fleet(tmp_path, settings, db) -> SurveyTown:
    settings.FOLDER = DataFolder(tmp_path / "city").create("city")
    return build_survey_town()
