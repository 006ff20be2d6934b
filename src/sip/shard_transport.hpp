// The transport layer of one shard of several (sip.md, "Shards"). Its own sockets and connections are those of a layer beneath; what comes
// by them and is another shard's is passed on once, and what has to leave by another's goes there.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "shard_post.hpp"
#include "transport_layer.hpp"

namespace phyllo::sip {

// phyllo_sip_passed_on_total; a service of one shard has it too.
[[nodiscard]] core::counter& passed_on_counter(core::metrics& m);

class shard_transport final : public transport_layer, private transport_user, private shard_end {
 public:
  // Whose URI it is, if it is one of our users'.
  using user_finder = std::function<std::optional<std::string>(const uri&)>;
  // References must outlive it.
  shard_transport(core::environment& env, std::shared_ptr<shard_exchange> exchange, unsigned index, std::unique_ptr<transport_layer> own,
                  user_finder user_of, core::metrics& m);
  ~shard_transport() override;
  shard_transport(const shard_transport&) = delete;
  shard_transport& operator=(const shard_transport&) = delete;

  void observe(transport_user* user) override { user_ = user; }
  void pace_streams(std::function<core::duration(const source&)> pace) override { own_->pace_streams(std::move(pace)); }
  void limit_datagrams(std::function<bool(const asio::ip::address& from)> admit) override { own_->limit_datagrams(std::move(admit)); }
  void keep_door(doorkeeper* d) override {
    door_ = d;
    own_->keep_door(d);
  }
  core::status send(const destination& to, core::byte_view bytes, std::uint64_t token) override;
  [[nodiscard]] std::string sent_by(protocol p) const override { return own_->sent_by(p); }
  [[nodiscard]] bool alive(flow_id flow) const override { return shard_of(flow) != index_ || own_->alive(flow); }
  void close_flow(flow_id flow) override;
  void keep_flow(flow_id flow, bool kept) override;
  void prove(const source& from) override;
  [[nodiscard]] bool proven(const source& from) const override { return from.standing ? from.standing->proven : own_->proven(from); }
  [[nodiscard]] std::size_t room_for(const source& from) const override {
    return from.standing ? from.standing->room : own_->room_for(from);
  }
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override { own_->on_datagram(port, d); }
  void on_stream(std::unique_ptr<transport::stream> s) override { own_->on_stream(std::move(s)); }
  void on_websocket(std::unique_ptr<transport::websocket> w) override { own_->on_websocket(std::move(w)); }
  core::awaitable<void> stop() override;

 private:
  // From the layer beneath.
  void on_message(message m, const source& from) override;
  void on_send_failed(std::uint64_t token, const core::error& why) override;
  void on_flow_closed(flow_id flow) override;

  // From other shards.
  void take(message m, const source& from, core::time_point since) override;
  void send_for(unsigned by, const destination& to, core::byte_view bytes, std::uint64_t token) override;
  void failed(std::uint64_t token, const core::error& why) override;
  void flow_closed(flow_id flow) override;
  void close_own(flow_id flow) override { own_->close_flow(flow); }
  void keep_own(unsigned by, flow_id flow, bool kept) override;
  void prove_own(const source& from) override { own_->prove(from); }

  void tell(message m, const source& from);
  [[nodiscard]] unsigned home_of(const message& m) const;
  [[nodiscard]] unsigned sender_of(const destination& to) const;
  // False, and counted: it has no room.
  bool post(unsigned to, std::move_only_function<void(shard_end&)> what);

  core::environment& env_;
  std::shared_ptr<shard_exchange> exchange_;
  shard_exchange::impl& others_;
  unsigned index_;
  std::unique_ptr<transport_layer> own_;
  user_finder user_of_;
  core::metrics& metrics_;
  core::counter& passed_on_;
  doorkeeper* door_ = nullptr;
  transport_user* user_ = nullptr;
  std::unordered_map<flow_id, std::uint64_t> kept_by_;  // own flows that are kept: by which shards, a bit each
};

}  // namespace phyllo::sip
