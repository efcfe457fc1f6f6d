CFLAGS ?= -O2 -g -Wall -Wextra
SANITIZE = -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all
TESTS = test_alloc1 test_alloc2

# The shell gets ROLL as it was typed: make expands nothing in it, and $$ROLL is never parsed.
override ROLL := $(value ROLL)
export ROLL

.PHONY: all test check submission clean help

all: $(TESTS)

$(TESTS): %: %.c alloc.c alloc.h
	$(CC) $(CFLAGS) -o $@ $< alloc.c

test: $(TESTS)
	@status=0; \
	for test in $(TESTS); do \
		echo "== $$test =="; \
		./$$test || { echo "make test: $$test failed" >&2; status=1; }; \
	done; \
	exit $$status

# Runs $(1), and shows the last line that it prints, or where it fails, all of them. Sanitizers report to files
# beside them, for the tests take stderr away now and then.
define quietly
{ rm -f .check/output*; export ASAN_OPTIONS=log_path=.check/output UBSAN_OPTIONS=log_path=.check/output; \
$(1) >.check/output 2>&1 || { cat .check/output*; exit 1; }; }; tail -n 1 .check/output
endef

check: $(TESTS)
	@mkdir -p .check; checked=; \
	for compiler in gcc clang; do \
		echo "int main(void) { return 0; }" | $$compiler $(SANITIZE) -x c -o .check/probe - 2>/dev/null || \
			{ echo "$$compiler is not installed, or not its sanitizers: left out"; continue; }; \
		for test in $(TESTS); do \
			echo "== $$test, $$compiler, AddressSanitizer and UndefinedBehaviorSanitizer =="; \
			$$compiler $(SANITIZE) -o .check/$$test $$test.c alloc.c || exit 1; \
			$(call quietly,.check/$$test); \
		done; \
		checked=yes; \
	done; \
	[ -n "$$checked" ] || { echo "make check: needs gcc or clang, with sanitizers" >&2; exit 1; }
	@command -v valgrind >/dev/null || { echo "valgrind is not installed: left out"; exit 0; }; \
	for test in $(TESTS); do \
		echo "== $$test, Valgrind =="; \
		$(call quietly,valgrind -q --leak-check=full --error-exitcode=99 ./$$test); \
	done

# One shell line, which ends at the first failure: even make -i packs nothing unless ROLL is right and the tests pass.
# .archives tells make clean which archives are from here.
submission: export LC_ALL = C
submission:
	@set -e; \
	case $$ROLL in \
	'' | *[!A-Za-z0-9_-]*) \
		echo "make submission: ROLL must be your roll number, of letters, digits, - and _" >&2; \
		echo "usage: make submission ROLL=12345678" >&2; \
		exit 1 ;; \
	esac; \
	$(MAKE) --no-print-directory -B test; \
	folder=$$(mktemp -d); \
	trap 'rm -rf "$$folder"' EXIT; \
	trap 'exit 1' HUP INT TERM; \
	mkdir -- "$$folder/$$ROLL"; \
	cp alloc.h alloc.c "$$folder/$$ROLL"; \
	tar -zcvf "$$folder/$$ROLL.tar.gz" -C "$$folder" -- "$$ROLL"; \
	echo "$$ROLL.tar.gz" >>.archives; \
	mv -f "$$folder/$$ROLL.tar.gz" .; \
	echo "$$ROLL.tar.gz is ready to hand in"

clean:
	rm -rf $(TESTS) .check
	@[ ! -f .archives ] || while read -r archive; do rm -f -- "$$archive"; done <.archives
	@rm -f .archives

help:
	@echo "make                           build the two test programs"
	@echo "make test                      run them"
	@echo "make check                     run them under sanitizers and Valgrind"
	@echo "make submission ROLL=12345678  test, then pack alloc.h and alloc.c as 12345678.tar.gz"
	@echo "make clean                     remove everything that these made, archives too"
	@echo "make help                      show this"
