#include "transport/host/datagram_demultiplexer.hpp"

#include <doctest.h>

#include <string>
#include <vector>

namespace datagram_demultiplexer_test {

using namespace phyllo;
using transport::datagram_kind;

namespace {

struct mute_port final : transport::datagram_port {
  core::status send(const transport::endpoint&, core::byte_view) override { return {}; }
  core::status send_batch(std::span<const transport::outgoing_datagram>) override { return {}; }
  [[nodiscard]] const transport::endpoint& local() const noexcept override { return at; }
  transport::endpoint at;
};

struct noting_service final : transport::datagram_service {
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override {
    heard.emplace_back(&port, core::to_bytes(d.data));
  }
  std::vector<std::pair<transport::datagram_port*, core::bytes>> heard;
};

struct by_kind {
  datagram_kind kind;
  const char* begins;
  const char* unserved;
};

const std::vector<by_kind> kinds{{datagram_kind::stun, "000100002112a442000000000000000000000000", "stun_unserved"},
                                 {datagram_kind::dtls, "16fefd000000000000000000010001", "dtls_unserved"},
                                 {datagram_kind::turn, "400100040102030405", "turn_unserved"},
                                 {datagram_kind::text, "5349502f322e3020323030204f4b0d0a", "sip_unserved"}};

struct demultiplexed {
  core::metrics metrics;
  transport::datagram_demultiplexer table{metrics};
  mute_port port;

  void come(const char* hex) {
    const auto data = core::from_hex(hex).value();
    table.on_datagram(port, {{}, data});
  }
};

}  // namespace

TEST_CASE("each kind of datagram comes to whoever serves it, with its port, and to nobody else") {
  demultiplexed d;
  std::vector<noting_service> services(kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) d.table.serve(kinds[i].kind, &services[i]);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    CAPTURE(kinds[i].unserved);
    d.come(kinds[i].begins);
    for (std::size_t other = 0; other < kinds.size(); ++other) CHECK(services[other].heard.size() == (other <= i ? 1U : 0U));
    REQUIRE(services[i].heard.size() == 1);
    CHECK(services[i].heard[0].first == &d.port);
    CHECK(services[i].heard[0].second == core::from_hex(kinds[i].begins));
  }
  CHECK(d.metrics.drops().empty());
}

TEST_CASE("what nobody serves, or serves no more, is counted by its kind, and what is of no kind as noise") {
  demultiplexed d;
  noting_service all;
  for (const auto& k : kinds) d.table.serve(k.kind, &all);
  d.table.serve(datagram_kind::dtls, nullptr);
  d.come(kinds[1].begins);
  CHECK(d.metrics.drops().at("dtls_unserved") == 1);
  d.come(kinds[0].begins);
  CHECK(all.heard.size() == 1);
  d.table.clear();
  for (const auto& k : kinds) d.come(k.begins);
  for (const auto& k : kinds) CHECK_MESSAGE(d.metrics.drops().at(k.unserved) == (k.kind == datagram_kind::dtls ? 2U : 1U), k.unserved);
  d.come("ff010203");
  CHECK(d.metrics.drops().at("noise") == 1);
  CHECK(all.heard.size() == 1);
}

}  // namespace datagram_demultiplexer_test
