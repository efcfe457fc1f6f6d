CFLAGS ?= -g -Wall -Wextra
export CC CFLAGS LDLIBS ROLL
# This folder is tested and packed, whatever the environment says.
unexport SOLUTION TAR_OPTIONS GZIP

.PHONY: all test submission clean

all: test_alloc1 test_alloc2

test_alloc1 test_alloc2: %: %.c alloc.c alloc.h
	$(CC) $(CFLAGS) -o $@ $< alloc.c $(LDLIBS)

test:
	@sh run.sh
	@[ ! -f .ci/check_alloc.c ] || { $(CC) $(CFLAGS) -I. -o .ci/check_alloc .ci/check_alloc.c && .ci/check_alloc; }

# One command, so that make -i and -k cannot pack files that failed the tests.
submission:
	@case $$ROLL in '' | -* | *[!A-Za-z0-9_-]*) \
		echo 'usage: make submission ROLL=12345678 (letters, digits, - and _)' >&2; exit 1;; esac; \
	sh run.sh && packed=$$(mktemp -d ./tmp.XXXXXX) && trap 'rm -rf "$$packed"' EXIT && trap 'exit 1' HUP INT TERM && \
	install -d "$$packed/$$ROLL" && install -m 644 alloc.h alloc.c "$$packed/$$ROLL" && \
	tar --owner=0 --group=0 -zcvf "$$packed/tar.gz" -C "$$packed" -- "$$ROLL" && \
	mv -fT -- "$$packed/tar.gz" "./$$ROLL.tar.gz" && echo "$$ROLL.tar.gz is ready to hand in"

clean:
	rm -f test_alloc1 test_alloc2 .ci/check_alloc
