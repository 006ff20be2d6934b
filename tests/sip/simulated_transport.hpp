// Two transaction layers and a wire between them under simulated time, which can lose, count and show what it carries.
#pragma once

#include <doctest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sip/message_edit.hpp"
#include "sip/transaction_layer.hpp"
#include "support/simulated_world.hpp"

namespace phyllo::testing {

inline sip::message parse_sip(std::string_view text) {
  auto m = sip::message::parse(core::as_bytes(text), sip::framing::datagram);
  REQUIRE_MESSAGE(m.has_value(), std::string(text));
  return std::move(*m);
}

// One end of the wire.
class simulated_transport final : public sip::transport_layer {
 public:
  simulated_transport(simulated_world& world, std::string address) : world_(world), at_{asio::ip::make_address(address), 5060} {}

  void connect(simulated_transport& peer) {
    peer_ = &peer;
    peer.peer_ = this;
  }
  void observe(sip::transport_user* user) override { user_ = user; }

  core::status send(const sip::destination& to, core::byte_view bytes, std::uint64_t token) override {
    const std::string text(core::as_text(bytes));
    sent.emplace_back(world_.now(), text);
    if (sip::reliable(to.by) && no_streams) {
      world_.at(world_.now() + std::chrono::milliseconds(1), [this, token] {
        if (user_ != nullptr) user_->on_send_failed(token, core::error(sip::errc::unreachable));
      });
      return {};
    }
    if (lose && lose(text)) return {};
    const auto by = to.by;
    auto* peer = peer_;
    world_.at(world_.now() + std::chrono::milliseconds(10), [this, peer, by, text] { peer->arrive(text, by, at_); });
    return {};
  }
  [[nodiscard]] std::string sent_by(sip::protocol) const override { return at_.address.to_string() + ":5060"; }
  [[nodiscard]] bool alive(sip::flow_id) const override { return false; }
  void close_flow(sip::flow_id) override {}
  void keep_flow(sip::flow_id, bool) override {}
  void prove(const sip::source&) override {}
  [[nodiscard]] bool proven(const sip::source&) const override { return !strangers; }
  void on_datagram(transport::datagram_port&, const transport::incoming_datagram&) override {}
  void on_stream(std::unique_ptr<transport::stream>) override {}
  void on_websocket(std::unique_ptr<transport::websocket>) override {}
  core::awaitable<void> stop() override { co_return; }

  void arrive(std::string_view text, sip::protocol by, const transport::endpoint& from) {
    auto m = parse_sip(text);
    if (m.is_request()) stamp_received(m, from);
    sip::source s;
    s.by = by;
    s.remote = from;
    s.local = at_;
    if (user_ != nullptr) user_->on_message(std::move(m), s);
  }

  [[nodiscard]] std::size_t count(std::string_view start) const {
    std::size_t n = 0;
    for (const auto& [when, text] : sent) n += text.starts_with(start) ? 1 : 0;
    return n;
  }

  std::vector<std::pair<core::time_point, std::string>> sent;
  std::function<bool(const std::string&)> lose;
  bool no_streams = false;
  bool strangers = false;  // all that it hears of

 private:
  simulated_world& world_;
  transport::endpoint at_;
  simulated_transport* peer_ = nullptr;
  sip::transport_user* user_ = nullptr;
};

// Remembers what it is told; answers requests through `serve`.
struct recording_user final : sip::transaction_user {
  void on_request(sip::server_id id, std::shared_ptr<const sip::message> request, const sip::source&) override {
    requests.push_back(id);
    heard.push_back(std::string(request->method_name()));
    if (serve) serve(id, *request);
  }
  void on_cancel(sip::server_id cancel, sip::server_id invite, std::shared_ptr<const sip::message>, const sip::source&) override {
    heard.push_back("CANCEL");
    cancelled = invite;
    if (serve_cancel) serve_cancel(cancel, invite);
  }
  void on_ack(sip::message, const sip::source&) override { heard.push_back("ACK"); }
  void on_response(sip::client_id, sip::message response, const sip::source&) override {
    heard.push_back(std::to_string(response.status()));
  }
  void on_timeout(sip::client_id) override { heard.push_back("timeout"); }
  void on_transport_error(sip::client_id, const core::error&) override { heard.push_back("transport error"); }
  void on_timer_c(sip::client_id) override { heard.push_back("timer C"); }
  void on_server_ended(sip::server_id) override { ++ended; }
  void on_flow_closed(sip::flow_id) override {}

  std::vector<std::string> heard;
  std::vector<sip::server_id> requests;
  sip::server_id cancelled = sip::server_id::none;
  std::size_t ended = 0;
  std::function<void(sip::server_id, const sip::message&)> serve;
  std::function<void(sip::server_id, sip::server_id)> serve_cancel;
};

struct transaction_pair {
  simulated_world world;
  core::metrics metrics;
  simulated_transport client_wire{world, "192.0.2.1"};
  simulated_transport server_wire{world, "192.0.2.2"};
  recording_user caller;
  recording_user callee;
  sip::transaction_layer client;
  sip::transaction_layer server;

  explicit transaction_pair(sip::transaction_options o = {})
      : client(world.env(), client_wire, o, metrics, {}), server(world.env(), server_wire, o, metrics, {}) {
    client_wire.connect(server_wire);
    client.observe(&caller);
    server.observe(&callee);
  }
  ~transaction_pair() { world.run(stop(client, server)); }
  transaction_pair(const transaction_pair&) = delete;
  transaction_pair& operator=(const transaction_pair&) = delete;

  static core::awaitable<void> stop(sip::transaction_layer& a, sip::transaction_layer& b) {
    co_await a.stop();
    co_await b.stop();
  }

  sip::client_id send(std::string_view method, sip::protocol by = sip::protocol::udp, std::size_t body = 0) {
    auto m = sip::message::request(method, "sip:bob@192.0.2.2", "<sip:alice@192.0.2.1>;tag=a", "<sip:bob@192.0.2.2>", "call-1", 1);
    REQUIRE(m);
    if (body > 0) set_body(*m, "text/plain", core::as_bytes(std::string(body, 'x')));
    sip::destination to;
    to.by = by;
    to.at = {asio::ip::make_address("192.0.2.2"), 5060};
    const auto id = client.send_request(std::move(*m), to);
    REQUIRE(id);
    return *id;
  }
  void answer_with(int status) {
    callee.serve = [this, status](sip::server_id id, const sip::message&) { server.reply(id, status); };
  }
};

}  // namespace phyllo::testing
