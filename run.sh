#!/bin/sh
# usage: ./run.sh [test.c ...]
# Compiles each test program together with alloc.c and runs it. The default is the two sample tests.
# The exit status is 0 if all of them pass. Environment variables:
#   CC=clang CFLAGS='-g -fsanitize=address' LDLIBS=-lm ./run.sh my_test.c
#   SOLUTION=../12345678 ./run.sh   # tests the alloc.h and alloc.c in that folder

say() {
	printf 'run.sh: %s\n' "$*" || exit 1
}
here=$(dirname -- "$(readlink -f -- "$0")")
case ${1-} in
--help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;;
-*) say "unknown option $1; see ./run.sh --help" >&2; exit 2 ;;
esac
[ $# -gt 0 ] || set -- "$here/test_alloc1.c" "$here/test_alloc2.c"
: "${CC:=cc}" "${CFLAGS=-g -Wall -Wextra}" "${SOLUTION=$here}"
command -v "${CC%% *}" >/dev/null || { say "cannot find the compiler $CC; set CC, as in CC=gcc ./run.sh" >&2; exit 1; }
solution=$(readlink -f -- "$SOLUTION")
for file in alloc.c alloc.h; do [ -f "$solution/$file" ] || { say "no $file in '$SOLUTION'" >&2; exit 1; }; done
built=$(mktemp -d) || exit 1
trap 'rm -rf "$built"' EXIT
trap 'exit 1' HUP INT PIPE TERM # runs the EXIT trap
passed=0
for test; do
	copy=$built/$(basename -- "$test") # so that #include "alloc.h" finds the solution's
	if [ -d "$test" ]; then
		result='is a directory'
	elif [ ! -f "$test" ]; then
		result='no such file'
	elif ! { cp -f -- "$test" "$copy" && $CC $CFLAGS -I"$solution" -I"$(dirname -- "$test")" \
		-o "$built/a.out" "$copy" "$solution/alloc.c" $LDLIBS; }; then
		result='does not compile'
	elif "$built/a.out"; then
		result=passed
		passed=$((passed + 1))
	else
		status=$?
		result="failed with exit status $status"
		if [ $status -gt 128 ] && signal=$(kill -l $status 2>/dev/null); then result="killed by SIG$signal"; fi
	fi
	say "${test#"$here/"}: $result"
done
say "$passed of $# test programs passed"
[ $passed -eq $# ]
