/* What programs do wrong with blocks, one kind a run: the argument says which. Whether the process
   ends for it, and with what message, depends on the allocator; one that goes on says so. */
#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 64

/* Blocks side by side, so that what is done to one may hurt another. */
static char *blocks[N];

static void fill(size_t size) {
    for (int i = 0; i < N; i++) {
        blocks[i] = malloc(size);
        memset(blocks[i], 0, size);
    }
}

/* Whatever waits for a while, or lies on a list, comes by. */
static void churn(size_t size) {
    void *kept[512] = {0};
    for (int i = 0; i < 20000; i++) {
        void **place = &kept[i % 512];
        free(*place);
        *place = malloc(size);
        if (*place)
            memset(*place, 0, size);
    }
}

static void double_free(void) {
    fill(64);
    free(blocks[5]);
    free(blocks[5]);
}

static void double_free_later(void) {
    fill(64);
    free(blocks[5]);
    free(blocks[6]);
    free(blocks[5]);
}

/* Among so many that no cache of the last few knows it. */
static void double_free_much_later(void) {
    fill(64);
    for (int i = 0; i < 30; i++)
        free(blocks[i]);
    free(blocks[15]);
}

/* The program has written over whatever the allocator left in the block. */
static void double_free_written(void) {
    fill(64);
    free(blocks[5]);
    free(blocks[6]);
    memset(blocks[5], 0, 64);
    free(blocks[5]);
}

static void *free_fifth(void *unused) {
    free(malloc(100));
    free(blocks[5]);
    return unused;
}

static void double_free_other_thread(void) {
    pthread_t thread;
    fill(64);
    free(blocks[5]);
    pthread_create(&thread, NULL, free_fifth, NULL);
    pthread_join(thread, NULL);
}

static void double_free_large(void) {
    char *large = malloc(1 << 20), *wall = malloc(100);
    free(large);
    free(large);
    free(wall);
}

static void interior(void) {
    fill(64);
    free(blocks[5] + 16);
}

static void interior_word(void) {
    fill(64);
    free(blocks[5] + 8);
}

/* What lies before the address looks like a header of glibc's. */
static void interior_forged(void) {
    fill(64);
    *(size_t *)(blocks[5] + 8) = 0x31;
    *(size_t *)(blocks[5] + 56) = 0x31;
    free(blocks[5] + 16);
}

static void misaligned(void) {
    fill(64);
    free(blocks[5] + 1);
}

static void foreign(void) {
    static _Alignas(16) char bytes[256];
    void *volatile p = bytes + 64;
    free(p);
}

static void foreign_forged(void) {
    static _Alignas(16) size_t words[64];
    void *volatile p = words + 2;
    words[1] = 0x41, words[9] = 0x41;
    free(p);
}

static void realloc_freed(void) {
    fill(64);
    free(blocks[5]);
    blocks[6] = realloc(blocks[5], 2000);
}

/* The link is overwritten by one who knows where it lies, but no secret. */
static void link_overwritten(void) {
    static _Alignas(16) char aim[256];
    fill(64);
    free(blocks[4]);
    free(blocks[5]);
    *(uintptr_t *)blocks[5] = (uintptr_t)aim;
    churn(64);
}

/* As an attacker does it who can read the heap: glibc's links are combined with their place. */
static void link_forged(void) {
    static _Alignas(16) char aim[256];
    fill(64);
    free(blocks[4]);
    free(blocks[5]);
    *(uintptr_t *)blocks[5] = (uintptr_t)aim ^ (uintptr_t)blocks[5] >> 12;
    churn(64);
}

/* Nothing is requested afterwards: whoever waits too long to be looked at goes unseen. */
static void overwritten_while_others_are_freed(void) {
    static char *many[512];
    for (int i = 0; i < 512; i++)
        many[i] = malloc(64);
    for (int i = 0; i < 512; i++) {
        free(many[i]);
        *(uintptr_t *)many[i] = 1;
    }
}

static void write_after_free(void) {
    fill(64);
    free(blocks[5]);
    blocks[5][40] = 1;
    churn(64);
}

/* The neighbour is free. */
static void overflow_into_free(void) {
    fill(64);
    for (int i = 0; i < N; i += 2)
        free(blocks[i]);
    for (int i = 1; i < N; i += 2)
        memset(blocks[i] + malloc_usable_size(blocks[i]), 0x55, 24);
    churn(64);
}

/* The neighbour is live. */
static void overflow_into_live(void) {
    fill(64);
    for (int i = 0; i < N; i++)
        memset(blocks[i] + malloc_usable_size(blocks[i]), 0x55, 8);
    for (int i = 0; i < N; i++)
        free(blocks[i]);
    churn(64);
}

/* The last two are for guarded blocks: reading alone is the mistake. */
static void read_beyond(void) {
    fill(64);
    for (int i = 0; i < N; i++)
        ((volatile char *)blocks[i])[malloc_usable_size(blocks[i])];
}

static void read_after_free(void) {
    fill(64);
    free(blocks[5]);
    ((volatile char *)blocks[5])[40];
}

int main(int argc, char **argv) {
    const struct {
        const char *name;
        void (*run)(void);
    } kinds[] = {
        {"double-free", double_free},
        {"double-free-later", double_free_later},
        {"double-free-much-later", double_free_much_later},
        {"double-free-written", double_free_written},
        {"double-free-other-thread", double_free_other_thread},
        {"double-free-large", double_free_large},
        {"interior", interior},
        {"interior-word", interior_word},
        {"interior-forged", interior_forged},
        {"misaligned", misaligned},
        {"foreign", foreign},
        {"foreign-forged", foreign_forged},
        {"realloc-freed", realloc_freed},
        {"link-overwritten", link_overwritten},
        {"link-forged", link_forged},
        {"overwritten-while-others-are-freed", overwritten_while_others_are_freed},
        {"write-after-free", write_after_free},
        {"overflow-into-free", overflow_into_free},
        {"overflow-into-live", overflow_into_live},
        {"read-beyond", read_beyond},
        {"read-after-free", read_after_free},
        {0},
    };
    for (int i = 0; argc > 1 && kinds[i].name; i++) {
        if (strcmp(kinds[i].name, argv[1]) == 0) {
            kinds[i].run();
            fprintf(stderr, "went on\n");
            _Exit(0);
        }
    }
    return 2;
}
