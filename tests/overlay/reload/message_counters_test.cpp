#include "reload/message_counters.hpp"

#include <doctest.h>

namespace message_counters_test {

using namespace phyllo;
using namespace phyllo::overlay;

namespace {

std::uint64_t received(core::metrics& m, const std::string& code) {
  return m.get_counter("phyllo_reload_messages_total", "", {{"code", code}}).value();
}

}  // namespace

TEST_CASE("messages are counted by the name of their code, errors for themselves, and all without a name together") {
  core::metrics metrics;
  message_counters counters(metrics, core::logger());
  CHECK(metrics.text().find("phyllo_reload_messages_total{code=\"path_track_req\"} 0") != std::string::npos);  // before the first
  for (const std::uint16_t c :
       {code::ping_req, code::path_track_req, code::error, std::uint16_t{0}, std::uint16_t{0x1f}, std::uint16_t{0x7000}})
    counters.received(c);
  CHECK(received(metrics, "ping_req") == 1);
  CHECK(received(metrics, "path_track_req") == 1);
  CHECK(received(metrics, code_name(code::error)) == 1);
  CHECK(received(metrics, "other") == 3);
}

TEST_CASE("what is dropped and what is spared is counted by its reason") {
  core::metrics metrics;
  message_counters counters(metrics, core::logger());
  counters.dropped("ttl", std::nullopt);
  counters.dropped("ttl", node_id{});
  counters.spared("refusals");
  CHECK(metrics.drops().at("ttl") == 2);
  CHECK(metrics.drops().at("refusals") == 1);
}

}  // namespace message_counters_test
