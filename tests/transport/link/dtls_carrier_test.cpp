#include "transport/link/dtls_carrier.hpp"

#include <doctest.h>

#include <deque>
#include <string>

#include "phyllo/transport/errc.hpp"
#include "tls/tls_ends.hpp"

namespace dtls_carrier_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::dtls_carrier;

namespace {

// What one end of the wire has to hear, and whether its channel is still there.
struct wire_end {
  std::deque<core::bytes> coming;
  transport::datagram_receiver* receiver = nullptr;
  bool open = true;
};

class wire_channel final : public transport::datagram_channel {
 public:
  wire_channel(wire_end& here, wire_end& there, std::uint16_t port) : here_(here), there_(there), port_(port) {}
  ~wire_channel() override {
    here_.receiver = nullptr;
    here_.open = false;
  }
  wire_channel(const wire_channel&) = delete;
  wire_channel& operator=(const wire_channel&) = delete;
  void receive(transport::datagram_receiver* r) override { here_.receiver = r; }
  core::status send(core::byte_view data) override {
    there_.coming.push_back(core::to_bytes(data));
    return {};
  }
  [[nodiscard]] transport::endpoint local() const override { return {asio::ip::make_address("192.0.2.1"), port_}; }
  [[nodiscard]] transport::endpoint remote() const override { return {asio::ip::make_address("192.0.2.2"), port_}; }

 private:
  wire_end& here_;
  wire_end& there_;
  std::uint16_t port_;
};

struct owner final : transport::carrier_owner {
  void on_frame(core::byte_view frame) override { frames.emplace_back(core::as_text(frame)); }
  void on_writable() override {}
  void on_ended(const core::error& why) override { ended.push_back(why); }
  std::vector<std::string> frames;
  std::vector<core::error> ended;
};

struct carriers {
  testing::world_of_two w;
  testing::tls_side side_a{w.env, w.o, w.o.credential(1)};
  testing::tls_side side_b{w.env, w.o, w.o.credential(2)};
  wire_end at_a;
  wire_end at_b;
  owner owner_a;
  owner owner_b;
  std::vector<core::status> done_a;
  std::vector<core::status> done_b;
  std::shared_ptr<dtls_carrier> a;
  std::shared_ptr<dtls_carrier> b;

  carriers() {
    transport::tls_engine::overlay_client client;
    client.datagrams = true;
    client.expected = testing::numbered(2);
    transport::tls_engine::server server;
    server.datagrams = true;
    a = std::make_shared<dtls_carrier>(w.env, std::make_unique<transport::tls_engine>(side_a.context, client),
                                       std::make_unique<wire_channel>(at_a, at_b, std::uint16_t{1}));
    b = std::make_shared<dtls_carrier>(w.env, std::make_unique<transport::tls_engine>(side_b.context, server),
                                       std::make_unique<wire_channel>(at_b, at_a, std::uint16_t{2}));
  }
  void start(core::duration within = 10s, core::bytes preamble = {}) {
    b->start(w.env.now() + within, {}, [this](dtls_carrier& c, const core::status& how) {
      done_b.push_back(how);
      c.attach(&owner_b);
    });
    a->start(w.env.now() + within, std::move(preamble), [this](dtls_carrier& c, const core::status& how) {
      done_a.push_back(how);
      c.attach(&owner_a);
    });
  }
  // Until the wire is empty.
  void carry() {
    while (!at_a.coming.empty() || !at_b.coming.empty()) {
      for (auto* end : {&at_b, &at_a}) {
        if (end->coming.empty()) continue;
        const auto d = std::move(end->coming.front());
        end->coming.pop_front();
        if (end->receiver != nullptr) end->receiver->on_datagram(d);
      }
    }
  }
};

}  // namespace

TEST_CASE("a handshake is told once at either end, and from then on frames go both ways") {
  carriers c;
  c.start();
  c.carry();
  REQUIRE(c.done_a.size() == 1);
  REQUIRE(c.done_b.size() == 1);
  CHECK(c.done_a[0].has_value());
  CHECK(c.done_b[0].has_value());
  CHECK(c.a->peer().node() == testing::numbered(2));
  CHECK(c.b->peer().node() == testing::numbered(1));
  CHECK(c.a->token() == c.b->token());
  CHECK(c.b->alpn() == "phyllo-reload");
  CHECK(c.a->send_frame(core::as_bytes("hello")));
  CHECK(c.b->send_frame(core::as_bytes("and you")));
  c.carry();
  CHECK(c.owner_b.frames == std::vector<std::string>{"hello"});
  CHECK(c.owner_a.frames == std::vector<std::string>{"and you"});
}

TEST_CASE("a frame of the largest size goes in one datagram that no way of the Internet cuts") {
  carriers c;
  c.start();
  c.carry();
  CHECK(c.a->send_frame(core::bytes(c.a->frame_bytes_max(), 'x')));
  REQUIRE(c.at_b.coming.size() == 1);
  CHECK(c.at_b.coming[0].size() <= transport::datagram_bytes_max);
}

TEST_CASE("the proof of reachability goes out before the ClientHello") {
  carriers c;
  c.start(10s, core::to_bytes(core::as_bytes("proof")));
  REQUIRE(c.at_b.coming.size() >= 2);
  CHECK(core::as_text(c.at_b.coming[0]) == "proof");
  CHECK(c.at_b.coming[1].front() == 22);  // a handshake's record
}

TEST_CASE("a port that is unreachable ends a handshake, and no link that is up: anybody may forge that it is") {
  carriers c;
  c.start();
  c.at_a.receiver->on_unreachable();
  REQUIRE(c.done_a.size() == 1);
  CHECK(c.done_a[0].error() == transport::errc::refused);
  CHECK_FALSE(c.at_a.open);

  carriers up;
  up.start();
  up.carry();
  up.at_a.receiver->on_unreachable();
  CHECK(up.done_a.size() == 1);
  CHECK(up.owner_a.ended.empty());
  CHECK(up.a->send_frame(core::as_bytes("still here")));
}

TEST_CASE("where nobody answers the handshake ends at its deadline") {
  carriers c;
  c.start(0s);
  c.w.world.io.run_for(5s);
  REQUIRE(c.done_a.size() == 1);
  CHECK(c.done_a[0].error() == transport::errc::timed_out);
  CHECK_FALSE(c.at_a.open);
}

TEST_CASE("who begins anew ends an association that is up, and none that is not") {
  carriers c;
  c.start();
  CHECK_FALSE(c.at_b.receiver->supersede());
  c.carry();
  CHECK(c.at_b.receiver->supersede());
  REQUIRE(c.owner_b.ended.size() == 1);
  CHECK(c.owner_b.ended[0] == transport::errc::closed);
  CHECK_FALSE(c.at_b.open);
  CHECK(c.b->send_frame(core::as_bytes("too late")).error() == transport::errc::closed);
}

TEST_CASE("an end that closes tells its peer, and its own owner nothing") {
  carriers c;
  c.start();
  c.carry();
  c.a->close();
  c.carry();
  CHECK(c.owner_a.ended.empty());
  REQUIRE(c.owner_b.ended.size() == 1);
  CHECK(c.owner_b.ended[0] == transport::errc::closed);
  CHECK_FALSE(c.at_b.open);
}

}  // namespace dtls_carrier_test
