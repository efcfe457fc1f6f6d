#!/bin/sh
# Compiles alloc.c into test programs and runs them.
#
#   ./run.sh                  the two sample tests
#   ./run.sh my_test.c ...    your own test programs
#
# CC and CFLAGS come from the environment, where they are set. The exit status
# is 0 if every program compiled and passed, 1 if not, and more after a signal.
set -u

complain() {
	printf 'run.sh: %s\n' "$*" >&2
}

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
CC=${CC:-cc}
CFLAGS=${CFLAGS--O2 -g -Wall -Wextra}
if ! command -v "${CC%% *}" >/dev/null; then
	complain "no compiler '${CC%% *}' found; name yours, as in: CC=gcc ./run.sh"
	exit 1
fi
[ $# -gt 0 ] || set -- "$here/test_alloc1.c" "$here/test_alloc2.c"

built=$(mktemp -d "${TMPDIR:-/tmp}/run.XXXXXX") || exit 1
running=
clean_up() {
	[ -z "$running" ] || kill -KILL "$running" 2>/dev/null
	rm -rf "$built"
}
trap clean_up EXIT
for signal in 1 2 3 13 15; do # HUP INT QUIT PIPE TERM
	# shellcheck disable=SC2064 # expanded now
	trap "exit $((128 + signal))" "$signal"
done
# shellcheck disable=SC3045 # POSIX has -c since 2024
ulimit -c 0 2>/dev/null # a test that crashes leaves no core file
if (exec 3<&0) 2>&-; then exec 3<&0; else exec 3</dev/null; fi # no stdin: an empty one

compile() {
	# shellcheck disable=SC2086 # CC and CFLAGS may be several words each
	$CC $CFLAGS -I"$here" -o "$built/test" "$1" "$here/alloc.c"
}

# Runs the test in the background, so that a signal is handled at once, and not when the test ends.
run() {
	"$built/test" <&3 3<&- &
	running=$!
	wait "$running"
	status=$?
	running=
	return $status
}

failed_how() {
	if [ "$1" -gt 128 ] && signal=$(kill -l "$1" 2>/dev/null); then
		echo "killed by SIG$signal"
	else
		echo "failed with exit status $1"
	fi
}

passed=0
for source; do
	printf '== %s ==\n' "${source#"$here/"}"
	case $source in
	/*) path=$source ;;
	*) path=./$source ;;
	esac
	if [ ! -f "$path" ]; then
		complain "$source: no such file"
	elif ! compile "$path"; then
		complain "$source: does not compile"
	elif run; then
		passed=$((passed + 1))
	else
		complain "$source: $(failed_how "$status")"
	fi
done
echo "run.sh: $passed of $# test programs passed"
[ $passed -eq $# ]
