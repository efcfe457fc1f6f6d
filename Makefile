CFLAGS ?= -O2 -g -Wall -Wextra
SANITIZE = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
TESTS = test_alloc1 test_alloc2
# Empty if a copy of these files comes without .ci.
CHECK = $(basename $(wildcard .ci/check_alloc.c))
# As it was typed: make expands nothing in it.
override ROLL := $(value ROLL)
export CC CFLAGS LDLIBS ROLL
# This folder is tested and packed, whatever the environment says.
unexport SOLUTION TAR_OPTIONS GZIP

.PHONY: all test check submission clean $(TESTS) $(CHECK)
.SUFFIXES:

all: $(TESTS)

$(TESTS):
	$(CC) $(CFLAGS) -o $@ $@.c alloc.c $(LDLIBS)

$(CHECK):
	$(CC) $(CFLAGS) -I. -o $@ $@.c $(LDLIBS)

test: $(CHECK)
	@sh run.sh
	@$(CHECK:%=./%)

check: $(TESTS)
	@probe=$$(mktemp) || exit 1; trap 'rm -f "$$probe"' EXIT; for cc in gcc clang; do \
		if echo 'int main(void) { return 0; }' | $$cc $(SANITIZE) -x c -o "$$probe" - 2>/dev/null && "$$probe"; \
		then $(MAKE) test CC=$$cc CFLAGS='$(SANITIZE)' || exit 1; \
		else echo "make check: no $$cc with sanitizers here: left out"; fi; done
	@if command -v valgrind >/dev/null; \
	then for check in $(CHECK); do $(CC) $(CFLAGS) -DQUICK -I. -o $$check $$check.c || exit 1; done; \
		for program in $(TESTS) $(CHECK); do valgrind -q --error-exitcode=99 ./$$program || exit 1; done; \
	else echo 'make check: no valgrind here: left out'; fi

# One command, so that no flag of make can have it pack what does not pass. It takes GNU tar.
submission:
	@case $$ROLL in '' | *[!A-Za-z0-9_-]*) \
		echo 'usage: make submission ROLL=12345678, where ROLL has only letters, digits, - and _' >&2; exit 1;; esac; \
	sh run.sh && packed=$$(mktemp -d) && trap 'rm -rf "$$packed"' EXIT && \
	install -d "$$packed/$$ROLL" && install -m 644 alloc.h alloc.c "$$packed/$$ROLL" && \
	tar --owner=0 --group=0 -zcvf "$$packed/tar.gz" -C "$$packed" -- "$$ROLL" && \
	mv -fT -- "$$packed/tar.gz" "$$ROLL.tar.gz" && echo "$$ROLL.tar.gz is ready to hand in"

clean:
	rm -f $(TESTS) .ci/check_alloc
