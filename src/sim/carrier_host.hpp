// One node's end of the carrier.
#pragma once

#include "carrier_port.hpp"
#include "phyllo/sim/carrier.hpp"

namespace phyllo::sim {

class carrier_host final : public transport::host {
 public:
  carrier_host(carrier& c, sim::host& at, identity::certificate own);
  ~carrier_host() override;

  // link_layer: the overlay's links are the network's
  core::awaitable<core::result<std::shared_ptr<transport::link>>> connect(std::vector<transport::candidate> to,
                                                                          std::optional<identity::node_id> expected,
                                                                          core::time_point deadline) override;
  void accept(transport::link_acceptor* a) override { at_.accept(a); }
  [[nodiscard]] std::vector<transport::candidate> candidates() const override { return at_.candidates(); }

  // What comes to the port that all know is text, and so is what comes by streams; nothing else travels here.
  void serve(transport::datagram_kind kind, transport::datagram_service* by) override;
  void serve(transport::stream_kind kind, transport::stream_service* by) override;
  [[nodiscard]] std::vector<transport::datagram_port*> ports() const override { return {sip_.get()}; }
  core::result<std::shared_ptr<transport::datagram_port>> open_port(const transport::endpoint& at,
                                                                    transport::datagram_service& by) override;
  void probe(transport::datagram_port& from, const transport::endpoint& to, std::function<void()> answered) override;
  transport::socket_load shed(const transport::drop_rule&, const transport::drop_shares&) override { return {}; }
  [[nodiscard]] std::vector<asio::ip::address> addresses() const override { return {network::address(at_.index()).address}; }
  [[nodiscard]] bool may_dial(const transport::endpoint&) const override { return true; }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tcp(transport::endpoint to, core::time_point deadline) override;
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tls(transport::endpoint to, transport::tls_client_options o,
                                                                             core::time_point deadline) override;
  // Links are the network's own here, and authenticated by it.
  core::awaitable<core::result<std::shared_ptr<transport::link>>> adopt(std::unique_ptr<transport::datagram_channel> path,
                                                                        transport::adoption how, core::time_point deadline) override;
  core::awaitable<core::result<std::unique_ptr<transport::datagram_session>>> adopt_session(
      std::unique_ptr<transport::datagram_channel> path, std::string alpn, transport::adoption how, core::time_point deadline) override;
  core::status replace_web_certificate(transport::web_certificate) override { return {}; }
  void replace_limits(const transport::host_limits&) override {}
  void replace_credential(std::shared_ptr<const identity::credential>) override {}
  void tap_frames(frame_tap) override {}
  core::status steer(const transport::steering&) override { return {}; }  // it is alone, so nothing is passed on to it
  void take(transport::moved_connection) override {}
  core::awaitable<void> stop() override;

  [[nodiscard]] sim::host& at() const noexcept { return at_; }
  [[nodiscard]] const identity::certificate& own() const noexcept { return own_; }
  [[nodiscard]] transport::endpoint address(std::uint16_t port) const { return {network::address(at_.index()).address, port}; }
  void hear(const transport::endpoint& from, const transport::endpoint& to, core::byte_view data);
  void take(std::unique_ptr<transport::stream> s);

 private:
  carrier& carrier_;
  sim::host& at_;
  identity::certificate own_;
  struct own_port {
    transport::datagram_port* port = nullptr;
    transport::datagram_service* by = nullptr;
  };
  std::unique_ptr<carrier_port> sip_;
  std::map<std::uint16_t, own_port> own_ports_;
  transport::datagram_service* datagrams_ = nullptr;
  transport::stream_service* streams_ = nullptr;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // answers to probes may come, and ports be closed, when it is gone
};

}  // namespace phyllo::sim
