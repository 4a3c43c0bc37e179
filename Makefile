# Two commands matter: `make run` opens the course, `make test` proves it. Each works alone on a fresh machine.

VENV := .venv
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST := $(BIN)/pytest
# One more than two cores: tests that wait for another process leave theirs to the others.
WORKERS ?= 3

# What pip and uv say on the way; read when they fail.
LOG := $(VENV)/setup.log
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
# The system's certificates, like pip and git: behind a company's proxy uv's own do not do. Tried again without a network,
# from what uv keeps of earlier set-ups.
UV := UV_SYSTEM_CERTS=true $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt

.PHONY: run help golden judges prove wander test-docker test-localstack test-terraform test check format setup bench snapshots author-check picture clean

run: setup ## open the course (the first time: set everything up, under a minute)
	@$(BIN)/eks-lab

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

setup: $(READY) ## set everything up in .venv

# An environment that is there is kept and brought up to date: without a network it goes on working as it was.
$(READY): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then echo "eks-lab needs Python 3.11 or newer; none was found. Install it, or name one: make PYTHON=/path/to/python3.12" >&2; exit 3; fi
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "eks-lab needs Python 3.11 or newer; $(PYTHON) is $$({ command -v "$(PYTHON)" >/dev/null && "$(PYTHON)" --version; } 2>&1 || echo not a program). Name another: make PYTHON=/path/to/python3.12" >&2; exit 3; }
	@echo "==> Setting up eks-lab in $(VENV) with $$("$(PYTHON)" --version) (once; about half a minute)"
	@$(BIN)/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV) || { echo "No private environment could be made: on Debian and Ubuntu install python3-venv." >&2; exit 3; }
	@echo "==> Fetching the installer"
	@: > $(LOG)
	@$(PIP) uv 2>> $(LOG) || echo "    uv cannot be fetched; going on without it"
	@echo "==> Installing the program, its tools (kubectl, aws) and its tests"
	@{ [ -x $(BIN)/uv ] && { $(UV) -e ".[tools,test]" || $(UV) --offline -e ".[tools,test]"; }; } 2>> $(LOG) \
		|| { echo "    with pip, which is slower"; $(PIP) -e ".[tools,test]" 2>> $(LOG); } \
		|| { grep -E '^ *(ERROR|error|cause|fatal)' $(LOG) | tail -n 3 >&2; \
			echo "Not everything could be installed; $(LOG) says more. Is there a network, and does pip know your proxy?" >&2; \
			echo "Mend that and say make run again: what was fetched is kept. To begin afresh: make clean run" >&2; \
			if [ -x $(BIN)/eks-lab ]; then echo "What was installed before may still run: $(BIN)/eks-lab" >&2; fi; \
			exit 3; }
	@# Compiled once here: else whatever starts first pays for it, and with PYTHONDONTWRITEBYTECODE everything does.
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q eks_lab || true
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -c "import eks_lab.sandbox.daemon, eks_lab.aws.world, eks_lab.tui.app, awscli.clidriver, pytest, hypothesis" || true
	@touch $(READY)
	@echo "==> Ready. Start any time with: make run   (or $(BIN)/eks-lab)"

test: setup ## prove everything that a machine can prove
	@# Rewritten assertions are kept for the next run whatever the environment says: reading ten thousand tests is half of that.
	PYTHONDONTWRITEBYTECODE= $(PYTEST) -n $(WORKERS) --dist worksteal

check: setup ## formatting, lint, types, layers, and the course itself
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/eks-lab author check

format: setup ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## measure, and compare with the targets
	$(BIN)/python -m benchmarks

author-check: setup ## check the course
	$(BIN)/eks-lab author check

snapshots: setup ## draw the screens' snapshots again
	$(PYTEST) -n $(WORKERS) tests/tui/test_*snapshots.py --snapshot-update

picture: setup ## draw the README's pictures again
	$(BIN)/python docs/picture.py

# The recordings of a real control plane, played with the real kubectl against a sandbox: part of `make test`, here alone.
golden: setup ## replay the recordings of a real control plane
	$(PYTEST) -n $(WORKERS) -m golden tests/golden

# That every lab and every command or manifest question judges fairly: solutions pass, wrong ones and nothing do not.
# And that every command that a lesson shows for the sandbox does there what the page says.
prove: setup ## prove that labs and practical questions judge fairly
	$(BIN)/eks-lab lab prove --all
	$(BIN)/eks-lab author prove --brief
	$(BIN)/eks-lab author prove --lessons

# The program in real terminals, with keys, clicks, pastes and sizes in any order. SEED=7 MINUTES=0 walks one way again.
wander: setup ## press anything in any order for some minutes
	$(BIN)/python -m tests.e2e.wander --seed $(or $(SEED),0) --minutes $(or $(MINUTES),5)

# Independent judges of what is generated; pulumi-aws is read as text, so nothing it depends on is fetched.
judges: setup ## independent judges of what is generated
	@test -x .venv-judges/bin/python || $(PYTHON) -m venv .venv-judges
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-judges.txt checkov kubernetes-validate
	@.venv-judges/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-judges.txt --no-deps pulumi-aws
	$(PYTEST) tests/generate/terraform/test_provider_shapes.py tests/generate/terraform/test_checkov.py

# The AWS half of the docker backend against real LocalStack, which needs no docker for it.
test-localstack: setup ## the docker backend with LocalStack alone
	@test -x .venv-localstack/bin/python || $(PYTHON) -m venv .venv-localstack
	@.venv-localstack/bin/python -m pip install --quiet --disable-pip-version-check -c constraints-localstack.txt "localstack-core[runtime]" service-identity cbor2 pyopenssl cryptography
	EKS_LAB_LOCALSTACK_PYTHON=$(CURDIR)/.venv-localstack/bin/python $(PYTEST) -n 1 tests/localstack

# The docker backend with a real engine and kind; pulls more than 1 GB of images the first time.
test-docker: setup ## the docker backend with an engine and kind
	EKS_LAB_TEST_DOCKER=1 $(PYTEST) -m docker tests/sandbox/backends

# What the generator writes, applied and destroyed with the real terraform: minutes of waiting that are the provider's own.
test-terraform: setup ## what the generator writes, applied with the real terraform
	EKS_LAB_WHOLE_PRESETS=1 $(PYTEST) tests/e2e/terraform

clean: ## remove what was set up and built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
