"""The story's own modules explain their assertions as tests do."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.e2e.account.account_lab", "tests.e2e.account.story")
