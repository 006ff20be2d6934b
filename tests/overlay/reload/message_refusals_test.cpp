#include "reload/message_refusals.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "overlay/support/simulated_ring.hpp"
#include "reload/message.hpp"

namespace message_refusals_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct refusing {
  core::bytes sealed(std::uint16_t code) const {
    message_contents m;
    m.code = code;
    return maker.seal(m, 7);
  }
  std::optional<message_refusals::refusal> refuse(std::uint16_t code, const std::optional<node_id>& from) {
    return refusals.refuse(header, sealed(code), from, error_code::ttl_exceeded, "", now);
  }

  simulated_world world{1};
  simulated_overlay members{world};
  identity::trust trust{members.name};
  message_maker maker{std::make_shared<identity::credential>(members.issue("node@example.org", id(1))), trust, 30};
  core::metrics metrics;
  message_counters counters{metrics, core::logger()};
  message_refusals refusals{maker, counters};
  forwarding_header header;
  core::time_point now{1h};
};

}  // namespace

TEST_CASE("a refusal goes back the way of its request, under its transaction id") {
  refusing r;
  r.header.transaction_id = 7;
  r.header.via = {destination::to_node(id(4)), destination::to_node(id(3))};
  const auto refusal = r.refuse(code::ping_req, id(2));
  REQUIRE(refusal.has_value());
  CHECK(refusal->header.transaction_id == 7);
  CHECK(refusal->header.via.empty());
  CHECK(refusal->header.destinations ==
        destination_list{destination::to_node(id(2)), destination::to_node(id(3)), destination::to_node(id(4))});
  const auto opened = open_payload(*refusal->payload);
  REQUIRE(opened.has_value());
  CHECK(verify_payload(*opened, refusal->header.overlay, 7, r.maker.certificate()).has_value());
  CHECK(read_error(opened->contents)->code == error_code::ttl_exceeded);
}

TEST_CASE("a refusal copies the options that are for the answer") {
  refusing r;
  r.header.options = {{5, forwarding_option::response_copy, {1}}, {6, 0, {2}}};
  const auto refusal = r.refuse(code::ping_req, id(2));
  REQUIRE(refusal.has_value());
  REQUIRE(refusal->header.options.size() == 1);
  CHECK(refusal->header.options[0].type == 5);
}

TEST_CASE("neither an answer is refused nor what this node has made itself") {
  refusing r;
  CHECK_FALSE(r.refuse(code::ping_req + 1, id(2)).has_value());
  CHECK_FALSE(r.refuse(code::error, id(2)).has_value());
  CHECK_FALSE(r.refuse(code::ping_req, std::nullopt).has_value());
  CHECK(r.metrics.drops().count("refusals") == 0);
}

TEST_CASE("a node signs 200 refusals at once and 100 in a second, whatever is sent to it") {
  refusing r;
  int made = 0;
  for (int i = 0; i < 300; ++i) made += r.refuse(code::ping_req, id(2)).has_value() ? 1 : 0;
  CHECK(made == 200);
  CHECK(r.metrics.drops().at("refusals") == 100);
  r.now += 1s;
  for (int i = 0; i < 300; ++i) made += r.refuse(code::ping_req, id(2)).has_value() ? 1 : 0;
  CHECK(made == 300);
}

TEST_CASE("a diagnosis that has expired, goes in a circle or has crossed enough hops does not go on") {
  diagnostics_request d;
  d.expiration_ms = 1000;
  forwarding_header h;
  h.ttl = 1;
  CHECK(error_of_diagnosis(d, h, false, 999) == 0);
  CHECK(error_of_diagnosis(d, h, true, 1000) == error_code::message_expired);
  CHECK(error_of_diagnosis(d, h, true, 999) == error_code::loop_detected);
  h.ttl = 0;
  CHECK(error_of_diagnosis(d, h, true, 999) == error_code::loop_detected);
  CHECK(error_of_diagnosis(d, h, false, 999) == error_code::ttl_hops_exceeded);
}

}  // namespace message_refusals_test
