"""``python -m goodsfactory.cli``: how a launched process finds its program."""

import sys

from goodsfactory.cli.main import main

sys.exit(main())
