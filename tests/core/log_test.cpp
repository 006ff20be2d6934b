#include "phyllo/core/log.hpp"

#include <doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

namespace log_test {

using namespace phyllo;

namespace {

struct noting_sink final : core::log_sink {
  void write(core::log_level, std::string_view component, std::string_view message) override {
    lines.push_back(std::string(component) + ": " + std::string(message));
  }
  std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("a logger's components stand behind its scope, also those made from it later") {
  const auto sink = std::make_shared<noting_sink>();
  const core::logger log(sink, "node");
  log.of("sip").info("a");
  const auto scoped = log.within("overlay.example.com");
  scoped.info("b");
  scoped.of("sip").of("registrar").info("c");
  CHECK(sink->lines == std::vector<std::string>{"sip: a", "overlay.example.com/node: b", "overlay.example.com/registrar: c"});
}

TEST_CASE("a log file can be read by its owner and group at most, also one that was there before") {
  std::string path = "/tmp/phyllo-log-XXXXXX";
  const int fd = ::mkstemp(path.data());
  REQUIRE(fd >= 0);
  ::close(fd);
  REQUIRE(::chmod(path.c_str(), 0666) == 0);
  for (const bool there : {true, false}) {
    CAPTURE(there);
    if (!there) ::unlink(path.c_str());
    const auto umask_before = ::umask(0);
    {
      auto sink = core::make_log_sink(path);
      REQUIRE(sink.has_value());
      (*sink)->write(core::log_level::info, "test", "a line");
    }
    ::umask(umask_before);
    struct stat file{};
    REQUIRE(::stat(path.c_str(), &file) == 0);
    CHECK((file.st_mode & 0777) == 0640);
  }
  std::ifstream in(path);
  std::string line;
  CHECK(std::getline(in, line));
  CHECK(line.ends_with("info test: a line"));
  ::unlink(path.c_str());
}

TEST_CASE("a log file that was moved away is made anew when its writer is told so, and no line is lost") {
  std::string directory = "/tmp/phyllo-log-XXXXXX";
  REQUIRE(::mkdtemp(directory.data()) != nullptr);
  const auto path = directory + "/node.log", rotated = directory + "/node.log.1";
  {
    const auto sink = core::make_log_sink(path).value();
    sink->write(core::log_level::info, "test", "before");
    REQUIRE(::rename(path.c_str(), rotated.c_str()) == 0);
    REQUIRE(sink->reopen().has_value());
    sink->write(core::log_level::info, "test", "after");
  }
  std::string both;
  for (const auto& file : {rotated, path}) {
    std::ifstream in(file);
    both.append(std::istreambuf_iterator<char>(in), {});
  }
  CHECK(both.find("test: before\n") < both.find("test: after\n"));
  struct stat file{};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0137) == 0);
  ::unlink(path.c_str());
  ::unlink(rotated.c_str());
  ::rmdir(directory.c_str());
}

TEST_CASE("a log file that can not be opened is an error, not an exception") {
  for (const auto* path : {"/nonexistent/x.log", "/tmp"}) {
    CAPTURE(path);
    const auto sink = core::make_log_sink(path);
    REQUIRE_FALSE(sink.has_value());
    CHECK(sink.error().message().find(path) != std::string::npos);
  }
}

}  // namespace log_test
