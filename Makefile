# Every target does its own set-up; `make help` lists them.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet
ARGS   ?=
# Most tests wait for processes, so that twice as many as there are cores run well on two.
WORKERS ?= 4
MYSQL  := build/mysql
CONTAINER := systemd-nspawn=systemd-container file:/lib/systemd/systemd=systemd-sysv dbus-daemon=dbus

.DEFAULT_GOAL := help
.PHONY: help run demo install upgrade uninstall test test-systemd fresh lint format docs man learn chaos soak fuzz galera attack mysql bench performance profile way coverage screenshots clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/product ## start the bridge with embedded defaults; state in .state/
	@exec $(BIN)/izer-bridge run $(ARGS)

demo: $(VENV)/development ## the whole way of a message on a simulated WhatsApp, offline
	@scripts/require zbarimg=zbar-tools
	@exec $(BIN)/python -m izer_bridge.simulator.demo $(ARGS)

# What sudo would leave of it: an interpreter in somebody's home is out of the service's sight.
install upgrade uninstall: export PATH := /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

install: ## as root: into /opt/izer-bridge and systemd, started; a newer version upgrades
	@scripts/require python3=python3 py:ensurepip=python3-venv lib:libmagic.so.1=libmagic1
	@python3 -I scripts/service install

upgrade: ## as root: change to this version, and back where it is not healthy within a minute
	@scripts/require python3=python3 py:ensurepip=python3-venv lib:libmagic.so.1=libmagic1
	@python3 -I scripts/service upgrade

uninstall: ## as root: remove it; keeps settings and data, unless PURGE=1
	@python3 -I scripts/service uninstall

test: $(VENV)/development ## all tests, on servers that they start themselves
	@scripts/require mariadbd=mariadb-server mariadb-dump=mariadb-client zbarimg=zbar-tools shellcheck=shellcheck nginx=nginx-light chromium=chromium
	@[ "$$(id -u)" != 0 ] || scripts/require $(CONTAINER)
	@# Where PYTHONDONTWRITEBYTECODE is set, every process would compile the 490 modules again.
	@$(BIN)/python -m compileall -q izer_bridge tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-systemd: $(VENV)/development ## as root: install, upgrade, uninstall under a booted systemd; long
	@scripts/require zbarimg=zbar-tools $(CONTAINER)
	$(BIN)/pytest -m 'not fresh' tests/systemd $(ARGS)

fresh: $(VENV)/development ## as root: a bare Debian 12 and 13 to the first answer, by README alone, timed; long
	@scripts/require zbarimg=zbar-tools debootstrap=debootstrap $(CONTAINER)
	$(BIN)/pytest -m fresh --capture=no tests/systemd $(ARGS)

lint: $(VENV)/development ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers 2
	$(BIN)/mypy scripts/service
	$(BIN)/lint-imports --no-cache

format: $(VENV)/development ## rewrite the code in the one style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/development ## write docs/configuration.md anew from config.toml and its model
	$(BIN)/python -m izer_bridge.config.document > docs/configuration.md.new
	mv docs/configuration.md.new docs/configuration.md

man: $(VENV)/product ## write the manual page build/izer-bridge.1
	@mkdir -p build
	$(BIN)/python -m izer_bridge.manual > build/izer-bridge.1

learn: $(VENV)/development ## what the local analyser learns from tests/data, danger too; prints how well
	$(call install,product simulator dev large)
	$(BIN)/python -m tests.analysis.learn_danger
	$(BIN)/python -m tests.analysis.learn

attack: $(VENV)/development ## every way in or out that must stay shut, as a table; long
	@scripts/require mariadbd=mariadb-server mariadb-dump=mariadb-client zbarimg=zbar-tools
	$(BIN)/python -m tests.attack $(ARGS)

chaos: $(VENV)/development ## kill the bridge at every boundary and at random moments; long
	@scripts/require mariadbd=mariadb-server mariadb-dump=mariadb-client zbarimg=zbar-tools
	$(BIN)/python -m tests.chaos $(ARGS)

