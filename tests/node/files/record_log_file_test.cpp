#include "files/record_log_file.hpp"

#include <doctest.h>
#include <sys/stat.h>

#include "phyllo/disk/errc.hpp"
#include "phyllo/node/errc.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace record_log_file_test {

using namespace phyllo;

namespace {

core::awaitable<void> write_and_read(core::environment& env, std::string path) {
  node::record_log_file file(env, path);
  const auto none = co_await file.read(0, 100);
  CHECK(none.value().empty());
  CHECK((co_await file.append(core::to_bytes("abc"))).has_value());
  CHECK((co_await file.append(core::to_bytes("def"))).has_value());
  const auto part = co_await file.read(2, 3);
  CHECK(part.value() == core::to_bytes("cde"));
  const auto rest = co_await file.read(5, 100);
  CHECK(rest.value() == core::to_bytes("f"));
  CHECK((co_await file.append_to_next(core::to_bytes("left over from before"), true)).has_value());
  CHECK((co_await file.append_to_next(core::to_bytes("x"), true)).has_value());
  CHECK((co_await file.append_to_next(core::to_bytes("yz"), false)).has_value());
  const auto unchanged = co_await file.read(0, 100);
  CHECK(unchanged.value() == core::to_bytes("abcdef"));
  CHECK((co_await file.replace()).has_value());
  const auto replaced = co_await file.read(0, 100);
  CHECK(replaced.value() == core::to_bytes("xyz"));
  CHECK((co_await file.set_aside()).has_value());
  const auto gone = co_await file.read(0, 100);
  CHECK(gone.value().empty());
}

core::awaitable<void> fail_to_write(core::environment& env, std::string path) {
  node::record_log_file file(env, path);
  const auto done = co_await file.append(core::to_bytes("x"));
  CHECK(done.error() == disk::errc::io);
  CHECK(done.error().message().find(path) != std::string::npos);
}

}  // namespace

TEST_CASE("records are appended, read in pieces, replaced as a whole and set aside, in files of their owner's alone") {
  const testing::temporary_directory d;
  testing::real_world world;
  const auto path = d.file("records");
  world.run(write_and_read(*world.env, path));
  CHECK(testing::content_of(path + ".damaged") == "xyz");
  CHECK_FALSE(std::filesystem::exists(path + ".new"));
  struct stat s{};
  REQUIRE(::stat((path + ".damaged").c_str(), &s) == 0);
  CHECK((s.st_mode & 0777u) == 0600);
}

TEST_CASE("a directory that is not there is an error that names the file") {
  const testing::temporary_directory d;
  testing::real_world world;
  world.run(fail_to_write(*world.env, d.file("no/records")));
}

}  // namespace record_log_file_test
