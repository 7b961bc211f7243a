# Tillkey. `make run` starts everything; `make test` checks everything.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PORT FRESH PREFIX DATA
export PYTHONDONTWRITEBYTECODE := 1
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup run smoke test lint types unit e2e deployed proof bench stripe-check browser package clean

help: ## What can be done
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the virtual environments (only when requirements changed)
	@command -v $(PYTHON) >/dev/null || { echo "✗ $(PYTHON) was not found: install Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) local/environments.py

run: export FOLLOW_PARENT = 1
run: setup ## Start the portal with everything around it (PORT=8000, FRESH=1 for empty data, PREFIX=/api)
	@$(BIN)/python -m local

smoke: ## Walk through the running portal from sign-in to receipt
	@$(BIN)/python -m local.smoke

test: setup browser lint types ## Everything: lint, types, all tests
	@mkdir -p build; $(BIN)/python -m pytest tests/deployed >build/deployed.log 2>&1 & deployed=$$!; \
	$(BIN)/python -m pytest -n 3 --dist worksteal; all=$$?; \
	wait $$deployed; beside=$$?; echo "tests/deployed, run beside:"; cat build/deployed.log; exit $$((all | beside))

lint: setup ## Style and common mistakes
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## mypy, strict
	@$(BIN)/mypy

unit: setup ## Rules without a network
	@$(BIN)/python -m pytest tests/unit

e2e: setup browser ## Real browser
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/e2e

deployed: setup ## Two portals deployed to the emulated AWS from the package, used, redeployed and destroyed
	@$(BIN)/python -m pytest tests/deployed

proof: setup browser ## The long runs (P=main: those of one part)
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/proof$(if $(P),/$(P)) $(if $(filter-out main,$(P)),,tests/e2e --everywhere)

bench: setup ## What pages, receipts and webhooks cost, as ratios; writes bench/results.json
	@$(BIN)/python -m bench

stripe-check: setup ## What we lean on at Stripe, tried in your account's test mode (STRIPE_SECRET_KEY=sk_test_…)
	@$(BIN)/python -m pytest tests/contracts/gateway --stripe https://api.stripe.com

browser: setup ## Find Chromium, or install it
	@$(BIN)/python -m tests.chromium

package: setup ## Build the Lambda package into build/ and check it (STAGE=dev)
	@$(BIN)/python -m ops.package_check $(or $(STAGE),dev)

clean: ## Remove what was built and the local data; the environments stay
	@rm -rf build .cache .local .chalice/deployments .pytest_cache .mypy_cache .ruff_cache .hypothesis
