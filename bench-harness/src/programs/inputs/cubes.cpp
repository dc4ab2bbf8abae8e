// Logic minimization: random functions as lists of cubes are complemented twice, by cofactors that are
// merged again, and covered cubes are dropped. The argument is how many functions.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

// Two bits for each variable: may it be 0, and may it be 1?
using Cube = std::vector<std::uint64_t>;
using Cover = std::vector<Cube>;

static const unsigned n_variables = 14, n_cubes = 24, n_literals = 6;
static std::uint64_t state = 1;
static unsigned n_words;

static unsigned below(unsigned end) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>((state >> 33) % end);
}

struct Variable {
    unsigned word, shift;
    explicit Variable(unsigned index) {
        unsigned place = index * n_words * 32 / n_variables;
        word = place / 32;
        shift = place % 32 * 2;
    }
    std::uint64_t may_be(unsigned value) const { return std::uint64_t(1) << (shift + value); }
    std::uint64_t both() const { return may_be(0) | may_be(1); }
};

static bool covers(const Cube &cube, const Cube &other) {
    for (unsigned i = 0; i < n_words; ++i)
        if (other[i] & ~cube[i]) return false;
    return true;
}

static Cover cofactor(const Cover &cover, Variable variable, unsigned value) {
    Cover result;
    for (const Cube &cube : cover) {
        if (!(cube[variable.word] & variable.may_be(value))) continue;
        result.push_back(cube);
        result.back()[variable.word] |= variable.both();
    }
    return result;
}

static void drop_covered(Cover &cover) {
    std::sort(cover.begin(), cover.end());
    for (std::size_t i = 0; i < cover.size();) {
        bool is_covered = false;
        for (std::size_t k = 0; k < cover.size() && !is_covered; ++k)
            is_covered = k != i && covers(cover[k], cover[i]);
        if (is_covered) {
            cover.erase(cover.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

static Cover complement(const Cover &cover) {
    const Cube everything(n_words, ~std::uint64_t(0));
    if (cover.empty()) return {everything};
    for (const Cube &cube : cover)
        if (cube == everything) return {};
    unsigned most = 0, n_most = 0;
    for (unsigned index = 0; index < n_variables; ++index) {
        Variable variable(index);
        unsigned n = 0;
        for (const Cube &cube : cover) n += (cube[variable.word] & variable.both()) != variable.both();
        if (n > n_most) most = index, n_most = n;
    }
    Variable variable(most);
    Cover merged = complement(cofactor(cover, variable, 0));
    Cover high = complement(cofactor(cover, variable, 1));
    for (Cube &cube : merged) {
        auto equal = std::find(high.begin(), high.end(), cube);
        if (equal == high.end()) {
            cube[variable.word] &= ~variable.may_be(1);
        } else {
            high.erase(equal);
        }
    }
    for (Cube &cube : high) {
        cube[variable.word] &= ~variable.may_be(0);
        merged.push_back(std::move(cube));
    }
    drop_covered(merged);
    return merged;
}

int main(int, char **arguments) {
    std::size_t n_before = 0, n_after = 0;
    for (int n = std::atoi(arguments[1]); n > 0; --n) {
        n_words = 1 + below(4);
        Cover function;
        for (unsigned i = 0; i < n_cubes; ++i) {
            Cube cube(n_words, ~std::uint64_t(0));
            for (unsigned k = 0; k < n_literals; ++k) {
                Variable variable(below(n_variables));
                cube[variable.word] |= variable.both();
                cube[variable.word] &= ~variable.may_be(below(2));
            }
            function.push_back(cube);
        }
        n_before += function.size();
        n_after += complement(complement(function)).size();
    }
    std::printf("%zu %zu\n", n_before, n_after);
}