soak: $(VENV)/development ## 100,000 messages that must balance, ten minutes without a store; long
	@scripts/require mariadbd=mariadb-server mariadb-dump=mariadb-client zbarimg=zbar-tools
	$(BIN)/python -m tests.soak $(ARGS)

fuzz: $(VENV)/development ## a million wrong inputs, 10,000 through a bridge on each store; long
	@scripts/require mariadbd=mariadb-server
	$(BIN)/python -m tests.fuzz $(ARGS)

galera: $(VENV)/development ## the store on three Galera nodes, one of which is killed; figures
	@scripts/require mariadbd=mariadb-server file:/usr/lib/galera/libgalera_smm.so=galera-4 rsync=rsync
	$(BIN)/pytest -m galera tests/galera
	$(BIN)/python -m tests.galera $(ARGS)

mysql: $(VENV)/development ## as root: all tests of MariaDB on MySQL itself, from Debian's next release; then bench's ARGS
	@scripts/require debootstrap=debootstrap zbarimg=zbar-tools
	@mkdir -p $(dir $(MYSQL))
	@[ -x $(MYSQL)/usr/sbin/mysqld ] || debootstrap --variant=minbase --include=mysql-server-core sid $(MYSQL) > /dev/null
	TEST_MYSQL_ROOT=$(MYSQL) $(BIN)/pytest -n $(WORKERS) --dist loadfile -k mariadb --deselect tests/store/test_tls.py
	TEST_MYSQL_ROOT=$(MYSQL) $(BIN)/python -m tests.bench $(ARGS)

bench: $(VENV)/development ## ratios to the bare client and the replaced shape, latencies, rates; long
	@scripts/require mariadbd=mariadb-server
	@# As it is installed: a start that compiles takes longer, and half a megabyte more.
	@$(BIN)/python -m compileall -q izer_bridge tests
	$(BIN)/python -m tests.bench $(ARGS)

performance: $(VENV)/development ## what bench measures, into docs/performance.*, with a picture; long
	@scripts/require mariadbd=mariadb-server
	$(call install,product simulator dev large)
	@$(BIN)/python -m compileall -q izer_bridge tests
	$(BIN)/python -m tests.bench --keep $(ARGS)

way: $(VENV)/development ## the files that one message passes, in order, and how many; seconds
	@$(BIN)/python -m tests.bench.way

coverage: $(VENV)/development ## how much of each room all tests run, and why where it is under 90 %; long
	@scripts/require mariadbd=mariadb-server mariadb-dump=mariadb-client zbarimg=zbar-tools shellcheck=shellcheck chromium=chromium
	$(call install,product simulator dev large)
	@rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/python -m tests.coverage_by_room

profile: $(VENV)/development ## who holds the interpreter while a burst is worked
	@scripts/require mariadbd=mariadb-server
	$(BIN)/python -m tests.bench.profile $(ARGS)

screenshots: $(VENV)/development ## the pictures of the pages in docs/images, of an invented day
	@scripts/require zbarimg=zbar-tools chromium=chromium
	$(BIN)/python -m tests.screenshots

clean: ## remove the virtual environment and caches; state is kept
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info

$(BIN)/python:
	@scripts/require lib:libmagic.so.1=libmagic1 py:ensurepip=python3-venv
	$(PYTHON) -m venv $(VENV)

# First what it needs: wheels of known hashes alone. pip refuses hashes beside a project.
define install
	$(PYTHON) -I scripts/pins show build $(1) > $(VENV)/pinned.txt
	$(PIP) --require-hashes --only-binary :all: --requirement $(VENV)/pinned.txt
	$(PIP) --no-deps --no-index --no-build-isolation --editable .
	$(BIN)/python -I -m izer_bridge.whatsapp.library_check
endef

$(VENV)/product: $(BIN)/python pyproject.toml constraints.txt
	$(call install,product)
	@touch $@

$(VENV)/development: $(BIN)/python pyproject.toml constraints.txt
	$(call install,product simulator dev)
	@touch $@ $(VENV)/product
