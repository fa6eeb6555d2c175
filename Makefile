# Everything a contributor types. `make` alone lists the targets.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test full lint format bench bench-documents bench-forecast clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1	/'

$(BIN)/wacost: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q -e '.[all,test,rules,lint]'
	@touch $@

demo: $(BIN)/wacost ## three months of simulated calls, from webhooks to invoices
	$(BIN)/wacost demo

test: $(BIN)/wacost ## the tests, fast profile
	$(BIN)/pytest -q

full: $(BIN)/wacost ## the tests, all seeds and all laws at length
	$(BIN)/pytest -q -m 'full or not full'

lint: $(BIN)/wacost ## style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(BIN)/wacost ## write the format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(BIN)/wacost ## each main job beside its baseline, as ratios
	$(BIN)/python benchmarks/run

bench-documents: $(BIN)/wacost ## 200 invoices of 200 lines as PDF, and a workbook of 200,000 calls, timed
	$(BIN)/python benchmarks/bench_documents.py

bench-forecast: $(BIN)/wacost ## how often the ranges of a forecast held, and its error beside naive
	$(BIN)/python benchmarks/forecast_ranges.py --write

clean: ## what the demo and the benchmarks left
	rm -rf wacost-demo bench-data build dist
