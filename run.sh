#!/bin/sh
# usage: ./run.sh [test.c ...]
# Compiles each test program with the alloc.c beside run.sh, and runs it; without
# arguments, the two sample tests. The environment may choose compiler and flags:
#   CC=clang CFLAGS='-g -fsanitize=address' ./run.sh my_test.c
# The exit status is 0 if all test programs passed.

say() {
	printf 'run.sh: %s\n' "$*"
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
case ${1-} in
--help) sed -n '2,/^$/s/^# \{0,1\}//p' "$here/run.sh"; exit ;;
-*) say "$1 is no option; see ./run.sh --help" >&2; exit 2 ;;
esac
[ $# -gt 0 ] || set -- "$here/test_alloc1.c" "$here/test_alloc2.c"
: "${CC:=cc}" "${CFLAGS=-O2 -g -Wall -Wextra}"
command -v "${CC%% *}" >/dev/null || { say "no compiler ${CC%% *}; name yours, as in: CC=gcc ./run.sh" >&2; exit 1; }
built=$(mktemp -d) || exit 1
trap 'rm -rf "$built"' EXIT
trap 'say "stopped by a signal" >&2; exit 1' HUP INT QUIT PIPE TERM

passed=0
for source; do
	case $source in -*) source=./$source ;; esac
	other=$(dirname "$source")/alloc.h
	if [ -d "$source" ]; then
		result='is a directory'
	elif [ ! -f "$source" ]; then
		result='no such file'
	elif [ -f "$other" ] && ! cmp -s "$other" "$here/alloc.h"; then
		result="would include $other instead of $here/alloc.h"
	elif ! $CC $CFLAGS -I"$here" -o "$built/test" "$source" "$here/alloc.c"; then
		result='does not compile'
	elif "$built/test"; then
		result=passed
		passed=$((passed + 1))
	else
		status=$?
		result="failed with exit status $status"
		[ $status -le 128 ] || ! signal=$(kill -l $status 2>/dev/null) || result="killed by SIG$signal"
	fi
	say "${source#"$here/"}: $result"
done
say "$passed of $# test programs passed"
[ $passed -eq $# ]
