/* What an allocator can do against a program's mistakes, one defence a run: the argument says which.
   The program writes each step that it reaches on standard output, so that the last line tells where it
   was stopped. A question is answered by a line that begins with `=`. */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { N = 64, SMALL = 100, PAGE = 4096, LARGE = 300000, MIB = 1 << 20 };

/* Blocks side by side: what is done to one may hurt another. */
static char *blocks[N];

static void step(const char *name) {
    char line[64];
    int length = snprintf(line, sizeof line, "%s\n", name);
    if (write(1, line, (size_t)length) != length)
        _exit(3);
}

static void answer(const char *text) {
    char line[64];
    snprintf(line, sizeof line, "=%s", text);
    step(line);
}

static void fill(size_t size) {
    for (int i = 0; i < N; i++) {
        blocks[i] = malloc(size);
        memset(blocks[i], 0x11, size);
    }
}

/* Whatever waits for a while, or lies on a list, comes by. */
static void churn(size_t size) {
    static void *kept[512];
    int rounds = size > PAGE ? 600 : 20000;
    step("reuse");
    for (int i = 0; i < rounds; i++) {
        void **place = &kept[i % (size > PAGE ? 8 : 512)];
        free(*place);
        *place = malloc(size);
        if (*place)
            memset(*place, 0, size);
    }
}

static void free_all(void) {
    step("free");
    free(blocks[N / 2]);
    for (int i = 0; i < N; i++)
        if (i != N / 2)
            free(blocks[i]);
}

/* Writes `bytes` bytes behind a block, or before it, upwards or downwards from its end. */
static void over(size_t size, size_t bytes) {
    fill(size);
    step("fault");
    volatile char *end = blocks[N / 2] + size;
    for (size_t i = 0; i < bytes; i++)
        end[i] = 0x41;
    free_all();
    churn(size);
}

static void under(size_t size, size_t bytes) {
    fill(size);
    step("fault");
    volatile char *start = blocks[N / 2];
    for (size_t i = 1; i <= bytes; i++)
        start[-(ptrdiff_t)i] = 0x41;
    free_all();
    churn(size);
}

static void over_1(void) { over(SMALL, 1); }
static void over_8(void) { over(SMALL, 8); }
static void over_16(void) { over(SMALL, 16); }
static void over_4096(void) { over(SMALL, PAGE); }
static void over_mib(void) { over(SMALL, MIB); }
static void under_1(void) { under(SMALL, 1); }
static void under_8(void) { under(SMALL, 8); }
static void under_16(void) { under(SMALL, 16); }
static void under_4096(void) { under(SMALL, PAGE); }
static void under_mib(void) { under(SMALL, MIB); }
static void large_over_1(void) { over(LARGE, 1); }
static void large_over_16(void) { over(LARGE, 16); }
static void large_over_4096(void) { over(LARGE, PAGE); }
static void large_over_mib(void) { over(LARGE, MIB); }
static void large_under_1(void) { under(LARGE, 1); }
static void large_under_4096(void) { under(LARGE, PAGE); }
static void large_under_mib(void) { under(LARGE, MIB); }

/* A string one byte longer than its block: the byte behind the block becomes zero. */
static void over_nul(void) {
    fill(SMALL);
    step("fault");
    ((volatile char *)blocks[N / 2])[SMALL] = 0;
    free_all();
    churn(SMALL);
}

static void read_beyond(void) {
    step("fault");
    for (int round = 0; round < 200; round++) {
        fill(SMALL);
        for (int i = 0; i < N; i++)
            ((volatile char *)blocks[i])[112];
        for (int i = 0; i < N; i++)
            free(blocks[i]);
    }
}

static void zero_read(void) {
    volatile char *block = malloc(0);
    step("fault");
    (void)block[0];
}

static void zero_write(void) {
    volatile char *block = malloc(0);
    step("fault");
    block[0] = 1;
    free((void *)block);
    churn(1);
}

