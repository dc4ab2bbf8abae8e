struct S{i} {
  int a;
  std::string b;
  std::vector<int> c;
  bool operator<(const S{i} &other) const { return a < other.a; }
};

int f{i}(int n) {
  std::map<std::string, S{i}> by_name;
  std::vector<S{i}> all;
  for (int k = 0; k < n; k++) {
    S{i} one{k * {i}, std::to_string(k), {k, k + 1, {i}}};
    by_name[one.b] = one;
    all.push_back(one);
  }
  std::sort(all.begin(), all.end());
  int sum = 0;
  for (auto &entry : by_name) sum += entry.second.c[0] + all[entry.second.a % all.size()].a;
  return sum;
}
