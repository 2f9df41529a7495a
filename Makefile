# Two commands do all the set-up: `make run` and `make test`.
GO      ?= go
BIN     ?= bin/gatehouse
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 5s

.PHONY: run build test lint unit race clients fuzz peers bench clean

# The server with sample data in ./gatehouse-data; prints how to reach it.
run: build
	$(BIN) serve --dev

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/gatehouse

# Everything that CI checks.
test: peers lint unit race clients fuzz

# The OpenLDAP tools and a slapd that never runs as a service: the tests speak to and compare with them.
peers:
	./testdata/peers/install.sh

lint:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

# The client tests are a step of their own.
unit:
	TEST_HOSTS=off $(GO) test ./...

race:
	$(GO) test -race -short ./...

# SSSD and the other programs that log people in, each on a Linux host of its own; the hosts' root is made once, below
# /var/cache/gatehouse-hosts. Where this cannot work at all (not root, no namespaces, no Debian archive) it says so; anything else that keeps
# a client from being tested is a failure.
clients:
	@status=0; ./testdata/hosts/root.sh >/dev/null || status=$$?; \
	if [ $$status = 77 ]; then echo "NO CLIENT WAS TESTED: see above" >&2; exit 0; fi; [ $$status = 0 ] || exit $$status; \
	TEST_HOSTS=require $(GO) test -count=1 -timeout 20m ./cmd/gatehouse/clienttest

# Every fuzz target for a short time, one after the other.
fuzz:
	@set -e; for pkg in $$($(GO) list ./...); do \
		dir=$$($(GO) list -f '{{.Dir}}' $$pkg); \
		for f in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go 2>/dev/null | sed 's/func //'); do \
			echo "fuzz $$pkg $$f"; \
			$(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$pkg >/tmp/gatehouse-fuzz.$$$$ 2>&1 || { cat /tmp/gatehouse-fuzz.$$$$; rm -f /tmp/gatehouse-fuzz.$$$$; exit 1; }; \
			rm -f /tmp/gatehouse-fuzz.$$$$; \
		done; \
	done

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf bin
