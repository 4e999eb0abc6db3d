# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
#
# The front door: each target does all it needs on a fresh Debian 12, from the packages on.
# Meson does the building.

SETUP := $(if $(filter true,$(CI)),-Dwerror=true)
ASAN := -Dbuildtype=debugoptimized -Db_sanitize=address,undefined
FUZZ := -Dfuzz=true -Db_lundef=false
FUZZ_CC := clang-14
FUZZ_SECONDS := 600
TESTS :=
BENCH :=
BENCHES := tables speed scale routers elements links tunnels sched fairness

.NOTPARALLEL:

.PHONY: all
all: build/build.ninja
	ninja -C build

.PHONY: help
help:
	@echo 'make             builds build/app/dpdk-vrouter'
	@echo 'make run         runs it on made-up traffic: no root, no hugepages, no NIC'
	@echo 'make test        runs the tests; TESTS="--suite unit" picks some'
	@echo 'make test-asan   the same with the address and undefined-behaviour sanitizers'
	@echo 'make fuzz        fuzzes each target for FUZZ_SECONDS=600 seconds'
	@echo 'make bench       measures tables, speed and scale beside DPDK; BENCH="--rounds 1"'
	@echo '                 bench-tables, -speed, -scale, -routers, -elements, -links, -tunnels,'
	@echo '                 -sched, -fairness: one;'
	@echo '                 BENCH_ROUTES=FILE: a table of the Internet to measure with'
	@echo 'make demo-netns  routes between Linux hosts in network namespaces'
	@echo 'make format      formats the C sources in place'
	@echo 'make clean       removes the build folders'

.PHONY: run
run: all
	tools/run-demo.sh

.PHONY: test
test: deps-test all fuzz-targets
	tools/run-tests build $(TESTS)

.PHONY: test-asan
test-asan: deps-test build-asan/build.ninja
	ninja -C build-asan
	UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
		tools/run-tests build-asan --timeout-multiplier 4 $(TESTS)

.PHONY: fuzz
fuzz: fuzz-targets
	tests/fuzz/run.py --seconds $(FUZZ_SECONDS) --corpus build-fuzz/corpus

# Without clang its tests are skipped, and say so.
.PHONY: fuzz-targets
fuzz-targets: deps-fuzz
	@if command -v $(FUZZ_CC) >/dev/null; then \
		$(MAKE) --no-print-directory build-fuzz/build.ninja && ninja -C build-fuzz; \
	else \
		echo 'fuzz targets: not built, there is no $(FUZZ_CC) (FUZZ_CC= names another clang)'; \
	fi

# BENCH_ROUTES=FILE: a table of the Internet for those that measure with one; they make one up without.
.PHONY: bench
bench: $(BENCHES:%=bench-%)

.PHONY: $(BENCHES:%=bench-%)
$(BENCHES:%=bench-%): bench-%: deps-bench all
	bench/$*.py $(BENCH)

.PHONY: demo-netns
demo-netns: deps-test all
	tools/demo-netns.sh

.PHONY: format
format: deps-format
	git ls-files -z '*.c' '*.h' | xargs -0r clang-format-14 -i

.PHONY: clean
clean:
	rm -rf build build-asan build-fuzz

# Not .PHONY: make looks for no pattern rule for those.
deps-%:
	@tools/install-deps.sh $*

build/build.ninja: | deps-build
	meson setup $(SETUP) build

build-asan/build.ninja: | deps-build
	meson setup $(SETUP) $(ASAN) build-asan

# Without -Dwerror=true: the warnings that count are those of the compiler that builds the program.
build-fuzz/build.ninja: | deps-build
	CC=$(FUZZ_CC) meson setup $(ASAN) $(FUZZ) build-fuzz
