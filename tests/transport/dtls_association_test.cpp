// DTLS associations as a peer outside our host sees them: a bare engine on a bare socket, which can lose its state,
// stay silent, and send what no host of ours would.
#include <doctest.h>

#include <asio/ip/udp.hpp>

#include "host_fixture.hpp"
#include "reload_bytes.hpp"
#include "transport/link/frame.hpp"
#include "transport/port/reachability.hpp"
#include "transport/tls/tls_engine.hpp"

namespace dtls_association_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

struct bare_peer {
  bare_peer(testing::two_hosts& w, std::uint8_t net)
      : env(*w.world.env), trust(w.overlay.trust), context(env, &trust), socket(w.world.io), target(w.b->candidates().front().at) {
    context.set_credential(w.overlay.credential(7));
    const auto own = asio::ip::make_address_v4(asio::ip::address_v4::bytes_type{127, 20, net, 99});
    socket.open(asio::ip::udp::v4());
    socket.bind({own, 0});
    socket.non_blocking(true);
    forget();
  }

  // As after a crash: the same port, no state.
  void forget() {
    engine = std::make_unique<transport::tls_engine>(context, transport::tls_engine::overlay_client{true, "phyllo-reload", std::nullopt});
  }

  void send(core::byte_view data) { socket.send_to(asio::buffer(data.data(), data.size()), {target.address, target.port}); }
  void flush() {
    for (const auto& d : engine->take_output()) send(d);
  }
  core::bytes receive() {
    core::bytes out(65536);
    asio::error_code ec;
    asio::ip::udp::endpoint from;
    out.resize(socket.receive_from(asio::buffer(out), from, 0, ec));
    return out;
  }

  core::awaitable<void> prove() {
    send(transport::reachability::request(env).encode());
    core::bytes answer;
    for (int i = 0; i < 200 && answer.empty(); ++i) {
      co_await core::sleep_for(env, 2ms);
      answer = receive();
    }
    send(transport::reachability::indication(env, stun::message::decode(answer).value()).value());
  }

  core::awaitable<bool> shake(core::duration limit) {
    const auto until = env.now() + limit;
    while (!engine->established() && env.now() < until) {
      REQUIRE(engine->handshake());
      flush();
      co_await core::sleep_for(env, 2ms);
      while (true) {
        const auto d = receive();
        if (d.empty()) break;
        engine->feed(d);
      }
    }
    co_return engine->established();
  }

  // What arrives decrypted within `limit`, at most one record.
  core::awaitable<core::bytes> hear(core::duration limit) {
    const auto until = env.now() + limit;
    while (env.now() < until) {
      if (const auto d = receive(); !d.empty()) engine->feed(d);
      std::array<std::uint8_t, 16384> buffer{};
      const auto n = engine->read(buffer);
      if (n && *n > 0) co_return core::bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*n));
      co_await core::sleep_for(env, 2ms);
    }
    co_return core::bytes();
  }

  core::environment& env;
  const identity::trust& trust;
  transport::tls_context context;
  asio::ip::udp::socket socket;
  transport::endpoint target;
  std::unique_ptr<transport::tls_engine> engine;
};

core::awaitable<std::shared_ptr<transport::link>> linked(testing::two_hosts& w, bare_peer& p) {
  co_await p.prove();
  const bool shaken = co_await p.shake(3s);
  REQUIRE(shaken);
  const auto l = co_await w.at_b.links.receive(w.world.env->now() + 3s);
  REQUIRE(l.has_value());
  co_return *l;
}

}  // namespace

TEST_CASE("a peer that lost its state comes back on its five-tuple with a fresh proof, and not without") {
  testing::two_hosts w(30);
  bare_peer p(w, 30);
  const auto talk = [](testing::two_hosts& t, bare_peer& peer) -> core::awaitable<void> {
    const auto first = co_await linked(t, peer);
    peer.forget();
    const bool unproven = co_await peer.shake(300ms);
    CHECK_FALSE(unproven);
    CHECK(first->open());
    peer.forget();
    const auto second = co_await linked(t, peer);
    CHECK_FALSE(first->open());
    CHECK(second->open());
    CHECK(second->peer().node() == testing::numbered(7));
    co_await t.stop();
  };
  w.world.run(talk(w, p));
}

TEST_CASE("what arrives before anybody observes waits, is acknowledged, and is bounded") {
  testing::two_hosts w(31);
  bare_peer p(w, 31);
  const auto talk = [](testing::two_hosts& t, bare_peer& peer) -> core::awaitable<void> {
    const auto l = co_await linked(t, peer);
    for (std::uint32_t i = 0; i < 80; ++i) {
      REQUIRE(peer.engine->write(transport::encode_data(i, testing::reload_message(i, 100))));
      peer.flush();
    }
    std::size_t acknowledged = 0;
    for (bool more = true; more; acknowledged += more ? 1 : 0) {
      const auto heard = co_await peer.hear(300ms);
      more = !heard.empty();
    }
    CHECK(acknowledged == 64);
    CHECK(t.b_metrics.drops().at("link_backlog_full") == 16);
    testing::notes notes(*t.world.env);
    l->observe(&notes);
    for (std::uint32_t i = 0; i < 64; ++i) {
      const auto m = co_await notes.messages.receive(t.world.env->now() + 1s);
      CHECK(m.value() == testing::reload_message(i, 100));
    }
    l->observe(nullptr);
    co_await t.stop();
  };
  w.world.run(talk(w, p));
}

