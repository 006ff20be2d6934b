// The inside of transport_layer; seen by transport_layer*.cpp only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>

#include "node_connections.hpp"
#include "phyllo/core/task_scope.hpp"
#include "response_budget.hpp"
#include "stream_framing.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

class transport_layer_impl final : public transport_layer {
 public:
  transport_layer_impl(core::environment& env, transport::host& host, transport_options o, core::metrics& m, core::logger log);

  void observe(transport_user* user) override { user_ = user; }
  void pace_streams(std::function<core::duration(const source&)> pace) override { pace_ = std::move(pace); }
  void keep_door(doorkeeper* d) override { door_ = d; }
  core::status send(const destination& to, core::byte_view bytes, std::uint64_t token) override;
  [[nodiscard]] std::string sent_by(protocol p) const override;
  [[nodiscard]] bool alive(flow_id flow) const override {
    const auto at = connections_.find(flow);
    return at != connections_.end() && !at->second->ending;
  }
  void close_flow(flow_id flow) override;
  void keep_flow(flow_id flow, bool kept) override;
  void prove(const source& from) override;
  [[nodiscard]] std::size_t room_for(const source& from) const override {
    return from.by == protocol::udp ? budget_->room(from.remote.address, env_.now()) : transport_layer::room_for(from);
  }
  [[nodiscard]] bool proven(const source& from) const override {
    return from.by != protocol::udp || budget_->proven(from.remote.address, env_.now());
  }
  void on_datagram(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data) override;
  void on_stream(std::unique_ptr<transport::stream> s) override;
  void on_websocket(std::unique_ptr<transport::websocket> w) override;
  core::awaitable<void> stop() override;

 private:
  // Protocol, remote end and the name that its certificate was checked for.
  using reuse_key = std::tuple<protocol, transport::endpoint, std::string>;
  struct outgoing {
    std::string bytes;
    std::uint64_t token = 0;
  };
  struct connection {
    flow_id id = flow_id::none;
    reuse_key key;
    std::optional<identity::node_id> node;              // of phyllo-sip: who is, or must be, at the other end
    std::shared_ptr<const identity::certificate> peer;  // its certificate, once the handshake is over
    std::unique_ptr<transport::stream> stream;          // null while it is being opened
    std::unique_ptr<transport::websocket> websocket;    // or this
    std::deque<outgoing> queue;                         // the front one is being written
    std::size_t queued_bytes = 0;
    bool closed = false;
    bool ending = false;         // the peer says no more: it hears its answers, and that is all
    std::size_t unanswered = 0;  // requests that have come and have no final response
    stream_framing framing;
    core::time_point active_at;             // the last byte, either way
    core::time_point message_begun;         // max: none is incomplete
    std::unique_ptr<core::timer> signal;    // wakes the writer
    std::unique_ptr<core::timer> answered;  // while ending: when something was written
  };
  using connection_ptr = std::shared_ptr<connection>;

  core::result<connection_ptr> add(protocol p, const transport::endpoint& remote, std::string server_name);
  core::result<connection_ptr> add_node(const identity::node_id& node, const transport::endpoint& remote);
  connection_ptr make_connection(reuse_key key);
  core::result<connection_ptr> connection_to(const destination& to);
  core::status send_datagram(const transport::endpoint& to, core::byte_view bytes);
  void ask_to_prove(const transport::endpoint& from);
  [[nodiscard]] bool admits_stranger(core::byte_view data);
  core::status enqueue(connection& c, core::byte_view bytes, std::uint64_t token);

  // The connection's life: opens it where need be, then writes until it closes. Its last step removes it.
  core::awaitable<void> run(connection_ptr c);
  core::awaitable<core::status> open(connection_ptr c);
  core::awaitable<core::status> write_all(connection_ptr c);
  core::awaitable<core::status> write(connection& c, core::byte_view data, core::time_point deadline);
  core::awaitable<void> read_all(connection_ptr c);
  core::awaitable<void> read_messages(connection_ptr c);
  bool take_message(connection& c, const std::string& text);  // of a WebSocket; false: its queue is full
  void answer_ping(connection& c);
  core::awaitable<void> let_answers_out(connection_ptr c);
  void close(connection& c);
  static void tell_held(connection& c);
  void remove(const connection_ptr& c, const core::error& why);

  [[nodiscard]] core::time_point read_deadline(const connection& c) const;
  // Until no whole one is left, or the next one has to wait.
  struct taken {
    bool understood = true;  // false: the stream is broken
    core::duration wait{};
  };
  taken take_frames(connection& c);
  void refuse_frame(const stream_framing::frame& f, const source& from);
  [[nodiscard]] core::duration pace(const source& from);
  enum class delivered : std::uint8_t { nothing, response, request };  // an ACK counts as a response: it has none
  delivered deliver(core::byte_view data, framing f, const source& from, core::duration age = {});
  [[nodiscard]] bool enters(std::string_view text, const source& from, core::duration age);
  void take_one(connection& c, core::byte_view data, framing f);
  void refuse(core::byte_view begun, const source& from);  // 513
  [[nodiscard]] source source_of(const connection& c) const;

  core::environment& env_;
  transport::host& host_;
  transport_options options_;
  core::metrics& metrics_;
  core::logger log_;
  transport_user* user_ = nullptr;
  doorkeeper* door_ = nullptr;
  std::function<core::duration(const source&)> pace_{};
  core::counter& paced_;
  std::map<protocol, core::counter*> received_;
  std::map<flow_id, connection_ptr> connections_;
  std::map<reuse_key, flow_id> reusable_;
  node_connections nodes_;
  std::uint64_t last_flow_ = 0;
  core::token_bucket strangers_requests_;
  core::token_bucket strangers_responses_;
  std::shared_ptr<response_budget> budget_;  // a late proof may outlive us
  bool stopped_ = false;
  core::task_scope scope_;
};

}  // namespace phyllo::sip
