/* What a program may do before its first request, which then comes from within the C library. */
#define _GNU_SOURCE
#include "check.h"

#include <pthread.h>
#include <unistd.h>

static void *use(void *unused) {
    for (size_t size = 1; size < 5000; size += 7) {
        char *p = malloc(size);
        CHECK(p);
        p[0] = p[size - 1] = 1;
        free(p);
    }
    return unused;
}

static void use_in_threads(void) {
    use(NULL);
    for (int i = 0; i < 20; i++) {
        pthread_t threads[2];
        for (int j = 0; j < 2; j++)
            CHECK(pthread_create(&threads[j], NULL, use, NULL) == 0);
        for (int j = 0; j < 2; j++)
            pthread_join(threads[j], NULL);
    }
}

static void nothing(void) {}

/* The list of what exit calls has room for 32, and grows with its lock held. */
static void test_exits(void) {
    for (int i = 0; i < 40; i++)
        CHECK(atexit(nothing) == 0);
    use_in_threads();
}

/* Each thread has room for the values of 32 keys, and asks for more when another is set. */
static void test_keys(void) {
    pthread_key_t key;
    for (int i = 0; i < 40; i++)
        CHECK(pthread_key_create(&key, NULL) == 0);
    use_in_threads();
}

int main(int argc, char **argv) {
    const struct section sections[] = {{"exits", test_exits}, {"keys", test_keys}, {0}};
    alarm(60);
    return run_section(sections, argc, argv);
}
