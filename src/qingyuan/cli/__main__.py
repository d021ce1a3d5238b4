"""``python -m qingyuan.cli`` is ``qingyuan``."""

import sys

from qingyuan.cli import main

sys.exit(main())
