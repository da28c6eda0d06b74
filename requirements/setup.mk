# How the environment comes to be: a virtual environment from the lock files, and Debian's packages for the
# tests that use real servers or trace system calls. Each step runs again only when what it depends on has changed.

SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
APT_PACKAGES := kamailio kamailio-utils-modules kamailio-json-modules sip-tester kamailio-python3-modules redis-server \
                strace haproxy systemd chromium debootstrap prometheus

# Debian ships the venv module without pip's installer; the package that brings it is added when it is missing.
.venv/bin/pip:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy python3-venv; }
	$(PYTHON) -m venv .venv

define install
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $(1)
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
endef

# The build backend is in both lock files, so that nothing unpinned is fetched to install the project itself.
.venv/run: requirements/run.lock pyproject.toml | .venv/bin/pip
	$(call install,requirements/run.lock)

.venv/dev: requirements/dev.lock pyproject.toml | .venv/bin/pip
	$(call install,requirements/dev.lock)
	@touch .venv/run

.PHONY: system-packages
system-packages:
	@missing=""; for p in $(APT_PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] || { $(SUDO) apt-get update -q && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 $(SUDO) apt-get install -qy --no-install-recommends $$missing; }

# Debian's npm is added only where there is none: one from elsewhere brings its own Node.js.
.venv/node: package.json package-lock.json | .venv/bin/pip
	@command -v npm >/dev/null || { $(SUDO) apt-get update -q && DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get install -qy --no-install-recommends nodejs npm; }
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Debian 12 has no Asterisk: the release before it has, and is put, with no more than it needs, into a folder that
# stays between runs. Only root can make it and run a program in it.
ASTERISK_TREE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/matchline/asterisk
ASTERISK_RELEASE := bullseye
DEBIAN_MIRROR ?= http://deb.debian.org/debian
DEBIAN_SECURITY_MIRROR ?= http://deb.debian.org/debian-security

.PHONY: asterisk-tree
asterisk-tree: system-packages $(ASTERISK_TREE)/usr/sbin/asterisk

# It is made beside its place, so that one that was broken off is never taken for a whole one.
$(ASTERISK_TREE)/usr/sbin/asterisk:
	@[ -z "$(SUDO)" ] || $(SUDO) -n true || { echo "NO CALL THROUGH ASTERISK IS TESTED: only root can install it" >&2; exit 1; }
	mkdir -p "$(dir $(ASTERISK_TREE))"
	$(SUDO) rm -rf "$(ASTERISK_TREE).new"
	$(SUDO) debootstrap --variant=minbase $(ASTERISK_RELEASE) "$(ASTERISK_TREE).new" $(DEBIAN_MIRROR)
	printf 'deb %s $(ASTERISK_RELEASE) main\ndeb %s $(ASTERISK_RELEASE)-security main\n' $(DEBIAN_MIRROR) $(DEBIAN_SECURITY_MIRROR) \
	  | $(SUDO) tee "$(ASTERISK_TREE).new/etc/apt/sources.list" >/dev/null
	$(SUDO) chroot "$(ASTERISK_TREE).new" apt-get update -q
	$(SUDO) chroot "$(ASTERISK_TREE).new" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends asterisk
	$(SUDO) mv "$(ASTERISK_TREE).new" "$(ASTERISK_TREE)"
