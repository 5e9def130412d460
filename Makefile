.DEFAULT_GOAL := help

# The scratch PostgreSQL of a test run holds nothing worth keeping; durability tests start clusters of their own.
ifeq ($(MUSTER_TEST_SQLITE_ONLY),1)
WITH_POSTGRES :=
else
WITH_POSTGRES := MUSTER_TEST_PG_FSYNC=off scripts/with-postgres.sh
endif

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## serve a desk full of sample data and print its links
	@scripts/setup.sh demo
	@echo "Building the console, the chat widget and the release program. The first time this takes some minutes."
	cargo run --release --bin muster -- demo --busy

.PHONY: dev
dev: ## serve ./muster-data from a quick build
	cargo run --bin muster -- serve

.PHONY: check
check: ## formatting, lints and documentation, each without a warning
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

.PHONY: test
test: export MUSTER_UI = required
test: ## everything that continuous integration runs, on SQLite and PostgreSQL
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory check
	scripts/ui.sh check
	cargo test --workspace --doc --quiet
	$(WITH_POSTGRES) scripts/run-tests.sh
	scripts/ui.sh e2e
	scripts/schemathesis.sh
	$(WITH_POSTGRES) scripts/clients.sh
	.venv/bin/python scripts/readme.py $${CARGO_TARGET_DIR:-target}/debug/muster

.PHONY: test-long
test-long: ## the same tests with many more rounds, cases and kills
	@scripts/setup.sh test
	MUSTER_TEST_LONG=1 PROPTEST_CASES=20000 $(WITH_POSTGRES) scripts/run-tests.sh
	SCHEMATHESIS_EXAMPLES=200 scripts/schemathesis.sh

.PHONY: test-mutation
test-mutation: ## take the guards out of a copy and see the race test fail
	@scripts/setup.sh test
	$(WITH_POSTGRES) scripts/mutation.sh

.PHONY: snap
snap: ## run the tests and review changed snapshots (needs cargo-insta)
	@cargo insta --version >/dev/null 2>&1 || { echo "cargo install cargo-insta --locked"; exit 1; }
	$(WITH_POSTGRES) cargo insta test --workspace --review

.PHONY: gen
gen: ## write the generated files again; the tree stays clean when they are up to date
	mkdir -p docs/openapi
	for dialect in libredesk rocketchat cloudagent imichat; do \
		cargo run --quiet --bin muster -- openapi --dialect $$dialect >docs/openapi/$$dialect.json || exit 1; \
	done
	cargo run --quiet --bin muster -- config >docs/muster.example.toml

.PHONY: dist
dist: ## build the archive that is handed out, in dist/
	scripts/dist.sh

.PHONY: bench
bench: ## measure the budgets of docs/performance.md (minutes; a quiet machine helps)
	@scripts/setup.sh bench
	bench/run

.PHONY: bench-large
bench-large: ## measure lists and searches with 1,000,000 conversations (a quarter of an hour, 20 GB of disk; SCALE=50 takes a fiftieth)
	@scripts/setup.sh bench
	bench/run large --scale $(or $(SCALE),1)

.PHONY: bench-screens
bench-screens: ## measure the console's work in Chromium while 100,000 conversations are scrolled (some minutes)
	@scripts/setup.sh browser
	bench/run screens

.PHONY: audit-ui
audit-ui: ## Lighthouse over the inbox and the demo page, medians of five; fails below 95 (some minutes)
	@scripts/setup.sh browser
	scripts/ui.sh audit

.PHONY: audit
audit: ## advisories, licences, banned crates and sources (needs cargo-deny)
	@cargo deny --version >/dev/null 2>&1 || { echo "cargo install cargo-deny --locked"; exit 1; }
	cargo deny check
