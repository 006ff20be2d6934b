#include "phyllo/core/log_ration.hpp"

#include <doctest.h>

#include <mutex>
#include <string>
#include <vector>

namespace log_ration_test {

using namespace phyllo;
using namespace std::chrono_literals;
using core::log_level;

namespace {

core::log_cause cause(std::string_view format, std::string_view about = {}) { return {log_level::warning, "sip.proxy", format, about}; }

struct rationed_log {
  core::log_ration ration{{}, {1, 2}};
  core::time_point now{100s};
  unsigned lines = 0;

  void many(unsigned times, std::string_view format, std::string_view about = {}) {
    for (unsigned i = 0; i < times; ++i) lines += ration.admits(cause(format, about), now) ? 1 : 0;
  }
  std::vector<std::string> due() {
    std::vector<std::string> texts;
    for (const auto& c : ration.due(now)) texts.push_back(c.component + ": " + c.text);
    return texts;
  }
};

struct kept_lines final : core::log_sink {
  void write(log_level, std::string_view component, std::string_view message) override {
    const std::scoped_lock lock(mutex);
    all.push_back(std::string(component) + ": " + std::string(message));
  }
  std::mutex mutex;
  std::vector<std::string> all;
};

}  // namespace

TEST_CASE("sixteen thousand lines of one cause in ten minutes are some at first, then an example and a count a minute") {
  rationed_log log;
  for (int second = 0; second < 600; ++second, log.now += 1s) {
    log.many(27, "a callee could not be looked up: {}");
    const auto counts = log.due();
    if (!counts.empty()) CHECK(counts.front().starts_with("sip.proxy: a callee could not be looked up: ... ("));
    log.lines += static_cast<unsigned>(counts.size());
  }
  CHECK(log.lines >= 10 + 9);
  CHECK(log.lines <= 10 + 2 * 10);
}

TEST_CASE("no occurrence is lost: lines and counts together are as many as came") {
  rationed_log log;
  log.many(1234, "x {}");
  log.now += 60s;
  CHECK(log.lines == 10);
  CHECK(log.due() == std::vector<std::string>{"sip.proxy: x ... (1224 more times in 60 s)"});
}

TEST_CASE("causes do not hide one another, and what was quiet for a period begins anew") {
  rationed_log log;
  log.many(1000, "first");
  log.lines = 0;
  log.many(4, "second");
  CHECK(log.lines == 4);
  log.now += 60s;
  CHECK(log.due().size() == 1);
  log.now += 60s;
  CHECK(log.due().empty());
  log.lines = 0;
  log.many(20, "first");
  CHECK(log.lines == 10);
}

TEST_CASE("each one that lines are about is a cause of his own, and all of them together have a bound") {
  rationed_log log;
  log.many(1000, "wrong from {}", "192.0.2.1");
  CHECK(log.lines == 3);
  log.many(1, "wrong from {}", "192.0.2.2");
  CHECK(log.lines == 4);
  for (int i = 0; i < 5000; ++i) log.many(1, "wrong from {}", "198.51." + std::to_string(i));
  CHECK(log.lines == 200);
  log.now += 60s;
  const auto counts = log.due();
  REQUIRE(counts.size() == 2);
  CHECK(counts[0] == "sip.proxy: wrong from ... (4804 more times in 60 s)");
  CHECK(counts[1] == "sip.proxy: wrong from 192.0.2.1 (997 more times in 60 s)");
}

TEST_CASE("lines for debugging are not rationed") {
  core::log_ration ration({}, {1, 2});
  for (int i = 0; i < 1000; ++i) CHECK(ration.admits({log_level::debug, "c", "f", {}}, core::time_point(1s)));
}

TEST_CASE("a logger before a rationed sink writes what is admitted, and its counts at the end") {
  const auto kept = std::make_shared<kept_lines>();
  {
    const core::logger log(core::rationed(kept), "node");
    for (int i = 0; i < 50; ++i) log.warning("number {}", i);
    for (int i = 0; i < 5; ++i) log.of("login").about("192.0.2.7").warning("failed log-in from {}", "192.0.2.7");
  }
  REQUIRE(kept->all.size() == 15);
  CHECK(kept->all[9] == "node: number 9");
  CHECK(kept->all[13] == "node: number ... (40 more times)");
  CHECK(kept->all[14] == "login: failed log-in from 192.0.2.7 (2 more times)");
}

}  // namespace log_ration_test
