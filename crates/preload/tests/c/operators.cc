// The operators new and delete in all forms (C++17, C++20: [new.delete]).
#include "check.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <malloc.h>
#include <map>
#include <new>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

static volatile std::size_t too_much = PTRDIFF_MAX - 64;

static bool is_aligned(void *p, std::size_t align) {
    return reinterpret_cast<std::uintptr_t>(p) % align == 0;
}

static const char *const NAMES[] = {
    "_Znwm", "_Znam", "_ZnwmRKSt9nothrow_t", "_ZnamRKSt9nothrow_t", "_ZnwmSt11align_val_t",
    "_ZnamSt11align_val_t", "_ZnwmSt11align_val_tRKSt9nothrow_t",
    "_ZnamSt11align_val_tRKSt9nothrow_t", "_ZdlPv", "_ZdaPv", "_ZdlPvm", "_ZdaPvm",
    "_ZdlPvRKSt9nothrow_t", "_ZdaPvRKSt9nothrow_t", "_ZdlPvSt11align_val_t",
    "_ZdaPvSt11align_val_t", "_ZdlPvmSt11align_val_t", "_ZdaPvmSt11align_val_t",
    "_ZdlPvSt11align_val_tRKSt9nothrow_t", "_ZdaPvSt11align_val_tRKSt9nothrow_t",
};

static void test_names() {
    for (const char *name : NAMES)
        check_interposed(name);
}

// Every form gives a block that its counterpart takes back; a gigabyte in all, so that a delete
// that forgets shows.
static void test_forms() {
    rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    const auto wide = std::align_val_t{256};
    for (std::size_t n = 0; n < 40000; n++) {
        void *p[] = {
            operator new(n),
            operator new[](n),
            operator new(n, std::nothrow),
            operator new[](n, std::nothrow),
            operator new(n, wide),
            operator new[](n, wide),
            operator new(n, wide, std::nothrow),
            operator new[](n, wide, std::nothrow),
        };
        for (int i = 0; i < 8; i++) {
            CHECK(p[i] && is_aligned(p[i], i < 4 ? 16 : 256) && malloc_usable_size(p[i]) >= n);
            CHECK(i == 0 || p[i] != p[i - 1]);
            if (n)
                std::memset(p[i], i, n);
        }
        if (n % 2) {
            operator delete(p[0]);
            operator delete[](p[1]);
            operator delete(p[4], wide);
            operator delete[](p[5], wide);
        } else {
            operator delete(p[0], n);
            operator delete[](p[1], n);
            operator delete(p[4], n, wide);
            operator delete[](p[5], n, wide);
        }
        operator delete(p[2], std::nothrow);
        operator delete[](p[3], std::nothrow);
        operator delete(p[6], wide, std::nothrow);
        operator delete[](p[7], wide, std::nothrow);
        if (n > 2000)
            n += 399;
    }
    operator delete(nullptr);
    operator delete[](nullptr, wide);
    getrusage(RUSAGE_SELF, &after);
    CHECK(after.ru_maxrss - before.ru_maxrss < 16 << 10);
}

