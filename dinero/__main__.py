"""`python -m dinero`."""

import sys

from dinero.cli import main

sys.exit(main())