static void write_after_free(size_t size, size_t at) {
    fill(size);
    free(blocks[4]);
    free(blocks[5]);
    step("fault");
    ((volatile char *)blocks[5])[at] ^= 0x55;
    churn(size);
}

static void write_first(void) { write_after_free(SMALL, 3); }
static void write_inside(void) { write_after_free(SMALL, 50); }
static void write_medium(void) { write_after_free(8000, 5000); }
static void write_large(void) { write_after_free(LARGE, 150000); }

static void *free_fifth(void *unused) {
    free(malloc(SMALL));
    free(blocks[5]);
    return unused;
}

static void in_a_thread(void *(*body)(void *)) {
    pthread_t thread;
    pthread_create(&thread, NULL, body, NULL);
    pthread_join(thread, NULL);
}

static void write_remote(void) {
    fill(SMALL);
    in_a_thread(free_fifth);
    step("fault");
    ((volatile char *)blocks[5])[50] ^= 0x55;
    churn(SMALL);
}

static void read_after_free(void) {
    step("fault");
    for (int round = 0; round < 200; round++) {
        fill(SMALL);
        for (int i = 0; i < N; i++)
            free(blocks[i]);
        for (int i = 0; i < N; i++)
            ((volatile char *)blocks[i])[50];
    }
}

/* Do bytes of a freed block still tell what it held? The words at its start may hold a link. */
static void cleared(size_t size) {
    volatile char *block = malloc(size);
    char *wall = malloc(size);
    memset((char *)block, 0x5A, size);
    free((void *)block);
    answer("yes");
    size_t kept = 0;
    for (size_t i = 32; i < size; i++)
        kept += block[i] == 0x5A;
    answer(kept ? "no" : "yes");
    free(wall);
}

static void cleared_small(void) { cleared(SMALL); }
static void cleared_medium(void) { cleared(20000); }
static void cleared_large(void) { cleared(LARGE); }

/* Does a new block hold what another held? */
static void fresh(size_t size) {
    static char *held[256];
    size_t found = 0;
    int n = size > PAGE ? 16 : 256;
    for (int i = 0; i < n; i++) {
        held[i] = malloc(size);
        memset(held[i], 0x5A, size);
    }
    for (int i = 0; i < n; i++)
        free(held[i]);
    for (int i = 0; i < 4 * n; i++) {
        volatile char *block = malloc(size);
        for (size_t at = 0; at < size; at++)
            found += block[at] == 0x5A;
    }
    answer(found ? "no" : "yes");
}

static void fresh_small(void) { fresh(SMALL); }
static void fresh_large(void) { fresh(LARGE); }

static void twice_adjacent(void) {
    fill(SMALL);
    free(blocks[5]);
    step("free");
    free(blocks[5]);
    churn(SMALL);
}

static void twice_one_between(void) {
    fill(SMALL);
    free(blocks[5]);
    free(blocks[6]);
    step("free");
    free(blocks[5]);
    churn(SMALL);
}

static void twice_many_between(void) {
    fill(SMALL);
    for (int i = 0; i < 40; i++)
        free(blocks[i]);
    step("free");
    free(blocks[15]);
    churn(SMALL);
}

static void twice_other_class(void) {
    char *other = malloc(5000);
    fill(SMALL);
    free(blocks[5]);
    free(other);
    step("free");
    free(blocks[5]);
    churn(SMALL);
}

static void twice_after_request(void) {
    fill(SMALL);
    free(blocks[5]);
    char *next = malloc(SMALL);
    memset(next, 1, SMALL);
    step("free");
    free(blocks[5]);
    churn(SMALL);
}

static void twice_overwritten(void) {
    fill(SMALL);
    free(blocks[5]);
    free(blocks[6]);
    memset(blocks[5], 0, SMALL);
    step("free");
    free(blocks[5]);
    churn(SMALL);
}

static void twice_other_thread(void) {
    fill(SMALL);
    free(blocks[5]);
    step("free");
    in_a_thread(free_fifth);
    churn(SMALL);
}

