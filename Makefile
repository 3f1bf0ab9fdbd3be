# Every command a developer needs. `make` alone lists them.
PYTHON ?= python3
VENV := .venv/bin
export PYTHONUNBUFFERED = 1

.DEFAULT_GOAL := help
.PHONY: help setup run test bench lint format messages requirements

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 22

setup: ## make .venv, install what requirements.txt pins, check the system libraries, prepare fonts and languages
	@$(PYTHON) -m tools.set_up

run: ## set-up, database, demo data; then web and worker until Ctrl-C (PORT=8000 HNM_CLIENT=vvnf)
	@$(PYTHON) -m tools.set_up --quiet
	@exec $(VENV)/python -m tools.run

test: ## the whole suite on SQLite and PostgreSQL, then in the browser (ARGS="tests/core -k kid" TEST_DATABASES=sqlite)
	@$(PYTHON) -m tools.set_up --quiet --dev
	@exec $(VENV)/python -m tools.run_tests $(ARGS)

bench: ## measure against named baselines (NAME=import N=10000 TEST_DATABASES=sqlite)
	@$(PYTHON) -m tools.set_up --quiet --dev
	@exec $(VENV)/python -m tests.benchmarks $(NAME) $(if $(N),--n $(N))

lint: ## ruff, formatting, types, missing migrations, production settings, translations
	@$(PYTHON) -m tools.set_up --quiet --dev
	@exec $(VENV)/python -m tools.lint

format: ## let ruff sort imports and format
	@$(PYTHON) -m tools.set_up --quiet --dev
	@$(VENV)/ruff check --fix-only --quiet .
	@$(VENV)/ruff format .

messages: ## collect the strings to translate into locale/nb and locale/en (needs gettext)
	@$(PYTHON) -m tools.set_up --quiet --dev
	@exec $(VENV)/python -m tools.translations collect

requirements: ## pin anew what pyproject.toml asks for (UPGRADE=1: the newest versions)
	@$(PYTHON) -m tools.set_up --quiet --dev
	@exec $(VENV)/python -m tools.pin_requirements $(if $(UPGRADE),--upgrade)
