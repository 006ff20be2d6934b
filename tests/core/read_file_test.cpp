#include "phyllo/core/read_file.hpp"

#include <doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "phyllo/core/errc.hpp"

namespace read_file_test {

using namespace phyllo;

namespace {

struct place {
  std::string path = (std::filesystem::temp_directory_path() / "phyllo-test-XXXXXX").string();
  place() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~place() {
    std::error_code ec;
    std::filesystem::remove_all(path, ec);
  }
};

}  // namespace

TEST_CASE("a file is read whole, of a size that it does not tell too") {
  const place p;
  const std::string content(100'000, 'x');
  std::ofstream(p.path + "/file") << content;
  CHECK(core::read_file(p.path + "/file", content.size()).value() == content);
  CHECK(core::read_file("/proc/self/stat", 10'000).value()->size() > 10);
  CHECK_FALSE(core::read_file(p.path + "/none", 10).value().has_value());
}

TEST_CASE("what stands in a file's place is an error that names it, and keeps nobody waiting") {
  const place p;
  CHECK(core::read_file(p.path, 10).error() == core::errc::io);
  CHECK(core::read_file(p.path, 10).error().detail() == p.path + ": cannot be read: Is a directory");
  std::ofstream(p.path + "/file") << "12345678901";
  CHECK(core::read_file(p.path + "/file", 10).error().detail() == p.path + "/file: larger than 10 bytes");
  CHECK(core::read_file(p.path + "/file/x", 10).error() == core::errc::io);
  REQUIRE(::mkfifo((p.path + "/pipe").c_str(), 0600) == 0);
  CHECK(core::read_file(p.path + "/pipe", 10).value() == "");
}

}  // namespace read_file_test
