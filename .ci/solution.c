/* For judge: a solution in many variants. The page is 512 units; a chunk's size and state are those of its first unit. */
#include "alloc.h"

enum { FIRST_FIT, BEST_FIT, WORST_FIT, NEXT_FIT, FROM_TOP, FROM_MIDDLE, NOT_COALESCED, WORST_NOT_COALESCED,
       COALESCED_ONE_WAY, TWO_PAGES, FIXED_ADDRESS, REFUSES_CLEANUP, PRINTS }; /* values of RIGHT */
static char *page, *first_page;
static int size[512], used[512], freed[512], chunks, next, lives, requests; /* size: in units; freed: was in use before */

int init(void)
{
	char *place = RIGHT == FIXED_ADDRESS ? (char *)0x20000000 : NULL;
	if (FAULT == 1 || (FAULT == 2 && dup(STDOUT_FILENO) < 0)) return 1;
	page = FAULT == 3 ? malloc(4096) : mmap(place, RIGHT == TWO_PAGES ? 8192 : 4096, PROT_READ | PROT_WRITE,
	                                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || (place != NULL && page != place)) { perror("mmap"); return FAULT == 4 ? 0 : 1; }
	page = FAULT == 5 && lives > 0 ? first_page : (first_page = page);
	if (FAULT == 6 && lives++ > 0) return 0;
	size[0] = 512, chunks = 1, lives = 1;
	return next = used[0] = freed[0] = 0;
}
int cleanup(void)
{
	for (int u = 0; RIGHT == REFUSES_CLEANUP && u < 512; u += size[u]) if (used[u]) return -1;
	return FAULT == 7 ? 0 : munmap(page, RIGHT == TWO_PAGES || FAULT == 8 ? 8192 : 4096);
}
static void split(int u, int units)
{
	size[u + units] = size[u] - units, used[u + units] = 0, freed[u + units] = freed[u], size[u] = units, chunks++;
}
static void merge(int u) { size[u] += size[u + size[u]], chunks--; }
static int find(int units) /* the first unit of the free chunk to use, or -1 */
{
	int best = -1;
	for (int u = 0; u < 512; u += size[u])
		if (!used[u] && (size[u] >= units || FAULT == 10) && (best < 0 || RIGHT == FROM_TOP ||
		    (RIGHT == BEST_FIT && size[u] < size[best]) || (RIGHT == NEXT_FIT && best < next) ||
		    ((RIGHT == WORST_FIT || RIGHT == WORST_NOT_COALESCED) && size[u] > size[best]))) best = u;
	return best >= 0 && size[best] >= units ? best : -1;
}
char *alloc(int bytes)
{
	if (RIGHT == PRINTS || FAULT == 13) puts("19 passed, 0 failed");
	if (FAULT == 11) bytes = (bytes + 7) / 8 * 8;
	if (bytes <= 0 || bytes % 8 != 0) return NULL;
	if (FAULT == 13) exit(0);
	int units = FAULT == 12 ? bytes / 8 % 65536 : bytes / 8, u = find(units);
	while (u < 0 && FAULT == 14) pause();
	if (u < 0 || (FAULT == 15 && chunks == 100) || (FAULT == 16 && ++requests > 60000)) return NULL;
	int skip = RIGHT == FROM_TOP ? size[u] - units : RIGHT == FROM_MIDDLE ? (size[u] - units) / 2 : 0;
	if (skip > 0) split(u, skip), u += skip;
	if (size[u] > units + (FAULT == 18) && !(FAULT == 17 && freed[u])) split(u, units);
	if (FAULT == 19 && u > 0) page[u * 8 - 1] = 0;
	if (FAULT == 23) next = size[512 + (chunks < 0)];
	used[u] = FAULT != 9 || units > 1, next = u;
	return page + u * 8;
}
void dealloc(char *pointer)
{
	int u = (int)(pointer - page) / 8, before = -1;
	for (int v = 0; FAULT == 20 && v < u; v += size[v]) if (used[v] && strcmp(page + v * 8, pointer) == 0) u = v;
	for (int v = 0; v < u; v += size[v]) before = v;
	int right = u + size[u] < 512 && !used[u + size[u]], left = before >= 0 && !used[before];
	if (FAULT == 21) return;
	if (FAULT == 22 && left && right) abort();
	used[u] = 0, freed[u] = 1;
	if (right && (RIGHT < NOT_COALESCED || RIGHT > COALESCED_ONE_WAY)) merge(u);
	if (left && (RIGHT < NOT_COALESCED || RIGHT >= COALESCED_ONE_WAY)) merge(before);
}
