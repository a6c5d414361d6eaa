# make help lists the targets; make check is what CI runs.

GO        ?= go
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
FUZZTIME  ?= 10s
ARGS      ?=
# The race detector watches everything but the body of SQLite: a C program
# translated to Go, which it would slow ninefold. That package instantiates no
# generic code. One that does must not be listed: its copies, which do not
# report what they order, would stand in for everybody's.
UNWATCHED ?= -gcflags=modernc.org/sqlite/lib=-race=false
export DEBIAN_FRONTEND = noninteractive

# Code off the path of messages is released without inlining, so that the binary stays below 45 MB (2 MB less).
# Tests and 'go run' build as ever.
COLD := github.com/redis/go-redis/... google.golang.org/protobuf/... github.com/urfave/... github.com/piprate/... \
	github.com/cayleygraph/... github.com/goccy/... github.com/json-iterator/... github.com/rickar/... \
	html/template text/template encoding/xml

.DEFAULT_GOAL := help
.PHONY: help build check accept soak bench fmt lint test race pkcs11 fuzz demo tools

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the static binary as released, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -tags timetzdata $(COLD:%='-gcflags=%=-l') -ldflags '-s -w -X main.version=$(VERSION)' -o bin/ehdsgw ./cmd/ehdsgw

demo: ## the main job in one process (ARGS='--keep')
	$(GO) run ./cmd/ehdsgw demo $(ARGS)

fmt: ## format the sources
	gofmt -w .

lint: ## vet, staticcheck, the architecture tests
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test ./cmd/ehdsgw/internal/archtest

test: ## the tests, without the race detector
	$(GO) test ./...

race: ## the tests with the race detector, in random order
	$(GO) test -race $(UNWATCHED) -shuffle=on -timeout 8m ./...

bench: ## the benchmarks
	$(GO) test -run '^$$' -bench . -benchmem ./...

pkcs11: ## the tests of keys in a PKCS#11 token, on SoftHSM2 (needs cgo and softhsm2)
	CGO_ENABLED=1 $(GO) vet -tags pkcs11 ./trust/keys/... ./gateway
	CGO_ENABLED=1 $(GO) test -count=1 -tags pkcs11 -v ./trust/keys/pkcs11
	CGO_ENABLED=1 $(GO) test -count=1 -tags pkcs11 -run 'PKCS11' -v ./gateway

fuzz: ## every fuzz target for FUZZTIME (10s)
	@bash -euo pipefail -c "$$FUZZ"

tools: ## install what the check needs, where that is possible
	@bash -euo pipefail -c "$$TOOLS"

check: tools ## what CI runs; ends with what was left out
	@bash -euo pipefail -c "$$CHECK"

accept: tools ## the programs under load at size P, and the fuzz targets
	@size=P limit=60m bash -euo pipefail -c "$$PROGRAMS"
	@bash -euo pipefail -c "$$FUZZ"

soak: tools ## the programs under load at size N: hours
	@size=N limit=0 bash -euo pipefail -c "$$PROGRAMS"

# Installs nothing that is there, and nothing where it may not.
define TOOLS
missing=
command -v gcc >/dev/null || command -v clang >/dev/null || missing="$$missing gcc libc6-dev"
command -v redis-server >/dev/null || missing="$$missing redis-server"
command -v softhsm2-util >/dev/null || missing="$$missing softhsm2"
command -v qpdf >/dev/null || missing="$$missing qpdf"
command -v pdftotext >/dev/null || missing="$$missing poppler-utils"
if [ -z "$$missing" ]; then exit 0; fi
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
	echo "tools: installing$$missing"
	log=$$(mktemp)
	if ! { apt-get -qq -o Acquire::Retries=2 update && apt-get -qq install -y --no-install-recommends $$missing; } >"$$log" 2>&1; then
		echo "tools: could not install$$missing:"; tail -n 3 "$$log"
	fi
	rm -f "$$log"
else
	echo "tools: missing$$missing (installed only by root with apt-get)"
fi
endef
export TOOLS

