# The commands of the project; `make` lists them. Settings are environment variables, see
# deploy/local/settings.sh.

.DEFAULT_GOAL := help
.PHONY: help up down status logs demo audit redrive build gen test fault chaos model guards sanitize fuzz bench lint format proto-publish

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: ## install what is missing, build, start everything; returns when all is healthy
	@deploy/local/up.sh

down: ## stop everything; data stays
	@deploy/local/down.sh

status: ## what runs and how it is
	@deploy/local/status.sh

logs: ## follow the logs of everything
	@deploy/local/logs.sh

demo: ## the example against the running system: account, top-up, orders
	@deploy/local/demo.sh

audit: ## are the books of the running system right? WAIT=30s first waits for it to come to rest
	@deploy/local/operator.sh audit

redrive: ## what died, and why; QUEUE=name CONFIRM=yes sends it back to work
	@deploy/local/operator.sh redrive

build: ## build everything, tests included
	@deploy/local/install.sh
	@deploy/local/build.sh

gen: ## generate the Go code of proto/
	@deploy/local/install.sh
	@deploy/local/build.sh gen

test: ## every test, on a private system beside a running one
	@tests/run.sh

fault: ## the fault tests in their long forms: hundreds of kills, minutes of outage
	@FAULT_LONG=1 tests/run.sh fault

chaos: ## strikes at random under load, then every promise is checked: SEED=n MINUTES=m; SHOW=1 only shows the strikes
	@tests/chaos/run.sh

model: ## every state of the protocol's model, with and without its guards
	@tests/model/run.sh

guards: ## that each guard of the protocol, taken out, makes a test fail
	@tests/guards/run.sh

sanitize: ## the C++ tests under AddressSanitizer and UndefinedBehaviorSanitizer, then ThreadSanitizer
	@PRESET=sanitize tests/run.sh unit integration
	@PRESET=threads tests/run.sh unit integration

fuzz: ## every parser of foreign bytes, FUZZ_SECONDS (60) each
	@tests/fuzz/run.sh

bench: ## how fast it is, row by row beside a yardstick, on a private system: ROW=n for one; QUICK=1 is short
	@tests/bench/run.sh

lint: ## every linter
	@tests/lint.sh

format: ## every formatter
	@tests/format.sh

proto-publish: ## take the contracts in proto/ as published: later changes must not break them
	@tests/browser/install.sh
	@tests/browser/node_modules/.bin/buf build proto --exclude-source-info -o proto/published.binpb
