# Every target does its own set-up; nothing else is needed before it.
#
#   make demo     a whole campaign against the simulated PBX, in about a minute
#   make test     all tests, also on a real Asterisk that is fetched into .lab/     (one file: make test ARGS=tests/x.py)
#   make lint     style, types, floors, dependencies, spelling
#   make bench    the figures we promise, quickly
#   make clean    remove all that these made

SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
ARGS ?=

.PHONY: help demo test lint bench lab clean

help:
	@sed -n 's/^#   //p' Makefile

.venv/ready: pyproject.toml .ci/prepare
	@.ci/prepare

demo: .venv/ready
	$(BIN)/python -m dialerd.cli.demo $(ARGS)

test: .venv/ready lab
	$(BIN)/python -m pytest $(ARGS)

# Without it the tests that need an Asterisk are skipped and say so; where CI is set they fail.
lab:
	@tests/lab/fetch.sh .lab || echo "lab: no Asterisk here, so nothing is tested on one" >&2

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell

bench: .venv/ready
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python "$$file" --quick || exit 1; done

clean:
	rm -rf .venv .lab build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