static void twice_two_threads(void) {
    fill(SMALL);
    in_a_thread(free_fifth);
    step("free");
    in_a_thread(free_fifth);
    churn(SMALL);
}

static void twice_large(void) {
    char *large = malloc(LARGE), *wall = malloc(SMALL);
    free(large);
    step("free");
    free(large);
    free(wall);
    churn(LARGE);
}

static void twice_zero(void) {
    char *zero = malloc(0);
    free(zero);
    free(malloc(0));
    step("free");
    free(zero);
    churn(1);
}

static void wrong(void *pointer) {
    step("free");
    free(pointer);
    churn(SMALL);
}

static void interior(void) {
    fill(SMALL);
    wrong(blocks[5] + 16);
}

static void interior_forged(void) {
    fill(SMALL);
    *(size_t *)(blocks[5] + 8) = 0x31;
    *(size_t *)(blocks[5] + 56) = 0x31;
    wrong(blocks[5] + 16);
}

static void interior_large(void) {
    char *large = malloc(LARGE);
    memset(large, 0, LARGE);
    wrong(large + 2 * PAGE);
}

static void misaligned(void) {
    fill(SMALL);
    wrong(blocks[5] + 1);
}

static void of_a_static(void) {
    static _Alignas(16) size_t words[64] = {0, 0x41, 0, 0, 0, 0, 0, 0, 0, 0x41};
    void *volatile pointer = words + 2;
    wrong(pointer);
}

static void of_the_stack(void) {
    _Alignas(16) size_t words[64] = {0, 0x41, 0, 0, 0, 0, 0, 0, 0, 0x41};
    void *volatile pointer = words + 2;
    wrong(pointer);
}

static void of_a_mapping(void) {
    char *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *(size_t *)(map + PAGE + 8) = 0x41;
    *(size_t *)(map + PAGE + 0x48) = 0x41;
    wrong(map + PAGE + 16);
}

static void of_nothing_mapped(void) {
    char *map = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(map, 4 * PAGE);
    wrong(map + PAGE + 16);
}

static void resize_freed(void) {
    fill(SMALL);
    free(blocks[5]);
    step("free");
    blocks[6] = realloc(blocks[5], 2000);
    churn(SMALL);
}

/* C23's functions, where the allocator has them. */
__attribute__((weak)) void free_sized(void *, size_t);
__attribute__((weak)) void free_aligned_sized(void *, size_t, size_t);

static void sized_wrong(void) {
    char *block = malloc(SMALL);
    if (!free_sized) {
        answer("not offered");
        return;
    }
    step("free");
    free_sized(block, SMALL + 40);
    churn(SMALL);
}

static void aligned_wrong(void) {
    char *block = aligned_alloc(64, 128);
    if (!free_aligned_sized) {
        answer("not offered");
        return;
    }
    step("free");
    free_aligned_sized(block, 64, 256);
    churn(128);
}

/* How many requests does it take until a freed block comes back? */
static void delayed(void) {
    static char *kept[2000];
    fill(SMALL);
    char *freed = blocks[5];
    free(freed);
    int n = 0;
    while (n < 2000 && (kept[n] = malloc(SMALL)) != freed)
        n++;
    char text[32];
    snprintf(text, sizeof text, n == 2000 ? "not in 2000" : "after %d", n + 1);
    answer(text);
}

