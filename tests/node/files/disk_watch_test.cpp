#include "files/disk_watch.hpp"

#include <doctest.h>

#include "phyllo/core/task_scope.hpp"
#include "phyllo/disk/errc.hpp"
#include "phyllo/node/errc.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace disk_watch_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct lines_kept final : core::log_sink {
  void write(core::log_level, std::string_view, std::string_view message) override { lines.emplace_back(message); }
  std::vector<std::string> lines;
};

struct fixture {
  testing::temporary_directory d;
  testing::real_world world;
  core::metrics metrics;
  std::shared_ptr<lines_kept> log = std::make_shared<lines_kept>();
  node::disk_watch disk{*world.env, d.file("data"), metrics, core::logger(log, "disk")};

  [[nodiscard]] bool says(const char* line) const { return metrics.text().find(line) != std::string::npos; }
};

core::status full() { return core::fail(disk::errc::io, "/d/records: cannot be written: No space left on device"); }

core::awaitable<void> watch_until(core::environment& env, node::disk_watch& disk, bool wrong) {
  core::task_scope tasks(env);
  tasks.spawn(disk.run());
  const auto end = env.now() + 10s;
  while (disk.wrong().has_value() != wrong && env.now() < end) co_await core::sleep_for(env, 5ms);
  tasks.cancel();
  co_await tasks.join();
}

}  // namespace

TEST_CASE_FIXTURE(fixture, "a full disk is said once when it begins and once when it is over, whatever could not be written") {
  CHECK(says("phyllo_disk_writable 1\n"));
  disk.note("records", full());
  disk.note("records", full());
  disk.note("accounts", full());
  CHECK(log->lines.size() == 1);
  CHECK(log->lines.front().find("No space left on device: records, accounts and certificates are not kept; make room") !=
        std::string::npos);
  CHECK(disk.wrong().value().find("/d/records") == 0);
  CHECK(says("phyllo_disk_writable 0\n"));
  disk.note("records", {});
  CHECK(disk.wrong().has_value());
  disk.note("accounts", {});
  CHECK_FALSE(disk.wrong().has_value());
  CHECK(says("phyllo_disk_writable 1\n"));
  CHECK(log->lines.size() == 2);
  CHECK(log->lines.back().find("can be written again") != std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "a directory that can not be written is noticed without any write of the node's, and so is that it can") {
  world.run(watch_until(*world.env, disk, true), 15s);
  CHECK(disk.wrong().value_or("").find(d.file("data") + ": can not be written: ") == 0);
  std::filesystem::create_directory(d.file("data"));
  world.run(watch_until(*world.env, disk, false), 15s);
  CHECK_FALSE(disk.wrong().has_value());
  CHECK(disk.free_bytes() > 0);
  CHECK(std::filesystem::is_empty(d.file("data")));
}

}  // namespace disk_watch_test
