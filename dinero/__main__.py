"""`python -m dinero`."""

import sys

from dinero.cli.main import main

sys.exit(main())
