#include "sip/shard_transport.hpp"

#include <doctest.h>

#include <array>
#include <asio/io_context.hpp>

#include "simulated_transport.hpp"
#include "sip/transaction_branch.hpp"

namespace shard_transport_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

constexpr unsigned shards = 3;

// The layer beneath: notes what it is told, and lets the test say what comes.
class noting_layer final : public sip::transport_layer {
 public:
  void observe(sip::transport_user* u) override { user = u; }
  core::status send(const sip::destination& to, core::byte_view bytes, std::uint64_t token) override {
    if (refuses) return core::fail(sip::errc::unreachable);
    sent.push_back({to, std::string(core::as_text(bytes)), token});
    return {};
  }
  [[nodiscard]] std::string sent_by(sip::protocol) const override { return "192.0.2.9:5060"; }
  [[nodiscard]] bool alive(sip::flow_id) const override { return is_alive; }
  void close_flow(sip::flow_id f) override { closed.push_back(f); }
  void keep_flow(sip::flow_id, bool kept) override { keeps.push_back(kept); }
  void prove(const sip::source&) override { ++proved; }
  [[nodiscard]] bool proven(const sip::source&) const override { return is_proven; }
  [[nodiscard]] std::size_t room_for(const sip::source&) const override { return 700; }
  void on_datagram(transport::datagram_port&, const transport::incoming_datagram&) override {}
  void on_stream(std::unique_ptr<transport::stream>) override {}
  void on_websocket(std::unique_ptr<transport::websocket>) override {}
  core::awaitable<void> stop() override { co_return; }

  struct outgoing {
    sip::destination to;
    std::string text;
    std::uint64_t token;
  };
  sip::transport_user* user = nullptr;
  std::vector<outgoing> sent;
  std::vector<sip::flow_id> closed;
  std::vector<bool> keeps;
  int proved = 0;
  bool refuses = false;
  bool is_alive = true;
  bool is_proven = false;
};

class hearer final : public sip::transport_user {
 public:
  void on_message(sip::message m, const sip::source& from) override { heard.emplace_back(std::move(m), from); }
  void on_send_failed(std::uint64_t token, const core::error&) override { failed.push_back(token); }
  void on_flow_closed(sip::flow_id f) override { closed.push_back(f); }
  std::vector<std::pair<sip::message, sip::source>> heard;
  std::vector<std::uint64_t> failed;
  std::vector<sip::flow_id> closed;
};

std::optional<std::string> user_of(const sip::uri& u) {
  if (u.host != "example.com") return std::nullopt;
  return u.user + "@" + u.host;
}

// The shards share a thread here, and talk as if they had each its own.
struct scene {
  asio::io_context io{1};
  std::unique_ptr<core::environment> env = core::make_system_environment(io.get_executor());
  std::vector<std::unique_ptr<core::shard_door>> doors;
  transport::steering by{shards, 0x9E3779B1, 0x85EBCA77};
  std::shared_ptr<sip::shard_exchange> exchange;
  core::metrics metrics;
  std::array<noting_layer*, shards> below{};
  std::array<hearer, shards> above;
  std::vector<std::unique_ptr<sip::shard_transport>> layers;

  scene() {
    std::vector<core::shard_door*> all;
    for (unsigned i = 0; i < shards; ++i) all.push_back(doors.emplace_back(std::make_unique<core::shard_door>(*env)).get());
    exchange = std::make_shared<sip::shard_exchange>(*env, all, by, std::vector<std::string>{"example.com"});
    for (unsigned i = 0; i < shards; ++i) {
      auto own = std::make_unique<noting_layer>();
      below[i] = own.get();
      layers.push_back(std::make_unique<sip::shard_transport>(*env, exchange, i, std::move(own), &user_of, metrics));
      layers.back()->observe(&above[i]);
    }
  }
  void settle() {
    io.restart();
    io.poll();
  }
  // Which shard has heard one more; it is taken from it.
  std::optional<unsigned> heard_by() {
    settle();
    for (unsigned i = 0; i < shards; ++i) {
      if (above[i].heard.empty()) continue;
      above[i].heard.clear();
      return i;
    }
    return std::nullopt;
  }
  void arrives(unsigned at, const std::string& text, const sip::source& from = {}) { below[at]->user->on_message(parse_sip(text), from); }
};

