# Everything a newcomer needs: `make run` and `make test`. Both set up .venv first.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
MODELS := build/models/.exported
OUT ?= demo-output
FILES ?= 300

.PHONY: install run demo check test installer test-installer bench peers soak fuzz clean

install: $(STAMP)

$(STAMP): pyproject.toml constraints.txt tools/setup_venv.py tools/system_libraries.py
	$(PYTHON) tools/setup_venv.py .venv

run: install
	$(BIN)/python -m workbench

demo: install
	$(BIN)/python -m workbench.demo --out $(OUT)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check workbench tests tools benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(BIN)/python -m pytest

installer: $(MODELS)
	$(BIN)/pyinstaller --noconfirm --log-level ERROR build_installer.spec
	@echo "The program is in dist/analyst-workbench"

$(MODELS): $(STAMP) workbench/core/knowledge/export.py
	rm -rf build/models
	$(BIN)/python -m workbench.core.knowledge.export --into build/models
	touch $@

test-installer: installer
	$(BIN)/python -m pytest tests/installer -m installer

bench: install
	$(BIN)/python -m benchmarks

# The same data and model through txtai, Haystack and LlamaIndex, in a virtual environment of their own; about an hour.
# PEERS takes its options, such as --resume.
peers: install
	$(BIN)/python -m benchmarks.peers --record $(PEERS)

# A folder of FILES real files goes in, is searched, changes, and is searched again; about a minute for each hundred.
soak: install
	$(BIN)/python -m benchmarks.soak --files $(FILES)

fuzz: install
	$(BIN)/python -m tests.fuzz_loaders $(SECONDS)

clean:
	rm -rf .venv build dist demo-output
