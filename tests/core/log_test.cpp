#include "phyllo/core/log.hpp"

#include <doctest.h>

#include <vector>

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
