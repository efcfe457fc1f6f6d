#!/bin/sh
# usage: ./run.sh [test.c ...]
# Compiles each test program with alloc.c, and runs it; without arguments, the two
# sample tests beside run.sh. The exit status is 0 if all test programs passed.
# The environment may choose compiler, flags, libraries, and another folder than that
# of run.sh whose alloc.h and alloc.c are tested:
#   CC=clang CFLAGS='-g -fsanitize=address' LDLIBS=-lm ./run.sh my_test.c
#   SOLUTION=submissions/12345678 ./run.sh

# shellcheck disable=SC2086 # compiler, flags and libraries are several words
say() {
	printf 'run.sh: %s\n' "$*" || exit 1
}

# The test that runs has a second to end what it has started.
stop() {
	trap '' HUP INT QUIT PIPE TERM
	kill $! 2>/dev/null && sleep 1 && kill -KILL $! 2>/dev/null
	say 'stopped by a signal'
	exit 1
}

# Streams that were closed on purpose are no error.
(: 3<&0) 2>/dev/null || exec </dev/null
(: 3>&1) 2>/dev/null || exec >/dev/null
(: 3>&2) || exec 2>/dev/null
here=$(dirname -- "$(readlink -f -- "$0")")
case ${1-} in
--help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
-*) say "$1 is no option; see ./run.sh --help" >&2; exit 2 ;;
esac
[ $# -gt 0 ] || set -- "$here/test_alloc1.c" "$here/test_alloc2.c"
: "${CC:=cc}" "${CFLAGS=-O2 -g -Wall -Wextra}" "${SOLUTION=$here}"
for compiler in $CC ''; do break; done
command -v "$compiler" >/dev/null || { say "no compiler $compiler; name yours, as in: CC=gcc ./run.sh" >&2; exit 1; }
case $SOLUTION in [-=@]*) SOLUTION=./$SOLUTION ;; esac # which compilers take for more than a name
[ -d "$SOLUTION" ] || { say "no folder '$SOLUTION'" >&2; exit 1; }
[ -f "$SOLUTION/alloc.c" ] || { say "no alloc.c in $SOLUTION" >&2; exit 1; }

built=$(mktemp -d) || exit 1
trap 'status=$?; rm -rf "$built"; exit $status' EXIT
trap stop HUP INT QUIT PIPE TERM
# A test runs in the background, so that a signal ends it at once. There, a shell takes
# its input away, and has it ignore these two signals.
exec 3<&0
heed='env --default-signal=INT,QUIT'
$heed true 2>/dev/null || heed=

passed=0
for test; do
	case $test in [-@]*) test=./$test ;; esac
	source=$test
	# #include "alloc.h" looks beside the test first. Beside a copy, it finds only the solution's.
	if [ "$SOLUTION" != "$here" ] && cmp -s "$(dirname "$test")/alloc.h" "$here/alloc.h"; then
		cp "$test" "$built" 2>/dev/null && source=$built/$(basename "$test")
	fi
	other=$(dirname "$source")/alloc.h
	if [ -d "$test" ]; then
		result='is a directory'
	elif [ ! -f "$test" ]; then
		result='no such file'
	elif [ -f "$other" ] && ! cmp -s "$other" "$SOLUTION/alloc.h"; then
		result="would include $other instead of $SOLUTION/alloc.h"
	elif ! $CC $CFLAGS -I"$SOLUTION" -o "$built/program.out" "$source" "$SOLUTION/alloc.c" $LDLIBS; then
		result='does not compile'
	elif exec $heed "$built/program.out" <&3 3<&- & wait $! 2>/dev/null; then
		result=passed
		passed=$((passed + 1))
	else
		status=$?
		result="failed with exit status $status"
		[ $status -ne 126 ] || result="cannot be run in $built: set TMPDIR to a folder in which programs can run"
		[ $status -le 128 ] || ! signal=$(kill -l $status 2>/dev/null) || result="killed by SIG$signal"
	fi
	say "${test#"$here/"}: $result"
done
say "$passed of $# test programs passed"
[ $passed -eq $# ]