TEST_CASE("a peer that falls silent is overdue once a message, and what it sends twice is heard once") {
  testing::two_hosts w(32);
  bare_peer p(w, 32);
  const auto talk = [](testing::two_hosts& t, bare_peer& peer) -> core::awaitable<void> {
    const auto l = co_await linked(t, peer);
    testing::notes notes(*t.world.env);
    l->observe(&notes);
    REQUIRE(l->send(testing::reload_message(1, 10), 41));
    const auto sent = co_await peer.hear(1s);
    CHECK(core::equal(transport::decode_frame(sent).value().message, testing::reload_message(1, 10)));
    co_await core::sleep_for(*t.world.env, 1200ms);
    CHECK(notes.overdue == std::map<std::uint64_t, int>{{41, 1}});
    CHECK(l->open());
    REQUIRE(peer.engine->write(transport::encode_ack(0, 0)));
    for (const std::uint32_t sequence : {5U, 6U})
      REQUIRE(peer.engine->write(transport::encode_data(sequence, testing::reload_message(9, 50))));
    REQUIRE(peer.engine->write(core::as_bytes("no frame")));
    peer.flush();
    const auto m = co_await notes.messages.receive(t.world.env->now() + 1s);
    CHECK(m.value() == testing::reload_message(9, 50));
    co_await core::sleep_for(*t.world.env, 100ms);
    CHECK(notes.messages.empty());
    CHECK(notes.acknowledged == std::map<std::uint64_t, int>{{41, 1}});
    CHECK(t.b_metrics.drops().at("link_duplicate") == 1);
    CHECK(t.b_metrics.drops().at("frame_malformed") == 1);
    CHECK(l->open());
    l->observe(nullptr);
    co_await t.stop();
  };
  w.world.run(talk(w, p));
}

namespace {

// Answers each message from within its delivery.
struct echo final : transport::link_observer {
  void on_message(transport::link& l, core::byte_view message) override { REQUIRE(l.send(message, 0)); }
  void on_acknowledged(transport::link&, std::uint64_t) override {}
  void on_overdue(transport::link&, std::uint64_t) override {}
  void on_closed(transport::link&, const core::error&) override {}
};

}  // namespace

TEST_CASE("the ACK of a request and its answer go in one datagram, and in two where they do not fit") {
  testing::two_hosts w(34);
  bare_peer p(w, 34);
  const auto talk = [](testing::two_hosts& t, bare_peer& peer) -> core::awaitable<void> {
    const auto l = co_await linked(t, peer);
    echo e;
    l->observe(&e);
    std::uint32_t sequence = 0;
    for (const std::size_t bytes : {300U, 1140U}) {
      const auto message = testing::reload_message(sequence, bytes);
      REQUIRE(peer.engine->write(transport::encode_data(sequence, message)));
      peer.flush();
      std::vector<std::size_t> datagrams;
      std::vector<transport::frame> frames;
      std::array<std::uint8_t, 16384> buffer{};
      const auto until = t.world.env->now() + 3s;
      while (frames.size() < 2 && t.world.env->now() < until) {
        co_await core::sleep_for(*t.world.env, 2ms);
        const auto d = peer.receive();
        if (d.empty()) continue;
        datagrams.push_back(d.size());
        peer.engine->feed(d);
        while (const auto n = peer.engine->read(buffer).value()) {
          const auto f = transport::decode_frame(core::byte_view(buffer).first(n)).value();
          frames.push_back(f);
          if (f.data) CHECK(core::equal(f.message, message));
        }
      }
      REQUIRE(frames.size() == 2);
      CHECK_FALSE(frames[0].data);
      CHECK(frames[1].data);
      CHECK(datagrams.size() == (bytes == 300 ? 1 : 2));
      CHECK(std::ranges::all_of(datagrams, [](std::size_t size) { return size <= transport::datagram_bytes_max; }));
      REQUIRE(peer.engine->write(transport::encode_ack(frames[1].sequence, 0)));
      peer.flush();
      ++sequence;
    }
    l->observe(nullptr);
    co_await t.stop();
  };
  w.world.run(talk(w, p));
}

TEST_CASE("the frame tap sees both directions, cut as they crossed the wire") {
  testing::two_hosts w(33);
  std::vector<std::pair<bool, core::bytes>> tapped;
  const auto own = w.b->candidates().front().at;
  w.b->tap_frames([&](const transport::endpoint& from, const transport::endpoint&, transport::link_kind, core::byte_view frame) {
    tapped.emplace_back(from == own, core::to_bytes(frame));
  });
  bare_peer p(w, 33);
  const auto talk = [](testing::two_hosts& t, bare_peer& peer) -> core::awaitable<void> {
    const auto l = co_await linked(t, peer);
    REQUIRE(l->send(testing::reload_message(1, 3000), 0));
    REQUIRE(peer.engine->write(transport::encode_ack(0, 0)));
    peer.flush();
    co_await core::sleep_for(*t.world.env, 50ms);
    co_await t.stop();
  };
  w.world.run(talk(w, p));
  REQUIRE(tapped.size() >= 4);
  for (const auto& [outgoing, frame] : tapped) {
    CHECK(transport::decode_frame(frame).value().data == outgoing);
    CHECK(frame.size() <= transport::datagram_bytes_max);
  }
}

}  // namespace dtls_association_test
