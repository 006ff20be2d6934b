// replay TARGET DIRECTORY...
// Runs a fuzz target over its corpus without libFuzzer, with any compiler: each file as it is, cut short at every length, and with every
// byte turned over. Also the empty input. A crash or a sanitizer's report is the failure.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <vector>

#define PHYLLO_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "replay_targets.inc"
#undef PHYLLO_TARGET

namespace {

using target = int (*)(const std::uint8_t*, std::size_t);

target target_named(std::string_view wanted) {
#define PHYLLO_TARGET(name) \
  if (wanted == #name) return fuzz_##name;
#include "replay_targets.inc"
#undef PHYLLO_TARGET
  return nullptr;
}

/// Variants of each kind a file gets at most, so that large seeds stay cheap.
constexpr std::size_t variants_max = 256;

std::vector<std::filesystem::path> corpus_files(std::span<char*> directories) {
  std::vector<std::filesystem::path> files;
  for (const char* directory : directories) {
    if (!std::filesystem::is_directory(directory)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  return files;
}

// A copy of exact size for each run, so that the address sanitizer sees a read of one byte too many.
void run(target t, std::span<const std::uint8_t> input) {
  const std::vector<std::uint8_t> copy(input.begin(), input.end());
  t(copy.data(), copy.size());
}

std::size_t replay(target t, std::vector<std::uint8_t> input) {
  const std::size_t step = input.size() / variants_max + 1;
  std::size_t runs = 1;
  run(t, input);
  for (std::size_t i = 0; i < input.size(); i += step, runs += 2) {
    run(t, std::span(input).first(i));
    input[i] = static_cast<std::uint8_t>(~input[i]);
    run(t, input);
    input[i] = static_cast<std::uint8_t>(~input[i]);
  }
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  const auto given = std::span(argv, static_cast<std::size_t>(argc));
  const auto t = given.size() < 2 ? nullptr : target_named(given[1]);
  if (t == nullptr) {
    std::puts("usage: replay TARGET DIRECTORY...");
    return 2;
  }
  const auto files = corpus_files(given.subspan(2));
  if (files.empty()) {
    std::puts("there is no corpus: put a few inputs that the target accepts into it");
    return 1;
  }
  std::size_t runs = replay(t, {});
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    runs += replay(t, {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()});
  }
  std::printf("replayed %zu files in %zu runs\n", files.size(), runs);
  return 0;
}
