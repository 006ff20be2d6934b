// The published test vectors of tests/vectors, made by our own code from fixed keys and times.
//
//   make-vectors write DIRECTORY
//   make-vectors check DIRECTORY      that what stands there is what the code makes
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "vectors/constant_vectors.hpp"
#include "vectors/identity_vectors.hpp"
#include "vectors/message_vectors.hpp"

using namespace phyllo;

namespace {

std::map<std::string, testing::json> vectors() {
  const testing::cast c;
  return {{"constants.json", testing::constant_vectors()},
          {"certificates.json", testing::key_vectors(c)},
          {"configuration.json", testing::document_vectors(c)},
          {"revocations.json", testing::revocation_vectors(c)},
          {"frames.json", testing::frame_vectors()},
          {"values.json", testing::value_vectors(c)},
          {"watch.json", testing::watch_vectors(c)},
          {"digests.json", testing::digest_vectors(c)},
          {"rings.json", testing::ring_vectors()},
          {"messages.json", testing::message_vectors(c)}};
}

std::string printed(const testing::json& j) { return j.dump(1) + "\n"; }

void write(const std::filesystem::path& directory) {
  std::filesystem::create_directories(directory);
  for (const auto& [name, content] : vectors()) std::ofstream(directory / name, std::ios::binary) << printed(content);
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int check(const std::filesystem::path& directory) {
  int wrong = 0;
  for (const auto& [name, content] : vectors()) {
    if (content_of(directory / name) == printed(content)) continue;
    ++wrong;
    std::cerr << (directory / name).string() << ": is not what the code makes: write it anew if the format was meant to change\n";
  }
  std::cout << vectors().size() << " files, " << wrong << " of them differ\n";
  return wrong > 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view verb = argc == 3 ? argv[1] : "";
  if (verb == "check") return check(argv[2]);
  if (verb != "write") {
    std::cerr << "usage: make-vectors write|check DIRECTORY\n";
    return 2;
  }
  write(argv[2]);
  return 0;
}