std::string request(const std::string& method, const std::string& from, const std::string& to, const std::string& call_id = "c1") {
  return method + " sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:" + from +
         ">;tag=a\r\nTo: <sip:" + to + ">\r\nCall-ID: " + call_id + "\r\nCSeq: 1 " + method +
         "\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";
}

std::string response(const std::string& branch) {
  return "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=" + branch +
         "\r\nFrom: <sip:a@example.com>;tag=a\r\nTo: <sip:b@example.com>;tag=b\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: "
         "0\r\n\r\n";
}

sip::source from_address(const std::string& address) {
  sip::source s;
  s.remote = {asio::ip::make_address(address), 5060};
  return s;
}

// An address of that shard's.
std::string address_of(const scene& s, unsigned shard) {
  for (int i = 1; i < 255; ++i) {
    const auto a = "192.0.2." + std::to_string(i);
    if (s.by.shard_of(asio::ip::make_address(a)) == shard) return a;
  }
  return {};
}

}  // namespace

TEST_CASE("whatever a user sends, and wherever, comes to one shard, and so do his registrations") {
  scene s;
  std::array<int, shards> users{};
  for (int i = 0; i < 60; ++i) {
    const auto user = "user" + std::to_string(i) + "@example.com";
    s.arrives(0, request("REGISTER", user, user));
    const auto home = s.heard_by();
    REQUIRE(home.has_value());
    ++users[*home];
    for (const auto* method : {"INVITE", "ACK", "CANCEL", "BYE", "MESSAGE"}) {
      s.arrives(static_cast<unsigned>(i) % shards, request(method, user, "b@example.com"));
      CHECK(s.heard_by() == home);
    }
  }
  for (const auto n : users) CHECK(n > 0);
}

TEST_CASE("who does not say who he is goes to shards by his calls") {
  scene s;
  std::array<int, shards> calls{};
  for (int i = 0; i < 60; ++i) {
    const auto id = "call" + std::to_string(i);
    s.arrives(1, request("INVITE", "anonymous@anonymous.invalid", "b@example.com", id));
    const auto at = s.heard_by();
    REQUIRE(at.has_value());
    ++calls[*at];
    s.arrives(2, request("CANCEL", "anonymous@anonymous.invalid", "b@example.com", id));
    CHECK(s.heard_by() == at);
  }
  for (const auto n : calls) CHECK(n > 0);
}

TEST_CASE("a response comes to the shard whose branch it bears; one without stays where it is") {
  scene s;
  for (unsigned i = 0; i < shards; ++i) {
    s.arrives((i + 1) % shards, response(sip::make_branch(*s.env, static_cast<std::uint8_t>(i))));
    CHECK(s.heard_by() == i);
  }
  for (const auto* branch : {"z9hG4bKelse", "z9hG4bKff000000000000000000000000", "z9hG4bKxy000000000000000000000000", "1"}) {
    s.arrives(2, response(branch));
    CHECK(s.heard_by() == 2);
  }
}

