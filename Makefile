# Two commands do all the set-up: `make run` and `make test`.
GO      ?= go
BIN     ?= bin/gatehouse
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME ?= 5s

.PHONY: run build test lint unit race fuzz peers bench clean

# The server with sample data in ./gatehouse-data; prints how to reach it.
run: build
	$(BIN) serve --dev

build:
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) ./cmd/gatehouse

# Everything that CI checks.
test: peers lint unit race fuzz

# The OpenLDAP tools and a slapd that never runs as a service: the tests speak to and compare with them.
peers:
	./testdata/peers/install.sh

lint:
	@out=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$out" ] || { echo "gofmt: $$out"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

unit:
	$(GO) test ./...

race:
	$(GO) test -race -short ./...

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
