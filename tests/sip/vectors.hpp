// The published messages of RFC 4475, RFC 5118 and the call flows of RFC 3261, 3428 and 3665, with what is expected of
// a receiver of each.
#pragma once

#include <doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace phyllo::testing {

inline std::filesystem::path vectors() { return PHYLLO_SIP_VECTORS; }

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE_MESSAGE(in.good(), path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

struct expectation {
  std::string file;
  std::string expected;
};

// The table's columns: file, section, class, expected, note.
inline std::vector<expectation> expectations(const std::string& table, const std::string& extension) {
  std::istringstream in(read_file(vectors() / table));
  std::vector<expectation> out;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream columns(line);
    std::string file, section, kind, expected;
    std::getline(columns, file, '\t');
    std::getline(columns, section, '\t');
    std::getline(columns, kind, '\t');
    std::getline(columns, expected, '\t');
    out.push_back({file + extension, expected});
  }
  return out;
}

inline std::vector<std::filesystem::path> files_of(const std::string& directory) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(vectors() / directory)) out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace phyllo::testing
