#include "peer/peer_diagnosis.hpp"

#include <doctest.h>

#include "overlay/support/asked_by_stranger.hpp"

namespace peer_diagnosis_test {

using namespace phyllo;
using namespace phyllo::testing;

TEST_CASE("who asks for a diagnostic Kind that is not for it is told Error_Forbidden") {
  asked_by_stranger s;
  s.ring.overlay.diagnostics = {{overlay::diagnostic_kind::status_info, {s.ring.peers[1]->id()}}, {0x1234, {s.ring.peers[1]->id()}}};
  REQUIRE(s.ring.finish(s.ring.peers[0]->peer->adopt(s.ring.overlay.document(2))).has_value());
  s.ring.world.run_for(1s);
  const auto ask = [&](std::uint64_t flags, std::vector<overlay::diagnostic> extensions) {
    const overlay::path_track_request p{overlay::destination::to_node(s.ring.peers[1]->id()),
                                        {s.now_ms() + 5000, s.now_ms(), flags, std::move(extensions)}};
    overlay::message_contents m;
    m.code = overlay::code::path_track_req;
    m.body = p.encode();
    auto h = s.header();
    h.configuration_sequence = 2;
    return error_of(s.ask(h, m));
  };
  CHECK(ask(overlay::all_diagnostics, {}) == overlay::error_code::forbidden);
  CHECK(ask(overlay::diagnostic_flag(overlay::diagnostic_kind::status_info), {}) == overlay::error_code::forbidden);
  CHECK(ask(0, {{0x1234, {}}}) == overlay::error_code::forbidden);
  CHECK(ask(overlay::diagnostic_flag(overlay::diagnostic_kind::app_uptime), {}) == 0);
}

TEST_CASE("a Ping with diagnostics is answered with what was asked for") {
  asked_by_stranger s;
  auto m = ping();
  const overlay::diagnostics_request d{s.now_ms() + 5000, s.now_ms(), overlay::diagnostic_flag(overlay::diagnostic_kind::app_uptime), {}};
  m.extensions.push_back({.type = overlay::diagnostic_ping_extension, .critical = false, .content = d.encode()});
  const auto h = s.header();
  const auto got = s.ask(h, m);
  REQUIRE(got.has_value());
  CHECK(got->code == overlay::code::ping_req + 1);
  REQUIRE(got->extensions.size() == 1);
  const auto told = overlay::diagnostics_response::decode(got->extensions[0].content);
  REQUIRE(told.has_value());
  CHECK(told->hop_counter == h.ttl);
  CHECK(told->initiated_ms == d.initiated_ms);
  CHECK(told->infos.size() == 1);
  CHECK(told->find(overlay::diagnostic_kind::app_uptime) != nullptr);
  m.extensions[0].content = {1, 2, 3};
  CHECK(error_of(s.ask(s.header(), m)) == overlay::error_code::invalid_message);
}

TEST_CASE("an expired PathTrack is Error_Message_Expired, one for the far future is invalid") {
  asked_by_stranger s;
  overlay::path_track_request p{overlay::destination::to_node(s.ring.peers[1]->id()), {s.now_ms() - 1, s.now_ms() - 2, 0, {}}};
  overlay::message_contents m;
  m.code = overlay::code::path_track_req;
  m.body = p.encode();
  CHECK(error_of(s.ask(s.header(), m)) == overlay::error_code::message_expired);
  p.request.expiration_ms = s.now_ms() + 3'600'000;
  m.body = p.encode();
  CHECK(error_of(s.ask(s.header(), m)) == overlay::error_code::invalid_message);
  p.request.expiration_ms = s.now_ms() + 5000;
  m.body = p.encode();
  const auto got = s.ask(s.header(), m);
  REQUIRE(got.has_value());
  const auto a = overlay::path_track_answer::decode(got->body);
  REQUIRE(a.has_value());
  CHECK(a->next_hop.is_node(s.ring.peers[1]->id()));
  CHECK(a->response.infos.empty());  // no flag, nothing told
}

TEST_CASE("Probe tells the share of the ring, the number of resources and the uptime") {
  asked_by_stranger s;
  overlay::message_contents m;
  m.code = overlay::code::probe_req;
  m.body = overlay::probe_request{{1, 2, 3, 77}}.encode();
  const auto got = s.ask(s.header(), m);
  REQUIRE(got.has_value());
  const auto a = overlay::probe_answer::decode(got->body);
  REQUIRE(a.has_value());
  REQUIRE(a->values.size() == 3);
  CHECK(a->values[0] == std::pair(overlay::probe_information::responsible_set, std::uint32_t{250'000'000}));
  CHECK(a->values[1] == std::pair(overlay::probe_information::num_resources, std::uint32_t{0}));
}

TEST_CASE("a Ping or Probe that is no such message is Error_Invalid_Message") {
  asked_by_stranger s;
  for (const auto code : {overlay::code::ping_req, overlay::code::probe_req, overlay::code::path_track_req}) {
    CAPTURE(code);
    overlay::message_contents m;
    m.code = code;
    m.body = {0xff};
    CHECK(error_of(s.ask(s.header(), m)) == overlay::error_code::invalid_message);
  }
}

}  // namespace peer_diagnosis_test
