"""Known vulnerabilities in what is installed, by pip-audit; what it skipped counts as not checked.

`make audit`. Ends with 1 for a known vulnerability, and with 0 and a sentence where the service can't be reached.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
SECONDS = 90


def main() -> int:
    """Audits all packages of this environment."""
    command = [sys.executable, "-m", "pip_audit", "--format", "json", "--progress-spinner", "off", "--local"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        print("pip-audit: its service could not be reached; nothing was checked")
        return 0
    checked = [package for package in packages if "skip_reason" not in package]
    found = [package for package in checked if package["vulns"]]
    print(
        f"pip-audit: {len(checked)} packages checked, {len(packages) - len(checked)} not checked, "
        f"{len(found)} with known vulnerabilities"
    )
    for package in found:
        names = ", ".join(vulnerability["id"] for vulnerability in package["vulns"])
        print(f"  {package['name']} {package['version']}: {names}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
