# Everything here needs Python 3.11 or newer, make and pip; the first use makes a virtual environment in .venv.
PYTHON ?= python3
BIN = .venv/bin
# Debian's Python comes without the part that puts pip into a new environment; then the system's pip fills it.
INSTALL = if $(BIN)/python -m pip --version >/dev/null 2>&1; then $(BIN)/python -m pip install $(QUIETLY) -r $(1); \
	else $(PYTHON) -m pip --python $(BIN)/python install $(QUIETLY) -r $(1); fi
QUIETLY = --quiet --disable-pip-version-check --require-hashes
PORT ?= 8501
WORKERS ?= 2

.PHONY: run demo test lint bench bench-calls bench-browser bench-payouts bench-balance texts cases architecture any-order any-sequence questions lock faults kills race hour load audit screenshots

run: .venv/ready
	$(BIN)/streamlit run app.py --server.port $(PORT)

demo: .venv/ready
	$(BIN)/python -m dinero demo --port $(PORT)

# A file is run by one process: the walk in the browser is one walk. Bytecode is kept, whatever the environment says:
# without it each process of a test compiles everything anew.
test: .venv/ready-dev
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: bench-calls .venv/ready-dev
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.imports

# What an owner feels, in Chromium (Debian's package).
bench-browser: .venv/ready-dev
	$(BIN)/python -m benchmarks.browser

# 50,000 lines of payouts read, stored and matched, beside what pandas needs for them.
bench-payouts: .venv/ready-dev
	$(BIN)/python -m benchmarks.payouts

# The proof of a booking account with 100,000 sales, and what pages draw of it.
bench-balance: .venv/ready-dev
	$(BIN)/python -m benchmarks.balance

# The part of it that counts calls, which CI runs each time.
bench-calls: .venv/ready-dev
	$(BIN)/python -m benchmarks.bench

# The pictures of the guides, from a walk through the demo in Chromium.
screenshots: .venv/ready-dev
	$(BIN)/python docs/pictures.py

# Adds texts that are new in the code to the Danish catalogue and lists what has no translation.
texts: .venv/ready-dev
	$(BIN)/python tests/texts.py

# The table of orders as a page of the docs.
cases: .venv/ready-dev
	PYTHONPATH=.:tests $(BIN)/python tests/cases_page.py

# The rooms of the house and the ways of documents, as tables of the docs.
architecture: .venv/ready-dev
	PYTHONPATH=.:tests $(BIN)/python tests/architecture_page.py

# 50,000 random orders of every kind and their credit notes instead of CI's 2,000, and as many WooCommerce carts.
any-order: .venv/ready-dev
	DINERO_EXAMPLES=50000 $(BIN)/python -m pytest --timeout 0 tests/test_any_order.py tests/test_any_woocommerce.py

# 10,000 steps of fetches from two shops, pushes, corrections, payouts, faults and crashes instead of CI's 250; 10,000
# that are mostly of shops instead of 250, and of payouts instead of 150; 2,000 with backups that are put back instead of
# 120.
any-sequence: .venv/ready-dev
	DINERO_STEPS=10000 $(BIN)/python -m pytest --timeout 0 tests/test_any_sequence.py tests/test_any_shops.py \
		tests/test_any_payout.py
	DINERO_STEPS=2000 $(BIN)/python -m pytest --timeout 0 tests/test_any_restore.py

# How many questions an owner gets: the demo, an ordinary Danish shop, and random orders (RANDOM=50000 for more).
RANDOM ?= 2000
questions: .venv/ready-dev
	PYTHONPATH=.:tests $(BIN)/python -m benchmarks.questions --random $(RANDOM)

# Every call of a transfer × everything that can go wrong with it, counted in the sandbox's books.
faults: .venv/ready-dev
	$(BIN)/python -m benchmarks.faults

# 200 kill -9 at random moments of pushes of 50 orders of two shops, more in fetches from them, and in payouts.
kills: .venv/ready-dev
	$(BIN)/python -m benchmarks.kills

# Two processes and two tabs push the same 500 orders of two shops.
race: .venv/ready-dev
	$(BIN)/python -m benchmarks.race

# An hour of unattended running with random faults, on a clock that is sped up.
hour: .venv/ready-dev
	$(BIN)/python -m benchmarks.hour

# 100,000 orders in the store, 5,000 waiting, 20 tabs and one runner.
load: .venv/ready-dev
	$(BIN)/python -m benchmarks.load

# Known vulnerabilities in the packages, wherever the service can be reached.
audit: .venv/ready-dev
	$(BIN)/python tests/audit.py

# Every package that the two short lists lead to, with its hashes, for Python 3.11 and newer on all systems. Versions stay
# as they are unless a list says otherwise; UPGRADE=--upgrade takes the newest that fit.
UPGRADE ?=
LOCK = $(BIN)/uv pip compile --quiet --no-config --default-index https://pypi.org/simple --universal \
	--python-version 3.11 --generate-hashes --custom-compile-command "make lock" $(UPGRADE)
lock: | .venv/ready-dev
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --constraint requirements.lock --output-file requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv || $(PYTHON) -m venv --clear --without-pip .venv

.venv/ready: requirements.lock | .venv/bin/python
	$(call INSTALL,requirements.lock)
	touch $@

.venv/ready-dev: requirements-dev.lock | .venv/bin/python
	$(call INSTALL,requirements-dev.lock)
	touch $@ .venv/ready
