// Doors that lead nowhere: what is sent by their ports, and who is asked for a proof, is noted.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "phyllo/transport/doors.hpp"
#include "phyllo/transport/errc.hpp"

namespace phyllo::testing {

class noting_port final : public transport::datagram_port {
 public:
  explicit noting_port(std::uint16_t number) : local_{asio::ip::make_address("127.0.0.1"), number} {}
  core::status send(const transport::endpoint& to, core::byte_view data) override {
    sent.push_back(to.text() + " " + std::string(core::as_text(data)));
    return {};
  }
  core::status send_batch(std::span<const transport::outgoing_datagram> batch) override {
    for (const auto& d : batch) static_cast<void>(send(d.to, d.data));
    return {};
  }
  [[nodiscard]] const transport::endpoint& local() const noexcept override { return local_; }

  std::vector<std::string> sent;

 private:
  transport::endpoint local_;
};

class noting_doors final : public transport::doors {
 public:
  void serve(transport::datagram_kind, transport::datagram_service*) override {}
  void serve(transport::stream_kind, transport::stream_service*) override {}
  [[nodiscard]] std::vector<transport::datagram_port*> ports() const override { return opened; }
  core::result<std::shared_ptr<transport::datagram_port>> open_port(const transport::endpoint&, transport::datagram_service&) override {
    return core::fail(transport::errc::refused);
  }
  void probe(transport::datagram_port&, const transport::endpoint& to, std::function<void()> answered) override {
    probed.emplace_back(to, std::move(answered));
  }
  transport::socket_load shed(const transport::drop_rule&, const transport::drop_shares&) override { return {}; }
  [[nodiscard]] std::vector<asio::ip::address> addresses() const override { return {}; }
  [[nodiscard]] bool may_dial(const transport::endpoint&) const override { return dials; }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tcp(transport::endpoint, core::time_point) override {
    co_return core::fail(transport::errc::refused);
  }
  core::awaitable<core::result<std::unique_ptr<transport::stream>>> open_tls(transport::endpoint, transport::tls_client_options,
                                                                             core::time_point) override {
    co_return core::fail(transport::errc::refused);
  }

  noting_port sip{5060};
  noting_port https{443};
  std::vector<transport::datagram_port*> opened{&sip, &https};
  std::vector<std::pair<transport::endpoint, std::function<void()>>> probed;
  bool dials = true;
};

}  // namespace phyllo::testing
