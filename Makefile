CFLAGS ?= -O2 -g -Wall -Wextra
SANITIZE = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
TESTS = test_alloc1 test_alloc2
CHECKS = $(basename $(wildcard .ci/check_*.c))
# As it was typed: make expands nothing in it.
override ROLL := $(value ROLL)
export CC CFLAGS ROLL

.PHONY: all test check submission clean $(TESTS) $(CHECKS)
.SUFFIXES:

all: $(TESTS)

$(TESTS):
	$(CC) $(CFLAGS) -o $@ $@.c alloc.c

$(CHECKS):
	$(CC) -O2 -I. -o $@ $@.c

test:
	@sh run.sh

check: $(TESTS) $(CHECKS)
	@for cc in gcc clang; do \
		if echo 'int main(void) { return 0; }' | $$cc $(SANITIZE) -x c -o /dev/null - 2>/dev/null; \
		then CC=$$cc CFLAGS='$(SANITIZE)' sh run.sh || exit 1; \
		else echo "make check: no $$cc with sanitizers here: left out"; fi; done
	@if command -v valgrind >/dev/null; \
	then for test in $(TESTS); do valgrind -q --error-exitcode=99 ./$$test || exit 1; done; \
	else echo 'make check: no valgrind here: left out'; fi
	@for check in $(CHECKS); do ./$$check || exit 1; done

# One command, so that no flag of make can have it pack what does not pass.
submission:
	@case $$ROLL in '' | *[!A-Za-z0-9_-]*) \
		echo 'usage: make submission ROLL=12345678, where ROLL has letters, digits, - and _ alone' >&2; exit 1;; esac; \
	sh run.sh && packed=$$(mktemp -d) && trap 'rm -rf "$$packed"' EXIT && \
	mkdir "$$packed/$$ROLL" && cp alloc.h alloc.c "$$packed/$$ROLL" && \
	tar -zcvf "$$packed/tar.gz" -C "$$packed" -- "$$ROLL" && mv -- "$$packed/tar.gz" "$$ROLL.tar.gz" && \
	echo "$$ROLL.tar.gz is ready to hand in"

clean:
	rm -f $(TESTS) $(CHECKS)
