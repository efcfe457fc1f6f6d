CFLAGS ?= -g -Wall -Wextra
export CC CFLAGS LDLIBS ROLL
unexport SOLUTION TAR_OPTIONS GZIP # this folder is tested and packed, whatever the environment says
.ONESHELL: # a recipe is one script, which ends at its first error, even with make -i or -k
.SHELLFLAGS = -ec
.PHONY: all test submission clean

all: test_alloc1 test_alloc2
test_alloc1 test_alloc2: %: %.c alloc.c alloc.h
	$(CC) $(CFLAGS) -o $@ $< alloc.c $(LDLIBS)

test:
	@sh run.sh test_alloc1.c test_alloc2.c $(wildcard .ci/check_alloc.c)

submission:
	@case $$ROLL in '' | -* | *[!A-Za-z0-9_-]*)
		echo 'usage: make submission ROLL=12345678 (letters, digits, - and _)' >&2; exit 1;; esac
	sh run.sh
	packed=$$(mktemp -d ./tmp.XXXXXX)
	trap 'status=$$?; rm -rf "$$packed"; exit $$status' EXIT HUP INT TERM
	install -D -m 644 -t "$$packed/$$ROLL" alloc.h alloc.c
	tar --owner=0 --group=0 --mode=a-s,go=rX -zcvf "$$packed/tar.gz" -C "$$packed" -- "$$ROLL"
	mv -fT -- "$$packed/tar.gz" "./$$ROLL.tar.gz"
	echo "$$ROLL.tar.gz is ready to hand in"

clean: ; rm -f test_alloc1 test_alloc2
