// What nodes on the way of a diagnosis say of it (RFC 7851 s.6.2).
#include <doctest.h>

#include "overlay/support/neighbours.hpp"
#include "phyllo/transport/errc.hpp"

namespace diagnosis_way_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

// All neighbours are well; one of them passes on what a fourth node asks.
struct way_of_a_diagnosis : neighbours {
  way_of_a_diagnosis() {
    recover();
    links.add(far, true, world.now());
    auto& r = ring.record(far->peer().node());
    r.peer = r.active = r.admitted = r.link.open = true;
    ring.enter(far->peer().node());
    observer.closed = [this](const overlay::node_id& n) {
      ring.remove(n);
      ring.forget(n);
    };
  }

  [[nodiscard]] overlay::diagnostics_request request() const {
    const auto now = core::unix_milliseconds(world.wall_now());
    return {now + 60'000, now, overlay::all_diagnostics, {}};
  }
  overlay::message_contents path_track(const overlay::destination& to) {
    overlay::message_contents m;
    m.code = overlay::code::path_track_req;
    m.body = overlay::path_track_request{to, request()}.encode();
    return m;
  }
  void pass_on(noting_link& by, const overlay::destination& to, const overlay::message_contents& m, std::uint8_t ttl = 20,
               overlay::destination_list via = {}) {
    overlay::forwarding_header h;
    h.overlay = trust.overlay_hash();
    h.configuration_sequence = 1;
    h.ttl = ttl;
    h.transaction_id = 77;
    h.destinations = {to};
    via.insert(via.begin(), overlay::destination::to_node(asker.certificate.node()));
    h.via = std::move(via);
    messenger.on_message(by, h.message(overlay::seal_payload(m, h.overlay, h.transaction_id, asker)));
  }
  // The error that went back by `by`, and what it says; zero: none did.
  static std::pair<std::uint16_t, std::string> refusal(const noting_link& by) {
    if (by.sent.empty()) return {};
    CHECK(by.sent.back().header.transaction_id == 77);
    const auto opened = overlay::open_payload(by.sent.back().payload);
    REQUIRE(opened.has_value());
    const auto e = overlay::read_error(opened->contents);
    return e ? std::pair(e->code, e->info) : std::pair(std::uint16_t{0}, std::string());
  }
  static overlay::destination key(std::uint8_t first, std::uint8_t second = 0) {
    overlay::node_id id;
    id.octets[0] = first;
    id.octets[1] = second;
    return overlay::destination::to_resource(id);
  }

  std::shared_ptr<noting_link> far = neighbour(0x20);
  identity::credential asker = issue(0x21);
};

}  // namespace

TEST_CASE("a diagnosis that goes as it should is passed on without a word") {
  way_of_a_diagnosis n;
  n.pass_on(*n.far, n.key(0x85, 1), n.path_track(n.key(0x85, 1)));
  CHECK(n.suspect->sent.size() == 1);
  CHECK(n.far->sent.empty());
}

TEST_CASE("a node on the way says what is wrong with a diagnosis: expired, going round, or at the end of its hops") {
  using refusal = std::pair<std::uint16_t, std::string>;
  way_of_a_diagnosis n;
  const auto to = n.key(0x85, 1);
  const auto upstream = n.far->peer().node().hex();
  auto old = n.path_track(to);
  old.body = overlay::path_track_request{to, {1000, 900, overlay::all_diagnostics, {}}}.encode();
  n.pass_on(*n.far, to, old);
  CHECK(n.refusal(*n.far) == refusal(overlay::error_code::message_expired, upstream));
  n.pass_on(*n.far, to, n.path_track(to), 20, {overlay::destination::to_node(n.self->certificate.node())});
  CHECK(n.refusal(*n.far) == refusal(overlay::error_code::loop_detected, upstream));
  n.pass_on(*n.far, to, n.path_track(to), 0);
  CHECK(n.refusal(*n.far) == refusal(overlay::error_code::ttl_hops_exceeded, upstream));
  CHECK(n.suspect->sent.empty());
  overlay::message_contents ping;  // the same of a Ping that asks for diagnostics
  ping.code = overlay::code::ping_req;
  ping.body = overlay::encode_ping_request();
  ping.extensions.push_back({.type = overlay::diagnostic_ping_extension, .critical = false, .content = n.request().encode()});
  n.pass_on(*n.far, to, ping, 0);
  CHECK(n.refusal(*n.far) == refusal(overlay::error_code::ttl_hops_exceeded, upstream));
}

TEST_CASE("a node that is farther from the key than the one before it says who misroutes") {
  way_of_a_diagnosis n;
  const auto to = n.key(0x84);
  n.pass_on(*n.well, to, n.path_track(to));
  CHECK(n.refusal(*n.well) == std::pair<std::uint16_t, std::string>(overlay::error_code::upstream_misrouting, n.well->peer().node().hex()));
  n.well->sent.clear();
  overlay::message_contents ping;  // what is no diagnosis is passed on all the same
  ping.code = overlay::code::ping_req;
  ping.body = overlay::encode_ping_request();
  n.pass_on(*n.well, to, ping);
  CHECK(n.well->sent.empty());
  CHECK(n.suspect->sent.size() == 1);
}

TEST_CASE("a diagnosis for a node that is not there is refused by whoever would be its root; others are dropped") {
  way_of_a_diagnosis n;
  overlay::node_id nobody;
  nobody.octets[0] = 0x81;
  const auto to = overlay::destination::to_node(nobody);
  n.pass_on(*n.far, to, n.path_track(to));
  CHECK(n.refusal(*n.far) == std::pair<std::uint16_t, std::string>(overlay::error_code::underlay_destination_unreachable, nobody.hex()));
  n.far->sent.clear();
  overlay::message_contents ping;
  ping.code = overlay::code::ping_req;
  ping.body = overlay::encode_ping_request();
  n.pass_on(*n.far, to, ping);
  CHECK(n.far->sent.empty());
  CHECK(n.metrics.drops()["no_route"] == 2);
}

TEST_CASE("a diagnosis whose last link ends without an ACK comes back as one whose time was exceeded") {
  way_of_a_diagnosis n;
  const auto last = n.suspect->peer().node();
  const auto to = overlay::destination::to_node(last);
  n.pass_on(*n.far, to, n.path_track(to));
  REQUIRE(n.suspect->sent.size() == 1);
  const auto link = n.suspect;
  n.messenger.on_overdue(*link, link->sent[0].token);
  CHECK(n.far->sent.empty());  // an ACK may still come
  n.messenger.on_closed(*n.well, core::error(transport::errc::closed));
  n.messenger.on_closed(*link, core::error(transport::errc::timed_out));
  CHECK(n.refusal(*n.far) == std::pair<std::uint16_t, std::string>(overlay::error_code::underlay_time_exceeded, last.hex()));
}

}  // namespace diagnosis_way_test
