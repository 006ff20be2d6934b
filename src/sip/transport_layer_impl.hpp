// The inside of transport_layer; seen by transport_layer*.cpp only.
#pragma once

#include <memory>
#include <string>

#include "connection_table.hpp"
#include "message_door.hpp"
#include "sip_datagrams.hpp"
#include "sip_streams.hpp"
#include "transport_layer.hpp"
#include "transport_upward.hpp"

namespace phyllo::sip {

class transport_layer_impl final : public transport_layer {
 public:
  transport_layer_impl(core::environment& env, transport::doors& doors, transport_options o, core::metrics& m, const core::logger& log);

  void observe(transport_user* user) override { upward_.observe(user); }
  void pace_streams(std::function<core::duration(const source&)> pace) override { streams_.pace_with(std::move(pace)); }
  void limit_datagrams(std::function<bool(const asio::ip::address& from)> admit) override { admit_ = std::move(admit); }
  void keep_door(doorkeeper* d) override { door_.keep(d); }
  core::status send(const destination& to, core::byte_view bytes, std::uint64_t token) override;
  [[nodiscard]] std::string sent_by(protocol p) const override;
  [[nodiscard]] bool alive(flow_id flow) const override;
  void close_flow(flow_id flow) override;
  void keep_flow(flow_id flow, bool kept) override;
  void prove(const source& from) override { datagrams_.prove(from); }
  [[nodiscard]] std::size_t room_for(const source& from) const override {
    return from.by == protocol::udp ? datagrams_.room_for(from.remote) : transport_layer::room_for(from);
  }
  [[nodiscard]] bool proven(const source& from) const override { return datagrams_.proven(from); }
  void on_datagram(transport::datagram_port& port, const transport::incoming_datagram& d) override;
  void on_stream(std::unique_ptr<transport::stream> s) override;
  void on_websocket(std::unique_ptr<transport::websocket> w) override;
  core::awaitable<void> stop() override;

 private:
  transport_options options_;
  transport_upward upward_;
  connection_table connections_;
  sip_datagrams datagrams_;
  message_door door_;
  sip_streams streams_;
  std::function<bool(const asio::ip::address& from)> admit_;  // empty: all are read
  bool stopped_ = false;
};

}  // namespace phyllo::sip