# Programs under load run on a build without the race detector, which would
# slow the record ninefold. They are the tests named TestProgram…, behind
# EHDSGW_PROGRAMS: S in check, P in accept, N in soak.
define PROGRAMS
packages=$$({ grep -rl --include='*_test.go' '^func TestProgram' . || true; } | while read -r f; do dirname "$$f"; done | sort -u)
if [ -z "$$packages" ]; then echo "programs: this tree has none"; exit 0; fi
EHDSGW_PROGRAMS=$$size $(GO) test -count=1 -v -timeout $$limit -run '^TestProgram' $$packages
endef
export PROGRAMS

# A target that fails leaves the input that failed it, or names the seed. Without either, a line that says "context
# deadline exceeded" and nothing else is the go tool stopping its own workers, and says nothing about the target.
define FUZZ
said=$$(mktemp)
trap 'rm -f "$$said"' EXIT
fuzz() {
	$(GO) test -run '^$$' -fuzz "^$$2\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$1" </dev/null 2>&1 | tee "$$said" && return
	grep -q '^ *context deadline exceeded$$' "$$said" && ! grep -q 'Failing input written\|seed corpus entry\|panic' "$$said"
}
grep -rn --include='*_test.go' -oE '^func Fuzz[A-Za-z0-9_]+' . | sort | while IFS=: read -r file _ func; do
	echo "fuzz: $$(dirname "$$file") $${func#func }"
	fuzz "$$(dirname "$$file")" "$${func#func }"
done
endef
export FUZZ

# Steps stop at the first failure. Whatever could not be run is said at the end.
define CHECK
left=
began=$$SECONDS
step() {
	local name=$$1 start=$$SECONDS; shift
	echo "check: $$name"
	"$$@" || { echo "check: $$name FAILED after $$((SECONDS-start))s"; exit 1; }
	echo "check: $$name, $$((SECONDS-start))s"
}
out() { left="$$left$${left:+; }$$1"; }
formatted() {
	local files; files=$$(gofmt -l .)
	[ -z "$$files" ] || { echo "not formatted (make fmt):"; echo "$$files"; return 1; }
}
race="-race $(UNWATCHED)"
if [ "$$($(GO) env CGO_ENABLED)" != 1 ] || ! command -v "$$($(GO) env CC | cut -d' ' -f1)" >/dev/null; then
	race=; out "the race detector: it needs a C compiler"
fi
command -v redis-server >/dev/null || out "the tests on a real redis-server: it is not installed"
command -v qpdf >/dev/null && command -v pdftotext >/dev/null || out "the tests of documents with readers of PDF: qpdf or poppler-utils is not installed"
[ -d "$${EHDSGW_SHARED:-../shared/data}" ] || out "the tests on public samples: EHDSGW_SHARED names no folder and ../shared/data is absent"
grep -rql --include='*_test.go' '^func TestProgram' . || out "programs under load: this tree has none"

step "format" formatted
step "build" $(GO) build ./...
step "vet" $(GO) vet ./...
step "staticcheck" $(GO) tool staticcheck ./...
# The commands and the tests of the sources run nothing beside each other: what does is below them.
alone='/cmd/ehdsgw(/internal/archtest)?$$'
step "tests $$([ -n "$$race" ] && echo -race || echo without the race detector)" \
	$(GO) test $$race -p 3 -vet=off -ldflags=-w -shuffle=on -timeout 8m $$($(GO) list ./... | grep -Ev "$$alone")
step "tests of the commands and the sources" $(GO) test -vet=off -shuffle=on -timeout 8m $$($(GO) list ./... | grep -E "$$alone")
if (cd trust/wycheproof && $(GO) mod download) >/dev/null 2>&1; then
	step "Wycheproof" bash -euo pipefail -c 'cd trust/wycheproof && $(GO) vet . && $(GO) test -count=1 -v .'
else
	out "Wycheproof: its module could not be had"
fi
if [ -n "$$race" ] && command -v softhsm2-util >/dev/null; then # the same C compiler
	step "keys in a PKCS#11 token" $(MAKE) --no-print-directory pkcs11
else
	out "keys in a PKCS#11 token: it needs a C compiler and softhsm2"
fi
step "programs under load, size S" env size=S limit=5m bash -euo pipefail -c "$$PROGRAMS"

echo "check: all green in $$((SECONDS-began))s; left out: $${left:-nothing}"
endef
export CHECK
