#!/bin/sh
# usage: ./run.sh [test.c ...], or ./run.sh --grade SUBMISSION ...
# Compiles each test program together with alloc.c and runs it. The default is the two sample tests.
# --grade runs test_alloc2 on each submission, an archive or a folder, for at most two minutes. It prints a line for each,
# and writes a report on it to the folder reports. The exit status is 0 if all pass. Environment variables:
#   CC=clang CFLAGS='-g -fsanitize=address' LDLIBS=-lm ./run.sh my_test.c
#   SOLUTION=../12345678 ./run.sh   # tests the alloc.h and alloc.c in that folder

say() { printf 'run.sh: %s\n' "$*" || exit 1; }
die() { say "$@" >&2; exit 2; }

run_test() { # TEST
	source=$temporary/$(basename -- "$1") # a copy of the test, so that #include "alloc.h" finds the solution's
	if [ ! -f "$1" ]; then result='is not a file'
	elif ! { cp -f -- "$1" "$source" && $CC ${CFLAGS--g -Wall -Wextra} -I"$solution" -I"$(dirname -- "$1")" \
		-o "$temporary/a.out" "$source" "$solution/alloc.c" ${LDLIBS-}; }; then result='does not compile'
	elif [ ! -x "$temporary/a.out" ]; then result='cannot be run: no program was made, or TMPDIR forbids it'
	elif "$temporary/a.out"; then result=passed passed=$((passed + 1))
	else
		status=$? result="failed with exit status $?"
		if [ $status -gt 128 ] && signal=$(kill -l $status 2>/dev/null); then result="$result (SIG$signal?)"; fi
	fi
	say "${1#"$here/"}: $result"
}

limited() { # COMMAND ...: runs it in the folder $work for at most two minutes, and ends its process group
	(cd "$work" && ulimit -f 200000 && exec env -u TAR_OPTIONS -u UNZIP timeout -k 5 120 "$@") & running=$!
	wait $running; set -- $?; stop; return "$1"
}
stop() { [ -z "$running" ] || kill -s KILL -- "-$running" "$running" 2>/dev/null; running=''; }

test_submission() { # FILE: prints the report, and sets `result` if the test cannot be run
	printf 'Submission: %s\n' "$1"
	folder=$1 result='cannot be unpacked'
	[ ! -e "$1" ] || [ -r "$1" ] || { result='cannot be read'; return 1; }
	[ -f "$1" ] || [ -d "$1" ] || return
	if [ -f "$1" ]; then
		folder=$work
		limited tar -xf "$1" || limited unzip -qoP x /dev/fd/3 3<"$1" || # its name may look like a pattern
			[ "$(head -c 2 "$1")" != PK ] || command -v unzip >/dev/null || result='cannot be unpacked without unzip'
		chmod -R u+rwX "$work"
		[ -n "$(ls -A "$work")" ] || return
	fi
	result='no alloc.c'
	nearest=$(find -H "$folder" -type f -name alloc.c -printf '%d %h\0' | sort -zn | head -zn 1 | tr -d '\0')
	[ -n "$nearest" ] || return
	SOLUTION=${nearest#* } result='no alloc.h' && export SOLUTION
	[ -f "$SOLUTION/alloc.h" ] && result='no result within 2 minutes' || return
	printf 'The solution in %s is tested.\n' "${SOLUTION#"$temporary/"}"
	find -H "$folder" -type f -name alloc.c ! -samefile "$SOLUTION/alloc.c" -printf 'There is another one: %P\n'
	limited sh "$here/run.sh" "$here/test_alloc2.c"
}

grade() { # SUBMISSION ...
	[ $# -gt 0 ] && mkdir -p reports || die 'usage: ./run.sh --grade SUBMISSION ...'
	export CC TMPDIR="$temporary" CFLAGS="${CFLAGS--g -w -std=gnu17 -fpermissive}" LDLIBS="-lm ${LDLIBS-}"
	for submission; do
		file=$(realpath -ms -- "$submission")
		name=$(printf %s "${file##*/}" | tr '[:cntrl:]' '?')
		while [ -d "$temporary/$name" ]; do name=$name+; done # of two with the same name
		work=$temporary/$name report=$temporary/.report; mkdir "$work"
		test_submission "$file" >"$report" 2>&1 </dev/null && passed=$((passed + 1))
		verdict=$(tee -- "reports/$name" <"$report" | tail -n 2 | LC_ALL=C sed -n 's/^run.sh: test_alloc2.c: //p')
		case $verdict in '') ;; passed | *' 1') result=$(tail -n 3 "$report" | head -n 1) ;; *) result=$verdict ;; esac
		printf '%s\t%s\n' "$name" "$result"
	done
	say "$passed of $# submissions passed"
	[ $passed -eq $# ]
}

here=$(dirname -- "$(readlink -f -- "$0")") passed=0 running='' temporary=''
trap 'set +e; trap "" HUP INT QUIT PIPE TERM; stop; wait; chmod -fR u+rwX "$temporary"; rm -rf "$temporary"' EXIT
trap 'exit 1' HUP INT QUIT PIPE TERM # runs the EXIT trap
temporary=$(mktemp -d) && temporary=$(realpath -- "$temporary") || exit 1
case ${1-} in --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0"; exit ;; --grade | --) ;; -*) die "unknown option $1; see --help" ;; esac
command -v "${CC:=cc}" >/dev/null || command -v "${CC%% *}" >/dev/null || die "cannot find the compiler $CC; set CC"
[ "${1-}" != --grade ] || { shift && grade "$@"; exit; }
[ "${1-}" != -- ] || shift
[ $# -gt 0 ] || set -- "$here/test_alloc1.c" "$here/test_alloc2.c"
solution=$(readlink -f -- "${SOLUTION-$here}")
for file in alloc.c alloc.h; do [ -f "$solution/$file" ] || die "no $file in '${SOLUTION-$here}'"; done
for test; do run_test "$test"; done
say "$passed of $# test programs passed"
[ $passed -eq $# ]
