# Two commands matter: `make run` opens the course, `make test` proves it. Each works alone on a fresh machine.

VENV := .venv
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/pytest
# One more than two cores: tests that wait for another process leave theirs to the others.
WORKERS ?= 3

.PHONY: run golden judges prove test-docker test-localstack test-terraform test check format setup bench snapshots author-check picture judges clean

run: setup
	@$(BIN)/eks-lab

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then echo "eks-lab needs Python 3.11 or newer; none was found. Install it, or name one: make PYTHON=/path/to/python3.12" >&2; exit 3; fi
	@echo "==> Setting up eks-lab in $(VENV) with $$($(PYTHON) --version) (once; about half a minute)"
	@$(PYTHON) -m venv --clear $(VENV) || { echo "No private environment could be made: on Debian and Ubuntu install python3-venv." >&2; exit 3; }
	@echo "==> Fetching the installer"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv || echo "    no uv here; going on with pip, which is slower"
	@echo "==> Installing the program, its tools (kubectl, aws) and its tests"
	@if [ -x $(BIN)/uv ]; then \
		VIRTUAL_ENV=$(CURDIR)/$(VENV) $(BIN)/uv pip install --quiet -c constraints.txt -e ".[tools,test]" \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[tools,test]"; \
	else \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[tools,test]"; \
	fi
	@# Compiled once here: else whatever starts first pays for it, and with PYTHONDONTWRITEBYTECODE everything does.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q eks_lab || true
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c "import eks_lab.sandbox.daemon, eks_lab.aws.world, eks_lab.tui.app, awscli.clidriver, pytest, hypothesis" || true
	@touch $(READY)
	@echo "==> Ready. Start any time with: make run   (or $(BIN)/eks-lab)"

test: setup
	$(PYTEST) -n $(WORKERS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/eks-lab author check

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup
	$(BIN)/python -m benchmarks

author-check: setup
	$(BIN)/eks-lab author check

snapshots: setup
	$(PYTEST) -n $(WORKERS) tests/tui/test_*snapshots.py --snapshot-update

picture: setup
	$(BIN)/python docs/picture.py

# The recordings of a real control plane, played with the real kubectl against a sandbox: part of `make test`, here alone.
golden: setup
	$(PYTEST) -n $(WORKERS) -m golden tests/golden

# That every lab and every command or manifest question judges fairly: solutions pass, wrong ones and nothing do not.
prove: setup
	$(BIN)/eks-lab lab prove --all
	$(BIN)/eks-lab author prove --brief

# Independent judges of what is generated; pulumi-aws is read as text, so nothing it depends on is fetched.
judges: setup
	@test -x .venv-judges/bin/python || $(PYTHON) -m venv .venv-judges
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-judges.txt checkov kubernetes-validate
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-judges.txt --no-deps pulumi-aws
	$(PYTEST) tests/generate/terraform/test_provider_shapes.py tests/generate/terraform/test_checkov.py

# The AWS half of the docker backend against real LocalStack, which needs no docker for it.
test-localstack: setup
	@test -x .venv-localstack/bin/python || $(PYTHON) -m venv .venv-localstack
	@.venv-localstack/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-localstack.txt "localstack-core[runtime]" service-identity cbor2 pyopenssl cryptography
	EKS_LAB_LOCALSTACK_PYTHON=$(CURDIR)/.venv-localstack/bin/python $(PYTEST) -n 1 tests/localstack

# The docker backend with a real engine and kind; pulls more than 1 GB of images the first time.
test-docker: setup
	EKS_LAB_TEST_DOCKER=1 $(PYTEST) -m docker tests/sandbox/backends

# What the generator writes, applied and destroyed with the real terraform: minutes of waiting that are the provider's own.
test-terraform: setup
	EKS_LAB_WHOLE_PRESETS=1 $(PYTEST) tests/e2e/terraform

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
