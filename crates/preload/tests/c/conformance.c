/* The malloc family against ISO C (C17, C23), POSIX.1-2024 and the Linux manual pages. */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <malloc.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

/* Not in every C library yet, or not any more. */
static void (*free_sized_)(void *, size_t);
static void (*free_aligned_sized_)(void *, size_t, size_t);
static void (*cfree_)(void *);

static void find_leftovers(void) {
    *(void **)&free_sized_ = dlsym(RTLD_DEFAULT, "free_sized");
    *(void **)&free_aligned_sized_ = dlsym(RTLD_DEFAULT, "free_aligned_sized");
    *(void **)&cfree_ = dlsym(RTLD_DEFAULT, "cfree");
}

/* A value that no call sets. */
#define UNTOUCHED 4242

static int is_aligned(void *p, size_t align) { return (uintptr_t)p % align == 0; }

static void fill(unsigned char *p, size_t n, unsigned seed) {
    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(seed + i * 7);
}

static int holds(const unsigned char *p, size_t n, unsigned seed) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != (unsigned char)(seed + i * 7))
            return 0;
    return 1;
}

static int is_zero(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return 0;
    return 1;
}

/* Every name is the library's, the C library's second ones too: a block from one goes to any other. */
static void test_names(void) {
    const char *names[] = {
        "malloc", "calloc", "realloc", "free", "cfree", "free_sized", "free_aligned_sized",
        "reallocarray", "memalign", "aligned_alloc", "posix_memalign", "valloc", "pvalloc",
        "malloc_usable_size", "malloc_trim", "malloc_stats", "mallopt", "mallinfo", "mallinfo2",
        "__libc_malloc", "__libc_calloc", "__libc_realloc", "__libc_free", "__libc_memalign",
        "__libc_valloc", "__libc_pvalloc",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        check_interposed(names[i]);
    void *(*second_malloc)(size_t);
    *(void **)&second_malloc = dlsym(RTLD_DEFAULT, "__libc_malloc");
    void *p = second_malloc(100);
    CHECK(p && malloc_usable_size(p) >= 100);
    free(p);
}

/* Every small size, and then larger ones. */
static size_t size_of(int i) { return i < 300 ? (size_t)i : (size_t)(i - 299) * 331; }

/* C17 7.22.3: suitably aligned for any object, disjoint from any other object. */
static void test_malloc(void) {
    enum { N = 600 };
    static unsigned char *blocks[N];
    for (int i = 0; i < N; i++) {
        size_t n = size_of(i);
        blocks[i] = malloc(n);
        CHECK(blocks[i] && is_aligned(blocks[i], alignof(max_align_t)));
        CHECK(is_aligned(blocks[i], 16));
        fill(blocks[i], n, i);
    }
    for (int first = 0; first < 2; first++) {
        for (int i = first; i < N; i += 2) {
            CHECK(holds(blocks[i], size_of(i), i));
            free(blocks[i]);
        }
    }
    free(NULL);
}

/* glibc: size 0 is a block like any other, with an address of its own. */
static void test_zero(void) {
    void *a = malloc(0), *b = malloc(0), *c = calloc(0, 8), *d = calloc(8, 0), *e = realloc(NULL, 0);
    void *f = aligned_alloc(64, 0), *g = NULL;
    CHECK(a && b && c && d && e && f);
    CHECK(a != b && b != c && c != d && d != e && e != f);
    CHECK(posix_memalign(&g, 64, 0) == 0 && g && g != f);
    CHECK(is_aligned(a, 16) && is_aligned(f, 64) && is_aligned(g, 64));
    free(a), free(b), free(c), free(d), free(e), free(f), free(g);
}

/* malloc(3): more than PTRDIFF_MAX bytes is an error, ENOMEM; the next call works. */
static void test_limits(void) {
    size_t too_many[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15, SIZE_MAX - 4095,
                         (size_t)PTRDIFF_MAX + 1, PTRDIFF_MAX, PTRDIFF_MAX - 16, PTRDIFF_MAX - 4096};
    for (size_t i = 0; i < sizeof too_many / sizeof *too_many; i++) {
        errno = 0;
        CHECK(!malloc(too_many[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!calloc(1, too_many[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!calloc(too_many[i], 1) && errno == ENOMEM);
        errno = 0;
        CHECK(!realloc(NULL, too_many[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!memalign(64, too_many[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!aligned_alloc(4096, too_many[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!valloc(too_many[i]) && errno == ENOMEM);
        errno = 0;
        CHECK(!pvalloc(too_many[i]) && errno == ENOMEM);
        void *p = malloc(10);
        CHECK(p);
        free(p);
    }
}

/* C17 7.22.3.2: all bits zero, of memory that was used before too; the product must not wrap. */
static void test_calloc(void) {
    for (size_t n = 1; n < 3 << 20; n = n * 3 + 1) {
        for (int round = 0; round < 3; round++) {
            unsigned char *dirty = malloc(n);
            CHECK(dirty);
            memset(dirty, 0xff, n);
            free(dirty);
            unsigned char *clean = calloc(n, 1);
            CHECK(clean && is_zero(clean, n) && is_aligned(clean, 16));
            memset(clean, 0xff, n);
            free(clean);
        }
    }
    unsigned char *p = calloc(25, 40);
    CHECK(p && malloc_usable_size(p) >= 1000 && is_zero(p, 1000));
    free(p);
    size_t half = (size_t)1 << 32;
    errno = 0;
    CHECK(!calloc(half, half) && errno == ENOMEM);
    errno = 0;
    CHECK(!calloc(SIZE_MAX, 2) && errno == ENOMEM);
    errno = 0;
    CHECK(!calloc(SIZE_MAX / 4, 5) && errno == ENOMEM);
}

/* C17 7.22.3.5, and glibc for size 0: contents kept up to the lesser size; on failure all is kept. */
static void test_realloc(void) {
    unsigned char *p = realloc(NULL, 1);
    CHECK(p);
    fill(p, 1, 9);
    size_t n = 1;
    for (size_t next = 2; next < 4 << 20; n = next, next = next * 5 / 3 + 1) {
        p = realloc(p, next);
        CHECK(p && is_aligned(p, 16) && holds(p, n, 9));
        fill(p, next, 9);
    }
    while (n > 1) {
        n = n / 2;
        p = realloc(p, n);
        CHECK(p && is_aligned(p, 16) && holds(p, n, 9));
    }
    unsigned char *q = malloc(200), *wall = malloc(200);
    fill(q, 200, 3);
    fill(wall, 200, 4);
    errno = 0;
    CHECK(!realloc(q, SIZE_MAX) && errno == ENOMEM);
    errno = 0;
    CHECK(!realloc(q, PTRDIFF_MAX) && errno == ENOMEM);
    CHECK(holds(q, 200, 3));
    q = realloc(q, 5000);
    CHECK(q && holds(q, 200, 3) && holds(wall, 200, 4));
    errno = UNTOUCHED;
    CHECK(!realloc(q, 0) && errno == UNTOUCHED);
    free(p), free(wall);
}

/* reallocarray(3): as realloc, but a product that wraps is ENOMEM and changes nothing. */
static void test_reallocarray(void) {
    unsigned char *p = reallocarray(NULL, 20, 10);
    CHECK(p && malloc_usable_size(p) >= 200);
    fill(p, 200, 5);
    errno = 0;
    CHECK(!reallocarray(p, SIZE_MAX / 2, 3) && errno == ENOMEM);
    errno = 0;
    CHECK(!reallocarray(p, (size_t)1 << 32, (size_t)1 << 32) && errno == ENOMEM);
    CHECK(holds(p, 200, 5));
    p = reallocarray(p, 100, 30);
    CHECK(p && malloc_usable_size(p) >= 3000 && holds(p, 200, 5));
    free(p);
}

/* C17 7.22.3.1 as of DR 460: an alignment that is not supported fails; any size will do. */
static void test_aligned(void) {
    for (size_t align = 1; align <= 2 << 20; align *= 2) {
        size_t sizes[] = {0, 1, 24, 100, align - 1, align, align + 1, 5000};
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            unsigned char *p = aligned_alloc(align, sizes[i]);
            unsigned char *q = memalign(align, sizes[i]);
            CHECK(p && q && is_aligned(p, align) && is_aligned(q, align));
            CHECK(is_aligned(p, 16) && is_aligned(q, 16));
            fill(p, sizes[i], 1);
            fill(q, sizes[i], 2);
            CHECK(holds(p, sizes[i], 1));
            p = realloc(p, sizes[i] + 3000);
            CHECK(p && holds(p, sizes[i], 1) && holds(q, sizes[i], 2));
            free(q), free(p);
        }
    }
    size_t none[] = {0, 3, 24, 100, SIZE_MAX};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        errno = 0;
        CHECK(!aligned_alloc(none[i], 64) && errno == EINVAL);
    }
    /* memalign in glibc takes the next power of two, if there is one. */
    void *p = memalign(48, 10), *q = memalign(0, 10), *r = memalign(100, 10);
    CHECK(p && is_aligned(p, 64) && q && is_aligned(q, 16) && r && is_aligned(r, 128));
    free(p), free(q), free(r);
    errno = 0;
    CHECK(!memalign(SIZE_MAX, 10) && errno == EINVAL);
    errno = 0;
    CHECK(!memalign((size_t)1 << 63, 10) && errno == ENOMEM);
    errno = 0;
    CHECK(!aligned_alloc((size_t)1 << 62, (size_t)1 << 62) && errno == ENOMEM);
}

/* posix_memalign(3): the result says what is wrong; errno and the pointer stay. */
static void test_posix(void) {
    void *const old = &failures;
    void *p = old;
    size_t none[] = {0, 1, 2, 4, 3, 12, 24, 40, SIZE_MAX};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        errno = UNTOUCHED;
        CHECK(posix_memalign(&p, none[i], 100) == EINVAL && errno == UNTOUCHED && p == old);
    }
    errno = UNTOUCHED;
    CHECK(posix_memalign(&p, 64, SIZE_MAX) == ENOMEM && errno == UNTOUCHED && p == old);
    CHECK(posix_memalign(&p, 8, PTRDIFF_MAX) == ENOMEM && errno == UNTOUCHED && p == old);
    for (size_t align = sizeof(void *); align <= 1 << 20; align *= 2) {
        CHECK(posix_memalign(&p, align, 100) == 0 && p != old && is_aligned(p, align));
        CHECK(errno == UNTOUCHED);
        memset(p, 1, 100);
        free(p);
    }
}

/* valloc(3), pvalloc(3): at a page's start; pvalloc rounds the size up to whole pages. */
static void test_pages(void) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t sizes[] = {0, 1, 100, page - 1, page, page + 1, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        void *v = valloc(sizes[i]), *p = pvalloc(sizes[i]);
        CHECK(v && is_aligned(v, page) && p && is_aligned(p, page));
        CHECK(malloc_usable_size(p) >= (sizes[i] + page - 1) / page * page);
        memset(v, 1, sizes[i]);
        memset(p, 2, (sizes[i] + page - 1) / page * page);
        free(v), free(p);
    }
}

/* malloc_usable_size(3): at least what was asked for, all of it the caller's. */
static void test_usable(void) {
    enum { N = 400 };
    static unsigned char *blocks[N];
    CHECK(malloc_usable_size(NULL) == 0);
    for (int i = 0; i < N; i++) {
        blocks[i] = i % 3 ? malloc(i * 5) : memalign(64, i * 5);
        CHECK(blocks[i] && malloc_usable_size(blocks[i]) >= (size_t)i * 5);
        /* A sane bound: size classes may round up, aligned ones to the next power of two. */
        CHECK(malloc_usable_size(blocks[i]) < (size_t)i * 5 * 2 + 200);
        fill(blocks[i], malloc_usable_size(blocks[i]), i);
    }
    for (int i = 0; i < N; i++)
        CHECK(holds(blocks[i], malloc_usable_size(blocks[i]), i));
    for (int i = 0; i < N; i++)
        free(blocks[i]);
}

/* POSIX.1-2024: free keeps errno. Success does not report an error. */
static void test_errno(void) {
    size_t sizes[] = {1, 100, 5000, 200000, 9000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        errno = UNTOUCHED;
        void *p = malloc(sizes[i]), *q = calloc(1, sizes[i]), *r = aligned_alloc(256, sizes[i]);
        CHECK(p && q && r && errno == UNTOUCHED);
        p = realloc(p, sizes[i] * 2);
        CHECK(p && errno == UNTOUCHED);
        free(p), free(q), free(r), free(NULL);
        CHECK(errno == UNTOUCHED);
        malloc_trim(0);
        CHECK(errno == UNTOUCHED);
    }
}

/* C23 7.24.3: free with what the caller knows; and free's name of old. */
static void test_leftovers(void) {
    for (int i = 0; i < 1000; i++) {
        free_sized_(malloc(i), i);
        free_aligned_sized_(aligned_alloc(64, 64), 64, 64);
        cfree_(calloc(1, i));
    }
    errno = UNTOUCHED;
    free_sized_(NULL, 10), free_aligned_sized_(NULL, 64, 64), cfree_(NULL);
    CHECK(errno == UNTOUCHED);
}

/* What is freed is used again, 51 KiB at a time. Not on a stage that cannot. */
static void test_reuse(void) {
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    for (int i = 0; i < times; i++) {
        char *p = malloc(10 << 10), *q = memalign(128, 20 << 10), *r = calloc(3, 7 << 10);
        memset(p, 1, 10 << 10), memset(q, 1, 20 << 10), memset(r, 1, 21 << 10);
        free_sized_(p, 10 << 10), free(q), cfree_(r);
        r = realloc(malloc(1000), 5000);
        CHECK(!realloc(r, 0));
    }
    getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_maxrss - before.ru_maxrss < 32 << 10);
}

/* Whatever is asked for in whatever order, contents stay. */
static void test_mixture(void) {
    enum { N = 1000 };
    static struct { unsigned char *p; size_t n; unsigned seed; } blocks[N];
    unsigned long long state = 88172645463325252ull;
    for (int step = 0; step < times; step++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        unsigned i = state % N, how = state >> 20 & 7;
        size_t n = (state >> 32) % ((state >> 24 & 15) ? 300 : 40000);
        if (blocks[i].p)
            CHECK(holds(blocks[i].p, blocks[i].n, blocks[i].seed));
        if (how >= 6 && blocks[i].p) {
            size_t kept = n < blocks[i].n ? n : blocks[i].n;
            unsigned char *moved = realloc(blocks[i].p, n + 1);
            CHECK(moved && is_aligned(moved, 16) && holds(moved, kept, blocks[i].seed));
            blocks[i].p = moved;
        } else {
            free(blocks[i].p);
            blocks[i].p = how == 0 ? calloc(1, n) : how == 1 ? memalign(16 << n % 5, n) : malloc(n);
            CHECK(blocks[i].p && (how != 0 || is_zero(blocks[i].p, n)));
        }
        blocks[i].n = n;
        blocks[i].seed = step;
        fill(blocks[i].p, n, step);
    }
    for (int i = 0; i < N; i++)
        free(blocks[i].p);
}

/* mallinfo(3), malloc_trim(3), mallopt(3): as far as they make sense. */
static void test_report(void) {
    struct mallinfo2 before = mallinfo2();
    char *blocks[100];
    for (int i = 0; i < 100; i++)
        blocks[i] = malloc(1000);
    struct mallinfo2 after = mallinfo2();
    CHECK(after.uordblks >= before.uordblks + 100000);
    CHECK(after.uordblks < before.uordblks + 110000);
    CHECK(after.arena >= after.uordblks + after.fordblks);
    CHECK((unsigned)mallinfo().uordblks == (unsigned)after.uordblks);
    for (int i = 0; i < 100; i++)
        free(blocks[i]);
    int trimmed = malloc_trim(0);
    CHECK(trimmed == 0 || trimmed == 1);
    CHECK(mallopt(M_MMAP_THRESHOLD, 1 << 20) == 0);
    malloc_stats();
}

/* A mapping of its own is not of the arena, in numbers and in XML. */
static void test_info(void) {
    size_t size = (size_t)200 << 20;
    struct mallinfo2 before = mallinfo2();
    void *large = malloc(size);
    struct mallinfo2 after = mallinfo2();
    CHECK(after.hblks + after.arena / size == before.hblks + before.arena / size + 1);
    CHECK(after.hblkhd + after.arena >= before.hblkhd + before.arena + size);
    CHECK(after.hblkhd + after.uordblks + after.fordblks >= size);
    char *xml = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&xml, &len);
    CHECK(malloc_info(0, stream) == 0);
    fclose(stream);
    CHECK(len > 200 && strstr(xml, "<malloc version=\"1\">\n<heap nr=\"0\">\n<sizes>\n") == xml);
    CHECK(strstr(xml, "<total type=\"mmap\" count=\"") && strstr(xml, "</heap>\n<total "));
    CHECK(strcmp(xml + len - 10, "</malloc>\n") == 0);
    free(xml), free(large);
    errno = 0;
    CHECK(malloc_info(1, stderr) == -1 && errno == EINVAL);
}

int main(int argc, char **argv) {
    const struct section sections[] = {
        {"names", test_names},     {"mixture", test_mixture},
        {"malloc", test_malloc},   {"zero", test_zero},
        {"limits", test_limits},   {"calloc", test_calloc},
        {"realloc", test_realloc}, {"reallocarray", test_reallocarray},
        {"aligned", test_aligned}, {"posix", test_posix},
        {"pages", test_pages},     {"usable", test_usable},
        {"errno", test_errno},     {"leftovers", test_leftovers},
        {"reuse", test_reuse},     {"report", test_report},
        {"info", test_info},
        {0},
    };
    find_leftovers();
    return run_section(sections, argc, argv);
}
