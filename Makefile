# make demo          the example on http://127.0.0.1:8000, from nothing
# make test          everything that a change must pass
# make serve         the site with your own settings and ledger
# make bench         how fast it is, as ratios
# make lint docs     style, types, layers; the documentation
# make screenshots   pictures of the pages, for the README
# make messages      gather the sentences to be translated
# make lock          pin the newest versions that pyproject.toml allows

PYTHON ?= python3
BIN := .venv/bin
STATE := $(or $(DUBAN_STATE),state)
# The bundle holds only the styles and icons that these name.
PARTS := $(shell find src/duban -type f -not -path '*/dist/*' \( -name '*.html' -o -name '*.py' -o -path '*/assets/*' -o -path '*/static/*' \) )
CATALOGUES := $(wildcard src/duban/locale/*/LC_MESSAGES/*.po)
COMPILE := CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host
PIP := $(BIN)/pip install --quiet --disable-pip-version-check
SUITE := $(BIN)/pytest -n 2 --dist worksteal -m
export PYTHON

.PHONY: demo test serve bench build lint docs screenshots messages reference format lock clean machine-build machine-test

demo: export DUBAN_MODE := demo
demo: export DUBAN_BODY := tunxi
demo: export DUBAN_TODAY := 2021-08-31
demo: export DUBAN_DATABASE_URL := sqlite:///$(STATE)/demo.sqlite3
demo: build
	$(BIN)/duban demo --serve

serve: build
	$(BIN)/duban migrate
	$(BIN)/duban serve

test: build machine-test $(BIN)/.tools lint docs
	$(SUITE) "not bench"
	$(BIN)/python scripts/with_postgres.py $(SUITE) "database and not browser and not bench"

bench: build $(BIN)/.tools
	$(BIN)/python -m bench

lint: $(BIN)/.tools
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(BIN)/.tools
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

screenshots: build machine-test $(BIN)/.tools
	$(BIN)/python scripts/screenshots.py

# Everything between a clone and a running server. Each step leaves a stamp, so a second run does nothing.
build: machine-build $(BIN)/.installed build/.assets build/.messages

machine-build machine-test:
	@scripts/bootstrap $(@:machine-%=%)

$(BIN)/.installed: requirements.lock pyproject.toml | machine-build
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) -r requirements.lock
	$(PIP) --no-deps --editable .
	@touch $@

# What duban is tested, checked and measured with; the product runs without it.
$(BIN)/.tools: requirements-dev.lock $(BIN)/.installed
	$(PIP) -r requirements-dev.lock
	@touch $@

node_modules/.installed: package.json package-lock.json .npmrc | machine-build
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@

build/.assets: node_modules/.installed $(PARTS) $(wildcard scripts/*.mjs)
	npm run --silent build
	@mkdir -p build && touch $@

build/.messages: $(BIN)/.installed $(CATALOGUES)
	$(BIN)/pybabel --quiet compile --directory src/duban/locale --domain django
	@mkdir -p build && touch $@

messages: $(BIN)/.tools machine-test
	$(BIN)/python scripts/messages.py

reference: $(BIN)/.tools
	$(BIN)/python scripts/reference.py

format: $(BIN)/.tools
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(BIN)/.installed
	$(BIN)/pip install --quiet pip-tools
	$(COMPILE) --upgrade --extra dev --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml

clean:
	rm -rf build site .venv node_modules src/duban/web/static/duban/dist
	find src/duban/locale -name '*.mo' -delete