TEST_CASE("what is sent leaves by the shard of its address, or of its flow") {
  scene s;
  for (unsigned shard = 0; shard < shards; ++shard) {
    sip::destination to;
    to.at = {asio::ip::make_address(address_of(s, shard)), 5060};
    CHECK(s.layers[0]->send(to, core::as_bytes("x"), 7));
    s.settle();
    REQUIRE(s.below[shard]->sent.size() == 1);
    CHECK(s.below[shard]->sent.front().text == "x");
    s.below[shard]->sent.clear();
    to.by = sip::protocol::tcp;
    CHECK(s.layers[2]->send(to, core::as_bytes("new"), 0));  // by a connection that is there, or is opened there
    s.settle();
    REQUIRE(s.below[shard]->sent.size() == 1);
    s.below[shard]->sent.clear();
    to.flow = sip::flow_id{std::uint64_t{shard} << sip::flow_shard_bits | 5};
    CHECK(s.layers[1]->send(to, core::as_bytes("y"), 0));
    s.settle();
    REQUIRE(s.below[shard]->sent.size() == 1);
    CHECK(s.below[shard]->sent.front().to.flow == to.flow);
    s.below[shard]->sent.clear();
  }
  sip::destination gone;
  gone.flow = sip::flow_id{std::uint64_t{200} << sip::flow_shard_bits};
  CHECK_FALSE(s.layers[0]->send(gone, core::as_bytes("z"), 0));
}

TEST_CASE("what another shard could not send is told to the one that gave it, with its own token") {
  scene s;
  sip::destination to;
  to.at = {asio::ip::make_address(address_of(s, 2)), 5060};
  s.below[2]->refuses = true;
  CHECK(s.layers[1]->send(to, core::as_bytes("x"), 42));
  s.settle();
  CHECK(s.above[1].failed == std::vector<std::uint64_t>{42});
  s.below[2]->refuses = false;
  CHECK(s.layers[1]->send(to, core::as_bytes("x"), 43));
  s.settle();
  s.below[2]->user->on_send_failed(s.below[2]->sent.front().token, core::error(sip::errc::unreachable));  // later
  s.settle();
  CHECK(s.above[1].failed == std::vector<std::uint64_t>{42, 43});
  CHECK(s.above[2].failed.empty());
  s.below[2]->user->on_send_failed(44, core::error(sip::errc::unreachable));  // its own
  CHECK(s.above[2].failed == std::vector<std::uint64_t>{44});
}

TEST_CASE("the end of a connection is told to its shard, and to those that keep it") {
  scene s;
  const sip::flow_id flow{std::uint64_t{1} << sip::flow_shard_bits | 9};
  s.layers[0]->keep_flow(flow, true);
  s.layers[1]->keep_flow(flow, true);
  s.settle();
  s.layers[1]->keep_flow(flow, false);
  CHECK(s.below[1]->keeps == std::vector<bool>{true, true, true});  // shard 0 keeps it still
  s.below[1]->user->on_flow_closed(flow);
  s.settle();
  CHECK(s.above[0].closed == std::vector<sip::flow_id>{flow});
  CHECK(s.above[1].closed == std::vector<sip::flow_id>{flow});
  CHECK(s.above[2].closed.empty());
  s.below[1]->is_alive = false;
  s.layers[2]->keep_flow(flow, true);  // too late
  s.settle();
  CHECK(s.above[2].closed == std::vector<sip::flow_id>{flow});
}

TEST_CASE("what an address has proved is known at its shard, and told with what that passes on") {
  scene s;
  const auto user = "user1@example.com";
  s.arrives(0, request("REGISTER", user, user));
  const auto home = s.heard_by().value();
  const auto there = (home + 1) % shards;
  const auto from = from_address(address_of(s, there));
  s.arrives(there, request("REGISTER", user, user), from);
  s.settle();
  REQUIRE(s.above[home].heard.size() == 1);
  const auto told = s.above[home].heard.front().second;
  CHECK_FALSE(s.layers[home]->proven(told));
  CHECK(s.layers[home]->room_for(told) == 700);
  s.layers[home]->prove(told);
  s.settle();
  CHECK(s.below[there]->proved == 1);
  s.below[there]->is_proven = true;
  s.arrives(there, request("REGISTER", user, user), from);
  s.settle();
  CHECK(s.layers[home]->proven(s.above[home].heard.back().second));
}

}  // namespace shard_transport_test