/* Where new blocks lie to each other, and in which order freed ones come back. Runs are compared. */
static void order_of_new(void) {
    char line[64] = "";
    for (int i = 0; i < 8; i++)
        blocks[i] = malloc(SMALL);
    for (int i = 1; i < 8; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%td,", (blocks[i] - blocks[0]) / 16 % 1000);
    answer(line);
}

static void order_of_freed(void) {
    char line[64] = "";
    fill(SMALL);
    for (int i = 0; i < N; i++)
        free(blocks[i]);
    for (int n = 0; n < 8; n++) {
        char *next = malloc(SMALL);
        int place = 0;
        while (place < N && blocks[place] != next)
            place++;
        snprintf(line + strlen(line), sizeof line - strlen(line), "%d,", place);
    }
    answer(line);
}

/* Does a linear overrun from one block change what the allocator hands out? Freed blocks behind it are
   overwritten with an address; a block at that address would be the attacker's choice. */
static _Alignas(64) char aim[4096];

static void aimed(void) {
    step("reuse");
    for (int i = 0; i < 4096; i++) {
        char *block = malloc(SMALL);
        if (block >= aim && block < aim + sizeof aim) {
            answer("hands out the aim");
            _exit(0);
        }
        memset(block, 0, SMALL);
    }
    answer("no harm");
}

static void links_overrun(void) {
    fill(SMALL);
    for (int i = 0; i < N; i += 2)
        free(blocks[i]);
    step("fault");
    uintptr_t *from = (uintptr_t *)blocks[1];
    for (int i = 0; i < 400; i++)
        ((volatile uintptr_t *)from)[i] = (uintptr_t)(aim + 64);
    aimed();
}

/* As code does it that can read the heap: glibc's links are combined with their place. */
static void links_forged(void) {
    fill(SMALL);
    free(blocks[4]);
    free(blocks[5]);
    step("fault");
    *(volatile uintptr_t *)blocks[5] = (uintptr_t)(aim + 64) ^ (uintptr_t)blocks[5] >> 12;
    aimed();
}

static const struct {
    const char *name;
    void (*run)(void);
} defences[] = {
    {"over-1", over_1},
    {"over-8", over_8},
    {"over-16", over_16},
    {"over-4096", over_4096},
    {"over-mib", over_mib},
    {"under-1", under_1},
    {"under-8", under_8},
    {"under-16", under_16},
    {"under-4096", under_4096},
    {"under-mib", under_mib},
    {"large-over-1", large_over_1},
    {"large-over-16", large_over_16},
    {"large-over-4096", large_over_4096},
    {"large-over-mib", large_over_mib},
    {"large-under-1", large_under_1},
    {"large-under-4096", large_under_4096},
    {"large-under-mib", large_under_mib},
    {"over-nul", over_nul},
    {"read-beyond", read_beyond},
    {"zero-read", zero_read},
    {"zero-write", zero_write},
    {"write-first", write_first},
    {"write-inside", write_inside},
    {"write-medium", write_medium},
    {"write-large", write_large},
    {"write-remote", write_remote},
    {"read-after-free", read_after_free},
    {"cleared-small", cleared_small},
    {"cleared-medium", cleared_medium},
    {"cleared-large", cleared_large},
    {"fresh-small", fresh_small},
    {"fresh-large", fresh_large},
    {"twice-adjacent", twice_adjacent},
    {"twice-one-between", twice_one_between},
    {"twice-many-between", twice_many_between},
    {"twice-other-class", twice_other_class},
    {"twice-after-request", twice_after_request},
    {"twice-overwritten", twice_overwritten},
    {"twice-other-thread", twice_other_thread},
    {"twice-two-threads", twice_two_threads},
    {"twice-large", twice_large},
    {"twice-zero", twice_zero},
    {"interior", interior},
    {"interior-forged", interior_forged},
    {"interior-large", interior_large},
    {"misaligned", misaligned},
    {"of-a-static", of_a_static},
    {"of-the-stack", of_the_stack},
    {"of-a-mapping", of_a_mapping},
    {"of-nothing-mapped", of_nothing_mapped},
    {"resize-freed", resize_freed},
    {"sized-wrong", sized_wrong},
    {"aligned-wrong", aligned_wrong},
    {"delayed", delayed},
    {"order-of-new", order_of_new},
    {"order-of-freed", order_of_freed},
    {"links-overrun", links_overrun},
    {"links-forged", links_forged},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof defences / sizeof *defences; i++) {
        if (strcmp(defences[i].name, argv[1]) == 0) {
            defences[i].run();
            step("end");
            _Exit(0);
        }
    }
    return 2;
}
