#include "sip/sip_datagrams.hpp"

#include <doctest.h>

#include "support/noting_doors.hpp"
#include "support/simulated_world.hpp"

namespace sip_datagrams_test {

using namespace phyllo;

namespace {

const transport::endpoint phone{asio::ip::make_address("192.0.2.1"), 5060};
const transport::endpoint other{asio::ip::make_address("192.0.2.2"), 5060};

// Ten messages of strangers a second, two at once.
sip::transport_options few_strangers() {
  sip::transport_options o;
  o.rates.strangers_messages_per_second = 10;
  return o;
}

struct datagrams_of_a_host {
  testing::simulated_world world;
  core::metrics metrics;
  testing::noting_doors doors;
  sip::sip_datagrams datagrams{world.env(), doors, few_strangers(), metrics};

  [[nodiscard]] std::uint64_t dropped(const std::string& reason) const {
    const auto drops = metrics.drops();
    const auto at = drops.find(reason);
    return at == drops.end() ? 0 : at->second;
  }
  [[nodiscard]] bool admits(const transport::endpoint& from, const std::string& text) {
    return datagrams.admits(from, core::as_bytes(text));
  }
  core::status send(const transport::endpoint& to, const std::string& text) { return datagrams.send(to, core::as_bytes(text)); }
  void prove(const transport::endpoint& who) {
    sip::source s;
    s.remote = who;
    datagrams.prove(s);
  }
};

std::string text_of(const std::string& start, std::size_t bytes) { return start + std::string(bytes - start.size(), 'x'); }

}  // namespace

TEST_CASE("a stranger is answered by half more bytes than he has sent, and whoever has shown that he hears us by as many as there are") {
  datagrams_of_a_host h;
  const auto answer = text_of("SIP/2.0 200 OK\r\n", 100);
  CHECK(h.send(phone, answer).has_value());  // lost, as any datagram may be
  CHECK(h.doors.sip.sent.empty());
  CHECK(h.dropped("sip_unproven") == 1);
  REQUIRE(h.admits(phone, text_of("OPTIONS ", 100)));
  CHECK(h.datagrams.room_for(phone) == 150);
  CHECK(h.send(phone, answer).has_value());
  CHECK(h.send(phone, answer).has_value());
  CHECK(h.doors.sip.sent.size() == 1);
  CHECK(h.dropped("sip_unproven") == 2);
  h.prove(phone);
  for (int i = 0; i < 20; ++i) CHECK(h.send(phone, answer).has_value());
  CHECK(h.doors.sip.sent.size() == 21);
}

TEST_CASE("a request goes where it may be dialled, and else to those alone who have shown that they hear us") {
  datagrams_of_a_host h;
  CHECK(h.send(phone, "INVITE sip:a SIP/2.0\r\n").has_value());
  CHECK(h.doors.sip.sent.size() == 1);
  h.doors.dials = false;
  CHECK(h.send(phone, "INVITE sip:a SIP/2.0\r\n").error() == sip::errc::unreachable);
  CHECK(h.dropped("sip_address") == 1);
  h.prove(phone);
  CHECK(h.send(phone, "INVITE sip:a SIP/2.0\r\n").has_value());
  CHECK(h.send(other, "INVITE sip:a SIP/2.0\r\n").error() == sip::errc::unreachable);
  CHECK(h.doors.sip.sent.size() == 2);
}

TEST_CASE("noise is counted, a keep-alive is no message, and a message is answered from the port to which it came") {
  datagrams_of_a_host h;
  const auto is_message = [&](transport::datagram_port& port, std::string_view text) {
    return h.datagrams.is_message(port, {phone, core::as_bytes(text)});
  };
  CHECK_FALSE(is_message(h.doors.https, "GET / HTTP/1.1\r\n"));
  CHECK(h.dropped("sip_noise") == 1);
  CHECK_FALSE(is_message(h.doors.https, "\r\n\r\n"));
  CHECK(h.dropped("sip_noise") == 1);
  CHECK(h.send(phone, "OPTIONS sip:a SIP/2.0\r\n").has_value());
  CHECK(h.doors.sip.sent.size() == 1);
  CHECK(is_message(h.doors.https, "OPTIONS sip:a SIP/2.0\r\n"));
  CHECK(h.send(phone, "OPTIONS sip:a SIP/2.0\r\n").has_value());
  CHECK(h.doors.https.sent.size() == 1);
}

TEST_CASE("a flood of requests from strangers leaves room for responses, and for those who have shown that they hear us") {
  datagrams_of_a_host h;
  h.prove(other);
  CHECK(h.admits(phone, "OPTIONS sip:a SIP/2.0"));
  CHECK(h.admits(phone, "OPTIONS sip:a SIP/2.0"));
  CHECK_FALSE(h.admits(phone, "OPTIONS sip:a SIP/2.0"));
  CHECK(h.dropped("sip_strangers_rate") == 1);
  CHECK(h.admits(phone, "SIP/2.0 200 OK"));
  for (int i = 0; i < 10; ++i) CHECK(h.admits(other, "OPTIONS sip:a SIP/2.0"));
  h.world.run_for(std::chrono::seconds(1));
  CHECK(h.admits(phone, "OPTIONS sip:a SIP/2.0"));
}

TEST_CASE("a proof is asked for within what its address has sent, once it has come nobody is asked again") {
  datagrams_of_a_host h;
  h.datagrams.ask_to_prove(phone);
  CHECK(h.doors.probed.empty());
  REQUIRE(h.admits(phone, text_of("OPTIONS ", 100)));
  h.datagrams.ask_to_prove(phone);
  REQUIRE(h.doors.probed.size() == 1);
  CHECK(h.doors.probed[0].first == phone);
  sip::source s;
  s.remote = phone;
  CHECK_FALSE(h.datagrams.proven(s));
  h.doors.probed[0].second();
  CHECK(h.datagrams.proven(s));
  h.datagrams.ask_to_prove(phone);
  CHECK(h.doors.probed.size() == 1);
  s.remote = other;
  CHECK_FALSE(h.datagrams.proven(s));
  s.by = sip::protocol::tcp;
  CHECK(h.datagrams.proven(s));
}

TEST_CASE("a proof that comes when the layer is gone proves nothing, and breaks nothing") {
  testing::simulated_world world;
  core::metrics metrics;
  testing::noting_doors doors;
  {
    sip::sip_datagrams datagrams(world.env(), doors, few_strangers(), metrics);
    REQUIRE(datagrams.admits(phone, core::as_bytes(text_of("OPTIONS ", 100))));
    datagrams.ask_to_prove(phone);
  }
  REQUIRE(doors.probed.size() == 1);
  doors.probed[0].second();
  sip::sip_datagrams anew(world.env(), doors, few_strangers(), metrics);
  sip::source s;
  s.remote = phone;
  CHECK_FALSE(anew.proven(s));
}

}  // namespace sip_datagrams_test
