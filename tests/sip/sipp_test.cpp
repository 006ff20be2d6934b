// SIPp against one service on loopback: its phones register and call as the scenarios beside this file say. Exit code
// 77 (skipped) where SIPp is not installed.
#include <doctest.h>

#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/sip_ring.hpp"

namespace sipp_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

constexpr int users = 100;
const std::string scenarios = PHYLLO_SIP_SCENARIOS;

class sipp {
 public:
  sipp(const std::filesystem::path& directory, const std::string& arguments) {
    const auto line = "cd " + directory.string() + " && exec sipp -nostdin " + arguments + " > sipp.log 2>&1";
    std::vector<std::string> words{"/bin/sh", "-c", line};
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    REQUIRE(posix_spawn(&pid_, "/bin/sh", nullptr, nullptr, argv.data(), environ) == 0);
  }
  ~sipp() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  sipp(const sipp&) = delete;
  sipp& operator=(const sipp&) = delete;

  core::awaitable<int> exit_code(core::environment& env) {
    int status = 0;
    while (waitpid(pid_, &status, WNOHANG) == 0) co_await core::sleep_for(env, 20ms);  // -timeout ends it
    pid_ = 0;
    co_return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = 0;
};

// The sum of all counters whose line begins so.
unsigned counted(const sip_node& node, const std::string& line) {
  const auto text = node.metrics.text();
  unsigned n = 0;
  for (auto at = text.find("\n" + line); at != std::string::npos; at = text.find("\n" + line, at + 1))
    n += static_cast<unsigned>(std::stoul(text.substr(text.find("} ", at) + 2)));
  return n;
}

void write_fields(const std::filesystem::path& file, bool caller) {
  std::ofstream out(file);
  out << "SEQUENTIAL\n";
  for (int i = 0; i < users; ++i) {
    const auto user = "user" + std::to_string(i);
    if (caller) out << "user" << (i + 1) % users << ';';
    const auto account = "[authentication username=" + user + " password=secret]";
    out << (caller ? "example.com;" + user : user + ";example.com") << ';' << account << '\n';
  }
}

// Runs SIPp to its end at 100 a second, and where the node refused for overload, as one rightly does on a machine that others keep busy,
// again at 20 and at 4. False: it failed, and not for that.
core::awaitable<bool> succeeds(sip_ring& ring, sip_node& node, const std::filesystem::path& directory, std::string arguments) {
  for (const auto* rate : {" -r 100", " -r 20", " -r 4"}) {
    const auto refused = counted(node, "phyllo_dropped_total{reason=\"sip_overload_");
    sipp phones(directory, arguments + rate);
    if (co_await phones.exit_code(ring.env()) == 0) co_return true;
    if (counted(node, "phyllo_dropped_total{reason=\"sip_overload_") == refused) co_return false;
  }
  co_return false;
}

core::awaitable<void> registers_and_calls(sip_ring& ring, const std::filesystem::path& directory) {
  write_fields(directory / "register.csv", false);
  write_fields(directory / "call.csv", true);
  const auto own = "-i " + ring.place(100) + " -bind_local -timeout 60s -timeout_error -trace_err ";
  sipp answering(directory, "-sf " + scenarios + "/answer.xml -i " + ring.place(100) + " -bind_local -p 5070");
  co_await core::sleep_for(ring.env(), 300ms);
  const auto registering =
      "-sf " + scenarios + "/register.xml " + own + "-p 5071 -inf register.csv -m 100 -key contact " + ring.place(100) + ":5070 ";
  CHECK(co_await succeeds(ring, ring.node(1), directory, registering + ring.node(1).at()));
  CHECK(ring.ring.records.size() == users);
  CHECK(ring.node(1).service->status().bindings == users);
  const auto calling = "-sf " + scenarios + "/call.xml " + own + "-p 5072 -inf call.csv -m 100 -d 200 ";
  CHECK(co_await succeeds(ring, ring.node(2), directory, calling + ring.node(2).at()));
  CHECK(counted(ring.node(2), "phyllo_calls_total{code=\"200\"") >= users);
  CHECK(ring.node(2).service->status().calls == 0);
}

}  // namespace

TEST_CASE("SIPp registers a hundred users at one node, and a hundred calls through another succeed") {
  if (std::system("command -v sipp > /dev/null") != 0) std::exit(77);
  const auto directory = std::filesystem::temp_directory_path() / ("phyllo-sipp-" + std::to_string(getpid()));
  std::filesystem::create_directories(directory);
  sip_ring ring(40, 2);
  ring.run(registers_and_calls(ring, directory), 170s);
  std::filesystem::remove_all(directory);
}

}  // namespace sipp_test
