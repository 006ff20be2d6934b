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
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

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
void run(std::span<const std::uint8_t> input) {
  const std::vector<std::uint8_t> copy(input.begin(), input.end());
  LLVMFuzzerTestOneInput(copy.data(), copy.size());
}

std::size_t replay(std::vector<std::uint8_t> input) {
  const std::size_t step = input.size() / variants_max + 1;
  std::size_t runs = 1;
  run(input);
  for (std::size_t i = 0; i < input.size(); i += step, runs += 2) {
    run(std::span(input).first(i));
    input[i] = static_cast<std::uint8_t>(~input[i]);
    run(input);
    input[i] = static_cast<std::uint8_t>(~input[i]);
  }
  return runs;
}

}  // namespace

int main(int argc, char** argv) {
  const auto files = corpus_files(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (files.empty()) {
    std::puts("there is no corpus: put a few inputs that the target accepts into it");
    return 1;
  }
  std::size_t runs = replay({});
  for (const auto& file : files) {
    std::ifstream stream(file, std::ios::binary);
    runs += replay({std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()});
  }
  std::printf("replayed %zu files in %zu runs\n", files.size(), runs);
  return 0;
}