template <class Run> static bool throws(Run run) {
    // Objects of this frame and of the one that throws are destroyed on the way.
    std::string here(100, 'x');
    try {
        std::vector<std::string> there(10, here);
        run();
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

static void test_throw() {
    const auto wide = std::align_val_t{64};
    for (int i = 0; i < times; i++) {
        CHECK(throws([] { operator delete(operator new(too_much)); }));
        CHECK(throws([] { operator delete[](operator new[](too_much)); }));
        CHECK(throws([=] { operator delete(operator new(too_much, wide), wide); }));
        CHECK(throws([=] { operator delete[](operator new[](too_much, wide), wide); }));
    }
    std::thread([] { CHECK(throws([] { operator delete(operator new(too_much)); })); }).join();
    CHECK(!throws([] { delete new int(1); }));
}

// Small blocks of large alignment, which only the deletes that say both are given.
static void test_sized() {
    for (std::size_t size = 1; size <= 1024; size += times) {
        for (std::size_t align = 16; align <= 1 << 20; align *= 2) {
            const auto wide = std::align_val_t{align};
            auto *block = static_cast<unsigned char *>(operator new(size, wide));
            auto *other = static_cast<unsigned char *>(operator new[](size, wide));
            CHECK(reinterpret_cast<std::uintptr_t>(block) % align == 0);
            CHECK(reinterpret_cast<std::uintptr_t>(other) % align == 0);
            std::memset(block, 1, size);
            std::memset(other, 2, size);
            operator delete(block, size, wide);
            CHECK(other[0] == 2 && other[size - 1] == 2);
            operator delete[](other, size, wide);
        }
        operator delete(operator new(size), size);
    }
}

static void test_nothrow() {
    const auto wide = std::align_val_t{64};
    CHECK(!operator new(too_much, std::nothrow));
    CHECK(!operator new[](too_much, std::nothrow));
    CHECK(!operator new(too_much, wide, std::nothrow));
    CHECK(!operator new[](too_much, wide, std::nothrow));
}

// [new.delete.single]: the handler is called again and again until there is memory or no handler.
static int calls;

static void give_up_after_three() {
    if (++calls == 3)
        std::set_new_handler(nullptr);
}

static void throw_another() { throw std::bad_function_call(); }

static void test_handler() {
    const auto wide = std::align_val_t{64};
    const std::function<void()> failing[] = {
        [] { operator delete(operator new(too_much)); },
        [] { operator delete[](operator new[](too_much)); },
        [=] { operator delete(operator new(too_much, wide), wide); },
        [=] { operator delete[](operator new[](too_much, wide), wide); },
    };
    for (const auto &run : failing) {
        calls = 0;
        std::set_new_handler(give_up_after_three);
        CHECK(throws(run) && calls == 3);
    }
    calls = 0;
    std::set_new_handler(give_up_after_three);
    CHECK(!operator new(too_much, std::nothrow) && calls == 3);

    std::set_new_handler(throw_another);
    bool caught = false;
    try {
        operator delete(operator new(too_much));
    } catch (const std::bad_function_call &) {
        caught = true;
    }
    CHECK(caught);
    std::set_new_handler(nullptr);
}

// Under a limit of address space: a handler that frees a reserve makes the request succeed: new returns, and never null.
static void *reserve;

static void release_reserve() {
    calls++;
    std::free(reserve);
    reserve = nullptr;
    std::set_new_handler(nullptr);
}

static void reserve_blocks_of(std::size_t size, std::size_t most) {
    reserve = std::malloc(size);
    CHECK(reserve);
    std::set_new_handler(release_reserve);
    std::vector<void *> blocks;
    blocks.reserve(most);
    for (calls = 0; calls == 0 && blocks.size() < most;) {
        blocks.push_back(operator new(size));
        CHECK(blocks.back());
    }
    CHECK(calls == 1 && blocks.size() > 1);
    for (void *block : blocks)
        operator delete(block);
}

static void test_reserve() {
    reserve_blocks_of(60 << 20, 100);
}

static void test_reserve_of_spans() {
    reserve_blocks_of(1 << 20, 2000);
}

struct AtThreadEnd {
    std::map<int, std::string> things;
    ~AtThreadEnd() {
        for (int i = 0; i < 100; i++)
            things[i] = std::string(i * 10, 'y');
        CHECK(things.size() == 100);
    }
};

static thread_local AtThreadEnd at_thread_end;

// Objects with static and with thread lifetime allocate in their destructors.
static void test_lifetimes() {
    static AtThreadEnd at_exit;
    at_exit.things[1] = "one";
    for (int i = 0; i < times; i++) {
        std::vector<std::thread> threads;
        for (int j = 0; j < 4; j++)
            threads.emplace_back([=] { at_thread_end.things[j] = std::string(100, 'z'); });
        for (auto &thread : threads)
            thread.join();
    }
}

int main(int argc, char **argv) {
    const section sections[] = {
        {"names", test_names},     {"forms", test_forms},     {"throw", test_throw},
        {"nothrow", test_nothrow}, {"handler", test_handler}, {"reserve", test_reserve},
        {"reserve-of-spans", test_reserve_of_spans},
        {"lifetimes", test_lifetimes}, {"sized", test_sized}, {nullptr, nullptr},
    };
    return run_section(sections, argc, argv);
}
